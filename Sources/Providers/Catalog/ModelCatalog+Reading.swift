import JSON

extension ModelCatalog {
    /// One entry of `/v1/models`, with what vLLM, llama.cpp, LM Studio and Anthropic add to it.
    static func entry(_ view: JSONView) -> CatalogModel? {
        guard let name = view["id"]?.string else { return nil }
        var model = CatalogModel(name: name)
        model.owner = view["owned_by"]?.string
        model.changed = view["created"]?.int.map(String.init) ?? view["created_at"]?.string
        // In the order of how much of it is the server's own and how much the model's.
        let names = ["max_model_len", "context_length", "max_context_length", "context_window"]
        let meta = view["meta"]
        model.contextLength =
            names.lazy.compactMap { view[$0]?.int }.first ?? meta?["n_ctx"]?.int ?? meta?["n_ctx_train"]?.int
        model.size = view["meta"]?["size"]?.int
        if let loaded = view["loaded_context_length"]?.int { model.loaded = CatalogModel.Loaded(contextLength: loaded) }
        return model
    }

    /// One entry of `/api/tags` or `/api/ps`.
    static func tag(_ view: JSONView) -> CatalogModel {
        var model = CatalogModel(name: view["name"]?.string ?? view["model"]?.string ?? "")
        model.size = view["size"]?.int
        model.changed = view["modified_at"]?.string
        readDetails(view["details"], into: &model)
        return model
    }

    /// The answer of `/api/show`.
    static func shown(_ view: JSONView, name: String) -> CatalogModel {
        var model = CatalogModel(name: name)
        model.capabilities = view["capabilities"]?.elements.compactMap(\.string) ?? []
        model.changed = view["modified_at"]?.string
        readDetails(view["details"], into: &model)
        let info = view["model_info"]
        let architecture = info?["general.architecture"]?.string ?? model.family
        model.contextLength = architecture.flatMap { info?["\($0).context_length"]?.int }
        return model
    }

    private static func readDetails(_ view: JSONView?, into model: inout CatalogModel) {
        model.family = view?["family"]?.string
        model.parameters = view?["parameter_size"]?.string
        model.quantisation = view?["quantization_level"]?.string
    }
}
