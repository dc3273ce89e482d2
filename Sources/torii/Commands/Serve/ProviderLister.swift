import Gateway
import Inference
import Providers

/// Asks a provider what it speaks and what models it has, on behalf of the gateway, which has to know soon rather than exactly.
struct ProviderLister: Sendable {
    private let client: UpstreamClient
    private let shown = ShownModels()

    init(client: UpstreamClient) { self.client = client }

    /// What the provider lists; a provider that does not answer in a few seconds lists nothing.
    func answer(for provider: Provider) async -> ModelDirectory.Answer {
        var provider = provider
        provider.timeouts = Timeouts(
            connect: min(provider.timeouts.connect, .seconds(3)),
            firstByte: min(provider.timeouts.firstByte, .seconds(5)),
            idle: min(provider.timeouts.idle, .seconds(5)),
            total: min(provider.timeouts.total, .seconds(10))
        )
        var found: Dialect?
        do throws(InferenceError) {
            let dialect = try await DialectDetection.shared.dialect(of: provider, client: client)
            found = dialect
            let catalog = ModelCatalog(provider: provider, client: client)
            var models = try await catalog.models(of: dialect)
            if dialect == .ollama { models = await catalog.withMemory(shown.complete(models, from: catalog)) }
            return ModelDirectory.Answer(listing: .models(models.map(\.name)), dialect: dialect, catalog: models)
        } catch {
            return ModelDirectory.Answer(
                listing: .unknown,
                dialect: found,
                failure: Self.words(error, of: provider),
                isReachable: Self.isReachable(error)
            )
        }
    }

    /// A provider that answers in its own words that it lists nothing can still serve; one that refuses the key cannot.
    private static func isReachable(_ error: InferenceError) -> Bool {
        guard error.code != .credentials, let status = error.upstreamStatus else { return error.detail == "no_models" }
        return (400..<500).contains(status) && status != 408
    }

    /// A provider that refuses its key may quote it.
    private static func words(_ error: InferenceError, of provider: Provider) -> String {
        var words = error.message
        for secret in [provider.apiKey].compactMap(\.self) + provider.headers.map(\.value) where !secret.isEmpty {
            words = words.replacing(secret.reveal(), with: "***")
        }
        return words
    }
}
