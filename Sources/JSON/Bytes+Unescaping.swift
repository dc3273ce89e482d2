/// Strings of a valid text as what they stand for.
extension Bytes {
    /// How much more memory than the string's own length `unescape` wants.
    private static let slack = 16

    /// A valid string's content as a `String`, unescaped.
    func string(_ range: Range<Int>) -> String {
        guard backslash(in: range) < range.upperBound else { return String(decoding: slice(range), as: UTF8.self) }
        return String(unsafeUninitializedCapacity: range.count + Self.slack) { buffer in
            var output = Output(buffer)
            unescape(range, to: &output)
            return output.count
        }
    }

    /// A valid string's content as UTF-8, unescaped.
    func unescaped(_ range: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count + Self.slack) { buffer, count in
            var output = Output(buffer)
            unescape(range, to: &output)
            count = output.count
        }
    }

    /// Whether a valid string's content, unescaped, has exactly the bytes of `name`.
    func string(_ range: Range<Int>, equals name: String) -> Bool {
        var name = name
        return name.withUTF8 { string(range, equals: UnsafeRawBufferPointer($0)) }
    }

    /// The same for a name's UTF-8.
    func string(_ range: Range<Int>, equals name: UnsafeRawBufferPointer) -> Bool {
        guard range.count >= name.count else { return false }
        guard backslash(in: range) < range.upperBound else { return range.count == name.count && has(name, at: range) }
        return unescaped(range).elementsEqual(name)
    }

    @inline(__always)
    private func has(_ name: UnsafeRawBufferPointer, at range: Range<Int>) -> Bool {
        for index in 0..<name.count where self[range.lowerBound &+ index] != name[index] { return false }
        return true
    }

    /// Copies sixteen bytes at a time and then corrects how far that was right.
    private func unescape(_ range: Range<Int>, to output: inout Output) {
        var at = range.lowerBound
        while at < range.upperBound {
            if at + 16 <= count {
                let escapes = lanes(at: at).equal(UInt8(ascii: "\\")).topBits
                let clean = min((escapes | 0x10000).trailingZeroBitCount, range.upperBound - at)
                output.append(clean, of: sixteen(at: at))
                at += clean
                if escapes == 0 || at == range.upperBound { continue }
            }
            if self[at] != UInt8(ascii: "\\") {
                output.append(self[at])
                at += 1
            } else if let character = Self.character(escapedBy: self[at + 1]) {
                output.append(character)
                at += 2
            } else {
                at = unescapeUnicode(at: at, to: &output)
            }
        }
    }

    /// What a valid escape of one letter stands for; nil for `u`.
    ///
    /// All are written out, so that this compiles to a table: which escape comes next is what a processor cannot guess.
    @inline(__always)
    private static func character(escapedBy letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""): 0x22
        case UInt8(ascii: "/"): 0x2F
        case UInt8(ascii: "\\"): 0x5C
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    @inline(never)
    private func unescapeUnicode(at offset: Int, to output: inout Output) -> Int {
        let unit = fourDigits(at: offset + 2)
        var end = offset + 6
        var scalar = unit
        if unit & 0xFC00 == 0xD800 {
            scalar = 0x10000 + (unit & 0x3FF) << 10 + fourDigits(at: offset + 8) & 0x3FF
            end = offset + 12
        }
        guard let encoded = Unicode.Scalar(scalar).flatMap({ UTF8.encode($0) }) else {
            preconditionFailure("unescaping a text that was not scanned")
        }
        for byte in encoded { output.append(byte) }
        return end
    }

    private func fourDigits(at offset: Int) -> UInt32 {
        (offset..<offset + 4).reduce(0) { $0 << 4 | (hexDigit(self[$1]) ?? 0) }
    }
}
