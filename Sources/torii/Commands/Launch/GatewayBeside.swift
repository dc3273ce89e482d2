import Gateway
import Inference
import Logging
import Providers
import ServiceLifecycle

/// A gateway of the same process, on loopback and free ports, for as long as a tool runs beside it.
struct GatewayBeside: Sendable {
    let configuration: Configuration
    let environment: [String: String]
    /// Where it writes its log; the terminal is the tool's.
    let log: String

    /// Runs `body` with the gateway's address, then stops the gateway, whichever way `body` ended.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (_ address: String) async throws -> Value
    ) async throws -> Value {
        let settings = try await settings()
        let file = try LogFile(at: log)
        defer { file.close() }
        let sink = LogSink(descriptor: file.descriptor)
        let result: Result<Value, any Error>
        do { result = .success(try await serve(settings, sink, body)) } catch { result = .failure(error) }
        await sink.close()
        return try result.get()
    }

    private func serve<Value: Sendable>(
        _ settings: GatewaySettings,
        _ sink: LogSink,
        _ body: @escaping @Sendable (String) async throws -> Value
    ) async throws -> Value {
        let (listening, started) = AsyncStream.makeStream(of: Int.self)
        let format = settings.log.format
        let logger = Logger(label: "torii") { _ in SinkLogHandler(sink: sink, format: format) }
        let lister = ProviderLister(client: UpstreamClient(settings: settings.transport))
        let gateway = try Gateway(
            settings: settings,
            lister: { await lister.answer(for: $0) },
            sink: sink,
            logger: logger,
            onListening: { addresses in
                started.yield(addresses.port)
                started.finish()
            }
        )
        let services = ServiceGroup(services: [gateway], logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { started.finish() }
                try await services.run()
            }
            var port: Int?
            for await number in listening { port = number }
            guard let port else {
                try await group.waitForAll()
                throw ConfigurationError(.conflict, "the gateway did not start; \(log) says why")
            }
            let result: Result<Value, any Error>
            do { result = .success(try await body("http://127.0.0.1:\(port)")) } catch { result = .failure(error) }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return try result.get()
        }
    }

    private func settings() async throws -> GatewaySettings {
        var configuration = configuration
        configuration.server.host = Setting("127.0.0.1")
        configuration.server.port = Setting(0)
        configuration.server.adminHost = Setting("127.0.0.1")
        configuration.server.adminPort = Setting(0)
        configuration.server.tlsCertificate = nil
        configuration.server.tlsKey = nil
        var (settings, leftOut) = try await GatewaySettings.make(
            from: configuration,
            environment: environment,
            allowsAnonymousAnywhere: false
        )
        for fault in leftOut { Console.standard.note("torii: a provider is left out: \(fault.message)") }
        // Whoever asked has gone when the tool has.
        settings.limits.drainTimeout = .seconds(1)
        return settings
    }
}
