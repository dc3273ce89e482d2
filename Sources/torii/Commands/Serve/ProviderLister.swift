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
            return ModelDirectory.Answer(listing: .unknown, dialect: found, failure: error.message)
        }
    }
}
