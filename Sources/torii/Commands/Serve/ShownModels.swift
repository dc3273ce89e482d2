import Inference
import Providers
import Synchronization

/// Remembers what an Ollama showed of each of its models, which its list does not tell: what they can do, and how much
/// context they were made for.
final class ShownModels: Sendable {
    /// A model that was pulled anew has another date.
    private struct Key: Hashable {
        let provider: String
        let model: String
        let changed: String?
    }

    /// A list must not wait long for this; what is missing comes with the next one.
    private static let patience = Duration.seconds(2)
    private static let atOnce = 4

    private let shown = Mutex<[Key: CatalogModel]>([:])

    /// The list with what is known beside it; asks for what is not, for a short time.
    func complete(_ models: [CatalogModel], from catalog: ModelCatalog) async -> [CatalogModel] {
        let provider = catalog.provider.name
        let unknown = shown.withLock { shown in models.filter { shown[Self.key($0, provider)] == nil } }
        await ask(for: unknown, catalog)
        return shown.withLock { shown in
            models.map { model in
                guard let known = shown[Self.key(model, provider)] else { return model }
                var model = model
                (model.capabilities, model.contextLength) = (known.capabilities, known.contextLength)
                return model
            }
        }
    }

    private func ask(for models: [CatalogModel], _ catalog: ModelCatalog) async {
        let end = ContinuousClock.now + Self.patience
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(until: end) }  // Only cancellation throws.
            var left = models[...]
            var running = 0
            while running > 0 || !left.isEmpty, ContinuousClock.now < end {
                while running < Self.atOnce, let model = left.popFirst() {
                    group.addTask { await self.ask(for: model, catalog) }
                    running += 1
                }
                await group.next()
                running -= 1
            }
            group.cancelAll()
        }
    }

    private func ask(for model: CatalogModel, _ catalog: ModelCatalog) async {
        // A model that cannot be shown now is asked for the next time.
        guard let known = try? await catalog.model(named: model.name) else { return }
        shown.withLock { $0[Self.key(model, catalog.provider.name)] = known }
    }

    private static func key(_ model: CatalogModel, _ provider: String) -> Key {
        Key(provider: provider, model: model.name, changed: model.changed)
    }
}
