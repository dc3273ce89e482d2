/// A scrape, read again by the rules that both text formats share.
struct ScrapedText {
    struct Label: Equatable {
        let name: String
        let value: String
    }

    struct Note: Equatable {
        let labels: [Label]
        let value: Double
        let at: Double
    }

    struct Sample: Equatable {
        let name: String
        let labels: [Label]
        let value: Double
        let exemplar: Note?

        /// The value of a label, if it has it.
        subscript(label: String) -> String? { labels.first { $0.name == label }?.value }
    }

    struct Fault: Error {
        let reason: String
        let line: String
    }

    private(set) var types: [String: String] = [:]
    private(set) var helps: [String: String] = [:]
    private(set) var units: [String: String] = [:]
    private(set) var samples: [Sample] = []
    /// Whether `# EOF` stands at the end.
    private(set) var isEnded = false

    init(_ bytes: [UInt8]) throws {
        let newline = UInt8(ascii: "\n")
        guard bytes.last == newline else { throw Fault(reason: "the last line has no end", line: "") }
        for line in bytes.dropLast().split(separator: newline, omittingEmptySubsequences: false) {
            guard !isEnded else { throw Fault(reason: "something stands behind the end", line: Self.text(line)) }
            try read(line)
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private mutating func read(_ line: ArraySlice<UInt8>) throws {
        guard line.first == UInt8(ascii: "#") else {
            var cursor = ScrapedLine(rest: line)
            samples.append(try cursor.sample())
            return
        }
        guard Self.text(line) != "# EOF" else {
            isEnded = true
            return
        }
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count == 4 else { throw Fault(reason: "no words of a description", line: Self.text(line)) }
        let (name, value) = (Self.text(words[2]), Self.text(words[3]))
        let earlier: String?
        switch Self.text(words[1]) {
        case "TYPE": earlier = types.updateValue(value, forKey: name)
        case "HELP": earlier = helps.updateValue(value, forKey: name)
        case "UNIT": earlier = units.updateValue(value, forKey: name)
        default: throw Fault(reason: "no description", line: Self.text(line))
        }
        guard earlier == nil else { throw Fault(reason: "described twice", line: Self.text(line)) }
    }
}

/// What is left to read of a sample's line.
private struct ScrapedLine {
    var rest: ArraySlice<UInt8>

    mutating func sample() throws -> ScrapedText.Sample {
        let name = word()
        let labels = try readLabels()
        try expect(" ")
        let value = try number()
        guard !rest.isEmpty else {
            return ScrapedText.Sample(name: name, labels: labels, value: value, exemplar: nil)
        }
        try expect(" # ")
        let noted = try readLabels()
        try expect(" ")
        let amount = try number()
        try expect(" ")
        let note = ScrapedText.Note(labels: noted, value: amount, at: try number())
        guard rest.isEmpty else { throw fault("something stands behind the exemplar") }
        return ScrapedText.Sample(name: name, labels: labels, value: value, exemplar: note)
    }

    private mutating func readLabels() throws -> [ScrapedText.Label] {
        var labels: [ScrapedText.Label] = []
        guard rest.first == UInt8(ascii: "{") else { return labels }
        rest.removeFirst()
        while rest.first != UInt8(ascii: "}") {
            if !labels.isEmpty { try expect(",") }
            let name = word()
            try expect("=\"")
            labels.append(ScrapedText.Label(name: name, value: try quoted()))
        }
        rest.removeFirst()
        return labels
    }

    private mutating func word() -> String {
        let letters = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"): true
            default: false
            }
        }
        rest = rest.dropFirst(letters.count)
        return String(decoding: letters, as: UTF8.self)
    }

    private mutating func quoted() throws -> String {
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                value.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "n")?: value.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "\\")?: value.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "\"")?: value.append(UInt8(ascii: "\""))
            default: throw fault("an escape that there is not")
            }
        }
        throw fault("no quote at the end")
    }

    private mutating func number() throws -> Double {
        let digits = rest.prefix { $0 != UInt8(ascii: " ") }
        rest = rest.dropFirst(digits.count)
        let text = String(decoding: digits, as: UTF8.self)
        switch text {
        case "NaN": return .nan
        case "+Inf": return .infinity
        case "-Inf": return -Double.infinity
        default:
            guard let value = Double(text), value.isFinite else { throw fault("no number: \(text)") }
            return value
        }
    }

    private mutating func expect(_ text: String) throws {
        guard rest.starts(with: text.utf8) else { throw fault("no '\(text)'") }
        rest = rest.dropFirst(text.utf8.count)
    }

    private func fault(_ reason: String) -> ScrapedText.Fault {
        ScrapedText.Fault(reason: reason, line: String(decoding: rest, as: UTF8.self))
    }
}
