/// What is known of one model of one provider, from every source there is.
package struct ModelProfile: Sendable, Hashable {
    /// Who says how long the context is.
    package enum Source: String, Sendable, Hashable {
        /// The configuration: of the model, or of the provider that allocates it.
        case configuration
        /// What Ollama holds in memory now.
        case allocated
        /// The provider's own list.
        case served
        /// Less than the model was trained for, because Ollama allocates less and says how much only later.
        case assumed
        /// The catalogue, by the model's name.
        case catalogue
    }

    /// Tokens of prompt and answer together; nil where nobody says.
    package let window: Int?
    package let source: Source?
    package let facts: ModelFacts

    /// Ollama's middle default.
    ///
    /// The actual one depends on the GPU; a client that believes in less only compacts sooner, one that believes in more
    /// loses its prompt.
    package static let assumedByOllama = 32_768

    /// Takes the provider's own name for the model; `isOllama` says that the provider allocates the context when it loads
    /// it, `known` is what the provider tells of it.
    package init(
        _ name: String,
        of provider: Provider,
        isOllama: Bool,
        known: CatalogModel?,
        models: KnownModels
    ) {
        var facts = models.facts(of: name, at: provider)
        if let words = known?.capabilities, !words.isEmpty { facts.take(words) }
        self.facts = facts
        let trained = known?.contextLength ?? facts.window
        (window, source) =
            if let stated = models.stated(of: name, at: provider).window {
                (stated, .configuration)
            } else if isOllama {
                Self.allocated(name, provider.contextLength, known?.loaded?.contextLength, trained)
            } else if let served = known?.loaded?.contextLength ?? known?.contextLength {
                (served, .served)
            } else {
                (facts.window, facts.window == nil ? nil : .catalogue)
            }
    }

    /// Tokens that a prompt may have and still leave room for an answer.
    package var inputLimit: Int? {
        guard let window else { return nil }
        return facts.inputLimit.map { min($0, window) } ?? window
    }

    /// Tokens that an answer may have; never more than the window, which it shares with its prompt.
    package var outputLimit: Int? {
        guard let limit = facts.outputLimit else { return nil }
        return min(limit, window ?? limit)
    }

    private static func allocated(
        _ name: String,
        _ configured: Int?,
        _ loaded: Int?,
        _ trained: Int?
    ) -> (Int?, Source?) {
        if let configured { return (min(configured, trained ?? configured), .configuration) }
        if let loaded { return (loaded, .allocated) }
        // What runs in Ollama's cloud is not allocated here.
        if name.hasSuffix("cloud"), let trained { return (trained, .served) }
        return (min(trained ?? assumedByOllama, assumedByOllama), .assumed)
    }
}

extension ModelFacts {
    /// What Ollama tells goes before what a name lets expect.
    fileprivate mutating func take(_ words: [String]) {
        tools = words.contains("tools")
        vision = words.contains("vision")
        if !words.contains("thinking") { efforts = [] }
        converses = words.contains("completion") || words.contains("tools")
    }
}
