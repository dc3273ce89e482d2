import Inference
import Providers

/// Reads the provider part of Codex's files.
///
/// These are today's `config.toml` with `[model_providers.x]`, and the older JSON or YAML with
/// `providers: {x: {name, baseURL, envKey}}`. Whatever else such a file holds is not ours, and is named in `leftOut`.
struct CodexConfiguration {
    private let tree: ConfigurationNode
    private let context: ReadingContext
    private let providersKey: String

    /// Whether a tree is in one of Codex's layouts and not in torii's own.
    static func isCodex(_ tree: ConfigurationNode) -> Bool {
        if tree["model_providers"] != nil || tree["model_provider"] != nil { return true }
        return tree["providers"]?.members != nil
    }

    init(_ tree: ConfigurationNode, context: ReadingContext) {
        self.tree = tree
        self.context = context
        self.providersKey = tree["providers"]?.members == nil ? "model_providers" : "providers"
    }

    func configuration() -> Configuration {
        var configuration = Configuration()
        let providers = tree[providersKey]?.members ?? []
        configuration.providers = providers.compactMap { provider($0, leftOut: &configuration.leftOut) }
        let named = tree["model_provider"] ?? tree["provider"]
        if let name = named.flatMap(MappingReader.text) {
            addBuiltIn(name, to: &configuration)
            configuration.defaultProvider = named.map { Setting(name, .file($0.position)) }
        } else if configuration.providers.isEmpty {
            addBuiltIn("openai", to: &configuration)
        }
        giveModel(to: &configuration)
        let used: Set<String> = [providersKey, "model_provider", "provider", "model", "server", "default_provider"]
        let own = (tree.members ?? []).filter { ["server", "default_provider"].contains($0.key) }
        let known = ConfigurationKey.names(below: "")
        let reader = MappingReader(own, path: "", at: tree.position, known: known, findings: context.findings)
        let chosen = configuration.defaultProvider
        configuration.readShared(reader, context: context)
        configuration.defaultProvider = configuration.defaultProvider ?? chosen
        configuration.leftOut += (tree.members ?? []).map(\.key).filter { !used.contains($0) }
        return configuration
    }

    private func provider(
        _ member: ConfigurationNode.Member,
        leftOut: inout [String]
    ) -> ProviderConfiguration? {
        let path = "\(providersKey).\(member.key)"
        guard let members = member.value.members else {
            context.findings.add(
                .wrongType,
                "\(path) has to be a mapping, and is \(member.value.kind)",
                at: member.position
            )
            return nil
        }
        let node = member.value
        let known = [
            "name", "base_url", "baseURL", "env_key", "envKey", "experimental_bearer_token", "wire_api", "http_headers",
            "env_http_headers", "stream_idle_timeout_ms",
        ]
        leftOut += members.map(\.key).filter { !known.contains($0) }.map { "\(path).\($0)" }
        let name = member.key.map { ProviderConfiguration.isName(String($0)) ? $0 : "-" }
        guard let address = address(node, name: member.key, path: path, at: member.position) else { return nil }
        var provider = ProviderConfiguration(name: Setting(String(name), .file(member.position)), address: address)
        provider.apiKey = key(node)
        if let wire = node["wire_api"], let choice = MappingReader.text(wire).flatMap(Dialect.init(rawValue:)) {
            provider.dialect = Setting(choice, .file(wire.position))
        }
        provider.headers = headers(node["http_headers"]) { .literal(Secret($0)) }
        provider.headers += headers(node["env_http_headers"]) { .environment($0) }
        if let idle = node["stream_idle_timeout_ms"], case .integer(let value) = idle.content, value > 0 {
            provider.idleTimeout = Setting(.milliseconds(value), .file(idle.position))
        }
        return provider
    }

    private func address(
        _ node: ConfigurationNode,
        name: String,
        path: String,
        at position: SourcePosition
    ) -> Setting<ProviderConfiguration.Address>? {
        guard let url = node["base_url"] ?? node["baseURL"], let text = MappingReader.text(url) else {
            if let vendor = Vendor(name: name) { return vendor.address(in: context.environment) }
            context.findings.add(.missingKey, "\(path) has no base_url", at: position)
            return nil
        }
        switch ProviderConfiguration.address(text) {
        case .success(let address): return Setting(address, .file(url.position))
        case .failure(let problem):
            context.findings.add(
                .badValue,
                "\(path).base_url \(problem.reason)",
                at: url.position,
                nextStep: problem.nextStep
            )
            return nil
        }
    }

    private func key(_ node: ConfigurationNode) -> Setting<SecretReference>? {
        if let variable = node["env_key"] ?? node["envKey"], let name = MappingReader.text(variable), !name.isEmpty {
            return Setting(.environment(name), .file(variable.position))
        }
        guard let token = node["experimental_bearer_token"], let text = MappingReader.text(token) else { return nil }
        return Setting(.literal(Secret(text)), .file(token.position))
    }

    private func headers(
        _ node: ConfigurationNode?,
        _ reference: (String) -> SecretReference
    ) -> [ProviderConfiguration.Header] {
        (node?.members ?? []).compactMap { member in
            MappingReader.text(member.value).map {
                .init(name: member.key, value: Setting(reference($0), .file(member.position)))
            }
        }
    }

    /// Codex knows some providers without a table.
    private func addBuiltIn(_ name: String, to configuration: inout Configuration) {
        guard !configuration.providers.contains(where: { $0.name.value == name }) else { return }
        let local = ["oss": "http://localhost:11434/v1", "lmstudio": "http://localhost:1234/v1"]
        if let vendor = Vendor(name: name), let address = vendor.address(in: context.environment) {
            var provider = ProviderConfiguration(name: Setting(name), address: address)
            if let key = vendor.keyVariable { provider.apiKey = Setting(.environment(key)) }
            configuration.providers.append(provider)
        } else if let text = local[name], case .success(let address) = ProviderConfiguration.address(text) {
            configuration.providers.append(ProviderConfiguration(name: Setting(name), address: Setting(address)))
        }
    }

    private func giveModel(to configuration: inout Configuration) {
        guard let node = tree["model"], let model = MappingReader.text(node), !model.isEmpty else { return }
        let name = configuration.defaultProvider?.value ?? configuration.providers.first?.name.value
        for index in configuration.providers.indices where configuration.providers[index].name.value == name {
            configuration.providers[index].model = Setting(model, .file(node.position))
        }
    }
}
