/// Reading of text that the scan has found valid.
extension Bytes {
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
    func backslash(in range: Range<Int>) -> Int {
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
