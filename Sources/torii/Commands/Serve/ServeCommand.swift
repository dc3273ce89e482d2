import ArgumentParser

/// The command `torii serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the gateway.",
        discussion: "Runs until SIGINT or SIGTERM, then lets running exchanges end."
    )

    @Option(help: "Where to listen; off loopback a client key is needed.")
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
        flags.logFormat = logFormat
        return flags
    }

    func run() async throws {
        let configuration = try options.load(flags: flags)
        try await GatewayLaunch(
            configuration: configuration,
            environment: options.environment,
            allowsAnonymousAnywhere: insecureNoAuth
        ).run()
    }
}

extension ServerConfiguration.LogFormat: ExpressibleByArgument {}
