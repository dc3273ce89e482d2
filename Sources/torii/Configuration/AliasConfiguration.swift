import Gateway
import Providers

/// Another name for a model, or a pattern of names, as `aliases` has it.
struct AliasConfiguration: Sendable {
    var pattern: String
    var model: Setting<String>

    /// Reads the mapping; faults go to the findings.
    static func read(_ reader: MappingReader) -> [AliasConfiguration] {
        guard let node = reader.node("aliases") else { return [] }
        guard let members = node.members else { return reader.mismatch("aliases", node, wanted: "a mapping") ?? [] }
        var seen: Set<String> = []
        return members.compactMap { member in
            let key = "aliases.\(member.key)"
            guard let model = MappingReader.text(member.value) else {
                return reader.mismatch(key, member.value, wanted: "a text")
            }
            guard !model.isEmpty, !model.contains("*"), !model.contains("?"), isPlain(model) else {
                return reader.refuse(
                    key,
                    member.value,
                    "has to name one model, such as gpt-oss:20b or NAME/gpt-oss:20b"
                )
            }
            guard !member.key.isEmpty, isPlain(member.key) else {
                return reader.refuse(key, member.value, "is no name and no pattern of names")
            }
            guard seen.insert(member.key).inserted else {
                reader.findings.add(.duplicateKey, "\(reader.name(of: key)) is given twice", at: member.position)
                return nil
            }
            return AliasConfiguration(pattern: member.key, model: Setting(model, .file(member.value.position)))
        }
    }

    static func write(_ aliases: [AliasConfiguration], to yaml: inout YAMLText) {
        if !aliases.isEmpty { yaml.add("aliases", "", depth: 0) }
        for alias in aliases {
            yaml.add(
                YAMLText.scalar(alias.pattern),
                YAMLText.scalar(alias.model.value),
                depth: 1,
                origin: alias.model.origin
            )
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= 256 && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
    }
}

extension ModelAlias {
    init(_ alias: AliasConfiguration) { self.init(alias.pattern, model: alias.model.value) }
}
