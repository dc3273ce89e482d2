import Inference
import JSON
import Providers

/// A model of a provider, with what is known of it from all sources.
struct ProfiledModel: Sendable {
    let provider: String
    let model: CatalogModel
    let profile: ModelProfile

    /// The window in tokens; a word behind it where nobody but its name, or a guess, says so.
    var shownWindow: String {
        guard let window = profile.window else { return "-" }
        switch profile.source {
        case .assumed: return "\(window) assumed"
        case .catalogue: return "\(window) by name"
        default: return String(window)
        }
    }

    /// The prices of input and output.
    var shownPrice: String {
        profile.facts.price.map { "\(Figures.amount($0.input)) in, \(Figures.amount($0.output)) out" } ?? "-"
    }

    /// The lines of `torii models show`.
    var lines: [(String, String?)] {
        [
            ("window", profile.window.map { "\($0) tokens, \(source)" }),
            ("prompt", profile.facts.inputLimit.map { "\($0) tokens at most" }),
            ("answer", profile.outputLimit.map { "\($0) tokens at most" }),
            ("efforts", profile.facts.efforts?.joined(separator: ", ").nonEmpty),
            ("price", price),
        ]
    }

    /// The members of the same in JSON.
    func write(to object: inout JSONWriter) {
        object.memberIfPresent("context_window", profile.window)
        object.memberIfPresent("context_source", profile.source?.rawValue)
        object.memberIfPresent("input_limit", profile.facts.inputLimit)
        object.memberIfPresent("output_limit", profile.outputLimit)
        if let efforts = profile.facts.efforts, !efforts.isEmpty {
            object.key("efforts")
            object.array { list in for effort in efforts { list.string(effort) } }
        }
        guard let price = profile.facts.price else { return }
        object.key("price")
        object.object { prices in
            prices.member("input", price.input)
            prices.memberIfPresent("cached_input", price.cachedInput)
            prices.member("output", price.output)
            prices.memberIfPresent("read_on", price.readOn)
        }
    }

    private var source: String {
        switch profile.source {
        case .configuration: "as configured"
        case .allocated: "as allocated now"
        case .served: "as the provider says"
        case .assumed: "assumed: Ollama allocates what the GPU has room for, unless num_ctx says how much"
        case .catalogue, nil: "as its makers say of this name"
        }
    }

    private var price: String? {
        guard let price = profile.facts.price else { return nil }
        let cached = price.cachedInput.map { ", \(Figures.amount($0)) cached" } ?? ""
        let date = price.readOn.map { ", read on \($0)" } ?? ""
        let amounts = "\(Figures.amount(price.input)) input\(cached), \(Figures.amount(price.output)) output"
        return "\(amounts): USD per million tokens\(date)"
    }
}

extension ProviderSession {
    /// All models of the provider; of an Ollama with what it holds in memory.
    func profiledModels() async throws(InferenceError) -> [ProfiledModel] {
        var models = try await models()
        if try await client.dialect() == .ollama { models = await catalog.withMemory(models) }
        var profiled: [ProfiledModel] = []
        for model in models { profiled.append(try await self.profiled(model)) }
        return profiled
    }

    func profiled(_ model: CatalogModel) async throws(InferenceError) -> ProfiledModel {
        let profile = ModelProfile(
            model.name,
            of: provider,
            isOllama: try await client.dialect() == .ollama,
            known: model,
            models: KnownModels(configuration)
        )
        return ProfiledModel(provider: provider.name, model: model, profile: profile)
    }
}
