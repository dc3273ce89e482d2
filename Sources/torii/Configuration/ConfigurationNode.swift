/// One value of a configuration file, whichever of the three formats it was written in.
struct ConfigurationNode: Sendable {
    enum Content: Sendable {
        case mapping([Member])
        case sequence([ConfigurationNode])
        case text(String)
        case integer(Int)
        case number(Double)
        case boolean(Bool)
        case null
        /// A kind that no key takes, such as TOML's dates; the text names it.
        case foreign(String)
    }

    struct Member: Sendable {
        var key: String
        var position: SourcePosition
        var value: ConfigurationNode
    }

    var content: Content
    var position: SourcePosition
    /// A YAML scalar without quotes as it was typed: where a text belongs, `model: 4` and `name: no` are texts.
    var typed: String?

    init(_ content: Content, at position: SourcePosition, typed: String? = nil) {
        self.content = content
        self.position = position
        self.typed = typed
    }

    /// The kind, in words for a message.
    var kind: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .text: "a text"
        case .integer: "an integer"
        case .number: "a number"
        case .boolean: "true or false"
        case .null: "nothing"
        case .foreign(let name): name
        }
    }

    var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// The members of a mapping; nil for any other kind.
    var members: [Member]? {
        if case .mapping(let members) = content { members } else { nil }
    }

    /// The member of this exact name.
    subscript(key: String) -> ConfigurationNode? {
        members?.first { $0.key == key }?.value
    }
}

/// The ways in which a configuration may be written.
enum ConfigurationFormat: String, Sendable, CaseIterable {
    case yaml, yml, json, toml

    /// Reads the whole text into one tree; an empty text is an empty mapping.
    ///
    /// - Throws: `syntax`, or `duplicateKey` where the format itself forbids it.
    func tree(of text: String, file: String) throws(ConfigurationError) -> ConfigurationNode {
        switch self {
        case .yaml, .yml: try YAMLTree.read(text, file: file)
        case .json: try JSONTree.read(text, file: file)
        case .toml: try TOMLTree.read(text, file: file)
        }
    }
}
