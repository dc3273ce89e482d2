import Inference
import NIOCore
import Providers
import Synchronization

/// What all event loops share; everything in it is immutable or synchronises itself.
final class SharedContext: Sendable {
    let sink: LogSink
    let clock: any LoopClock
    let bodyBudget: BodyBudget
    let responses: ResponseStore
    let captures: CaptureStore
    let seal: Seal
    /// What accounts for requests.
    let metering: Metering
    /// What is known of each provider's health and load.
    let upstreams: ProviderStates
    let counters = Counters()
    /// Which series there are; nil where nothing is counted.
    let series: SeriesRegister?
    let overload: OverloadControl
    let busyTenants = BusyTenants()
    let storeHealth = StoreHealth()
    /// The time by which limits are counted.
    let admissionClock: AdmissionClock
    /// Names this process in `x-torii-hop`, so that a request which comes back is known.
    let hopID: String
    /// Makes the generator of one event loop.
    let dice: @Sendable () -> RouteDice
    private let newest: Mutex<Snapshot>
    private let newestIdentities: Mutex<IdentitySnapshot>

    init(
        snapshot: Snapshot,
        identities: IdentitySnapshot,
        sink: LogSink,
        hopID: String,
        state: GatewayState,
        metering: Metering,
        admissionClock: AdmissionClock = .system,
        clock: any LoopClock,
        dice: @escaping @Sendable () -> RouteDice
    ) {
        newest = Mutex(snapshot)
        newestIdentities = Mutex(identities)
        responses = state.responses
        captures = state.captures
        seal = state.seal
        self.metering = metering
        self.sink = sink
        self.clock = clock
        self.dice = dice
        self.hopID = hopID
        self.admissionClock = admissionClock
        bodyBudget = BodyBudget(limit: snapshot.settings.limits.bodiesInMemory)
        overload = OverloadControl(snapshot.settings.overload)
        let metrics = snapshot.settings.metrics
        series = metrics.isOn ? SeriesRegister(most: metrics.maximumSeries) : nil
        upstreams = snapshot.directory.upstreams
        upstreams.adopt(snapshot.settings.providers)
    }

    /// The newest configuration, for all but event loops: each of them has a reference of its own.
    var snapshot: Snapshot { newest.withLock { $0 } }

    /// The account of all requests, for whoever reports.
    var ledger: Ledger { metering.ledger }

    /// The newest identities, for all but event loops.
    var identities: IdentitySnapshot { newestIdentities.withLock { $0 } }

    /// Takes identities that are newer than those before; false for others.
    func adopt(_ identities: IdentitySnapshot) -> Bool {
        newestIdentities.withLock { newest in
            guard identities.revision > newest.revision else { return false }
            newest = identities
            return true
        }
    }

    func adopt(_ snapshot: Snapshot) {
        let old = newest.withLock { newest in
            defer { newest = snapshot }
            return newest
        }
        snapshot.directory.loads.forget { name in
            let (before, after) = (old.provider(name), snapshot.provider(name))
            return before.map { after?.answersAs($0) != true } ?? false
        }
        upstreams.adopt(
            snapshot.settings.providers,
            after: old.settings.providers,
            generation: snapshot.generation
        )
        bodyBudget.setLimit(snapshot.settings.limits.bodiesInMemory)
        overload.adopt(snapshot.settings.overload)
        metering.accounts.alerts.adopt(snapshot.settings.budgets.alerts)
        sink.level = snapshot.settings.log.level
    }
}

/// Everything that one event loop's connections and exchanges use; confined to that loop.
final class LoopContext {
    private static let checkInterval = TimeAmount.milliseconds(250)

    let eventLoop: any EventLoop
    let shared: SharedContext
    /// The configuration for whatever begins now.
    private(set) var snapshot: Snapshot
    /// Who may ask.
    private(set) var identities: IdentitySnapshot
    let pool: ConnectionPool
    let log: AccessLog
    /// Where each request is written down; nil where none is.
    let journal: JournalWriter?
    /// Where each request is counted; nil where none is.
    let metrics: LoopMetrics?
    var ids: RequestIDs
    /// For what has to be spread by chance: the targets that are drawn, and the waits before a retry.
    var dice: RouteDice
    /// Copies of requests under way.
    var shadows = 0
    /// The tokens that were good lately, under the configuration for whatever begins now.
    private(set) var tokens = TokenCache()
    /// The last `Host` that was found good; a gateway is hardly ever called by two.
    var checkedHost: String?
    /// Whether new requests are turned away, and why.
    private(set) var shedding: OverloadReason?
    private(set) var isDraining = false
    private var isStopped = false
    private var connections: [ObjectIdentifier: any ServedConnection] = [:]
    private var checking: Scheduled<Void>?
    private var nextCheck = NIODeadline.distantFuture

    init(eventLoop: any EventLoop, shared: SharedContext) {
        self.eventLoop = eventLoop
        self.shared = shared
        snapshot = shared.snapshot
        identities = shared.identities
        pool = ConnectionPool(eventLoop: eventLoop, settings: snapshot.transport, clock: shared.clock)
        log = AccessLog(settings: snapshot.settings.log, sink: shared.sink, eventLoop: eventLoop)
        journal = shared.metering.journal?.writer()
        if let series = shared.series {
            metrics = LoopMetrics(series, snapshot, identities)
        } else {
            metrics = nil
        }
        var generator = SystemRandomNumberGenerator()
        ids = RequestIDs(using: &generator)
        dice = shared.dice()
    }

    /// Starts the regular look at every connection's deadlines.
    func start() {
        nextCheck = now + Self.checkInterval
        checking = shared.clock.schedule(in: Self.checkInterval, on: eventLoop) { self.check() }
    }

    /// The time as it is now; what waits here waits by it.
    var now: NIODeadline { shared.clock.now }

    /// Has something done on this loop after so much time.
    func schedule(in time: Duration, _ task: @escaping () -> Void) -> Scheduled<Void> {
        shared.clock.schedule(in: time.timeAmount, on: eventLoop, task)
    }

    /// Whatever begins from now on uses another configuration; what runs keeps its own.
    func adopt(_ next: Snapshot) {
        snapshot = next
        checkedHost = nil
        tokens = TokenCache()
        log.settings = next.settings.log
        metrics?.adopt(next)
        pool.adopt(next.transport, keeping: next.origins)
    }

    /// Whatever begins from now on is asked by these; what runs for somebody who is no more is ended.
    func adopt(_ next: IdentitySnapshot) {
        guard next.revision > identities.revision else { return }
        identities = next
        metrics?.adopt(next)
        for connection in Array(connections.values) { connection.identitiesDidChange() }
    }

    func insert(_ connection: any ServedConnection) {
        connections[ObjectIdentifier(connection)] = connection
        shared.counters.connectionDidOpen()
        // What was still accepted when everything else was closed: nothing could be written down of it.
        if isStopped { connection.stop() }
    }

    func remove(_ connection: any ServedConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        shared.counters.connectionDidClose()
    }

    /// Lets running exchanges end and closes everything else.
    func drain() {
        isDraining = true
        for connection in Array(connections.values) { connection.drain() }
    }

    /// How late this loop is, smoothed.
    var lag: Duration { shared.overload.lag(of: ObjectIdentifier(self)) }

    /// Whose requests run now, a subject for each of them; none are told where nothing is counted.
    var running: [LiveSubject] {
        guard let metrics else { return [] }
        return connections.values.compactMap { connection -> LiveSubject? in
            guard let exchange = connection.exchangeUnderWay, !exchange.state.isSettled else { return nil }
            return metrics.subject(of: exchange.record)
        }
    }

    /// Whether every last answer has reached its client.
    var isQuiet: Bool { !connections.values.contains { $0.isFinishing } }

    /// Closes whatever is still open, and what comes later as soon as it comes; once more changes nothing.
    func stop() {
        guard !isStopped else { return }
        isStopped = true
        checking?.cancel()
        for connection in Array(connections.values) { connection.stop() }
        pool.shutdown()
        log.flush()
        journal?.close()
    }

    private func check() {
        let now = self.now
        // A task that should have run earlier tells how long everything else waits for this loop.
        shedding = shared.overload.note(lag: now - nextCheck, of: ObjectIdentifier(self))
        journal?.retry()
        metrics?.adopt(snapshot)
        for connection in Array(connections.values) { connection.check(now, snapshot.settings.limits) }
        start()
    }
}
