import JSON

/// Reads JSON into configuration nodes; the strict reader's byte offsets become lines and columns.
enum JSONTree {
    static func read(_ text: String, file: String) throws(ConfigurationError) -> ConfigurationNode {
        let bytes = Array(text.utf8)
        let lines = LineTable(bytes, file: file)
        guard bytes.contains(where: { !" \n\r\t".utf8.contains($0) }) else {
            return ConfigurationNode(.mapping([]), at: lines.position(of: 0))
        }
        let document: JSONDocument
        do {
            document = try JSONDocument(bytes)
        } catch {
            let place = lines.position(of: error.offset)
            if error.code == .duplicateKey {
                throw ConfigurationError(.duplicateKey, error.message, at: place, nextStep: "Keep one of the two.")
            }
            throw ConfigurationError(.syntax, "this is not JSON: \(error.message)", at: place)
        }
        return node(document.root, lines: lines)
    }

    private static func node(_ view: JSONView, lines: LineTable) -> ConfigurationNode {
        let position = lines.position(of: view.offset)
        switch view.kind {
        case .object:
            let members = view.members.map { key, value in
                ConfigurationNode.Member(
                    key: key,
                    position: lines.position(of: value.offset),
                    value: node(value, lines: lines)
                )
            }
            return ConfigurationNode(.mapping(members), at: position)
        case .array: return ConfigurationNode(.sequence(view.elements.map { node($0, lines: lines) }), at: position)
        case .string: return ConfigurationNode(.text(view.string ?? ""), at: position)
        case .number:
            if let integer = view.int { return ConfigurationNode(.integer(integer), at: position) }
            return ConfigurationNode(.number(view.double ?? .nan), at: position)
        case .bool: return ConfigurationNode(.boolean(view.bool ?? false), at: position)
        case .null: return ConfigurationNode(.null, at: position)
        }
    }
}

/// Finds the line and column of a byte.
struct LineTable {
    private let file: String
    private let starts: [Int]

    init(_ bytes: [UInt8], file: String) {
        self.file = file
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
        self.starts = starts
    }

    func position(of offset: Int) -> SourcePosition {
        let line = starts.lastIndex { $0 <= offset } ?? 0
        return SourcePosition(file: file, line: line + 1, column: offset - starts[line] + 1)
    }
}
