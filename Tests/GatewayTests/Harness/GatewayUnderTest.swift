import JSON
import Logging
import Providers
import ScriptedUpstream
import ServiceLifecycle

@testable import Gateway

/// A gateway that runs in this process on ports of the system's choice.
struct GatewayUnderTest: Sendable {
    enum Phase: Sendable {
        case starting
        case listening(Gateway.Addresses)
        case ended
    }

    let port: Int
    let adminPort: Int
    let log: CapturedLog
    let phase: Watched<Phase>
    /// The keys that were shown at the start.
    let bootstrapKeys: Watched<[String]>
    /// What the gateway and its libraries had to say, of every level.
    let remarks: Watched<[String]>
    /// The key with which its condition is asked for, where there are tenants.
    let operatorKey = Watched<String?>(nil)
    private let services: ServiceGroup

    fileprivate init(
        _ addresses: Gateway.Addresses,
        _ log: CapturedLog,
        _ phase: Watched<Phase>,
        _ bootstrapKeys: Watched<[String]>,
        _ remarks: Watched<[String]>,
        _ services: ServiceGroup
    ) {
        port = addresses.port
        adminPort = addresses.adminPort
        self.log = log
        self.phase = phase
        self.bootstrapKeys = bootstrapKeys
        self.remarks = remarks
        self.services = services
    }

    func connect(
        receiveBuffer: CInt? = nil,
        reads: Bool = true,
        tls: Bool = false,
        certificate: TestCertificate.Client? = nil
    ) async throws -> RawClient {
        try await RawClient.connect(
            port: port,
            receiveBuffer: receiveBuffer,
            reads: reads,
            tls: tls,
            certificate: certificate
        )
    }

    /// Sends one request on a connection of its own and waits for the whole response.
    func send(_ request: String) async throws -> RawAnswer {
        let client = try await connect()
        defer { client.close() }
        try await client.send(request)
        return try await client.answer()
    }

    /// What the administration listener says at `path`.
    func administration(_ path: String) async throws -> RawAnswer {
        let client = try await RawClient.connect(port: adminPort)
        defer { client.close() }
        let key = operatorKey.value.map { [("Authorization", "Bearer \($0)")] } ?? []
        try await client.send(RawRequest.get(path, fields: [("Connection", "close")] + key))
        return try await client.answer()
    }

    /// An administrative request; `path` is behind `/admin/v1/`, or begins with a slash.
    func administer(
        _ method: String,
        _ path: String,
        _ body: String = "",
        key: String? = nil,
        fields: [(String, String)] = []
    ) async throws -> RawAnswer {
        let client = try await RawClient.connect(port: adminPort)
        defer { client.close() }
        let all =
            [("Host", "localhost"), ("Content-Length", "\(body.utf8.count)"), ("Connection", "close")]
            + (key.map { [("Authorization", "Bearer \($0)")] } ?? []) + fields
        let target = path.hasPrefix("/") ? path : "/admin/v1/\(path)"
        try await client.send(RawRequest.head(method, target, all) + body)
        return try await client.answer(toHead: method == "HEAD")
    }

    /// What comes of a wish to read the configuration again; `fields` are those of the request.
    func reload(fields: [(String, String)] = []) async throws -> RawAnswer {
        let client = try await RawClient.connect(port: adminPort)
        defer { client.close() }
        let all = [("Host", "localhost"), ("Content-Length", "0"), ("Connection", "close")] + fields
        try await client.send(RawRequest.head("POST", "/admin/v1/reload", all))
        return try await client.answer()
    }

    /// One number of `/status`.
    func status(_ name: String) async throws -> Int? {
        try JSONDocument(await administration("/status").body).root[name]?.int
    }

    /// Waits until no exchange is under way any more, so that every slot is free again.
    func isIdle(within limit: Duration = .seconds(10)) async throws {
        _ = try await eventually("no exchange in flight", within: limit) {
            // A question that comes too late, because other tests have the machine, is asked once more.
            (try? await status("exchanges_in_flight")) == 0 ? true : nil
        }
    }

    /// Asks for a graceful stop, as a SIGTERM does.
    func beginStop() async { await services.triggerGracefulShutdown() }

    func hasEnded(within limit: Duration = .seconds(20)) async throws {
        try await phase.wait(for: "the gateway's end", within: limit) { if case .ended = $0 { true } else { false } }
    }
}

/// Runs a gateway for as long as `body` runs.
func withGateway<Result: Sendable>(
    _ providers: [Provider],
    lister: @escaping ModelDirectory.Lister = { _ in ModelDirectory.Answer(listing: .unknown) },
    reloader: Reloader = Reloader(),
    memory: @escaping @Sendable () -> Int? = { nil },
    admissionClock: AdmissionClock = .system,
    clock: any LoopClock = MachineClock(),
    dice: @escaping @Sendable () -> RouteDice = RouteDice.random,
    journalDisk: JournalDisk = .system,
    _ change: (inout GatewaySettings) -> Void = { _ in },
    body: (GatewayUnderTest) async throws -> Result
) async throws -> Result {
    await Turnstile.gateways.enter()
    defer { Turnstile.gateways.leave() }
    var settings = GatewaySettings.underTest(providers)
    // Nobody has to wait for it in a time that is stepped through.
    if clock is SteppedClock { settings.transport.tick = .milliseconds(250) }
    change(&settings)
    let log = try CapturedLog()
    let phase = Watched(GatewayUnderTest.Phase.starting)
    let bootstrapKeys = Watched<[String]>([])
    let remarks = Watched<[String]>([])
    let gateway = try Gateway(
        settings: settings,
        lister: lister,
        sink: log.sink,
        logger: Logger(label: "gateway") { _ in RemarkHandler(remarks) },
        reloader: reloader,
        memory: memory,
        admissionClock: admissionClock,
        clock: clock,
        dice: dice,
        journalDisk: journalDisk,
        onBootstrapKey: { key in bootstrapKeys.change { $0.append(key) } },
        onListening: { addresses in phase.change { $0 = .listening(addresses) } }
    )
    let services = ServiceGroup(services: [gateway], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { phase.change { $0 = .ended } }
            do {
                try await services.run()
            } catch is CancellationError {}
        }
        defer { group.cancelAll() }
        let listening = try await phase.wait(for: "the listeners") { if case .starting = $0 { false } else { true } }
        guard case .listening(let addresses) = listening else {
            try await group.waitForAll()
            throw Missed(what: "the listeners")
        }
        return try await body(GatewayUnderTest(addresses, log, phase, bootstrapKeys, remarks, services))
    }
    await log.sink.close()
    return result
}

/// Runs a scripted upstream and a gateway in front of it.
func withGateway<Result: Sendable>(
    answers: [[Step]],
    clock: any LoopClock = MachineClock(),
    _ change: (inout GatewaySettings) -> Void = { _ in },
    body: (GatewayUnderTest, ScriptedUpstream) async throws -> Result
) async throws -> Result {
    let upstream = try await ScriptedUpstream.start(answers: answers)
    return try await withGateway(to: upstream, clock: clock, change, body: body)
}

/// Runs a gateway in front of an upstream, and shuts both down.
func withGateway<Result: Sendable>(
    to upstream: ScriptedUpstream,
    clock: any LoopClock = MachineClock(),
    _ change: (inout GatewaySettings) -> Void = { _ in },
    body: (GatewayUnderTest, ScriptedUpstream) async throws -> Result
) async throws -> Result {
    do {
        let result = try await withGateway([try .scripted(upstream)], clock: clock, change) {
            try await body($0, upstream)
        }
        await upstream.shutdown()
        return result
    } catch {
        await upstream.shutdown()
        throw error
    }
}

/// Gathers what is remarked, with all details.
private struct RemarkHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    private let remarks: Watched<[String]>

    init(_ remarks: Watched<[String]>) { self.remarks = remarks }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = metadata.merging(event.metadata ?? [:]) { $1 }
        remarks.change { $0.append("\(event.level): \(event.message) \(details)") }
    }
}

extension GatewaySettings {
    /// Settings for a gateway in a test; a busy machine counts as no overload.
    static func underTest(_ providers: [Provider]) -> GatewaySettings {
        var settings = GatewaySettings(providers: providers, port: 0, adminPort: 0, threads: 1)
        settings.transport.tick = .milliseconds(10)
        settings.transport.keepAliveTrial = .zero
        settings.limits.drainTimeout = .seconds(10)
        settings.overload.loopLag = nil
        // Most tests are about one attempt and what becomes of it.
        settings.attempts.retries = 0
        // Tenants have budgets from the start on, and hardly a test is about money.
        settings.prices.unknown = .free
        return settings
    }
}

extension Provider {
    /// A provider that is a scripted upstream.
    static func scripted(_ upstream: ScriptedUpstream, name: String = "house", model: String? = nil) throws -> Provider
    {
        try Provider(name: name, baseURL: BaseURL(upstream.url), apiKey: Secret("provider-key"), model: model)
    }
}
