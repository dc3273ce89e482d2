import Inference
import NIOCore
import Testing

@testable import Providers

@Suite struct CircuitBreakerTests {
    private let settings = ProviderLimits.Breaker()

    private func at(_ seconds: Double) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds * 1e9) + 1_000_000_000_000) }

    /// A breaker that has opened at second 0.
    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<5 { breaker.didFail(breaker.begin(at: at(0)), .overloaded, settings, at: at(0)) }
        return breaker
    }

    @Test("F9: a burst opens it at the fifth failure in a row, and a success in between starts the count anew")
    func fiveInRow() {
        var breaker = CircuitBreaker()
        for _ in 0..<4 { breaker.didFail(.plain, .overloaded, settings, at: at(0)) }
        #expect(breaker.standing(at: at(0)) == .ready)
        breaker.didSucceed(.plain, settings, at: at(0))
        for _ in 0..<4 { breaker.didFail(.plain, .overloaded, settings, at: at(1)) }
        #expect(breaker.standing(at: at(1)) == .ready)
        breaker.didFail(.plain, .timedOut, settings, at: at(2))
        #expect(breaker.standing(at: at(2)) == .resting(until: at(7), since: at(2), cause: .timedOut))
    }

    @Test("F9: half of twenty answers within half a minute open it, though never five in a row fail")
    func errorRate() {
        var breaker = CircuitBreaker()
        for number in 0..<19 {
            if number % 2 == 0 {
                breaker.didFail(.plain, .upstreamFailed, settings, at: at(Double(number)))
            } else {
                breaker.didSucceed(.plain, settings, at: at(Double(number)))
            }
        }
        #expect(breaker.standing(at: at(19)) == .ready)
        breaker.didFail(.plain, .upstreamFailed, settings, at: at(20))
        guard case .resting = breaker.standing(at: at(20)) else { return #expect(Bool(false), "it did not open") }
    }

    @Test("F9: failures that are spread over a longer time than the window do not open it")
    func window() {
        var breaker = CircuitBreaker()
        for number in 0..<200 {
            let now = at(Double(number) * 4)
            if number % 2 == 0 {
                breaker.didFail(.plain, .upstreamFailed, settings, at: now)
            } else {
                breaker.didSucceed(.plain, settings, at: now)
            }
        }
        #expect(breaker.standing(at: at(800)) == .ready)
    }

    @Test("F9: half-open lets one probe, whose success closes it and whose failure makes the next rest longer")
    func probe() {
        var breaker = opened()
        same(breaker.begin(at: at(4)), .forced)
        #expect(breaker.standing(at: at(5)) == .wantsProbe)
        let probe = breaker.begin(at: at(5))
        #expect(probe == .probe)
        same(breaker.begin(at: at(5)), .forced)
        guard case .resting = breaker.standing(at: at(6)) else { return #expect(Bool(false), "two probes at once") }
        breaker.didFail(probe, .overloaded, settings, at: at(6))
        #expect(breaker.standing(at: at(15.9)) == .resting(until: at(16), since: at(0), cause: .overloaded))
        let next = breaker.begin(at: at(16))
        #expect(next == .probe)
        breaker.didSucceed(next, settings, at: at(17))
        #expect(breaker.standing(at: at(17)) == .ready)
        same(breaker.begin(at: at(17)), .plain)
    }

    @Test("it is shown as half open once its rest is over, though nobody has asked yet")
    func shown() {
        var breaker = opened()
        #expect(breaker.shown(at: at(4.9)) == .open)
        #expect(breaker.shown(at: at(5)) == .halfOpen)
        let probe = breaker.begin(at: at(5))
        #expect(breaker.shown(at: at(6)) == .halfOpen)
        breaker.didSucceed(probe, settings, at: at(6))
        #expect(breaker.shown(at: at(6)) == .closed)
    }

    @Test("F9: the rest grows to its longest and starts small again behind a success")
    func cooldown() {
        var breaker = opened()
        var now = 0.0
        for expected in [5.0, 10, 20, 40, 60, 60] {
            guard case .resting(let until, _, _) = breaker.standing(at: at(now)) else {
                return #expect(Bool(false), "closed at \(now)")
            }
            #expect(until == at(now + expected))
            now += expected
            breaker.didFail(breaker.begin(at: at(now)), .overloaded, settings, at: at(now))
        }
        breaker.didSucceed(.forced, settings, at: at(now))
        for _ in 0..<5 { breaker.didFail(.plain, .overloaded, settings, at: at(now)) }
        #expect(breaker.standing(at: at(now)) == .resting(until: at(now + 5), since: at(now), cause: .overloaded))
    }

    @Test("F9: what was begun before says nothing once it is open; what was forced does")
    func late() {
        var breaker = opened()
        breaker.didSucceed(.plain, settings, at: at(1))
        breaker.didFail(.plain, .timedOut, settings, at: at(1))
        #expect(breaker.standing(at: at(1)) == .resting(until: at(5), since: at(0), cause: .overloaded))
        breaker.didFail(.forced, .timedOut, settings, at: at(2))
        #expect(breaker.standing(at: at(2)) == .resting(until: at(5), since: at(0), cause: .overloaded))
        breaker.didSucceed(.forced, settings, at: at(3))
        #expect(breaker.standing(at: at(3)) == .ready)
    }

    @Test("F12: a probe whose client left frees its place for the next one")
    func abandoned() {
        var breaker = opened()
        breaker.didAbandon(breaker.begin(at: at(5)), at: at(6))
        same(breaker.begin(at: at(6)), .probe)
    }

    @Test("any order of any events leaves it in a state from which one success at the right time closes it")
    func anyOrder() {
        var numbers = SeededNumbers(seed: 42)
        for _ in 0..<300 {
            var breaker = CircuitBreaker()
            var passes: [CircuitBreaker.Pass] = []
            var now = 0.0
            for _ in 0..<60 {
                now += Double.random(in: 0...3, using: &numbers)
                switch Int.random(in: 0..<4, using: &numbers) {
                case 0: passes.append(breaker.begin(at: at(now)))
                case 1: breaker.didFail(passes.popLast() ?? .plain, .overloaded, settings, at: at(now))
                case 2: breaker.didSucceed(passes.popLast() ?? .plain, settings, at: at(now))
                default: breaker.didAbandon(passes.popLast() ?? .plain, at: at(now))
                }
                #expect(passes.count { $0 == .probe } <= 1)
            }
            for pass in passes { breaker.didAbandon(pass, at: at(now)) }
            let pass = breaker.begin(at: at(now + 61))
            #expect(pass != .forced)
            breaker.didSucceed(pass, settings, at: at(now + 61))
            #expect(breaker.standing(at: at(now + 61)) == .ready)
        }
    }
}

@Suite struct TargetHealthTests {
    private let settings = ProviderLimits.Breaker()

    private func at(_ seconds: Double) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds * 1e9) + 1_000_000_000_000) }

    private func rateLimited(_ retryAfter: Double?) -> Result<Void, AttemptFailure> {
        .failure(AttemptFailure(InferenceError(.rateLimited, "no", retryAfter: retryAfter, upstreamStatus: 429), .told))
    }

    @Test("F8: a credential rests for as long as its 429 says, and its breaker stays closed", arguments: [7.0, nil])
    func cooldown(_ retryAfter: Double?) {
        var health = TargetHealth()
        for _ in 0..<20 { health.end(health.begin(at: at(0)), rateLimited(retryAfter), settings, at: at(0)) }
        let rest = retryAfter ?? 1
        #expect(health.standing(at: at(0)) == .resting(until: at(rest), since: at(0), cause: .rateLimited))
        #expect(health.standing(at: at(rest)) == .ready)
        #expect(health.breakerState(at: at(0)) == .closed)
        #expect(health.allowsRetry(at: at(0)))
    }

    @Test("F8: a later 429 never shortens a rest, and a success ends it")
    func longest() {
        var health = TargetHealth()
        health.end(health.begin(at: at(0)), rateLimited(30), settings, at: at(0))
        health.end(health.begin(at: at(1)), rateLimited(2), settings, at: at(1))
        #expect(health.standing(at: at(1)) == .resting(until: at(30), since: at(0), cause: .rateLimited))
        health.end(health.begin(at: at(2)), .success(()), settings, at: at(2))
        #expect(health.standing(at: at(2)) == .ready)
    }

    @Test("F9: a probe that found no connection of ours free has found nothing out")
    func noCapacity() {
        var health = TargetHealth()
        let ailing = AttemptFailure(InferenceError(.overloaded, "no", upstreamStatus: 503), .told)
        let full = TransportFailure(.noCapacity, "")
        let own = AttemptFailure(full, InferenceError(full, provider: "p"))
        for _ in 0..<4 { health.end(health.begin(at: at(0)), .failure(ailing), settings, at: at(0)) }
        health.end(health.begin(at: at(0)), .failure(own), settings, at: at(0))
        #expect(health.failuresInRow == 4, "it is no success either")
        health.end(health.begin(at: at(0)), .failure(ailing), settings, at: at(0))
        #expect(health.standing(at: at(10)) == .wantsProbe)
        health.end(health.begin(at: at(10)), .failure(own), settings, at: at(10))
        #expect(health.standing(at: at(10)) == .wantsProbe, "the next one finds out")
    }

    @Test("a request that is wrong, or was never sent, says nothing against the provider")
    func innocent() {
        var health = TargetHealth()
        let wrong = AttemptFailure(InferenceError(.invalidRequest, "no", upstreamStatus: 400), .told)
        let unasked = AttemptFailure(InferenceError(.overloaded, "full"), .unasked)
        for failure in [wrong, unasked] {
            for _ in 0..<40 { health.end(health.begin(at: at(0)), .failure(failure), settings, at: at(0)) }
        }
        #expect(health.standing(at: at(0)) == .ready)
    }
}
