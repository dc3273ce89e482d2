import Inference
import NIOCore
import Testing

@testable import Providers

@Suite struct AttemptSequenceTests {
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    /// A plan with its surroundings, as a test says how they are.
    private struct Trial {
        var sequence: AttemptSequence
        var resting: [Int: (since: Int64, cause: InferenceError.Code)] = [:]
        var refuses: Set<Int> = []
        var budget = 100
        var numbers = SeededNumbers(seed: 5)

        init(targets: Int, _ policy: AttemptPolicy = AttemptPolicy(retries: 2, backoff: .milliseconds(100))) {
            sequence = AttemptSequence(targets: targets, policy: policy)
        }

        func standing(_ target: Int) -> CircuitBreaker.Standing {
            guard let (since, cause) = resting[target] else { return .ready }
            return .resting(until: now + .seconds(5), since: now - .seconds(since), cause: cause)
        }

        mutating func first() -> Int {
            let (standing, refuses) = (self.standing, self.refuses)
            return sequence.first(standing: standing) { target, _ in !refuses.contains(target) }
        }

        mutating func next(_ failure: AttemptFailure, remaining: Duration? = nil) -> AttemptSequence.Step {
            let (standing, refuses) = (self.standing, self.refuses)
            var left = budget
            defer { budget = left }
            return sequence.next(
                after: failure,
                remaining: remaining,
                standing: standing,
                leads: { target, _ in !refuses.contains(target) },
                mayRetry: {
                    guard left > 0 else { return false }
                    left -= 1
                    return true
                },
                using: &numbers
            )
        }
    }

    private static func told(_ code: InferenceError.Code, _ status: Int, after: Double? = nil) -> AttemptFailure {
        AttemptFailure(InferenceError(code, "no", retryAfter: after, upstreamStatus: status), .told)
    }

    private let busy = told(.overloaded, 503)

    private func place(_ step: AttemptSequence.Step) -> Int? {
        if case .attempt(let place, _) = step { place } else { nil }
    }

    @Test("F1: one target is tried three times, with growing waits, and then the failure stands")
    func retries() {
        var trial = Trial(targets: 1)
        same(trial.first(), 0)
        for retry in 0..<2 {
            #expect(trial.sequence.mayGoOn)
            guard case .attempt(0, let wait) = trial.next(busy) else {
                return #expect(Bool(false), "no retry \(retry)")
            }
            #expect(wait <= .milliseconds(100 << retry))
        }
        #expect(!trial.sequence.mayGoOn)
        same(trial.next(busy), .end)
        #expect(trial.sequence.attempts == 3 && trial.sequence.retries == 2 && trial.budget == 98)
    }

    @Test("F1: behind the retries of one target come those of the next")
    func chain() {
        var trial = Trial(targets: 2)
        var places = [trial.first()]
        while let next = place(trial.next(busy)) { places.append(next) }
        #expect(places == [0, 0, 0, 1, 1, 1])
        #expect(trial.sequence.attempts == 6 && trial.sequence.retries == 4)
    }

    @Test("F8: a rate limit goes to the next credential at once, and waits only where there is no other")
    func rateLimited() {
        var trial = Trial(targets: 3)
        same(trial.first(), 0)
        let failure = Self.told(.rateLimited, 429, after: 1)
        same(trial.next(failure), .attempt(1, after: .zero))
        same(trial.next(failure), .attempt(2, after: .zero))
        guard case .attempt(2, let wait) = trial.next(failure) else { return #expect(Bool(false), "no wait") }
        #expect(wait >= .seconds(1))
    }

    @Test("F8: a longer wait than is allowed leads on, or ends it", arguments: [1, 2])
    func tooLong(_ targets: Int) {
        var trial = Trial(targets: targets)
        same(trial.first(), 0)
        same(trial.next(Self.told(.overloaded, 503, after: 21)), (targets == 1 ? .end : .attempt(1, after: .zero)))
    }

    @Test(
        "F8: all waits of a request together are no longer than one may be",
        arguments: [(7.0, 3), (10.1, 2), (20, 2)]
    )
    func waitsTogether(_ asked: Double, _ attempts: Int) throws {
        var trial = Trial(targets: 1, AttemptPolicy(retries: 5, backoff: .milliseconds(100)))
        same(trial.first(), 0)
        var waits: [Duration] = []
        while case .attempt(0, let wait) = trial.next(Self.told(.overloaded, 503, after: asked)) { waits.append(wait) }
        #expect(waits.count == attempts - 1)
        let least = try #require(waits.min())
        let sum = waits.reduce(.zero, +)
        #expect(least >= .seconds(asked) && sum <= .seconds(20))
        // Nothing is left to wait with, and without a wait nobody is asked again.
        if asked == 20 { same(trial.next(busy), .end) }
    }

    @Test("an invalid request goes nowhere, and what cannot be mended here goes elsewhere once")
    func kinds() {
        var invalid = Trial(targets: 3)
        #expect(invalid.first() == 0)
        #expect(invalid.next(Self.told(.invalidRequest, 400)) == .end)
        var memory = Trial(targets: 2)
        #expect(memory.first() == 0)
        #expect(memory.next(Self.told(.outOfMemory, 500)) == .attempt(1, after: .zero))
        #expect(memory.next(Self.told(.outOfMemory, 500)) == .end)
    }

    @Test("F9: without a budget or with an open breaker nothing is repeated, but another target is still tried")
    func budget() {
        var trial = Trial(targets: 2)
        trial.budget = 0
        same(trial.first(), 0)
        same(trial.next(busy), .attempt(1, after: .zero))
        same(trial.next(busy), .end)
    }

    @Test("F9: a target that rests is passed over, unless all do: then the one that began first is tried")
    func resting() {
        var trial = Trial(targets: 3)
        trial.resting = [0: (3, .overloaded)]
        same(trial.first(), 1)
        trial = Trial(targets: 3)
        trial.resting = [0: (3, .overloaded), 1: (9, .timedOut), 2: (1, .unreachable)]
        same(trial.first(), 1)
        same(trial.next(Self.told(.outOfMemory, 500)), .end)  // the others rest
    }

    @Test("a target that takes over for other causes is no way around one that rests")
    func causes() {
        var trial = Trial(targets: 2)
        trial.resting = [0: (3, .overloaded)]
        trial.refuses = [1]
        same(trial.first(), 0)
        same(place(trial.next(busy)), 0)
    }

    @Test("F4: no wait goes beyond the time for all attempts")
    func total() {
        var trial = Trial(targets: 1)
        same(trial.first(), 0)
        same(trial.next(Self.told(.overloaded, 503, after: 2), remaining: .seconds(1)), .end)
        same(trial.next(busy, remaining: .zero), .end)
        same(place(trial.next(busy, remaining: .seconds(1))), 0)
    }

    @Test("a target that cannot be asked what was asked is skipped and not counted")
    func skips() {
        var trial = Trial(targets: 3)
        same(trial.first(), 0)
        same(trial.next(Self.told(.outOfMemory, 500)), .attempt(1, after: .zero))
        let step = trial.sequence.skip(after: busy, standing: { _ in .ready }, leads: { _, _ in true })
        #expect(step == .attempt(2, after: .zero))
        #expect(trial.sequence.attempts == 2)
        let end = trial.sequence.skip(after: busy, standing: { _ in .ready }, leads: { _, _ in true })
        #expect(end == .end)
        #expect(trial.sequence.attempts == 1)
    }

    @Test("F9: in a full outage a thousand requests make at most a fifth more attempts", arguments: [1, 3])
    func amplification(_ targets: Int) {
        let limits = ProviderLimits()
        let states = (0..<targets).map { _ in ProviderState() }
        var numbers = SeededNumbers(seed: 3)
        var attempts = 0
        for number in 0..<1_000 {
            let now = Self.now + .milliseconds(Int64(number) * 20)
            var sequence = AttemptSequence(targets: targets, policy: AttemptPolicy(backoff: .zero))
            var place = sequence.first(standing: { states[$0].standing(of: 0, at: now) }, leads: { _, _ in true })
            while true {
                attempts += 1
                let pass = states[place].begin(0, isRepetition: sequence.isRepetition, at: now)
                states[place].end(0, pass, .failure(busy), limits, at: now)
                let step = sequence.next(
                    after: busy,
                    standing: { states[$0].standing(of: 0, at: now) },
                    leads: { _, _ in true },
                    mayRetry: { states[place].takeRetry(0, limits, at: now) },
                    using: &numbers
                )
                guard case .attempt(let next, _) = step else { break }
                place = next
            }
        }
        #expect(attempts <= 1_200, "\(attempts)")
        #expect(attempts >= 1_000)
    }
}
