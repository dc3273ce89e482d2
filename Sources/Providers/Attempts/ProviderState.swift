package import Inference
package import NIOCore
import Synchronization

/// What all event loops know of one provider together: its places, its retry budget, the health of its credentials.
///
/// Every call holds a lock for a moment and runs nobody's code under it; whoever only looks for a provider that is well takes
/// none, as long as they all are. Places are given out by the limits of the newest
/// configuration, whichever one a request began with; those that come with a call count until one has been adopted.
package final class ProviderState: Sendable {
    /// What became of one that waited for a place.
    package enum Call: Sendable, Hashable {
        /// It has one, and has to give it back.
        case granted
        /// Somebody else got its place in the queue.
        case displaced
    }

    package enum Entry: Sendable {
        case entered
        case waits(PlaceQueue.Ticket)
        /// So many wait already.
        case full(waiting: Int)
    }

    /// Under which terms an attempt was begun, and by whose health it is judged.
    package struct Pass: Sendable, Hashable {
        package fileprivate(set) var terms: CircuitBreaker.Pass
        /// Nil where the provider is another one by now than the one that is asked.
        fileprivate let health: Int?

        /// Whether nobody waits for what the attempt finds.
        package var isPlain: Bool { terms == .plain }

        /// The same for an attempt that has told already what others waited for.
        package var asPlain: Pass { Pass(terms: .plain, health: health) }
    }

    /// Called on whatever thread a place became free on.
    package typealias Wake = @Sendable (Call) -> Void

    private struct Inside {
        var places = PlaceQueue()
        var budget = RetryBudget()
        var firstTokens = FirstTokenTimes()
        var credentials: [TargetHealth] = []
        var wakes: [PlaceQueue.Ticket: Wake] = [:]
        /// Those who have a place and have not heard of it yet.
        var granted: Set<PlaceQueue.Ticket> = []
        /// The newest configuration's; nil until one has been adopted.
        var limits: ProviderLimits?
        /// How many credentials it has; nil until one has been adopted.
        var keys: Int?
        /// Counts the services that had this name.
        var health = 0
        /// The first configuration with the service of now.
        var since = 0

        /// Gives a place back; returns the calls of those who have one now.
        mutating func leave(_ limits: ProviderLimits) -> [Wake] {
            let first = places.leave(limit: (self.limits ?? limits).concurrency).flatMap { grant($0) }
            return (first.map { [$0] } ?? []) + grantAll(limits)
        }

        /// Everybody who waits and need not any more.
        mutating func grantAll(_ limits: ProviderLimits) -> [Wake] {
            let limit = (self.limits ?? limits).concurrency
            var calls: [Wake] = []
            while let ticket = places.grant(limit: limit) {
                if let call = grant(ticket) { calls.append(call) }
            }
            return calls
        }

        private mutating func grant(_ ticket: PlaceQueue.Ticket) -> Wake? {
            granted.insert(ticket)
            return wakes.removeValue(forKey: ticket)
        }

        /// The health of a credential, which is well until it is seen.
        subscript(_ credential: Int) -> TargetHealth {
            credential < credentials.count ? credentials[credential] : TargetHealth()
        }

        /// Whether there is anything to be told of a credential but that it is well.
        var isTroubled: Bool { credentials.contains(where: \.isTroubled) }

        mutating func begin(_ credential: Int, isRepetition: Bool, generation: Int, at now: NIODeadline) -> Pass {
            if !isRepetition { budget.didRequest(at: now) }
            guard generation >= since else { return Pass(terms: .plain, health: nil) }
            return Pass(terms: change(credential) { $0.begin(at: now) }, health: health)
        }

        /// Changes it where it is: a copy would cost an allocation for each request.
        mutating func change<Result>(_ credential: Int, _ body: (inout TargetHealth) -> Result) -> Result {
            while credentials.count <= credential { credentials.append(TargetHealth()) }
            return body(&credentials[credential])
        }
    }

    private let inside = Mutex(Inside())
    /// What `Inside.isTroubled` says; written under the lock, and read without it.
    private let isTroubled = Atomic(false)

    package init() {}

    // MARK: Places

    /// Takes a place; false where one has to wait for it.
    package func enter(_ limits: ProviderLimits) -> Bool {
        inside.withLock { $0.places.enter(limit: ($0.limits ?? limits).concurrency) }
    }

    /// Takes a place or waits for one; `wake` is called once for one that waits, unless it withdraws first.
    ///
    /// Who hears that it has a place claims it. Owners of a group take turns in its turns; one that is of none is one of its own.
    package func wait(
        _ owner: String,
        of group: String? = nil,
        _ limits: ProviderLimits,
        wake: @escaping Wake
    ) -> Entry {
        let (entry, displaced): (Entry, Wake?) = inside.withLock { inside in
            let limits = inside.limits ?? limits
            let (limit, length) = (limits.concurrency, limits.queue.length)
            switch inside.places.enter(owner, of: group, limit: limit, length: length) {
            case .entered: return (.entered, nil)
            case .full: return (.full(waiting: inside.places.waiting), nil)
            case .waits(let ticket, let other):
                inside.wakes[ticket] = wake
                return (.waits(ticket), other.flatMap { inside.wakes.removeValue(forKey: $0) })
            }
        }
        displaced?(.displaced)
        return entry
    }

    /// Takes the place that was granted, which has to be given back from now on.
    package func claim(_ ticket: PlaceQueue.Ticket) {
        inside.withLock { _ = $0.granted.remove(ticket) }
    }

    /// Stops waiting; a place that was granted meanwhile is given back, one that was lost to somebody else is not.
    package func withdraw(_ ticket: PlaceQueue.Ticket, _ limits: ProviderLimits) {
        let next: [Wake] = inside.withLock { inside in
            inside.wakes[ticket] = nil
            guard !inside.places.withdraw(ticket), inside.granted.remove(ticket) != nil else { return [] }
            return inside.leave(limits)
        }
        for call in next { call(.granted) }
    }

    /// Gives a place back.
    package func leave(_ limits: ProviderLimits) {
        let next = inside.withLock { $0.leave(limits) }
        for call in next { call(.granted) }
    }

    /// Goes on with another configuration's limits and credentials, and lets those in for whom a larger limit has a place.
    func adopt(_ provider: Provider) {
        let calls = inside.withLock { inside in
            inside.limits = provider.limits
            inside.keys = max(1, provider.apiKeys.count)
            return inside.grantAll(provider.limits)
        }
        for call in calls { call(.granted) }
    }

    // MARK: Health

    /// Forgets how its credentials stood and how fast it was, as for a provider that is another one from this configuration
    /// on; what still goes to the one before it says nothing of this one.
    func forgetHealth(since generation: Int) {
        inside.withLock { inside in
            inside.health += 1
            inside.since = generation
            inside.credentials = []
            inside.firstTokens = FirstTokenTimes()
            isTroubled.store(false, ordering: .releasing)
        }
    }

    package func standing(of credential: Int, at now: NIODeadline) -> CircuitBreaker.Standing {
        guard isTroubled.load(ordering: .acquiring) else { return .ready }
        return inside.withLock { $0[credential].standing(at: now) }
    }

    /// An attempt is sent, by a request that began with the configuration `generation`; `isRepetition` says that the budget
    /// was asked for it.
    package func begin(
        _ credential: Int,
        isRepetition: Bool,
        generation: Int = .max,
        at now: NIODeadline
    ) -> Pass {
        inside.withLock { $0.begin(credential, isRepetition: isRepetition, generation: generation, at: now) }
    }

    /// The same for an attempt that has somewhere else to go: nil where the credential rests by now, or somebody else, on
    /// whatever event loop, is finding out whether it has recovered.
    package func beginUnlessResting(
        _ credential: Int,
        isRepetition: Bool,
        generation: Int = .max,
        at now: NIODeadline
    ) -> Pass? {
        inside.withLock { inside in
            if generation >= inside.since, case .resting = inside[credential].standing(at: now) { return nil }
            return inside.begin(credential, isRepetition: isRepetition, generation: generation, at: now)
        }
    }

    /// An attempt has come to its answer or has failed; nil for one that was given up.
    package func end(
        _ credential: Int,
        _ pass: Pass,
        _ result: Result<Void, AttemptFailure>?,
        _ limits: ProviderLimits,
        at now: NIODeadline
    ) {
        inside.withLock { inside in
            guard pass.health == inside.health else { return }
            inside.change(credential) { $0.end(pass.terms, result, limits.breaker, at: now) }
            isTroubled.store(inside.isTroubled, ordering: .releasing)
        }
    }

    /// Takes one repetition, if the credential's health and the budget have it.
    package func takeRetry(_ credential: Int, _ limits: ProviderLimits, at now: NIODeadline) -> Bool {
        inside.withLock { inside in
            inside[credential].allowsRetry(at: now) && inside.budget.take(limits.retries, at: now)
        }
    }

    // MARK: Time

    /// The first content of an attempt that was begun with a pass came so long after the request was sent; what the
    /// provider before this one took is no matter.
    package func note(firstToken time: Duration, _ pass: Pass) {
        inside.withLock { if pass.health == $0.health { $0.firstTokens.note(time) } }
    }

    /// The time that nineteen of twenty first contents take at most; nil where that is not known.
    package var usualFirstToken: Duration? { inside.withLock { $0.firstTokens.percentile95 } }

    // MARK: Status

    /// The numbers as they are now; `credentials` are how many the provider has, some of which nobody may have used yet.
    package func load(at now: NIODeadline, credentials: Int = 0) -> ProviderLoad {
        inside.withLock { inside in
            ProviderLoad(
                inFlight: inside.places.taken,
                waiting: inside.places.waiting,
                credentials: (0..<(inside.keys ?? max(credentials, inside.credentials.count))).map {
                    CredentialLoad(inside[$0], at: now)
                }
            )
        }
    }
}

/// How busy a provider is, and how it stands.
package struct ProviderLoad: Sendable, Hashable {
    /// Requests that have a place.
    package var inFlight = 0
    /// Requests that wait for one.
    package var waiting = 0
    /// By the credentials' places.
    package var credentials: [CredentialLoad] = []

    /// The best breaker of all credentials.
    package var breaker: CredentialLoad.Breaker {
        let all = credentials.map(\.breaker)
        return all.isEmpty || all.contains(.closed) ? .closed : all.contains(.halfOpen) ? .halfOpen : .open
    }

    /// The shortest rest, where it rests with all credentials.
    package var restSeconds: Double? {
        let rests = credentials.compactMap(\.restSeconds)
        return rests.count == credentials.count ? rests.min() : nil
    }
}

/// How a provider stands with one of its credentials.
package struct CredentialLoad: Sendable, Hashable {
    package enum Breaker: String, Sendable, Hashable, CaseIterable {
        case closed
        /// It rests.
        case open
        /// One request finds out whether it has recovered, or the next one will.
        case halfOpen = "half_open"
    }

    package var breaker = Breaker.closed
    /// What is left of a rest, the credential's or the provider's.
    package var restSeconds: Double?
    /// Why it rests.
    package var cause: InferenceError.Code?
    package var failuresInRow = 0

    init(_ health: TargetHealth, at now: NIODeadline) {
        (breaker, failuresInRow) = (health.breakerState(at: now), health.failuresInRow)
        guard case .resting(let until, _, let cause) = health.standing(at: now) else { return }
        self.cause = cause
        restSeconds = max(0, Double((until - now).nanoseconds) / 1e9)
    }
}

/// The states of all providers, by their names; they outlive a configuration, and who is in the next one as well keeps its.
package final class ProviderStates: Sendable {
    private let states = Mutex<[String: ProviderState]>([:])

    package init() {}

    /// The state of the provider with this name.
    package func state(of name: String) -> ProviderState {
        states.withLock { states in
            if let state = states[name] { return state }
            let state = ProviderState()
            states[name] = state
            return state
        }
    }

    /// Goes on with the providers of another configuration: who is gone is forgotten once its last requests are over, and
    /// who has another address or other keys has the health of a new one.
    package func adopt(_ providers: [Provider], after old: [Provider] = [], generation: Int = 1) {
        let before = Dictionary(old.map { ($0.name, $0) }) { first, _ in first }
        let all = Dictionary(providers.map { ($0.name, $0) }) { first, _ in first }
        let now = states.withLock { states in
            states = all.mapValues { states[$0.name] ?? ProviderState() }
            return states
        }
        for (name, provider) in all {
            guard let state = now[name] else { continue }
            if before[name]?.answersAs(provider) == false { state.forgetHealth(since: generation) }
            state.adopt(provider)
        }
    }
}
