import NIOCore

/// The connections to one origin: performs what `OriginState` decides.
final class OriginConnections {
    let origin: Origin
    let pool: ConnectionPool
    let proxy: ForwardProxy?
    /// The proxy that wants the absolute form of a target; one that tunnels never sees it.
    let absoluteFormProxy: ForwardProxy?
    /// `host` or `host:port` as the `Host` field has it.
    let authority: String
    private var state: OriginState<UpstreamConnection, UpstreamExchange>
    /// Whether connections are kept behind an answer, by the answer's framing: servers differ in streams most.
    private var trust: [AnswerFraming: KeepAliveTrust<UpstreamConnection>]
    private weak var latestAttempt: ConnectAttempt?
    /// Whether nobody wants this origin any more but exchanges that began before.
    private var isRetired = false

    init(origin: Origin, pool: ConnectionPool) {
        self.origin = origin
        self.pool = pool
        proxy = pool.settings.proxies.proxy(for: origin)
        absoluteFormProxy = origin.scheme == .http ? proxy : nil
        authority = origin.authority
        state = OriginState(
            maximumConnections: pool.settings.maximumConnections,
            maximumWaiting: pool.settings.maximumWaiting,
            maximumIdle: pool.settings.maximumIdle,
            spare: pool.settings.spareConnections
        )
        let (trial, pause) = (TimeAmount(pool.settings.keepAliveTrial), TimeAmount(pool.settings.keepAlivePause))
        trust = [
            .length: KeepAliveTrust(trusting: true, trial: trial, pause: pause),
            .chunks: KeepAliveTrust(trusting: false, trial: trial, pause: pause),
        ]
    }

    var count: Int { state.busy + state.idle.count + state.connecting + watched }
    var hasIdle: Bool { !state.idle.isEmpty || watched > 0 }
    var isUnused: Bool {
        count == 0 && state.waiting.isEmpty && (isRetired || !trust.values.contains { $0.isDistrusted })
    }
    private var watched: Int { trust.values.count { $0.watched != nil } }

    /// Finds a connection for an exchange, or lets it wait for one.
    func serve(_ exchange: UpstreamExchange) {
        let probeBefore = pool.now - TimeAmount(pool.settings.probeAfter)
        useProven()
        while true {
            switch state.demand(exchange) {
            case .use(let connection, let since):
                if since > probeBefore || connection.isQuiet() { return connection.start(exchange) }
                connection.closeForgotten()
                if state.didCloseBusy() { connect(for: exchange) }
            case .connect: return connect(for: exchange)
            case .wait: return
            case .refuse:
                let words = "\(state.waiting.count) exchanges already wait for a connection"
                return exchange.didFail(TransportFailure(.noCapacity, words))
            }
        }
    }

    /// An idle connection turned out to be dead before anything was sent on it.
    func retry(_ exchange: UpstreamExchange) {
        exchange.didLoseStaleConnection()
        if case .connect = state.demand(exchange, fresh: true) { connect(for: exchange) }
    }

    /// What it means that an exchange has waited here for too long.
    var lateness: TransportFailure {
        latestAttempt?.lateness ?? TransportFailure(.connectTimedOut, "no connection became free in time")
    }

    func withdraw(_ exchange: UpstreamExchange) {
        state.withdraw(exchange)
    }

    /// Keeps no connection from now on, or does so again.
    func setRetired(_ retired: Bool) {
        isRetired = retired
        if retired { closeIdle(since: .distantFuture) }
    }

    func didRelease(_ connection: UpstreamConnection) {
        if isRetired {
            connection.closeForgotten()
            if state.didCloseBusy() { connectForFirst() }
            return
        }
        switch trust[connection.framing]?.didRelease(connection, now: pool.now) {
        case nil, .keep: return perform(state.didRelease(connection, now: pool.now), connection)
        case .watch: pool.didKeepIdle()
        case .close: connection.closeForgotten()
        }
        if state.didCloseBusy() { connectForFirst() }
    }

    /// The connection is gone; `isUnanswered` says that it closed under a request before anything came back.
    func didClose(_ connection: UpstreamConnection, wasIdle: Bool, isUnanswered: Bool) {
        let wasWatched = trust[connection.framing]?.watched === connection
        if let since = connection.releasedAt, wasIdle || isUnanswered {
            trust[connection.framing]?.didClose(connection, openSince: since, now: pool.now)
        }
        guard !wasWatched else { return }
        let connects = wasIdle ? state.didCloseIdle(connection) : state.didCloseBusy()
        if connects { connectForFirst() }
    }

    /// Gives connections that were watched for long enough to those who need one.
    private func useProven() {
        for framing in AnswerFraming.allCases {
            guard let connection = trust[framing]?.proven(at: pool.now) else { continue }
            perform(state.adopt(connection, now: pool.now), connection)
        }
    }

    func closeIdle(since limit: NIODeadline) {
        for connection in state.expire(idleSince: limit) { connection.closeForgotten() }
        for framing in AnswerFraming.allCases {
            trust[framing]?.abandon(watchedSince: limit)?.closeForgotten()
        }
    }

    private func perform(
        _ availability: OriginState<UpstreamConnection, UpstreamExchange>.Availability,
        _ connection: UpstreamConnection
    ) {
        switch availability {
        case .serve(let exchange): connection.start(exchange)
        case .keep where pool.isShutDown || isRetired: closeIdle(since: .distantFuture)
        case .keep: pool.didKeepIdle()
        case .close: connection.closeForgotten()
        }
    }

    /// Opens a connection ahead of need, if one is wanted; called when an exchange is under way and does not wait for this
    /// loop.
    func openSpare(_ timeouts: Timeouts) {
        guard !pool.isShutDown, !isRetired, state.opensSpare() else { return }
        connect(within: timeouts.connect)
    }

    private func connectForFirst() {
        guard let first = state.waiting.first else { return }
        connect(for: first)
    }

    private func connect(for exchange: UpstreamExchange) {
        connect(within: exchange.request.timeouts.connect)
    }

    private func connect(within limit: Duration) {
        let deadline = pool.eventLoop.now + TimeAmount(limit)
        let attempt = ConnectAttempt(origin: self, deadline: deadline) { result in
            switch result {
            case .success(let connection):
                self.perform(self.state.didConnect(connection, now: self.pool.now), connection)
            case .failure(let failure):
                let (failed, connects) = self.state.didFailToConnect()
                if connects { self.connectForFirst() }
                failed?.didFail(failure)
            }
        }
        latestAttempt = attempt
        attempt.run()
    }
}
