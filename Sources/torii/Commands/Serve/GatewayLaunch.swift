import Gateway
import Logging
import Providers
import ServiceLifecycle
import UnixSignals

/// Starts the gateway of a configuration and runs it until a signal ends it.
struct GatewayLaunch {
    let configuration: Configuration
    let environment: [String: String]
    let allowsAnonymousAnywhere: Bool

    /// - Throws: `ConfigurationError` before anything listens; an I/O error where an address is taken.
    func run() async throws {
        let sink = LogSink()
        let logger = Self.logger(configuration.server, sink)
        let transport = TransportSettings(proxies: try ProxySettings(environment: environment))
        let providers = try await providers(logger)
        let settings = GatewaySettings(
            configuration,
            providers: providers,
            clientKeys: try configuration.server.resolvedKeys(environment: environment),
            transport: transport,
            allowsAnonymousAnywhere: allowsAnonymousAnywhere
        )
        let client = UpstreamClient(settings: transport)
        let listing = ProviderListing(client: client)
        let scheme = settings.tls == nil ? "http" : "https"
        let gateway = try Gateway(settings: settings, lister: listing.answer, sink: sink, logger: logger) { addresses in
            let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
            Console.standard.note("listening on \(scheme)://\(host):\(addresses.port)")
            Console.standard.note("admin on http://\(settings.adminHost):\(addresses.adminPort)")
        }
        let services = ServiceGroupConfiguration(
            services: [.init(service: gateway)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        defer { Console.standard.note("stopped") }
        try await ServiceGroup(configuration: services).run()
        await client.shutdown()
        await sink.close()
    }
}

extension GatewayLaunch {
    /// The providers with their secrets; one whose secret is missing is left out with a warning, unless all depends on it.
    private func providers(_ logger: Logger) async throws -> [Provider] {
        var providers: [Provider] = []
        for provider in configuration.providers {
            do throws(ConfigurationError) {
                providers.append(try await provider.start(environment: environment))
            } catch {
                guard error.code == .unresolvedSecret, provider.name.value != configuration.defaultProvider?.value else { throw error }
                logger.warning("a provider is left out", metadata: ["provider": "\(provider.name.value)", "reason": "\(error)"])
            }
        }
        return providers
    }

    private static func logger(_ server: ServerConfiguration, _ sink: LogSink) -> Logger {
        var logger = Logger(label: "torii") { _ in SinkLogHandler(sink: sink, format: LogSettings.Format(server.logFormat.value)) }
        logger.logLevel = Logger.Level(server.logLevel.value)
        return logger
    }
}
