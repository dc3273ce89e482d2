/// Exact checks of one character: the fast scan comes here only when something looks wrong or rare.
extension Bytes {
    /// The end of the UTF-8 sequence whose lead byte, above 0x7F, is at `offset`.
    func endOfScalar(at offset: Int) throws(JSONError) -> Int {
        let lead = self[offset]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: throw JSONError(.invalidUTF8, at: offset, "a string is not well-formed UTF-8")
        }
        for index in 1..<length {
            guard offset + index < count else { throw endsEarly }
            guard (index == 1 ? second : 0x80...0xBF).contains(self[offset + index]) else {
                throw JSONError(.invalidUTF8, at: offset, "a string is not well-formed UTF-8")
            }
        }
        return offset + length
    }

    /// The end of the escape whose backslash is at `offset`.
    func endOfEscape(at offset: Int) throws(JSONError) -> Int {
        guard offset + 1 < count else { throw endsEarly }
        switch self[offset + 1] {
        case UInt8(ascii: "u"): return try endOfUnicodeEscape(at: offset)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return offset + 2
        default: throw JSONError(.invalidEscape, at: offset, "a backslash does not begin an escape")
        }
    }

    var endsEarly: JSONError { JSONError(.unexpectedEnd, at: count, "the text ends too early") }

    /// The end of the `\u` escape at `offset`, both halves if it is a surrogate pair.
    func endOfUnicodeEscape(at offset: Int) throws(JSONError) -> Int {
        let unit = try codeUnit(at: offset + 2, of: offset)
        guard unit & 0xF800 == 0xD800 else { return offset + 6 }
        let lone = JSONError(.invalidEscape, at: offset, "an escape names half a surrogate pair")
        guard unit < 0xDC00 else { throw lone }
        for (index, byte) in zip(0..<2, "\\u".utf8) {
            guard offset + 6 + index < count else { throw endsEarly }
            guard self[offset + 6 + index] == byte else { throw lone }
        }
        guard try codeUnit(at: offset + 8, of: offset + 6) & 0xFC00 == 0xDC00 else { throw lone }
        return offset + 12
    }

    /// The four hexadecimal digits at `offset` as a number.
    private func codeUnit(at offset: Int, of escape: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for index in offset..<offset + 4 {
            guard index < count else { throw endsEarly }
            guard let digit = hexDigit(self[index]) else {
                throw JSONError(.invalidEscape, at: escape, "\\u needs four hexadecimal digits")
            }
            unit = unit << 4 | digit
        }
        return unit
    }

    func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension Bytes {
    /// The end of a literal's word, which has to be at `offset`.
    func endOfLiteral(_ word: StaticString, at offset: Int) throws(JSONError) -> Int {
        for index in 0..<word.utf8CodeUnitCount {
            guard offset + index < count else { throw endsEarly }
            guard self[offset + index] == word.utf8Start[index] else {
                throw JSONError(.syntax, at: offset + index, "expected \(word)")
            }
        }
        return offset + word.utf8CodeUnitCount
    }

    /// The end of the number that has to be at `offset`.
    func endOfNumber(at offset: Int) throws(JSONError) -> Int {
        var at = self[offset] == UInt8(ascii: "-") ? offset + 1 : offset
        if at < count, self[at] == UInt8(ascii: "0") {
            at += 1
            if at < count, isDigit(self[at]) { throw JSONError(.invalidNumber, at: at, "a number has a leading zero") }
        } else {
            at = try endOfDigits(at: at)
        }
        if at < count, self[at] == UInt8(ascii: ".") { at = try endOfDigits(at: at + 1) }
        if at < count, self[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < count, self[at] == UInt8(ascii: "+") || self[at] == UInt8(ascii: "-") { at += 1 }
            at = try endOfDigits(at: at)
        }
        return at
    }

    private func endOfDigits(at offset: Int) throws(JSONError) -> Int {
        guard offset < count else { throw endsEarly }
        guard isDigit(self[offset]) else { throw JSONError(.invalidNumber, at: offset, "expected a digit") }
        var at = offset + 1
        while at < count, isDigit(self[at]) { at += 1 }
        return at
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
