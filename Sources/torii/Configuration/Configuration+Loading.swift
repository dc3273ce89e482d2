/// What flags say; nil where a flag is not given.
struct ConfigurationFlags: Sendable {
    var provider: String?
    var model: String?
    var host: String?
    var port: Int?
    var adminHost: String?
    var adminPort: Int?
    var tlsCertificate: String?
    var tlsKey: String?
    var clientAuthorities: String?
    var logFormat: ServerConfiguration.LogFormat?

    init() {}
}

extension Configuration {
    /// Finds and reads the file, and lays flags over environment over file over built-in values.
    ///
    /// A file with providers is complete: the environment then only fills gaps of the providers that it names. Nothing is
    /// kept from one call to the next, so a failed reload leaves the old value as it was (F17).
    ///
    /// `path` is the value of `--config`. All faults are thrown as one error.
    static func load(
        path: String? = nil,
        environment: [String: String],
        flags: ConfigurationFlags = ConfigurationFlags()
    ) throws(ConfigurationError) -> Configuration {
        let (located, warnings) = try ConfigurationFile.locate(path: path, environment: environment)
        var configuration = Configuration()
        if let located { configuration = try read(ConfigurationFile(at: located), environment: environment) }
        configuration.warnings = warnings + configuration.warnings
        if configuration.providers.isEmpty {
            configuration.providers = try environmentProviders(environment)
            let findings = Findings()
            configuration.checkRoutes(findings)
            configuration.checkRegions(findings)
            try findings.check()
            configuration.warnings += findings.warnings
        }
        try configuration.lay(environment: environment)
        configuration.lay(flags: flags)
        try configuration.server.check()
        try configuration.settleDefault()
        return configuration
    }

    /// Reads one file alone: no variables of ours, no flags.
    static func read(
        _ file: ConfigurationFile,
        environment: [String: String]
    ) throws(ConfigurationError) -> Configuration {
        let tree = try file.format.tree(of: file.text, file: file.path)
        let findings = Findings()
        let context = ReadingContext(
            folder: FilePath.folder(of: file.path),
            home: ConfigurationFile.home(environment),
            environment: environment,
            findings: findings
        )
        guard tree.members != nil else {
            throw ConfigurationError(
                .wrongType,
                "the file has to hold a mapping, and holds \(tree.kind)",
                at: tree.position
            )
        }
        var configuration =
            CodexConfiguration.isCodex(tree)
            ? CodexConfiguration(tree, context: context).configuration() : Configuration(tree, context: context)
        configuration.file = file.path
        configuration.checkNames(findings)
        // Without providers in the file the environment makes them, and who is there is known only then.
        if !configuration.providers.isEmpty {
            configuration.checkRoutes(findings)
            configuration.checkRegions(findings)
        }
        try findings.check()
        configuration.warnings = findings.warnings + configuration.permissionWarnings(file)
        return configuration
    }

    /// The providers that exist without a file: each vendor that the environment names, and Ollama at its address always.
    private static func environmentProviders(
        _ environment: [String: String]
    ) throws(ConfigurationError) -> [ProviderConfiguration] {
        var providers: [ProviderConfiguration] = []
        for vendor in Vendor.allCases where vendor == .ollama || vendor.isNamed(in: environment) {
            providers.append(try vendor.provider(in: environment))
        }
        return providers
    }

    private mutating func lay(environment: [String: String]) throws(ConfigurationError) {
        func text(_ name: String) -> Setting<String>? {
            environment[name].flatMap { $0.isEmpty ? nil : Setting($0, .environment(name)) }
        }
        func port(_ name: String) throws(ConfigurationError) -> Setting<Int>? {
            guard let text = text(name) else { return nil }
            guard let port = Int(text.value), (0...65535).contains(port) else {
                throw ConfigurationError(.badValue, "the environment variable \(name) is not a port from 0 to 65535")
            }
            return Setting(port, text.origin)
        }
        defaultProvider = text("TORII_PROVIDER") ?? defaultProvider
        model = text("TORII_MODEL")
        server.host = text("TORII_HOST") ?? server.host
        server.port = try port("TORII_PORT") ?? server.port
        server.adminHost = text("TORII_ADMIN_HOST") ?? server.adminHost
        server.adminPort = try port("TORII_ADMIN_PORT") ?? server.adminPort
        for index in providers.indices {
            Vendor(name: providers[index].name.value)?.fill(&providers[index], environment: environment)
        }
    }

    private mutating func lay(flags: ConfigurationFlags) {
        func set<Value>(_ setting: inout Setting<Value>, _ value: Value?, _ flag: String) {
            if let value { setting = Setting(value, .flag(flag)) }
        }
        if let name = flags.provider { defaultProvider = Setting(name, .flag("--provider")) }
        if let name = flags.model { model = Setting(name, .flag("--model")) }
        set(&server.host, flags.host, "--host")
        set(&server.port, flags.port, "--port")
        set(&server.adminHost, flags.adminHost, "--admin-host")
        set(&server.adminPort, flags.adminPort, "--admin-port")
        set(&server.logFormat, flags.logFormat, "--log-format")
        if let path = flags.tlsCertificate { server.tlsCertificate = Setting(path, .flag("--tls-cert")) }
        if let path = flags.tlsKey { server.tlsKey = Setting(path, .flag("--tls-key")) }
        if let path = flags.clientAuthorities {
            var clients = server.clientCertificates ?? ClientCertificateConfiguration()
            clients.authorityFile = Setting(path, .flag("--tls-client-ca"))
            server.clientCertificates = clients
        }
    }

    /// The default provider is the named one, which has to exist, or the first.
    private mutating func settleDefault() throws(ConfigurationError) {
        guard let named = defaultProvider else {
            defaultProvider = providers.first.map { Setting($0.name.value, .builtIn) }
            return
        }
        do {
            _ = try provider(named: named.value)
        } catch {
            var fault = error
            fault.position = named.origin.position
            throw fault
        }
    }

    private func checkNames(_ findings: Findings) {
        var seen: [[UInt8]: Setting<String>] = [:]
        for provider in providers {
            let bytes = Array(provider.name.value.utf8)
            if let first = seen[bytes] {
                let line = first.origin.position.map { ", first on line \($0.line)" } ?? ""
                findings.add(
                    .duplicateName,
                    "two providers are named \(provider.name.value)\(line)",
                    at: provider.name.origin.position,
                    nextStep: "Give one of them another name."
                )
            } else {
                seen[bytes] = provider.name
            }
        }
    }
}
