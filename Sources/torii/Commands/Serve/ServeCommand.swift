import ArgumentParser
import Gateway
import Logging
import NIOCore
import Providers
import ServiceLifecycle
import UnixSignals

/// The command `torii serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the gateway.",
        discussion: """
            Runs until SIGINT or SIGTERM, then lets running exchanges end. Reads the configuration again on SIGHUP and
            when its file changes.
            """
    )

    @Option(help: "Where to listen; off loopback callers need a key.")
    var host: String?

    @Option(help: "The port; 0 lets the system choose.")
    var port: Int?

    @Option(help: "Where health and status are served.")
    var adminHost: String?

    @Option(help: "Its port; 0 lets the system choose.")
    var adminPort: Int?

    @Option(name: .customLong("tls-cert"), help: "A PEM file with the certificate chain.", completion: .file())
    var tlsCertificate: String?

    @Option(help: "A PEM file with its key.", completion: .file())
    var tlsKey: String?

    @Option(
        name: .customLong("tls-client-ca"),
        help: "A PEM file with the authorities of clients' certificates.",
        completion: .file()
    )
    var clientAuthorities: String?

    @Flag(help: "Serve callers without a key off loopback; for development, it warns each minute.")
    var insecureNoAuth = false

    @Option(help: "json or text.")
    var logFormat: ServerConfiguration.LogFormat?

    @OptionGroup var options: ConfigurationOptions

    func validate() throws {
        for (name, port) in [("--port", port), ("--admin-port", adminPort)] {
            guard let port, !(0...65535).contains(port) else { continue }
            throw ValidationError("\(name) has to be from 0 to 65535.")
        }
    }

    /// The flags as the configuration takes them.
    var flags: ConfigurationFlags {
        var flags = ConfigurationFlags()
        (flags.host, flags.port) = (host, port)
        (flags.adminHost, flags.adminPort) = (adminHost, adminPort)
        (flags.tlsCertificate, flags.tlsKey) = (tlsCertificate, tlsKey)
        flags.clientAuthorities = clientAuthorities
        flags.logFormat = logFormat
        return flags
    }

    func run() async throws {
        let source = ConfigurationSource(
            path: options.path,
            environment: options.environment,
            flags: flags,
            allowsAnonymousAnywhere: insecureNoAuth
        )
        let reading = try await source.read()
        for warning in reading.warnings { Console.standard.note("torii: warning: \(warning)") }
        let settings = reading.settings
        let sink = LogSink()
        sink.level = settings.log.level
        let format = settings.log.format
        let logger = Logger(label: "torii") { _ in SinkLogHandler(sink: sink, format: format) }
        for fault in reading.leftOut { logger.warning("a provider is left out: \(fault.message)") }
        // Before any library makes a counter.
        if settings.metrics.isOn { LibraryMetricsSystem.bootstrap() }
        let reloader = Reloader(load: { (running) async throws(ReloadProblem) in try await source.readAgain(running) })
        let gateway = try Self.gateway(settings, sink: sink, logger: logger, reloader: reloader)
        let triggers = await ReloadTriggers(source, reloader)
        let services = ServiceGroup(
            services: [gateway, triggers],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        do {
            try await services.run()
        } catch {
            await sink.close()
            throw Self.explained(error, settings)
        }
        await sink.close()
    }

    private static func gateway(
        _ settings: GatewaySettings,
        sink: LogSink,
        logger: Logger,
        reloader: Reloader
    ) throws -> Gateway {
        let lister = ProviderLister(client: UpstreamClient(settings: settings.transport))
        let scheme = settings.tls == nil ? "http" : "https"
        do {
            return try Gateway(
                settings: settings,
                lister: { provider in await lister.answer(for: provider) },
                sink: sink,
                logger: logger,
                reloader: reloader,
                onBootstrapKey: { key in
                    Console.standard.note(
                        """
                        torii: nobody has a key yet. This one is an operator's and is shown only now:
                        \(key)
                          It asks models and administers: torii keys create, or docs/tenants.md.
                        """
                    )
                },
                onListening: { ports in
                    let main = "\(scheme)://\(address(settings.host, ports.port))"
                    let admin = "http://\(address(settings.adminHost, ports.adminPort))"
                    logger.notice("listening on \(main), administration on \(admin)")
                    StartUpCode.giveBack()
                }
            )
        } catch {
            throw ConfigurationError(.conflict, error.description)
        }
    }

    private static func address(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// A port that is taken is the commonest reason not to start, and the system's words name no port.
    private static func explained(_ error: any Error, _ settings: GatewaySettings) -> any Error {
        guard let system = error as? IOError, system.errnoCode == SystemErrors.addressInUse else { return error }
        return ConfigurationError(
            .conflict,
            "port \(settings.port) or \(settings.adminPort) is in use by another program",
            nextStep: "Choose others: torii serve --port 0 --admin-port 0 lets the system choose."
        )
    }
}

extension ServerConfiguration.LogFormat: ExpressibleByArgument {}
