/// Reads the keys of one mapping by their types; what is wrong goes to `Findings`, and the key counts as absent.
///
/// A key that holds nothing (`api_key:` in YAML, `null` in JSON) is absent too.
struct MappingReader {
    /// The mapping's path, such as `providers[0]`; empty at the top.
    let path: String
    let position: SourcePosition
    let findings: Findings
    private let known: [String]
    private let members: [String: ConfigurationNode]

    /// Reports keys that are not known and keys that are given twice.
    ///
    /// `capitals` takes `BASE_URL` for `base_url`, as the articles' files have it.
    init(
        _ members: [ConfigurationNode.Member],
        path: String,
        at position: SourcePosition,
        known: [String],
        capitals: Bool = false,
        findings: Findings
    ) {
        self.path = path
        self.position = position
        self.findings = findings
        self.known = known
        var found: [String: ConfigurationNode.Member] = [:]
        for member in members {
            let isCapital = capitals && member.key == member.key.uppercased()
            let name = isCapital ? member.key.lowercased() : member.key
            if !known.contains(name) {
                Self.reportUnknown(member, path: path, known: known, findings: findings)
            } else if let first = found[name] {
                let spelling = first.key == member.key ? "" : " as \(first.key)"
                findings.add(
                    .duplicateKey,
                    "\(Self.join(path, member.key)) is given twice, first\(spelling) on line \(first.position.line)",
                    at: member.position,
                    nextStep: "Keep one of the two."
                )
            } else {
                found[name] = member
            }
        }
        self.members = found.mapValues(\.value)
    }

    /// The key's full path, for a message.
    func name(of key: String) -> String { Self.join(path, key) }

    /// The key's node, unless it is absent or empty.
    func node(_ key: String) -> ConfigurationNode? {
        precondition(known.contains(key), "\(name(of: key)) is read but not listed among the known keys")
        guard let node = members[key], !node.isNull else { return nil }
        return node
    }

    /// Whether the mapping may have a key.
    func knows(_ key: String) -> Bool { known.contains(key) }

    func text(_ key: String) -> Setting<String>? {
        guard let node = node(key) else { return nil }
        guard let text = Self.text(node) else { return mismatch(key, node, wanted: "a text") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            return refuse(key, node, "holds a control character")
        }
        return Setting(text, .file(node.position))
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Setting<Int>? {
        guard let node = node(key) else { return nil }
        guard case .integer(let value) = node.content else { return mismatch(key, node, wanted: "an integer") }
        guard range.contains(value) else {
            return refuse(key, node, "is \(value), not from \(range.lowerBound) to \(range.upperBound)")
        }
        return Setting(value, .file(node.position))
    }

    func number(_ key: String, in range: ClosedRange<Double>) -> Setting<Double>? {
        guard let node = node(key) else { return nil }
        let value: Double
        switch node.content {
        case .integer(let integer): value = Double(integer)
        case .number(let number): value = number
        default: return mismatch(key, node, wanted: "a number")
        }
        guard range.contains(value) else {
            return refuse(key, node, "is \(value), not from \(range.lowerBound) to \(range.upperBound)")
        }
        return Setting(value, .file(node.position))
    }

    func boolean(_ key: String) -> Setting<Bool>? {
        guard let node = node(key) else { return nil }
        guard case .boolean(let value) = node.content else { return mismatch(key, node, wanted: "true or false") }
        return Setting(value, .file(node.position))
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(_ key: String) -> Setting<Choice>? {
        guard let node = node(key), let text = text(key) else { return nil }
        if let choice = Choice(rawValue: text.value.lowercased()) { return text.map { _ in choice } }
        let choices = Choice.allCases.map(\.rawValue)
        return refuse(key, node, "is none of \(choices.joined(separator: ", "))", Self.suggestion(text.value, choices))
    }

    func duration(_ key: String) -> Setting<Duration>? {
        quantity(key, wanted: "a duration such as 500ms, 10s, 5m or 1h, or a number of seconds", Quantity.duration)
    }

    func size(_ key: String) -> Setting<Int>? {
        quantity(key, wanted: "a size such as 64KiB or 32MiB, or a number of bytes", Quantity.size)
    }

    /// A size that is nowhere less than `least`.
    func size(_ key: String, atLeast least: Int) -> Setting<Int>? {
        guard let size = size(key) else { return nil }
        guard let node = node(key), size.value < least else { return size }
        return refuse(key, node, "is \(Quantity.text(bytes: size.value)), less than \(Quantity.text(bytes: least))")
    }

    func mapping(_ key: String) -> MappingReader? {
        guard let node = node(key) else { return nil }
        guard let members = node.members else { return mismatch(key, node, wanted: "a mapping") }
        return MappingReader(
            members,
            path: name(of: key),
            at: node.position,
            known: ConfigurationKey.names(below: Self.pattern(name(of: key))),
            capitals: false,
            findings: findings
        )
    }

    func elements(_ key: String) -> [ConfigurationNode]? {
        guard let node = node(key) else { return nil }
        guard case .sequence(let elements) = node.content else { return mismatch(key, node, wanted: "a list") }
        return elements
    }

    func texts(_ key: String) -> Setting<[String]>? {
        guard let node = node(key), let elements = elements(key) else { return nil }
        let texts = elements.enumerated().compactMap { index, element in
            Self.text(element) ?? mismatch("\(key)[\(index)]", element, wanted: "a text")
        }
        return Setting(texts, .file(node.position))
    }

    /// The text of a node, where it is one or was typed as one.
    static func text(_ node: ConfigurationNode) -> String? {
        switch node.content {
        case .text(let text): text
        case .integer, .number, .boolean: node.typed
        default: nil
        }
    }

    /// Reports another kind than the key wants; always nil.
    func mismatch<Value>(_ key: String, _ node: ConfigurationNode, wanted: String) -> Value? {
        findings.add(.wrongType, "\(name(of: key)) has to be \(wanted), and is \(node.kind)", at: node.position)
        return nil
    }

    /// Reports a value that cannot be; always nil.
    func refuse<Value>(_ key: String, _ node: ConfigurationNode, _ reason: String, _ nextStep: String? = nil) -> Value?
    {
        findings.add(.badValue, "\(name(of: key)) \(reason)", at: node.position, nextStep: nextStep)
        return nil
    }

    private func quantity<Value: Sendable>(
        _ key: String,
        wanted: String,
        _ read: (String) -> Value?
    ) -> Setting<Value>? {
        guard let node = node(key) else { return nil }
        let text: String? =
            switch node.content {
            case .integer(let value): String(value)
            case .number(let value): String(value)
            case .text(let text): text
            default: nil
            }
        guard let text else { return mismatch(key, node, wanted: wanted) }
        guard let value = read(text) else { return refuse(key, node, "has to be \(wanted), above zero") }
        return Setting(value, .file(node.position))
    }

    private static func reportUnknown(
        _ member: ConfigurationNode.Member,
        path: String,
        known: [String],
        findings: Findings
    ) {
        findings.add(
            .unknownKey,
            "\(join(path, member.key)) is not a key of the configuration",
            at: member.position,
            nextStep: suggestion(member.key, known) ?? "Known here: \(known.joined(separator: ", "))."
        )
    }

    private static func suggestion(_ word: String, _ candidates: [String]) -> String? {
        let plain = word.lowercased().filter { $0 != "-" && $0 != "_" }
        let same = candidates.first { $0.filter { $0 != "-" && $0 != "_" } == plain }
        return (same ?? Spelling.nearest(to: word, among: candidates)).map { "Did you mean \($0)?" }
    }

    private static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// `providers[3].timeouts` as the table of keys has it: `providers[].timeouts`.
    static func pattern(_ path: String) -> String {
        var result = ""
        var isIndex = false
        for character in path {
            if character == "]" { isIndex = false }
            if !isIndex { result.append(character) }
            if character == "[" { isIndex = true }
        }
        return result
    }
}
