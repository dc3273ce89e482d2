import Dialects
import NIOCore
import Testing

@testable import Gateway

@Suite("The judgement about overload")
struct OverloadStateMachineTests {
    private static let settings = OverloadSettings(loopLag: .milliseconds(100), memory: 1_000)

    @Test("F21: one very late moment turns nothing away, and lasting lateness does after some of them")
    func lateness() {
        var machine = OverloadStateMachine(Self.settings)
        machine.note(lag: .seconds(3_600))
        #expect(machine.reason == nil)
        for _ in 0..<20 { machine.note(lag: .zero) }
        #expect(machine.lag < .milliseconds(1))
        var turns = 0
        while machine.reason == nil, turns < 100 {
            machine.note(lag: .milliseconds(150))
            turns += 1
        }
        #expect(machine.reason == .loopLag)
        #expect((2...5).contains(turns))
    }

    @Test("F21: what has begun to be turned away is taken again only below the lower mark")
    func hysteresis() {
        var machine = OverloadStateMachine(Self.settings)
        for _ in 0..<50 { machine.note(lag: .milliseconds(110)) }
        #expect(machine.reason == .loopLag)
        // Between the marks nothing changes, from either side.
        for _ in 0..<50 { machine.note(lag: .milliseconds(70)) }
        #expect(machine.reason == .loopLag)
        for _ in 0..<50 { machine.note(lag: .milliseconds(40)) }
        #expect(machine.reason == nil)
        for _ in 0..<50 { machine.note(lag: .milliseconds(70)) }
        #expect(machine.reason == nil)
    }

    @Test(
        "F21: memory has its two marks, and goes before lateness",
        arguments: [
            ([999], nil), ([1_000], .memory), ([1_000, 950], .memory), ([1_000, 900], nil), ([1_000, 900, 950], nil),
            ([1_200, 901], .memory),
        ] as [([Int], OverloadReason?)]
    )
    func memory(_ samples: [Int], _ expected: OverloadReason?) {
        var machine = OverloadStateMachine(Self.settings)
        for bytes in samples { machine.note(memory: bytes) }
        #expect(machine.reason == expected)
        for _ in 0..<50 { machine.note(lag: .seconds(1)) }
        #expect(machine.reason == expected ?? .loopLag)
    }

    @Test("without limits everything is measured and nothing turned away")
    func off() {
        var machine = OverloadStateMachine(OverloadSettings(loopLag: nil, memory: nil))
        for _ in 0..<50 { machine.note(lag: .seconds(1)) }
        machine.note(memory: .max)
        #expect(machine.reason == nil)
        #expect(machine.lag > .milliseconds(900))
    }

    @Test("callers that are turned away at once are told different times, and each is counted")
    func refusals() {
        let control = OverloadControl(Self.settings)
        let times = (0..<8).map { _ in control.refusal(.memory).body.retryAfter }
        #expect(Set(times) == [1, 2, 3, 4])
        #expect(control.shed == 8)
    }

    @Test("one late loop says nothing of another one, and other limits begin anew")
    func loops() {
        let control = OverloadControl(Self.settings)
        let (late, early) = (LoopName(), LoopName())
        for _ in 0..<20 { _ = control.note(lag: .seconds(1), of: ObjectIdentifier(late)) }
        #expect(control.note(lag: .seconds(1), of: ObjectIdentifier(late)) == .loopLag)
        #expect(control.note(lag: .zero, of: ObjectIdentifier(early)) == nil)
        #expect(control.reason == .loopLag && control.lag > .milliseconds(100))
        control.adopt(Self.settings)
        #expect(control.reason == .loopLag)
        control.adopt(OverloadSettings(loopLag: .seconds(2), memory: nil))
        #expect(control.reason == nil && !control.boundsMemory)
        #expect(control.note(lag: .seconds(1), of: ObjectIdentifier(late)) == nil)
    }

    private final class LoopName {}
}
