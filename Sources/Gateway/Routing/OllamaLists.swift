import Dialects
import Providers

extension Ollama.Model {
    /// A model of any provider as Ollama's lists tell of it; `known` is what its provider told beside its name.
    init(name: String, provider: String, known: CatalogModel?) {
        // Others than Ollama tell the time in seconds, if they tell it.
        let date = known?.changed.flatMap { $0.contains("T") ? $0 : nil }
        self.init(name: name, family: known?.family ?? provider, modifiedAt: date)
        size = known?.size
        contextLength = known?.contextLength
        parameterSize = known?.parameters ?? ""
        quantization = known?.quantisation ?? ""
        if let words = known?.capabilities, !words.isEmpty { capabilities = words }
    }
}

extension ModelDirectory {
    /// What a provider tells of a model, under its own name or behind the provider's.
    func catalogModel(_ name: String, of provider: String) -> CatalogModel? {
        let prefix = "\(provider)/"
        let plain = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        let catalog = answers[provider]?.catalog ?? []
        return catalog.first { $0.name == plain || $0.name == "\(plain):latest" }
    }

    /// Whether a model can think; nil where its provider does not tell.
    func canThink(_ model: String, at provider: String) -> Bool? {
        guard let words = catalogModel(model, of: provider)?.capabilities, !words.isEmpty else { return nil }
        return words.contains("thinking")
    }

    /// Every model that a caller may name, for Ollama's clients.
    func ollamaModels(for rights: ModelRights) -> [Ollama.Model] {
        let table = table(for: rights)
        return table.models(for: rights).map { name, provider in
            let known = catalogModel(table.meant(by: name), of: provider.name)
            return Ollama.Model(name: name, provider: provider.name, known: known)
        }
    }
}
