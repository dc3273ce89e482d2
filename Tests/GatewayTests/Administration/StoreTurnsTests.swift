import Testing

@testable import Gateway

@Suite("Turns at the administration's store")
struct StoreTurnsTests {
    @Test("B18: one actor has some of them, all have no more than there are, and what ends is free again")
    func bounds() {
        let turns = StoreTurns()
        for _ in 0..<StoreTurns.mostOfOne { #expect(turns.begin("greedy")) }
        #expect(!turns.begin("greedy"))
        turns.end("greedy")
        #expect(turns.begin("greedy"))
        for number in StoreTurns.mostOfOne..<StoreTurns.most { #expect(turns.begin("actor \(number)")) }
        #expect(!turns.begin("late"))
        turns.end("greedy")
        #expect(turns.begin("late") && !turns.begin("greedy"))
    }
}
