import Logging
import NIOCore
import Synchronization

/// The keys of one issuer: fetched in the background, kept while they cannot be fetched, and fetched again where a token
/// names one that is not there, though no more often than `TokenKeySchedule` allows.
final class TokenKeySource: Sendable {
    /// What makes two sources one.
    struct Settings: Sendable, Hashable {
        let issuer: String
        let place: TokenIssuer.KeyPlace
        let caFile: String?
        let algorithms: [TokenAlgorithm]
        let refresh: Duration
        let stale: Duration

        init(_ issuer: TokenIssuer) {
            self.issuer = issuer.issuer
            place = issuer.keys
            caFile = issuer.caFile
            algorithms = issuer.algorithms
            refresh = issuer.refresh
            stale = issuer.stale
        }
    }

    typealias Fetch = @Sendable (Settings) async throws(TokenKeyProblem) -> [UInt8]

    /// What is known of a key.
    enum Lookup {
        case key(TokenKey)
        case absent
        case unavailable(retryAfter: Int)
        /// Ask again when this is there.
        case wait(EventLoopFuture<Void>)
    }

    private struct State {
        var schedule: TokenKeySchedule
        var keys: TokenKeySet?
        /// By the numbers of those who wait.
        var waiting: [Int: EventLoopPromise<Void>] = [:]
        var waits = 0
        var isClosed = false
        /// What was last said of it in the log.
        var problem: String?

        /// All who wait, in the order in which they came; nobody waits any more then.
        mutating func takeWaiting() -> [EventLoopPromise<Void>] {
            defer { waiting = [:] }
            return waiting.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    let settings: Settings
    private let fetch: Fetch
    private let logger: Logger
    private let now: @Sendable () -> NIODeadline
    private let longestWait: TimeAmount
    private let state: Mutex<State>
    /// Counts the key sets; whoever has seen one of this number need not look again.
    private let version = Atomic(0)
    /// Until when the newest set counts, in the nanoseconds of `NIODeadline`.
    private let goodUntil = Atomic<UInt64>(0)
    private let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation

    init(
        _ settings: Settings,
        logger: Logger,
        now: @escaping @Sendable () -> NIODeadline = { .now() },
        longestWait: TimeAmount = .seconds(15),
        fetch: @escaping Fetch
    ) {
        self.settings = settings
        self.logger = logger
        self.now = now
        self.longestWait = longestWait
        self.fetch = fetch
        state = Mutex(
            State(schedule: TokenKeySchedule(refresh: TimeAmount(settings.refresh), stale: TimeAmount(settings.stale)))
        )
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Tokens

    /// Whether a key that was found when the sets had this number is still there; says nothing where they have changed
    /// or are too old.
    func isUnchanged(since version: Int) -> Bool {
        self.version.load(ordering: .acquiring) == version
            && now().uptimeNanoseconds <= goodUntil.load(ordering: .relaxed)
    }

    /// The number of the newest set.
    var newestVersion: Int { version.load(ordering: .acquiring) }

    /// Finds a key; `eventLoop` is where the one who asks may wait, nil for one who does not.
    ///
    /// A wait ends by itself after a while, whatever becomes of the fetch.
    func lookup(_ id: String?, on eventLoop: (any EventLoop)?) -> Lookup {
        let time = now()
        var wait: (number: Int, promise: EventLoopPromise<Void>)?
        let (lookup, wakes) = state.withLock { state -> (Lookup, Bool) in
            if !state.schedule.isStale(at: time), let key = state.keys?.key(id) { return (.key(key), false) }
            switch state.schedule.answer(at: time) {
            case .absent:
                // An issuer without a key says nothing of any token.
                guard let keys = state.keys, keys.count > 0 else {
                    return (.unavailable(retryAfter: state.schedule.secondsToRetry(at: time)), false)
                }
                return (.absent, false)
            case .unavailable(let seconds): return (.unavailable(retryAfter: seconds), false)
            case .wait:
                guard let eventLoop, !state.isClosed, state.waiting.count < Self.mostWaiting else {
                    return (.unavailable(retryAfter: 1), !state.isClosed)
                }
                let promise = eventLoop.makePromise(of: Void.self)
                state.waits += 1
                state.waiting[state.waits] = promise
                wait = (state.waits, promise)
                return (.wait(promise.futureResult), true)
            }
        }
        if let wait { bound(wait.number, wait.promise) }
        if wakes { wish.yield() }
        return lookup
    }

    /// Gives a wait its end.
    private func bound(_ number: Int, _ promise: EventLoopPromise<Void>) {
        let future = promise.futureResult
        let end = future.eventLoop.scheduleTask(in: longestWait) { [weak self] in
            let promise = self?.state.withLock { $0.waiting.removeValue(forKey: number) }
            promise?.succeed()
        }
        future.whenComplete { _ in end.cancel() }
    }

    // MARK: Keeping them

    /// Fetches the keys now, whenever they are due, and whenever somebody waits, until it is cancelled or retired.
    func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.wishRegularly() }
            wish.yield()
            for await _ in wishes { await refresh() }
            tasks.cancelAll()
        }
        let waiting = state.withLock { state in
            state.isClosed = true
            return state.takeWaiting()
        }
        for promise in waiting { promise.succeed() }
    }

    /// Has the keys fetched again now, however lately they were.
    func hurry() {
        state.withLock { $0.schedule.hurry() }
        wish.yield()
    }

    /// Ends `run` once a fetch that is under way is over; what is known stays.
    func retire() { wish.finish() }

    private func wishRegularly() async {
        repeat {
            if state.withLock({ $0.schedule.isDue(at: now()) }) { wish.yield() }
        } while (try? await Task.sleep(for: pause)) != nil  // Only cancellation throws.
    }

    /// Until the next look at the time.
    private var pause: Duration {
        let rest = state.withLock { $0.schedule.rest(at: now()) }
        return max(.milliseconds(250), min(.seconds(60), .nanoseconds(rest.nanoseconds)))
    }

    private func refresh() async {
        guard state.withLock({ $0.schedule.begin(at: now()) }) else { return releaseIdle() }
        let result: Result<TokenKeySet, TokenKeyProblem>
        do throws(TokenKeyProblem) {
            result = .success(try await TokenKeySet(try await fetch(settings), for: settings.algorithms))
        } catch {
            result = .failure(error)
        }
        take(result)
    }

    private func take(_ result: Result<TokenKeySet, TokenKeyProblem>) {
        let time = now()
        let problem: String? =
            switch result {
            case .success(let keys): keys.problem
            case .failure(let problem): problem.reason
            }
        let (waiting, isNew) = state.withLock { state -> ([EventLoopPromise<Void>], Bool) in
            if case .success(let keys) = result {
                state.keys = keys
                state.schedule.end(at: time, isGood: true)
                goodUntil.store((time + state.schedule.stale).uptimeNanoseconds, ordering: .relaxed)
                version.wrappingAdd(1, ordering: .releasing)
            } else {
                state.schedule.end(at: time, isGood: false)
            }
            defer { state.problem = problem }
            return (state.takeWaiting(), state.problem != problem)
        }
        if isNew { tell(problem, result) }
        for promise in waiting { promise.succeed() }
    }

    /// Says once that something is wrong, and once that it is not any more.
    private func tell(_ problem: String?, _ result: Result<TokenKeySet, TokenKeyProblem>) {
        switch (problem, result) {
        case (let problem?, .success(let keys)) where keys.count == 0:
            logger.error("no token of the issuer \(settings.issuer) is good any more: \(problem)")
        case (let problem?, .success): logger.warning("keys of the issuer \(settings.issuer) are left out: \(problem)")
        case (let problem?, .failure):
            logger.error("the keys of the issuer \(settings.issuer) cannot be had: \(problem)")
        case (nil, _): logger.notice("the keys of the issuer \(settings.issuer) are there")
        }
    }

    /// A wish that came while there was nothing to do: whoever waits for it would wait for nobody.
    private func releaseIdle() {
        let waiting = state.withLock { state -> [EventLoopPromise<Void>] in
            guard !state.schedule.isFetching else { return [] }
            return state.takeWaiting()
        }
        for promise in waiting { promise.succeed() }
    }

    /// Requests that wait for one issuer at once; more are told to come again.
    static let mostWaiting = 1_024
}
