import Gateway
import Inference
import Providers

/// Asks a provider for its models on behalf of the gateway, which has to know soon rather than exactly.
struct ProviderLister: Sendable {
    private let client: UpstreamClient

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
        do throws(InferenceError) {
            let dialect = try await DialectDetection.shared.dialect(of: provider, client: client)
            let models = try await ModelCatalog(provider: provider, client: client).models(of: dialect)
            return ModelDirectory.Answer(listing: .models(models.map(\.name)), isOllama: dialect == .ollama)
        } catch {
            return ModelDirectory.Answer(listing: .unknown, failure: error.message)
        }
    }
}
