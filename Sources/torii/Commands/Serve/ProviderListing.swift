import Gateway
import Inference
import Providers

/// Asks providers for their models on behalf of the gateway's directory.
struct ProviderListing: Sendable {
    private static let patience = Duration.seconds(10)

    let client: UpstreamClient

    /// What one provider lists; a provider that does not answer in time lists nothing for now.
    func answer(for provider: Provider) async -> ModelDirectory.Answer {
        var provider = provider
        provider.timeouts.firstByte = min(provider.timeouts.firstByte, Self.patience)
        provider.timeouts.total = min(provider.timeouts.total, Self.patience * 2)
        do throws(InferenceError) {
            let dialect = try await DialectDetection.shared.dialect(of: provider, client: client)
            let models = try await ModelCatalog(provider: provider, client: client).models(of: dialect)
            let listing: RoutingTable.Listing = models.isEmpty ? .unknown : .models(models.map(\.name))
            return ModelDirectory.Answer(listing: listing, isOllama: dialect == .ollama)
        } catch {
            return ModelDirectory.Answer(listing: .unknown, failure: error.message)
        }
    }
}
