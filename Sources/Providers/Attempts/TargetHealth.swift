import Inference
package import NIOCore

/// How one provider stands with one of its credentials: its breaker, and the rest that a used-up credential needs.
package struct TargetHealth: Sendable {
    /// How long a credential rests that was refused without a word about when to come back.
    private static let usualRest = TimeAmount.seconds(1)

    private var breaker = CircuitBreaker()
    private var rest: Rest?

    private struct Rest {
        var until: NIODeadline
        var since: NIODeadline
        var cause: InferenceError.Code
    }

    package init() {}

    /// Whether it may be anything but ready.
    var isTroubled: Bool { rest != nil || !breaker.isClosed }

    var failuresInRow: Int { breaker.failuresInRow }
    func breakerState(at now: NIODeadline) -> CredentialLoad.Breaker { breaker.shown(at: now) }

    package func standing(at now: NIODeadline) -> CircuitBreaker.Standing {
        if let rest, rest.until > now, case .ready = breaker.standing(at: now) {
            return .resting(until: rest.until, since: rest.since, cause: rest.cause)
        }
        return breaker.standing(at: now)
    }

    /// Whether the same request may be sent here once more: a used-up credential may when its time has come, an ailing
    /// provider may not.
    package func allowsRetry(at now: NIODeadline) -> Bool { breaker.standing(at: now) == .ready }

    package mutating func begin(at now: NIODeadline) -> CircuitBreaker.Pass { breaker.begin(at: now) }

    /// The attempt is over, well or not; nil for one that was given up.
    package mutating func end(
        _ pass: CircuitBreaker.Pass,
        _ result: Result<Void, AttemptFailure>?,
        _ settings: ProviderLimits.Breaker,
        at now: NIODeadline
    ) {
        switch result {
        case nil: breaker.didAbandon(pass, at: now)
        case .success:
            rest = nil
            breaker.didSucceed(pass, settings, at: now)
        case .failure(let failure):
            switch failure.verdict {
            case .unknown: breaker.didAbandon(pass, at: now)
            case .healthy: breaker.didSucceed(pass, settings, at: now)
            case .ailing: breaker.didFail(pass, failure.error.code, settings, at: now)
            case .exhausted:
                coolDown(failure.error, at: now)
                breaker.didSucceed(pass, settings, at: now)
            }
        }
    }

    private mutating func coolDown(_ error: InferenceError, at now: NIODeadline) {
        let length = error.retryAfter.map { TimeAmount.nanoseconds(Int64($0 * 1e9)) } ?? Self.usualRest
        let since = if let rest, rest.until > now { rest.since } else { now }
        rest = Rest(until: max(now + length, rest?.until ?? now), since: since, cause: error.code)
    }
}
