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
            guard offset + index < count else { throw JSONError(.unexpectedEnd, at: count, "the text ends too early") }
            guard (index == 1 ? second : 0x80...0xBF).contains(self[offset + index]) else {
                throw JSONError(.invalidUTF8, at: offset, "a string is not well-formed UTF-8")
            }
        }
        return offset + length
    }

    /// The end of the `\u` escape at `offset`, both halves if it is a surrogate pair.
    func endOfUnicodeEscape(at offset: Int) throws(JSONError) -> Int {
        let unit = try codeUnit(at: offset + 2, of: offset)
        guard unit & 0xF800 == 0xD800 else { return offset + 6 }
        let lone = JSONError(.invalidEscape, at: offset, "an escape names half a surrogate pair")
        guard unit < 0xDC00 else { throw lone }
        for (index, byte) in [UInt8(ascii: "\\"), UInt8(ascii: "u")].enumerated() {
            guard offset + 6 + index < count else {
                throw JSONError(.unexpectedEnd, at: count, "the text ends too early")
            }
            guard self[offset + 6 + index] == byte else { throw lone }
        }
        guard try codeUnit(at: offset + 8, of: offset + 6) & 0xFC00 == 0xDC00 else { throw lone }
        return offset + 12
    }

    /// The four hexadecimal digits at `offset` as a number.
    private func codeUnit(at offset: Int, of escape: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for index in offset..<offset + 4 {
            guard index < count else { throw JSONError(.unexpectedEnd, at: count, "the text ends too early") }
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
