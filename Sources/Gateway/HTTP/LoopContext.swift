import Inference
import NIOCore
import Providers

/// What all event loops share; everything in it is immutable or synchronises itself.
final class SharedContext: Sendable {
    let settings: GatewaySettings
    let directory: ModelDirectory
    let sink: LogSink
    let authenticator: Authenticator
    let hostRule: HostRule
    let bodyRule: BodyRule
    let bodyBudget: BodyBudget
    let responses: ResponseStore
    let seal: Seal
    let counters = Counters()
    /// Names this process in `x-torii-hop`, so that a request which comes back is known.
    let hopID: String

    init(settings: GatewaySettings, directory: ModelDirectory, sink: LogSink, hopID: String, state: GatewayState) {
        self.settings = settings
        responses = state.responses
        seal = state.seal
        self.directory = directory
        self.sink = sink
        self.hopID = hopID
        authenticator = Authenticator(keys: settings.clientKeys)
        hostRule = HostRule(listener: settings.host, allowed: settings.allowedHosts)
        bodyRule = BodyRule(limit: settings.limits.body)
        bodyBudget = BodyBudget(limit: settings.limits.bodiesInMemory)
    }
}

/// Everything that one event loop's connections and exchanges use; confined to that loop.
final class LoopContext {
    private static let checkInterval = TimeAmount.milliseconds(250)

    let eventLoop: any EventLoop
    let shared: SharedContext
    let pool: ConnectionPool
    let log: AccessLog
    var ids: RequestIDs
    /// What targets are drawn with.
    var dice: RouteDice
    /// Copies of requests under way.
    var shadows = 0
    /// The last `Host` that was found good; a gateway is hardly ever called by two.
    var checkedHost: String?
    private(set) var isDraining = false
    private var connections: [ObjectIdentifier: any ServedConnection] = [:]
    private var checking: RepeatedTask?

    init(eventLoop: any EventLoop, shared: SharedContext) {
        self.eventLoop = eventLoop
        self.shared = shared
        var transport = shared.settings.transport
        transport.maximumResponseBytes = shared.settings.limits.response
        pool = ConnectionPool(eventLoop: eventLoop, settings: transport)
        log = AccessLog(settings: shared.settings.log, sink: shared.sink, eventLoop: eventLoop)
        var generator = SystemRandomNumberGenerator()
        ids = RequestIDs(using: &generator)
        dice = RouteDice(seed: generator.next())
    }

    /// Starts the regular look at every connection's deadlines.
    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        checking = eventLoop.scheduleRepeatedTask(initialDelay: Self.checkInterval, delay: Self.checkInterval) { _ in
            bound.value.checkConnections()
        }
    }

    func insert(_ connection: any ServedConnection) {
        connections[ObjectIdentifier(connection)] = connection
        shared.counters.connectionDidOpen()
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

    /// Whether every last answer has reached its client.
    var isQuiet: Bool { !connections.values.contains { $0.isFinishing } }

    /// Closes whatever is still open.
    func stop() {
        checking?.cancel()
        for connection in Array(connections.values) { connection.stop() }
        pool.shutdown()
        log.flush()
    }

    private func checkConnections() {
        let now = NIODeadline.now()
        for connection in Array(connections.values) { connection.check(now, shared.settings.limits) }
    }
}
