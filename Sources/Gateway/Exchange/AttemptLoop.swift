import Dialects
import Inference
import NIOCore
import Providers

/// What an exchange keeps from one attempt to the next, and of the one that is under way.
///
/// Confined to the exchange's event loop.
final class AttemptLoop {
    /// A request that waits for a place.
    struct Wait {
        let ticket: PlaceQueue.Ticket
        let state: ProviderState
        let limits: ProviderLimits
        let request: UpstreamRequest
        let since: NIODeadline
        let end: NIODeadline
    }

    /// A request that is written for a rival and not sent yet.
    enum Drafting {
        case empty
        case written(UpstreamRequest)
    }

    let plan: RoutePlan
    let facts: RequestFacts
    var sequence: AttemptSequence
    /// When all attempts together have to be over.
    let end: NIODeadline?
    /// What the request continues, once it has been found.
    var past: Past?
    /// Of the attempt under way, once it has its place.
    var hold: AttemptHold?
    /// Up to when providers were at work so far.
    var askedUntil: NIODeadline?
    var wait: Wait?
    /// Tells the calls for one wait from those for another.
    var waits = 0
    /// The wait before the next attempt.
    var pause: Scheduled<Void>?
    /// A second attempt beside the first one, and what starts it.
    var rival: RivalAttempt?
    var hedge: Scheduled<Void>?
    /// While a request is only being written.
    var drafting: Drafting?

    init(_ plan: RoutePlan, _ facts: RequestFacts, limit: Duration?, since begun: NIODeadline) {
        self.plan = plan
        self.facts = facts
        sequence = AttemptSequence(targets: plan.targets.count, policy: plan.policy)
        let total = [limit, plan.policy.deadlines.total].compactMap(\.self).min()
        end = total.map { begun + TimeAmount($0) }
    }

    /// Where the attempt under way goes.
    var target: RouteTarget { plan.targets[sequence.current] }

    var limits: ProviderLimits { plan.targets[sequence.current].provider.limits }

    /// Whether more than one attempt was ever possible.
    var isResilient: Bool { plan.targets.count > 1 || plan.policy.retries > 0 || mayHedge }

    /// Whether a second attempt may start beside one that is slow.
    var mayHedge: Bool { plan.policy.hedges && facts.stream }

    /// What is left of the time for all attempts.
    func remaining(at now: NIODeadline) -> Duration? {
        end.map { .nanoseconds(($0 - now).nanoseconds) }
    }

    /// The bounds of the next attempt: the route's go before the provider's, and what is left of the whole bounds it.
    func timeouts(_ own: Timeouts, at now: NIODeadline) -> Timeouts {
        let deadlines = plan.policy.deadlines
        var timeouts = own
        if let connect = deadlines.connect { timeouts.connect = connect }
        if let head = deadlines.head { timeouts.firstByte = head }
        if let idle = deadlines.idle { timeouts.idle = idle }
        if let remaining = remaining(at: now) { timeouts.total = max(.milliseconds(1), min(own.total, remaining)) }
        return timeouts
    }
}

extension RouteTarget {
    /// Whether the target takes over for this cause, as far as its own list says; what no other provider mends without
    /// being named for it is only taken by name.
    func takes(_ cause: InferenceError.Code) -> Bool {
        if moreCauses.contains(cause) { return true }
        guard let causes else { return cause != .contextTooLong && cause != .contentPolicy }
        return causes.contains(cause)
    }
}
