import JSON

/// Goes through a JSON text that is known to be one, or the beginning of one, and masks its strings and long numbers.
struct JSONMaskWalk {
    private let text: [UInt8]
    private let isWhole: Bool
    private let keepsNumbers: Bool
    private var output: [UInt8] = []
    private var at = 0

    /// `keepsNumbers` leaves all numbers what they are.
    init(_ text: [UInt8], isWhole: Bool, keepsNumbers: Bool) {
        self.text = text
        self.isWhole = isWhole
        self.keepsNumbers = keepsNumbers
        output.reserveCapacity(text.count)
    }

    /// Whether something stands outside of strings that no JSON has there, so that nothing is known of the text.
    static func isForeign(_ text: [UInt8]) -> Bool {
        var at = 0
        while at < text.count {
            if text[at] == UInt8(ascii: "\"") {
                at = stringEnd(text, from: at + 1) + 1
            } else if numberStart.contains(text[at]) {
                at = numberEnd(text, from: at)
            } else {
                guard between.contains(text[at]) else { return true }
                at += 1
            }
        }
        return false
    }

    private static func numberEnd(_ text: [UInt8], from start: Int) -> Int {
        text[start...].firstIndex { !number.contains($0) } ?? text.count
    }

    /// Where the quote of a string stands whose content begins here; at or behind the end of a text that has none.
    private static func stringEnd(_ text: [UInt8], from start: Int) -> Int {
        var end = start
        while end < text.count, text[end] != UInt8(ascii: "\"") { end += text[end] == UInt8(ascii: "\\") ? 2 : 1 }
        return end
    }

    /// The text, which is not foreign, with placeholders in it.
    mutating func run(_ mask: inout TextMask) -> [UInt8] {
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: "\"") {
                string(&mask)
            } else if Self.numberStart.contains(byte) {
                number(&mask)
            } else {
                output.append(byte)
                at += 1
            }
        }
        return output
    }

    /// Signs, white space, and the letters of `true`, `false` and `null`.
    private static let between = ByteSet("{}[],: \t\r\naeflnrstu")

    private static let numberStart = ByteSet("0-9-")
    private static let number = ByteSet("0-9eE+.-")
    /// Digits that the shortest number has which may be masked.
    static let shortest = 9

    private mutating func number(_ mask: inout TextMask) {
        let end = Self.numberEnd(text, from: at)
        let number = Array(text[at..<end])
        at = end
        // One that goes on behind the cut may be any.
        guard isWhole || end < text.count else { return }
        guard !keepsNumbers, number.count >= Self.shortest, let masked = mask.masked(number) else {
            return output += number
        }
        output += [UInt8(ascii: "\"")] + masked + [UInt8(ascii: "\"")]
    }

    private mutating func string(_ mask: inout TextMask) {
        let start = at + 1
        let end = Self.stringEnd(text, from: start)
        guard end < text.count else { return cutString(&mask, from: start) }
        at = end + 1
        let raw = Array(text[start..<end])
        let isPlain = !raw.contains(UInt8(ascii: "\\"))
        if isPlain, raw.count < 3 { return output += text[start - 1..<at] }
        let content = isPlain ? raw : Self.unescaped(raw) ?? raw
        guard let masked = mask.maskedText(content) else { return output += text[start - 1..<at] }
        output += Self.quoted(masked)
    }

    /// A string whose end was cut off: it ends where the text does.
    private mutating func cutString(_ mask: inout TextMask, from start: Int) {
        var raw = Array(text[start...])
        at = text.count
        // An escape or a character that is not all there is left out.
        if let slash = raw.suffix(11).firstIndex(of: UInt8(ascii: "\\")) { raw.removeSubrange(slash...) }
        while let last = raw.last, last >= 0x80 { raw.removeLast() }
        guard let content = Self.unescaped(raw) else { return }
        let masked = mask.maskedText(content, isWhole: false) ?? content
        output += Self.quoted(masked).dropLast()
    }

    /// What a string says; nil for what is none.
    private static func unescaped(_ raw: [UInt8]) -> [UInt8]? {
        let closed = raw + [UInt8(ascii: "\"")]
        do throws(JSONError) { return Array(try JSONString.read(closed.span.bytes, from: 0).text.utf8) } catch {
            return nil
        }
    }

    private static func quoted(_ content: [UInt8]) -> [UInt8] {
        var writer = JSONWriter(capacity: content.count + 16)
        writer.string(String(decoding: content, as: UTF8.self))
        return writer.bytes
    }
}
