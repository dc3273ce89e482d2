/// Writes YAML that reads back as the same.
struct YAMLText {
    /// The lines so far, each with the origin that may stand behind it.
    private(set) var lines: [(text: String, origin: ValueOrigin?)] = []

    /// Adds `key: value` at a depth of two spaces each.
    mutating func add(_ key: String, _ value: String, depth: Int, origin: ValueOrigin? = nil) {
        let separator = value.isEmpty ? ":" : ": "
        lines.append((String(repeating: "  ", count: depth) + key + separator + value, origin))
    }

    /// Adds an element of a list.
    mutating func add(element: String, depth: Int, origin: ValueOrigin? = nil) {
        lines.append((String(repeating: "  ", count: depth) + "- " + element, origin))
    }

    /// Adds all lines of another text.
    mutating func append(_ other: YAMLText) { lines += other.lines }

    /// The text, with the origins as comments in one column if wanted.
    func text(origins: Bool) -> String {
        let widest = lines.filter { $0.origin != nil }.map(\.text.count).max() ?? 0
        return lines.map { line in
            guard origins, let origin = line.origin else { return line.text + "\n" }
            let gap = String(repeating: " ", count: max(1, widest - line.text.count + 1))
            return "\(line.text)\(gap) # \(origin)\n"
        }
        .joined()
    }

    /// A scalar: plain where it cannot be misread, else in double quotes.
    static func scalar(_ text: String) -> String {
        let safe = text.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789._/-:+@~".unicodeScalars.contains($0))
        }
        let first = text.unicodeScalars.first
        let isAddress = text.split(separator: ".").count == 4
        let startsPlainly = first.map { $0.properties.isAlphabetic || $0 == "/" || isAddress } ?? false
        let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        if safe, startsPlainly, text.last != ":", !words.contains(text.lowercased()) { return text }
        return quoted(text)
    }

    static func list(_ texts: [String]) -> String { "[" + texts.map(scalar).joined(separator: ", ") + "]" }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\x" + (digits.count == 1 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
