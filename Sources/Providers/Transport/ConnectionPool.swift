package import NIOCore

/// The connections of one event loop to all upstreams, and the exchanges on them.
///
/// Confined to its loop: every member is called there, and every responder hears there. Nothing waits, hops or locks.
package final class ConnectionPool {
    let eventLoop: any EventLoop
    private(set) var settings: TransportSettings
    private let clock: any LoopClock
    /// How far `now` may lag behind, and a deadline with it.
    let slack: TimeAmount
    /// The time as of the last tick, or of the last start while nothing ticks.
    private(set) var now: NIODeadline
    private(set) var isShutDown = false
    private var active: [UpstreamExchange] = []
    private var origins: [Origin: OriginConnections] = [:]
    private var latest: OriginConnections?
    private var tick: Scheduled<Void>?
    private var sweep: Scheduled<Void>?

    package init(
        eventLoop: any EventLoop,
        settings: TransportSettings = TransportSettings(),
        clock: any LoopClock = MachineClock()
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.clock = clock
        slack = TimeAmount(settings.tick)
        now = clock.now
    }

    /// Exchanges that have neither ended nor failed nor been cancelled.
    package var activeExchanges: Int { active.count }

    /// Connections that are open or being opened.
    package var openConnections: Int { origins.values.reduce(0) { $0 + $1.count } }

    /// Sends a request, on an idle connection if there is one.
    ///
    /// The responder is held until the exchange is over, and hears nothing before this returns.
    package func start(_ request: consuming UpstreamRequest, responder: any UpstreamResponder) -> UpstreamExchange {
        if tick == nil { startTicking() }
        let origin = connections(to: request.origin)
        let refusal = RequestHead.refusal(of: request)
        let exchange = UpstreamExchange(pool: self, origin: origin, request: request, responder: responder)
        exchange.slot = active.count
        active.append(exchange)
        if isShutDown {
            exchange.didFail(TransportFailure(.shutDown, "the connection pool is shut down"))
        } else if let refusal {
            exchange.didFail(TransportFailure(.invalidRequest, refusal))
        } else {
            origin.serve(exchange)
        }
        exchange.isStarting = false
        return exchange
    }

    /// Closes every connection; exchanges under way fail with `shutDown`.
    package func shutdown() {
        guard !isShutDown else { return }
        isShutDown = true
        for exchange in active { exchange.didLosePool() }
        for origin in origins.values { origin.closeIdle(since: .distantFuture) }
        origins = [:]
        latest = nil
        tick?.cancel()
        sweep?.cancel()
        (tick, sweep) = (nil, nil)
    }

    /// Uses other bounds from now on, and keeps connections to no other origins than these.
    ///
    /// Idle connections to all others close now, and those that are in use when their answer is whole (F24). What is
    /// counted for each origin and how often deadlines are looked at stays as it was.
    package func adopt(_ settings: TransportSettings, keeping kept: Set<Origin>) {
        guard !isShutDown else { return }
        self.settings = settings
        for (name, origin) in origins { origin.setRetired(!kept.contains(name)) }
        forgetUnused()
    }

    func remove(_ exchange: UpstreamExchange) {
        guard exchange.slot >= 0, let last = active.popLast() else { return }
        if last !== exchange {
            active[exchange.slot] = last
            last.slot = exchange.slot
        }
        exchange.slot = -1
    }

    /// An idle connection exists, which has to go when its time is over.
    func didKeepIdle() {
        guard sweep == nil, !isShutDown else { return }
        let interval = TimeAmount(settings.idleLifetime / 4)
        sweep = clock.schedule(in: interval, on: eventLoop) { self.closeExpired() }
    }

    private func connections(to origin: Origin) -> OriginConnections {
        if let latest, latest.origin == origin { return latest }
        let found = origins[origin] ?? OriginConnections(origin: origin, pool: self)
        origins[origin] = found
        latest = found
        return found
    }

    private func forgetUnused() {
        origins = origins.filter { !$0.value.isUnused }
        if latest?.isUnused == true { latest = nil }
    }

    private func startTicking() {
        now = clock.now
        tick = clock.schedule(in: slack, on: eventLoop) { self.checkDeadlines() }
    }

    private func checkDeadlines() {
        tick = nil
        guard !active.isEmpty, !isShutDown else { return }
        startTicking()
        var late: [(UpstreamExchange, TransportFailure.Kind)] = []
        for exchange in active {
            if let kind = exchange.deadlines.passed(at: now) { late.append((exchange, kind)) }
        }
        // Only now, because a responder may start and cancel others.
        for (exchange, kind) in late where exchange.slot >= 0 { exchange.didTimeOut(kind) }
    }

    private func closeExpired() {
        sweep = nil
        let limit = clock.now - TimeAmount(settings.idleLifetime)
        for origin in origins.values { origin.closeIdle(since: limit) }
        forgetUnused()
        if origins.values.contains(where: \.hasIdle) { didKeepIdle() }
    }
}
