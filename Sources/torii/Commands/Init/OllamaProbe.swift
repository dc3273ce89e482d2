import Inference
import Providers

/// Finds out whether an Ollama answers at its usual address.
enum OllamaProbe {
    /// The names of the models that it has; nil where nothing answers within a few seconds.
    static func models(environment: [String: String]) async -> [String]? {
        guard case .url(let url)? = Vendor.ollama.address(in: environment)?.value else { return nil }
        let patience = Timeouts(connect: .seconds(2), firstByte: .seconds(3), idle: .seconds(3), total: .seconds(5))
        let provider = Provider(name: Vendor.ollama.rawValue, baseURL: url, dialect: .ollama, timeouts: patience)
        do {
            let catalog = ModelCatalog(
                provider: provider,
                client: try ProviderSession.transport(environment: environment)
            )
            guard try await catalog.ollamaVersion() != nil else { return nil }
            return try await catalog.models(of: .ollama).map(\.name)
        } catch {
            return nil
        }
    }
}
