/// Reading of text that the scan has found valid.
extension Bytes {
    /// Appends a valid string's content, unescaped.
    func unescape(_ range: Range<Int>, into output: inout [UInt8]) {
        var at = range.lowerBound
        while at < range.upperBound {
            let run = at
            at = backslash(in: at..<range.upperBound)
            output.append(contentsOf: slice(run..<at))
            if at < range.upperBound { at = unescapeOne(at: at, into: &output) }
        }
    }

    /// Appends the character that the valid escape at `offset` stands for; returns the escape's end.
    private func unescapeOne(at offset: Int, into output: inout [UInt8]) -> Int {
        switch self[offset + 1] {
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"): return unescapeUnicode(at: offset, into: &output)
        case let byte: output.append(byte)
        }
        return offset + 2
    }

    private func unescapeUnicode(at offset: Int, into output: inout [UInt8]) -> Int {
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
        output.append(contentsOf: encoded)
        return end
    }

    private func fourDigits(at offset: Int) -> UInt32 {
        (offset..<offset + 4).reduce(0) { $0 << 4 | (hexDigit(self[$1]) ?? 0) }
    }

    /// A valid string's content as a `String`, unescaped.
    func string(_ range: Range<Int>) -> String {
        guard backslash(in: range) < range.upperBound else {
            return String(decoding: slice(range), as: UTF8.self)
        }
        var output: [UInt8] = []
        output.reserveCapacity(range.count)
        unescape(range, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Whether a valid string's content, unescaped, has exactly the bytes of `name`.
    func string(_ range: Range<Int>, equals name: String) -> Bool {
        guard range.count >= name.utf8.count else { return false }
        if backslash(in: range) == range.upperBound {
            return range.count == name.utf8.count && slice(range).elementsEqual(name.utf8)
        }
        var output: [UInt8] = []
        unescape(range, into: &output)
        return output.elementsEqual(name.utf8)
    }

    /// The first byte from `offset` on that a JSON string has to escape, or the end.
    func cleanRun(at offset: Int) -> Int {
        var at = offset
        while at < count {
            if at + 16 <= count {
                let lanes = lanes(at: at)
                let quotes = lanes.equal(UInt8(ascii: "\"")) | lanes.equal(UInt8(ascii: "\\"))
                let stops = (quotes | lanes.atMost(0x1F)).topBits
                if stops != 0 { return at + stops.trailingZeroBitCount }
                at += 16
            } else if self[at] < 0x20 || self[at] == UInt8(ascii: "\"") || self[at] == UInt8(ascii: "\\") {
                return at
            } else {
                at += 1
            }
        }
        return count
    }

    /// The first offset from `offset` on that is not white space.
    func skipSpace(at offset: Int) -> Int {
        var at = offset
        while at < count, self[at] == 0x20 || self[at] == 0x0A || self[at] == 0x0D || self[at] == 0x09 { at += 1 }
        return at
    }

    /// The end of the valid value that begins at `offset`.
    func endOfValue(at offset: Int) -> Int {
        switch self[offset] {
        case UInt8(ascii: "\""): return endOfString(at: offset)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return endOfContainer(at: offset)
        default:
            var at = offset
            while at < count, !endsScalar(self[at]) { at += 1 }
            return at
        }
    }

    private func endsScalar(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }

    /// The offset behind the closing quote of the valid string at `offset`.
    func endOfString(at offset: Int) -> Int {
        var at = offset + 1
        while true {
            if at + 16 <= count {
                let lanes = lanes(at: at)
                let stops = (lanes.equal(UInt8(ascii: "\"")) | lanes.equal(UInt8(ascii: "\\"))).topBits
                at += (stops | 0x10000).trailingZeroBitCount
                if stops == 0 { continue }
            }
            switch self[at] {
            case UInt8(ascii: "\""): return at + 1
            case UInt8(ascii: "\\"): at += 2
            default: at += 1
            }
        }
    }

    /// The first backslash of a range, or its end.
    private func backslash(in range: Range<Int>) -> Int {
        var at = range.lowerBound
        while at < range.upperBound {
            if at + 16 <= count {
                let found = lanes(at: at).equal(UInt8(ascii: "\\")).topBits
                if found != 0 { return min(at + found.trailingZeroBitCount, range.upperBound) }
                at += 16
            } else if self[at] == UInt8(ascii: "\\") {
                return at
            } else {
                at += 1
            }
        }
        return range.upperBound
    }

    private func endOfContainer(at offset: Int) -> Int {
        var depth = 0
        var at = offset
        repeat {
            switch self[at] {
            case UInt8(ascii: "\""): at = endOfString(at: at)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                at += 1
            default: at += 1
            }
        } while depth > 0
        return at
    }
}
