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

    /// Goes by blocks, whose escapes are all known at once, and then by sixteen bytes.
    private func unescape(_ range: Range<Int>, to output: inout Output) {
        var at = range.lowerBound
        while at + Block.size <= range.upperBound, at + Block.size + 16 <= count { unescapeBlock(at: &at, to: &output) }
        while at < range.upperBound {
            if at + 16 <= count {
                let escapes = lanes(at: at).equal(UInt8(ascii: "\\")).topBits
                let clean = min((escapes | 0x10000).trailingZeroBitCount, range.upperBound - at)
                output.append(clean, of: sixteen(at: at))
                at += clean
                if escapes == 0 || at == range.upperBound { continue }
            }
            if self[at] == UInt8(ascii: "\\") {
                at = unescapeOne(at: at, to: &output)
            } else {
                output.append(self[at])
                at += 1
            }
        }
    }

    /// The block that begins at `at`, between two escapes, and the rest of an escape that it ends in.
    @inline(__always)
    private func unescapeBlock(at: inout Int, to output: inout Output) {
        let end = at + Block.size
        var slashes = Block(self, at: at).equal(UInt8(ascii: "\\"))
        while slashes != 0 {
            let slash = end - Block.size + slashes.trailingZeroBitCount
            copy(from: at, to: slash, into: &output)
            at = unescapeOne(at: slash, to: &output)
            // What the escape consists of, a backslash perhaps, begins none.
            slashes = at < end ? slashes & (~0 &<< UInt64(at - (end - Block.size))) : 0
        }
        copy(from: at, to: end, into: &output)
        at = max(at, end)
    }

    /// Copies sixteen bytes at a time, of which the last ones may not count; nothing where the end is behind the start.
    @inline(__always)
    func copy(from start: Int, to end: Int, into output: inout Output) {
        var at = start
        while at < end {
            output.append(min(16, end &- at), of: sixteen(at: at))
            at &+= 16
        }
    }

    /// Writes the character that the valid escape at `offset` stands for; returns the escape's end.
    @inline(__always)
    private func unescapeOne(at offset: Int, to output: inout Output) -> Int {
        guard let character = Self.character(escapedBy: self[offset + 1]) else {
            return unescapeUnicode(at: offset, to: &output)
        }
        output.append(character)
        return offset + 2
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
