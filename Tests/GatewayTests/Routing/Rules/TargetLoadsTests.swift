import Synchronization
import Testing

@testable import Gateway

@Suite("The loads of targets")
struct TargetLoadsTests {
    private final class Clock: Sendable {
        let time = Atomic<Int>(0)
    }

    private static func loads() -> (TargetLoads, advance: (Int) -> Void) {
        let clock = Clock()
        return (TargetLoads { clock.time.load(ordering: .relaxed) }, { clock.time.add($0, ordering: .relaxed) })
    }

    @Test("requests under way are counted for each model of each provider")
    func inFlight() {
        let (loads, _) = Self.loads()
        loads.didStart("m", at: "a")
        loads.didStart("m", at: "a")
        loads.didStart("m", at: "b")
        loads.didEnd("m", at: "a")
        #expect(loads.load(of: "m", at: "a").inFlight == 1)
        #expect(loads.load(of: "m", at: "b").inFlight == 1)
        #expect(loads.load(of: "n", at: "a") == TargetLoad())
        #expect(loads.meter(of: "m", at: "a") === loads.meter(of: "m", at: "a"))
    }

    @Test("the time to the first token is a moving average, and says nothing once it is old")
    func average() {
        let (loads, advance) = Self.loads()
        loads.firstToken(after: 100, of: "m", at: "a")
        #expect(loads.load(of: "m", at: "a").firstTokenMilliseconds == 100)
        loads.firstToken(after: 200, of: "m", at: "a")
        #expect(loads.load(of: "m", at: "a").firstTokenMilliseconds == 120)
        advance(60_000)
        #expect(loads.load(of: "m", at: "a").firstTokenMilliseconds == 120)
        advance(1)
        #expect(loads.load(of: "m", at: "a").firstTokenMilliseconds == nil)
        loads.firstToken(after: 40, of: "m", at: "a")
        #expect(loads.load(of: "m", at: "a").firstTokenMilliseconds == 40)
    }

    @Test(
        "F24: a provider that is another one from now on has figures of its own, and what runs at the one before ends there"
    )
    func forgets() {
        let (loads, _) = Self.loads()
        let (old, stays) = (loads.meter(of: "m", at: "a"), loads.meter(of: "m", at: "b"))
        for meter in [old, stays] {
            meter.didStart()
            meter.firstToken(after: 900)
        }
        loads.forget { $0 == "a" }
        #expect(loads.load(of: "m", at: "a") == TargetLoad())
        #expect(loads.meter(of: "m", at: "b") === stays)
        old.firstToken(after: 900)
        old.didEnd()
        #expect(loads.load(of: "m", at: "a") == TargetLoad())
    }

    @Test("names that callers make up take no more memory than there is a bound for")
    func bound() {
        let (loads, _) = Self.loads()
        let most = TargetLoads.most
        for number in 0..<most + 904 { loads.didStart("m\(number)", at: "a") }
        #expect(loads.load(of: "m\(most - 1)", at: "a").inFlight == 1)
        #expect(loads.load(of: "m\(most)", at: "a").inFlight == 904)
        #expect(loads.meter(of: "m\(most)", at: "a") === loads.meter(of: "another", at: "a"))
    }

    @Test("names that callers made up make room for others, and never for figures that somebody has")
    func room() {
        let (loads, advance) = Self.loads()
        let held = loads.meter(of: "held", at: "a")
        loads.didStart("busy", at: "a")
        loads.firstToken(after: 50, of: "fresh", at: "a")
        func flood(_ name: String) {
            for number in 0..<TargetLoads.most { _ = loads.meter(of: "\(name)\(number)", at: "a") }
        }
        flood("x")
        #expect(loads.meter(of: "held", at: "a") === held)
        #expect(loads.load(of: "busy", at: "a").inFlight == 1)
        #expect(loads.load(of: "fresh", at: "a").firstTokenMilliseconds == 50)
        #expect(loads.meter(of: "real", at: "a") !== loads.meter(of: "other", at: "a"))
        advance(60_001)
        for number in 0..<TargetLoads.most { loads.firstToken(after: 9, of: "y\(number)", at: "a") }
        #expect(loads.meter(of: "real", at: "a") !== loads.meter(of: "other", at: "a"), "not even by answers")
        #expect(loads.meter(of: "held", at: "a") === held)
    }

    @Test("counts of many threads are whole")
    func threads() async {
        let (loads, _) = Self.loads()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        loads.didStart("m", at: "a")
                        loads.firstToken(after: 50, of: "m", at: "a")
                        loads.didEnd("m", at: "a")
                    }
                }
            }
        }
        #expect(loads.load(of: "m", at: "a") == TargetLoad(inFlight: 0, firstTokenMilliseconds: 50))
    }
}
