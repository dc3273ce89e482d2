import Providers

/// The names under which the configuration's limits may speak of a model: in lower case, with an organisation in front or
/// without, and each of them with Ollama's `:latest` and without.
struct ModelNames: Sendable {
    private let names: [String]

    init(_ model: String) {
        let name = model.lowercased()
        let slash = name.utf8.lastIndex(of: UInt8(ascii: "/"))
        let short = slash.map { String(name[name.utf8.index(after: $0)...]) } ?? name
        names = [name, short].flatMap { [$0, Self.otherName(of: $0)] }
    }

    /// Whether a pattern, which is in lower case, means the model.
    func fit(_ pattern: ModelPattern) -> Bool { names.contains { pattern.matches($0) } }

    /// Ollama has two names for a model without a tag of its own.
    static func otherName(of name: String) -> String {
        name.hasSuffix(tag) ? String(name.dropLast(tag.count)) : name + tag
    }

    private static let tag = ":latest"
}
