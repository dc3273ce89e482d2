import TOMLKit

/// Reads TOML into configuration nodes; `TOMLKeyLocator` says where each key stands.
enum TOMLTree {
    static func read(_ text: String, file: String) throws(ConfigurationError) -> ConfigurationNode {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            throw ConfigurationError(
                error.description.contains("redefine") ? .duplicateKey : .syntax,
                "this is not TOML: \(withoutQuotations(error.description))",
                at: SourcePosition(file: file, line: begin.line, column: begin.column)
            )
        } catch {
            throw ConfigurationError(.syntax, "this is not TOML", at: SourcePosition(file: file, line: 1, column: 1))
        }
        let places = TOMLKeyLocator.places(in: text)
        return withExtendedLifetime(table) {
            let start = SourcePosition(file: file, line: 1, column: 1)
            return Walk(file: file, places: places).mapping(table, path: [], at: start)
        }
    }

    /// A walk over the library's table, which knows values but neither their order nor their places.
    private struct Walk {
        let file: String
        let places: [[String]: TOMLKeyLocator.Place]

        func mapping(_ table: TOMLTable, path: [String], at position: SourcePosition) -> ConfigurationNode {
            let members = table.keys.map { key in
                let below = path + [key]
                let place = self.position(below) ?? position
                return ConfigurationNode.Member(
                    key: key,
                    position: place,
                    value: node(table[key], path: below, at: place)
                )
            }
            let ordered = members.sorted {
                ($0.position.line, $0.position.column) < ($1.position.line, $1.position.column)
            }
            return ConfigurationNode(.mapping(ordered), at: position)
        }

        func node(
            _ value: (any TOMLValueConvertible)?,
            path: [String],
            at position: SourcePosition
        ) -> ConfigurationNode {
            guard let value else { return ConfigurationNode(.null, at: position) }
            if let table = value.table { return mapping(table, path: path, at: position) }
            if let array = value.array {
                let elements = array.enumerated().map { index, element in
                    let below = path + [String(index)]
                    return node(element, path: below, at: self.position(below) ?? position)
                }
                return ConfigurationNode(.sequence(elements), at: position)
            }
            return ConfigurationNode(scalar(value), at: position)
        }

        private func scalar(_ value: any TOMLValueConvertible) -> ConfigurationNode.Content {
            switch value.type {
            case .string: .text(value.string ?? "")
            case .int: .integer(value.int ?? 0)
            case .double: .number(value.double ?? .nan)
            case .bool: .boolean(value.bool ?? false)
            default: .foreign("a \(value.type)")
            }
        }

        private func position(_ path: [String]) -> SourcePosition? {
            places[path].map { SourcePosition(file: file, line: $0.line, column: $0.column) }
        }
    }

    /// The library quotes what it read, which may be a key: whatever stands in quotes is cut.
    private static func withoutQuotations(_ text: String) -> String {
        var result = ""
        var quotation: String?
        for character in text {
            if character == "'" {
                if let quoted = quotation { result += quoted.count > 1 ? "'…'" : "'\(quoted)'" }
                quotation = quotation == nil ? "" : nil
            } else if quotation != nil {
                quotation?.append(character)
            } else {
                result.append(character)
            }
        }
        return result
    }
}
