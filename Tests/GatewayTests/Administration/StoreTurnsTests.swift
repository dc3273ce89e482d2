import Testing

@testable import Gateway

@Suite("Turns at the administration's store")
struct StoreTurnsTests {
    @Test("B18: one actor has some of them, all have no more than there are, and what ends is free again")
    func bounds() {
        let turns = StoreTurns()
        for _ in 0..<StoreTurns.mostOfOne { #expect(turns.begin("greedy", of: nil)) }
        #expect(!turns.begin("greedy", of: nil))
        turns.end("greedy", of: nil)
        #expect(turns.begin("greedy", of: nil))
        for number in StoreTurns.mostOfOne..<StoreTurns.most { #expect(turns.begin("actor \(number)", of: nil)) }
        #expect(!turns.begin("late", of: nil))
        turns.end("greedy", of: nil)
        #expect(turns.begin("late", of: nil) && !turns.begin("greedy", of: nil))
    }

    @Test("B18, T6: all keys of a tenant have one share, so that others and an operator always find a turn")
    func tenants() {
        let turns = StoreTurns()
        for number in 0..<StoreTurns.mostOfTenant { #expect(turns.begin("key \(number)", of: "a")) }
        #expect(!turns.begin("another key", of: "a"))
        for number in 0..<StoreTurns.mostOfOne { #expect(turns.begin("its only key", of: "b"), "\(number)") }
        #expect(!turns.begin("its only key", of: "b") && turns.begin("operator", of: nil))
        turns.end("key 0", of: "a")
        #expect(turns.begin("another key", of: "a") && !turns.begin("key 0", of: "a"))
    }

    @Test("what is done in a turn gives it back however it ends, and without a turn nothing is done")
    func taken() async throws {
        let (turns, actor) = (StoreTurns(), AdministrationActor.loopback(nil))
        for _ in 1..<StoreTurns.mostOfOne { #expect(turns.begin(actor.name, of: actor.tenant)) }
        for _ in 0..<2 {
            await #expect(throws: AdministrationProblem(.forbidden, "no")) {
                try await turns.take(for: actor) { () async throws(AdministrationProblem) -> Void in
                    throw AdministrationProblem(.forbidden, "no")
                }
            }
        }
        let isLast = try await turns.take(for: actor) { () async throws(AdministrationProblem) -> Bool in
            !turns.begin(actor.name, of: actor.tenant)
        }
        #expect(isLast && turns.begin(actor.name, of: actor.tenant))
        do throws(AdministrationProblem) {
            try await turns.take(for: actor) { () async throws(AdministrationProblem) -> Void in
                Issue.record("there is no turn left")
            }
        } catch {
            #expect(error.code == .storeUnavailable)
        }
    }
}
