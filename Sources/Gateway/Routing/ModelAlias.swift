package import Providers

/// Another name for a model: what callers who say it, or a name of its pattern, are understood to mean.
package struct ModelAlias: Sendable, Hashable {
    package var pattern: ModelPattern
    /// As a caller could name it, with a provider in front or without; never looked up among the aliases again.
    package var model: String

    package init(_ pattern: String, model: String) {
        self.pattern = ModelPattern(pattern)
        self.model = model
    }
}

/// All aliases, of which the one counts whose pattern fixes most of the name.
struct ModelAliases: Sendable {
    private let exact: [ByteString: String]
    private let patterns: [ModelAlias]
    /// The names that stand for one model, in the configuration's order.
    let names: [String]

    init(_ aliases: [ModelAlias]) {
        let plain = aliases.filter(\.pattern.isExact)
        names = plain.map(\.pattern.text)
        exact = Dictionary(plain.map { (ByteString($0.pattern.text), $0.model) }) { first, _ in first }
        patterns = aliases.filter { !$0.pattern.isExact }.sorted { $0.pattern.weight > $1.pattern.weight }
    }

    /// What a name stands for; nil for one that is no alias.
    func model(for name: String) -> String? {
        if let model = exact[ByteString(name)] { return model }
        return patterns.first { $0.pattern.matches(name) }?.model
    }
}
