/// The catalogue: what the configuration says of models, and below it what is built in.
///
/// Of each of the two the entry counts whose pattern fixes most of the name. What neither tells stays unknown.
package struct KnownModels: Sendable {
    private let own: [KnownModel]
    private let builtIn: [KnownModel]

    /// - Parameter own: the configuration's entries; they go before the built-in ones, fact by fact.
    package init(own: [KnownModel] = []) {
        self.own = Self.ordered(own)
        builtIn = Self.builtIn
    }

    /// What is known of a model of this name at this provider.
    package func facts(of name: String, at provider: Provider) -> ModelFacts {
        stated(of: name, at: provider).filled(from: Self.facts(of: name, at: provider, in: builtIn))
    }

    /// The names that entries say whole; those that a pattern stands for are not among them.
    package var names: [String] { (own + builtIn).map(\.pattern).filter(\.isExact).map(\.text) }

    /// What the configuration alone says of it.
    func stated(of name: String, at provider: Provider) -> ModelFacts {
        own.isEmpty ? ModelFacts() : Self.facts(of: name, at: provider, in: own)
    }

    private static let builtIn = BuiltInModels.all.silent + ordered(BuiltInModels.all.talking)

    private static func ordered(_ models: [KnownModel]) -> [KnownModel] {
        models.sorted { $0.pattern.weight > $1.pattern.weight }
    }

    /// Names are looked up in lower case, whole and without an organisation in front (`openai/gpt-oss-20b`).
    private static func facts(of name: String, at provider: Provider, in models: [KnownModel]) -> ModelFacts {
        let whole = name.lowercased()
        let short = whole.split(separator: "/").last.map(String.init) ?? whole
        let entry = models.first { model in
            guard model.provider == nil || model.provider == provider.name else { return false }
            return model.pattern.matches(whole) || (short != whole && model.pattern.matches(short))
        }
        guard let entry else { return ModelFacts() }
        var facts = entry.facts
        if let vendor = entry.vendor, provider.baseURL.host != vendor { facts.price = nil }
        return facts
    }
}
