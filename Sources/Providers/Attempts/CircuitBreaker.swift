package import Inference
package import NIOCore

/// Leaves a provider alone that keeps failing, and finds out with one request at a time whether it has recovered.
///
/// A value with the time given to it; it only counts and decides, and never keeps anybody from asking all the same.
package struct CircuitBreaker: Sendable {
    /// Under which terms an attempt was begun; it is ended with the same.
    package enum Pass: Sendable, Hashable {
        case plain
        /// The one that finds out whether the provider has recovered.
        case probe
        /// Begun though the provider should rest, because nobody else was there.
        case forced
    }

    /// How a provider stands.
    package enum Standing: Sendable, Hashable {
        case ready
        /// The rest is over, and the next one finds out.
        case wantsProbe
        /// It rests until then, since then, for this.
        case resting(until: NIODeadline, since: NIODeadline, cause: InferenceError.Code)
    }

    private enum State {
        case closed
        case open(until: NIODeadline, since: NIODeadline, cause: InferenceError.Code)
        case halfOpen(since: NIODeadline, cause: InferenceError.Code)
    }

    private var state = State.closed
    private(set) var failuresInRow = 0
    /// Rests without a success in between, which make the next one longer.
    private var rests = 0
    private var answers = AnswerCount()

    package init() {}

    var isClosed: Bool { if case .closed = state { true } else { false } }

    func shown(at now: NIODeadline) -> CredentialLoad.Breaker {
        switch state {
        case .closed: .closed
        case .open(let until, _, _): now >= until ? .halfOpen : .open
        case .halfOpen: .halfOpen
        }
    }

    /// How the provider stands now.
    package func standing(at now: NIODeadline) -> Standing {
        switch state {
        case .closed: .ready
        case .open(let until, let since, let cause):
            now >= until ? .wantsProbe : .resting(until: until, since: since, cause: cause)
        case .halfOpen(let since, let cause): .resting(until: now, since: since, cause: cause)
        }
    }

    /// An attempt begins.
    package mutating func begin(at now: NIODeadline) -> Pass {
        switch (state, standing(at: now)) {
        case (_, .ready): return .plain
        case (.open(_, let since, let cause), .wantsProbe):
            state = .halfOpen(since: since, cause: cause)
            return .probe
        default: return .forced
        }
    }

    /// An attempt has come to an answer.
    package mutating func didSucceed(_ pass: Pass, _ settings: ProviderLimits.Breaker, at now: NIODeadline) {
        switch (state, pass) {
        case (.closed, _):
            failuresInRow = 0
            rests = 0
            answers.count(isFailure: false, settings.window, at: now)
        // What was begun before says nothing of how the provider is now.
        case (.open, .plain), (.halfOpen, .plain): break
        default:
            self = CircuitBreaker()
            answers.count(isFailure: false, settings.window, at: now)
        }
    }

    /// An attempt has failed for a reason that is the provider's.
    package mutating func didFail(
        _ pass: Pass,
        _ cause: InferenceError.Code,
        _ settings: ProviderLimits.Breaker,
        at now: NIODeadline
    ) {
        switch (state, pass) {
        case (.closed, _):
            failuresInRow += 1
            answers.count(isFailure: true, settings.window, at: now)
            let share = answers.share(settings.window, at: now)
            guard
                failuresInRow >= settings.failures
                    || (share.answers >= settings.minimum && share.failures >= settings.errorRate)
            else { return }
            rest(cause, settings, since: now, at: now)
        case (.halfOpen(let since, _), .probe): rest(cause, settings, since: since, at: now)
        default: break
        }
    }

    /// An attempt was given up before it came to anything; a probe's place is free again.
    package mutating func didAbandon(_ pass: Pass, at now: NIODeadline) {
        guard pass == .probe, case .halfOpen(let since, let cause) = state else { return }
        state = .open(until: now, since: since, cause: cause)
    }

    private mutating func rest(
        _ cause: InferenceError.Code,
        _ settings: ProviderLimits.Breaker,
        since: NIODeadline,
        at now: NIODeadline
    ) {
        let length = min(settings.longestCooldown, settings.cooldown * (1 << min(rests, 20)))
        rests += 1
        state = .open(until: now + TimeAmount(length), since: since, cause: cause)
        answers = AnswerCount()
    }
}

/// Good and bad answers of the latest time, in ten parts of it.
private struct AnswerCount: Sendable {
    private struct Part {
        var number: Int64 = -1
        var good = 0
        var bad = 0
    }

    private static let parts: Int64 = 10

    private var all: [Part] = []

    mutating func count(isFailure: Bool, _ window: Duration, at now: NIODeadline) {
        if all.isEmpty { all = [Part](repeating: Part(), count: Int(Self.parts)) }
        let number = Self.number(window, now)
        let place = Int(number % Self.parts)
        if all[place].number != number { all[place] = Part(number: number) }
        if isFailure { all[place].bad += 1 } else { all[place].good += 1 }
    }

    /// How many answers there were, and which share of them was bad.
    func share(_ window: Duration, at now: NIODeadline) -> (answers: Int, failures: Double) {
        let oldest = Self.number(window, now) - Self.parts
        var (good, bad) = (0, 0)
        for part in all where part.number > oldest {
            good += part.good
            bad += part.bad
        }
        return (good + bad, good + bad == 0 ? 0 : Double(bad) / Double(good + bad))
    }

    private static func number(_ window: Duration, _ now: NIODeadline) -> Int64 {
        Int64(now.uptimeNanoseconds) / max(1, TimeAmount(window).nanoseconds / parts)
    }
}
