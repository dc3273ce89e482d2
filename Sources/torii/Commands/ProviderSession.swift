import Inference
import Providers

/// One provider in use: its secrets are fetched and a transport is ready for it.
struct ProviderSession: Sendable {
    let provider: Provider
    let configuration: Configuration
    let settings: ProviderConfiguration
    let client: ProviderClient
    let catalog: ModelCatalog

    /// Throws what keeps the provider's secrets or the proxy's variables from being read.
    init(
        _ settings: ProviderConfiguration,
        configuration: Configuration,
        environment: [String: String],
        transport: UpstreamClient? = nil
    ) async throws(ConfigurationError) {
        let provider = try await settings.resolve(environment: environment)
        var connected = transport
        if connected == nil { connected = try Self.transport(environment: environment) }
        let transport = connected ?? UpstreamClient()
        self.provider = provider
        self.configuration = configuration
        self.settings = settings
        client = ProviderClient(provider: provider, client: transport)
        catalog = ModelCatalog(provider: provider, client: transport)
    }

    /// A transport that goes through the forward proxies that the environment names.
    static func transport(environment: [String: String]) throws(ConfigurationError) -> UpstreamClient {
        UpstreamClient(settings: try transportSettings(environment: environment))
    }

    static func transportSettings(environment: [String: String]) throws(ConfigurationError) -> TransportSettings {
        do {
            return TransportSettings(proxies: try ProxySettings(environment: environment))
        } catch {
            throw ConfigurationError(.badValue, "the environment variable \(error.variable) \(error.reason)")
        }
    }

    /// All models of the provider.
    func models() async throws(InferenceError) -> [CatalogModel] {
        try await catalog.models(of: try await client.dialect())
    }

    /// Writes to standard error what went wrong and what to do next.
    func report(_ error: InferenceError, model: String?) async {
        let console = Console.standard
        let subject = error.message.contains(provider.name) ? "" : "provider \(provider.name): "
        console.note("torii: \(subject)\(error.message)")
        if let cause = error.cause, !error.message.contains(cause) { console.note("  Underneath: \(cause)") }
        for line in await advice(error, model: model) { console.note("  \(line)") }
    }

    /// What to do about a failure.
    func advice(_ error: InferenceError, model: String?) async -> [String] {
        Advice(error, session: self, model: model, isOllama: await isOllama(after: error)).lines
    }

    /// Whether the provider is an Ollama, as far as it is known without asking one that does not answer again.
    private func isOllama(after error: InferenceError) async -> Bool {
        if provider.dialect == .ollama || settings.looksLikeOllama { return true }
        guard error.upstreamStatus != nil || error.code == .interrupted else { return false }
        do { return try await client.dialect() == .ollama } catch { return false }
    }
}

extension ProviderConfiguration {
    /// Whether a provider is an Ollama by what the configuration alone says.
    var looksLikeOllama: Bool {
        if dialect?.value == .ollama || name.value == Vendor.ollama.rawValue { return true }
        guard dialect == nil, case .url(let url) = address.value else { return false }
        return url.port == 11434
    }
}
