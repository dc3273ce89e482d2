import Dialects
package import Inference
import JSON

/// What models a provider has, and for Ollama how they are, and new ones.
package struct ModelCatalog: Sendable {
    package let provider: Provider
    private let attempt: Attempt

    package init(provider: Provider, client: UpstreamClient) {
        self.provider = provider
        attempt = Attempt(provider: provider, client: client)
    }

    /// Ollama's version, or nil if the provider is not Ollama.
    ///
    /// - Throws: why the provider cannot be reached.
    package func ollamaVersion() async throws(InferenceError) -> String? {
        do throws(InferenceError) {
            let call = ProviderCall("GET", ollama("/api/version"), dialect: .ollama)
            return try await attempt.json(call, limit: 1 << 16)["version"]?.string
        } catch {
            switch error.code {
            case .unreachable, .timedOut, .cancelled: throw error
            default: return nil
            }
        }
    }

    /// All models, in the provider's order, from `/api/tags` for Ollama and `/v1/models` for all others.
    ///
    /// - Throws: also `malformed` for an answer without a list.
    package func models(of dialect: Dialect) async throws(InferenceError) -> [CatalogModel] {
        if dialect == .ollama { return try await list(ollama("/api/tags"), dialect, in: "models").map(Self.tag) }
        let target = provider.baseURL.target(dialect, dialect == .messages ? "/models?limit=1000" : "/models")
        return try await list(target, dialect, in: "data").compactMap(Self.entry)
    }

    /// The models in Ollama's memory, from `/api/ps`.
    package func loadedModels() async throws(InferenceError) -> [CatalogModel] {
        try await list(ollama("/api/ps"), .ollama, in: "models").map { view in
            var model = Self.tag(view)
            model.loaded = CatalogModel.Loaded(
                contextLength: view["context_length"]?.int,
                size: view["size"]?.int,
                sizeOnGPU: view["size_vram"]?.int,
                expires: view["expires_at"]?.string
            )
            return model
        }
    }

    /// The same models with how they are held in an Ollama's memory; one that does not say that changes nothing.
    package func withMemory(_ models: [CatalogModel]) async -> [CatalogModel] {
        let loaded: [CatalogModel]
        do throws(InferenceError) { loaded = try await loadedModels() } catch { return models }
        guard !loaded.isEmpty else { return models }
        return models.map { model in
            var model = model
            model.loaded = loaded.first { $0.name == model.name }?.loaded
            return model
        }
    }

    /// All that Ollama knows of one model, from `/api/show`.
    ///
    /// - Throws: `modelNotFound` for one that was not pulled.
    package func model(named name: String) async throws(InferenceError) -> CatalogModel {
        let call = ProviderCall("POST", ollama("/api/show"), dialect: .ollama, body: Self.naming(name))
        return Self.shown(try await attempt.json(call), name: name)
    }

    /// Has Ollama fetch a model; the stream says how far it is.
    package func pull(_ name: String) async throws(InferenceError) -> PullStream {
        let call = ProviderCall(
            "POST",
            ollama("/api/pull"),
            dialect: .ollama,
            accept: "application/x-ndjson",
            body: Self.naming(name)
        )
        return PullStream(body: try await attempt.send(call).body, provider: provider.name)
    }

    private func ollama(_ route: String) -> String { provider.baseURL.target(.ollama, route) }

    private func list(
        _ target: String,
        _ dialect: Dialect,
        in member: String
    ) async throws(InferenceError) -> [JSONView] {
        let answer = try await attempt.json(ProviderCall("GET", target, dialect: dialect))
        guard let list = answer[member], list.kind == .array else {
            let message = "Provider \(provider.name) answered \(target) without a list of models."
            throw InferenceError(.malformed, message, detail: "no_models")
        }
        return Array(list.elements)
    }

    private static func naming(_ model: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.member("model", model) }
        return writer.bytes
    }
}
