import Providers

extension Configuration {
    /// Reads torii's own layout; faults go to the context's findings.
    init(_ tree: ConfigurationNode, context: ReadingContext) {
        let reader = MappingReader(
            tree.members ?? [],
            path: "",
            at: tree.position,
            known: ConfigurationKey.names(below: ""),
            findings: context.findings
        )
        providers = (reader.elements("providers") ?? []).enumerated().compactMap { index, element in
            ProviderConfiguration.read(element, path: "providers[\(index)]", context: context)
        }
        readShared(reader, context: context)
        if let reader = reader.mapping("budgets") { budgets = .read(reader, context: context) }
        aliases = AliasConfiguration.read(reader)
        models = (reader.elements("models") ?? []).enumerated().compactMap { index, element in
            ModelConfiguration.read(element, path: "models[\(index)]", context: context)
        }
        preference = reader.choice("default_preference")
        routes = (reader.elements("routes") ?? []).enumerated().compactMap { index, element in
            RouteConfiguration.read(element, index: index, context: context)
        }
        if let reader = reader.mapping("prices") { prices = .read(reader, context: context) }
    }

    /// Reads what another program's layout may hold as well.
    mutating func readShared(_ reader: MappingReader, context: ReadingContext) {
        defaultProvider = reader.text("default_provider")
        if let server = reader.mapping("server") { self.server = ServerConfiguration(server, context: context) }
    }

    /// Warns of keys in a file that others can read.
    func permissionWarnings(_ file: ConfigurationFile) -> [ConfigurationError] {
        guard let mode = file.mode, mode & 0o077 != 0, holdsSecret else { return [] }
        return [
            ConfigurationError(
                .conflict,
                "\(file.path) holds a key, and other users can read it (mode \(String(mode & 0o777, radix: 8)))",
                nextStep: "Run: chmod 600 \(file.path)"
            )
        ]
    }

    private var holdsSecret: Bool {
        let headers = providers.flatMap(\.headers).filter { $0.name.isSecretName }.map(\.value)
        let keys =
            providers.compactMap(\.apiKey) + providers.flatMap(\.apiKeys) + server.keys + headers
            + [budgets.alerts?.secret].compactMap(\.self)
        return keys.contains { key in
            guard case .literal(let secret) = key.value else { return false }
            return !["", "not-required"].contains(secret.reveal())
        }
    }
}

extension String {
    /// Whether a header field of this name usually holds a secret.
    fileprivate var isSecretName: Bool {
        let name = lowercased()
        return ["authorization", "cookie", "key", "token", "secret"].contains { name.contains($0) }
    }
}
