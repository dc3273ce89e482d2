/// The bytes of a scrape, with the ways in which names, values of labels and numbers are written.
struct ExpositionBytes {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Text that needs no escaping.
    mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func raw(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    /// Text with backslashes and ends of lines escaped, and with `quotes` double quotes as well.
    mutating func escaped(_ text: String, quotes: Bool) {
        var text = text
        text.withUTF8 { utf8 in
            guard utf8.contains(where: { Self.isSpecial($0, quotes: quotes) }) else {
                bytes.append(contentsOf: utf8)
                return
            }
            for byte in utf8 {
                if Self.isSpecial(byte, quotes: quotes) { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte == UInt8(ascii: "\n") ? UInt8(ascii: "n") : byte)
            }
        }
    }

    private static func isSpecial(_ byte: UInt8, quotes: Bool) -> Bool {
        byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\n") || (quotes && byte == UInt8(ascii: "\""))
    }

    mutating func number(_ value: UInt64) { text(String(value)) }

    /// The shortest text that reads back as the same number.
    mutating func number(_ value: Double) {
        if value.isNaN {
            text("NaN")
        } else if value.isInfinite {
            text(value < 0 ? "-Inf" : "+Inf")
        } else if value.magnitude < 1e15, let whole = Int64(exactly: value) {
            text(String(whole))
        } else {
            text(value.description)
        }
    }

    /// A bucket's bound as OpenMetrics wants it in `le`: `1.0`, `0.0001`, `5e-05`, `1e+06`.
    ///
    /// The text format takes it as well, so that a series is the same one in both.
    static func bound(_ value: Double) -> String {
        guard value.isFinite else { return value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        guard value.magnitude >= 1e6, !text.contains("e") else { return text }
        let sign = value < 0 ? "-" : ""
        let parts = text.drop { $0 == "-" }.split(separator: ".")
        let exponent = parts[0].count - 1
        var digits = parts.joined(separator: "")
        while digits.hasSuffix("0") { digits.removeLast() }
        let point = digits.count > 1 ? "." : ""
        return "\(sign)\(digits.prefix(1))\(point)\(digits.dropFirst())e+\(exponent < 10 ? "0" : "")\(exponent)"
    }
}
