import JSON

extension ArgumentMender {
    /// A string while it arrives.
    struct OpenString: Sendable {
        var quote = UInt8(ascii: "\"")
        var isName = false
        var escape = Escape.none
        /// The digits of a `\u` escape that have come.
        var digits: [UInt8] = []
        /// Those of the first half of a surrogate pair, which is told with the second.
        var high: [UInt8] = []
        /// What has been seen behind a quote that may be the last one; nil within the string.
        var ahead: Ahead?
        /// The bytes of it.
        var held: [UInt8] = []
    }

    enum Escape: Sendable {
        case none, backslash, digits
    }

    /// How far the text behind a quote has been looked at.
    enum Ahead: Sendable {
        case quote
        case comma
        /// Within what may be the next member's name.
        case name(quote: UInt8)
        case colon
    }

    mutating func stepString(_ byte: UInt8) {
        guard string.ahead == nil else { return lookAhead(byte) }
        switch string.escape {
        case .none:
            switch byte {
            case string.quote: string.ahead = .quote
            case UInt8(ascii: "\\"): string.escape = .backslash
            default: tell(byte)
            }
        case .backslash: unescape(byte)
        case .digits: addDigit(byte)
        }
    }

    /// The text ends within a string, or right behind a quote that is the last one then.
    mutating func endStringAtEnd() {
        guard string.ahead != nil, !string.isName else { return }
        let held = string.held
        closeString()
        for byte in held { step(byte) }
    }

    /// Writes a byte of the string's text.
    private mutating func tell(_ byte: UInt8) {
        closeSurrogate()
        switch byte {
        case UInt8(ascii: "\""): output += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): output += Array("\\n".utf8)
        case UInt8(ascii: "\r"): output += Array("\\r".utf8)
        case UInt8(ascii: "\t"): output += Array("\\t".utf8)
        case 0..<0x20: output += Array((byte < 0x10 ? "\\u000" : "\\u00").utf8) + Array(String(byte, radix: 16).utf8)
        default: output.append(byte)
        }
    }

    // MARK: Escapes

    private mutating func unescape(_ byte: UInt8) {
        string.escape = .none
        switch byte {
        case UInt8(ascii: "u"): string.escape = .digits
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            closeSurrogate()
            output += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "'"): tell(byte)
        default:
            closeSurrogate()
            output += Array("\\\\".utf8)
            stepString(byte)
        }
    }

    private mutating func addDigit(_ byte: UInt8) {
        guard Character(Unicode.Scalar(byte)).isHexDigit, byte < 0x80 else {
            closeSurrogate()
            output += Array("\\\\u".utf8) + string.digits
            (string.digits, string.escape) = ([], .none)
            return stepString(byte)
        }
        string.digits.append(byte)
        guard string.digits.count == 4 else { return }
        let digits = string.digits
        (string.digits, string.escape) = ([], .none)
        endEscape(digits)
    }

    private mutating func endEscape(_ digits: [UInt8]) {
        let escape = Array("\\u".utf8)
        switch UInt16(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0 {
        case 0xD800...0xDBFF:
            closeSurrogate()
            string.high = digits
        case 0xDC00...0xDFFF:
            output += string.high.isEmpty ? Array("\\ufffd".utf8) : escape + string.high + escape + digits
            string.high = []
        default:
            closeSurrogate()
            output += escape + digits
        }
    }

    /// The first half of a pair that got no second one.
    private mutating func closeSurrogate() {
        guard !string.high.isEmpty else { return }
        string.high = []
        output += Array("\\ufffd".utf8)
    }

    // MARK: The last quote

    /// A quote ends the string if what stands behind it is what JSON has behind a string; it is a part of it otherwise.
    private mutating func lookAhead(_ byte: UInt8) {
        let isSpace = Self.isSpace(byte)
        switch string.ahead {
        case nil: break
        case .quote where isSpace, .comma where isSpace, .colon where isSpace: string.held.append(byte)
        case .quote:
            if string.isName { return resolve(byte == UInt8(ascii: ":"), byte) }
            guard byte == UInt8(ascii: ","), !closers.isEmpty else {
                return resolve(closers.isEmpty || closers.contains(byte), byte)
            }
            hold(byte, .comma)
        case .comma:
            let isArray = closers.last == UInt8(ascii: "]")
            let isQuote = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
            if isQuote, !isArray { return hold(byte, .name(quote: byte)) }
            let isNext = isArray ? Self.startsValue(byte) : hasBareNames && Self.isName(byte)
            resolve(isQuote || isNext || closers.contains(byte), byte)
        case .name(let quote):
            // An escape or a long name needs no further proof.
            if byte == UInt8(ascii: "\\") || string.held.count > 80 { return resolve(true, byte) }
            if byte < 0x20 { return resolve(false, byte) }
            hold(byte, byte == quote ? .colon : .name(quote: quote))
        case .colon: resolve(byte == UInt8(ascii: ":"), byte)
        }
    }

    private mutating func hold(_ byte: UInt8, _ ahead: Ahead) {
        string.held.append(byte)
        string.ahead = ahead
    }

    /// Reads again what was looked at, now that it is known what the quote was.
    private mutating func resolve(_ ends: Bool, _ byte: UInt8) {
        let held = string.held
        if ends {
            closeString()
        } else {
            (string.ahead, string.held) = (nil, [])
            tell(string.quote)
        }
        for earlier in held { step(earlier) }
        step(byte)
    }

    private mutating func closeString() {
        closeSurrogate()
        output.append(UInt8(ascii: "\""))
        place = string.isName ? .colon : closers.isEmpty ? .end : .separator
        string = OpenString()
    }
}

extension ArgumentMender {
    /// JSON's words, and Python's and JavaScript's for the same.
    static let words = [
        "true": "true", "false": "false", "null": "null", "True": "true", "False": "false", "None": "null",
        "undefined": "null", "NaN": "null",
    ]

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// A letter or a digit of a name without quotes.
    static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"):
            true
        default: false
        }
    }

    static func isWord(_ byte: UInt8) -> Bool {
        isName(byte) && byte != UInt8(ascii: "$") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+")
    }

    static func startsValue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "{"), UInt8(ascii: "["),
            UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            true
        default: false
        }
    }

    static func isNumber(_ text: String) -> Bool {
        (try? JSONDocument(text))?.root.kind == .number
    }
}
