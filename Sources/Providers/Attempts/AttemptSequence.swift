package import Inference
import NIOCore

/// Which target is tried next, after which wait, until one answers or nothing is left that could help.
///
/// Targets are known by their place in the plan. A value: health, budgets and chance are asked of whoever drives it.
package struct AttemptSequence: Sendable {
    package enum Step: Sendable, Hashable {
        /// Send the request to this target, after a wait.
        case attempt(Int, after: Duration)
        /// The failure stands.
        case end
    }

    private let policy: AttemptPolicy
    private let count: Int
    /// The target that is being tried.
    package private(set) var current = 0
    /// Attempts that were begun.
    package private(set) var attempts = 0
    /// Those among them that went to the same target as the one before.
    package private(set) var retries = 0
    private var repeated = 0
    /// All waits so far.
    private var waited = Duration.zero
    private var tried: Set<Int> = []

    /// A sequence for a plan with so many targets, at least one.
    package init(targets: Int, policy: AttemptPolicy) {
        precondition(targets > 0, "a plan has a target")
        self.policy = policy
        count = targets
    }

    /// Whether the attempt under way goes where the one before it went.
    package var isRepetition: Bool { repeated > 0 }

    /// Whether a failure now could be followed by another attempt, as far as the plan goes.
    package var mayGoOn: Bool { repeated < policy.retries || tried.count + 1 < count }

    /// Chooses the first target: the first one in order that is well, or that wants to be tried.
    ///
    /// Where all rest, the one that began to rest first is tried all the same. `leads` tells whether a target takes over
    /// from earlier ones for this cause.
    package mutating func first(
        standing: (Int) -> CircuitBreaker.Standing,
        leads: (Int, InferenceError.Code) -> Bool
    ) -> Int {
        attempts = 1
        guard count > 1 else { return 0 }
        var oldest: (target: Int, since: NIODeadline)?
        var causes: [InferenceError.Code] = []
        for target in 0..<count where target == 0 || causes.contains(where: { leads(target, $0) }) {
            guard case .resting(_, let since, let cause) = standing(target) else {
                current = target
                return target
            }
            causes.append(cause)
            if oldest.map({ since < $0.since }) ?? true { oldest = (target, since) }
        }
        current = oldest?.target ?? 0
        return current
    }

    /// Decides what follows a failure before any content has reached the client.
    ///
    /// `remaining` is what is left of the time for all attempts together, nil for no bound; `standing` tells how a target
    /// stands, `leads` whether one takes over for this failure; `mayRetry` takes one repetition at the current target, if
    /// its health and its budget have it.
    package mutating func next(
        after failure: AttemptFailure,
        remaining: Duration? = nil,
        standing: (Int) -> CircuitBreaker.Standing,
        leads: (Int, InferenceError) -> Bool,
        mayRetry: () -> Bool,
        using generator: inout some RandomNumberGenerator
    ) -> Step {
        if let remaining, remaining <= .zero { return .end }
        let step: Step? =
            switch failure.remedy(repeatsSent: policy.repeatsSent) {
            case .nothing: nil
            case .elsewhere: other(failure.error, standing, leads)
            case .elsewhereFirst:
                other(failure.error, standing, leads) ?? again(failure.error, remaining, mayRetry, &generator)
            case .again:
                again(failure.error, remaining, mayRetry, &generator) ?? other(failure.error, standing, leads)
            }
        guard case .attempt(let target, let wait)? = step else { return .end }
        attempts += 1
        waited += wait
        if target == current {
            repeated += 1
            retries += 1
        } else {
            tried.insert(current)
            current = target
            repeated = 0
        }
        return step ?? .end
    }

    /// Whether a target that has not been tried takes over for this failure now.
    package func hasOther(
        for error: InferenceError,
        standing: (Int) -> CircuitBreaker.Standing,
        leads: (Int, InferenceError) -> Bool
    ) -> Bool {
        other(error, standing, leads) != nil
    }

    /// Chooses where a second attempt beside the one under way goes: to another target that is well, else to the same one.
    package func rival(isReady: (Int) -> Bool) -> Int {
        (0..<count).first { $0 != current && !tried.contains($0) && isReady($0) } ?? current
    }

    /// A second attempt goes on beside the one under way.
    package mutating func didStartRival() { attempts += 1 }

    /// The second attempt alone goes on.
    package mutating func take(_ rival: Int) {
        if rival == current { return repeated += 1 }
        tried.insert(current)
        current = rival
        repeated = 0
    }

    /// Decides again where the current target proved unable to take the request, so that nothing was sent to it.
    package mutating func skip(
        after failure: AttemptFailure,
        standing: (Int) -> CircuitBreaker.Standing,
        leads: (Int, InferenceError) -> Bool
    ) -> Step {
        guard case .attempt(let target, let wait)? = other(failure.error, standing, leads) else {
            attempts -= 1
            return .end
        }
        tried.insert(current)
        current = target
        return .attempt(target, after: wait)
    }

    private func other(
        _ error: InferenceError,
        _ standing: (Int) -> CircuitBreaker.Standing,
        _ leads: (Int, InferenceError) -> Bool
    ) -> Step? {
        for target in 0..<count where target != current && !tried.contains(target) && leads(target, error) {
            if case .resting = standing(target) { continue }
            return .attempt(target, after: .zero)
        }
        return nil
    }

    private func again(
        _ error: InferenceError,
        _ remaining: Duration?,
        _ mayRetry: () -> Bool,
        _ generator: inout some RandomNumberGenerator
    ) -> Step? {
        let left = policy.longestWait - waited
        let backoff = Backoff(range: policy.backoff, longest: left)
        guard left > .zero || waited == .zero, repeated < policy.retries,
            let wait = backoff.wait(before: repeated, asked: error.retryAfter, using: &generator),
            remaining.map({ wait < $0 }) ?? true, mayRetry()
        else { return nil }
        return .attempt(current, after: wait)
    }
}
