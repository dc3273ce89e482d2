/// Finds where the keys of a TOML text stand, since the library that reads the values does not say.
///
/// It walks text that the library has accepted already, so it need not judge it; list elements have their index as key.
struct TOMLKeyLocator {
    struct Place: Sendable, Hashable {
        var line: Int
        var column: Int
    }

    private let characters: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var column = 1
    private var places: [[String]: Place] = [:]
    /// How many elements each list of tables has so far.
    private var counts: [[String]: Int] = [:]

    /// The place of each key by its full path.
    static func places(in text: String) -> [[String]: Place] {
        var locator = TOMLKeyLocator(characters: Array(text.unicodeScalars))
        locator.run()
        return locator.places
    }

    private init(characters: [Unicode.Scalar]) { self.characters = characters }

    private mutating func run() {
        var table: [String] = []
        while index < characters.count {
            skipBlank(newlines: true)
            guard let current = peek() else { return }
            if current == "[" {
                table = header()
            } else {
                let before = index
                assignment(below: table)
                if index == before { advance() }
            }
        }
    }

    private mutating func header() -> [String] {
        let start = Place(line: line, column: column)
        advance()
        let isList = peek() == "["
        if isList { advance() }
        let path = resolved(keys(until: "]"), listAtEnd: isList)
        while peek() == "]" { advance() }
        note(path, start)
        return path
    }

    /// Puts the newest index behind each part that is a list of tables.
    private mutating func resolved(_ keys: [String], listAtEnd: Bool) -> [String] {
        var path: [String] = []
        for (position, key) in keys.enumerated() {
            path.append(key)
            let isLast = position == keys.count - 1
            if isLast && listAtEnd {
                let count = counts[path, default: 0]
                counts[path] = count + 1
                path.append(String(count))
            } else if let count = counts[path], count > 0 {
                path.append(String(count - 1))
            }
        }
        return path
    }

    private mutating func assignment(below table: [String]) {
        let start = Place(line: line, column: column)
        let path = table + keys(until: "=")
        note(path, start)
        if peek() == "=" { advance() }
        skipBlank(newlines: false)
        value(path)
    }

    private mutating func keys(until end: Unicode.Scalar) -> [String] {
        var keys: [String] = []
        while let current = peek(), current != end, current != "\n" {
            if current == "\"" || current == "'" {
                keys.append(string())
            } else if current == "." || current == " " || current == "\t" {
                advance()
            } else {
                var key = ""
                while let next = peek(), next != end, !".= \t\n\"'".unicodeScalars.contains(next) {
                    key.unicodeScalars.append(next)
                    advance()
                }
                // Only text that is not TOML has a sign here that no key can have; it must not hold us up.
                if key.isEmpty { advance() } else { keys.append(key) }
            }
        }
        return keys
    }

    private mutating func value(_ path: [String]) {
        switch peek() {
        case "\"", "'": _ = string()
        case "[": list(path)
        case "{": inlineTable(path)
        default:
            while let current = peek(), !",]}#\n".unicodeScalars.contains(current) { advance() }
        }
    }

    private mutating func list(_ path: [String]) {
        advance()
        var count = 0
        while true {
            skipBlank(newlines: true)
            guard let current = peek() else { return }
            if current == "]" { return advance() }
            if current == "," {
                advance()
                continue
            }
            let element = path + [String(count)]
            note(element, Place(line: line, column: column))
            let before = index
            value(element)
            if index == before { advance() }
            count += 1
        }
    }

    private mutating func inlineTable(_ path: [String]) {
        advance()
        while true {
            skipBlank(newlines: true)
            guard let current = peek() else { return }
            if current == "}" { return advance() }
            let before = index
            if current == "," { advance() } else { assignment(below: path) }
            if index == before { advance() }
        }
    }

    /// Skips a string of any of the four kinds; the text is exact for keys without escapes only.
    private mutating func string() -> String {
        guard let quote = peek() else { return "" }
        let isLong = characters[index...].starts(with: [quote, quote, quote])
        for _ in 0..<(isLong ? 3 : 1) { advance() }
        var text = ""
        while let current = peek() {
            if current == "\\" && quote == "\"" {
                advance()
            } else if current == quote {
                if !isLong {
                    advance()
                    return text
                }
                if characters[index...].starts(with: [quote, quote, quote]) {
                    while peek() == quote { advance() }
                    return text
                }
            }
            if let kept = peek() { text.unicodeScalars.append(kept) }
            advance()
        }
        return text
    }

    private mutating func skipBlank(newlines: Bool) {
        while let current = peek() {
            if current == "#" {
                while let next = peek(), next != "\n" {
                    _ = next
                    advance()
                }
            } else if current == " " || current == "\t" || current == "\r" || (newlines && current == "\n") {
                advance()
            } else {
                return
            }
        }
    }

    /// Keeps the first place of a path, and of the tables that it passes through.
    private mutating func note(_ path: [String], _ place: Place) {
        for count in path.indices.dropFirst() + [path.count] where places[Array(path[..<count])] == nil {
            places[Array(path[..<count])] = place
        }
    }

    private func peek() -> Unicode.Scalar? { index < characters.count ? characters[index] : nil }

    private mutating func advance() {
        guard index < characters.count else { return }
        if characters[index] == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
        index += 1
    }
}
