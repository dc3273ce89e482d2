/// Any UTF-8 as the inside of a JSON string.
extension Bytes {
    /// What one step of `escape` writes at most, and what it wants behind that.
    static let escapeRoom = 6 * Block.size + 16

    /// Writes some bytes as a JSON string holds them, a block of them where the text has more; returns how far it came.
    @inline(__always)
    func escape(at offset: Int, to output: inout Output) -> Int {
        if offset + Block.size + 16 <= count { return escapeBlock(at: offset, to: &output) }
        var at = offset
        if at + 16 <= count {
            let sixteen = sixteen(at: at)
            let stops = stops(Lanes(sixteen))
            let clean = (stops | 0x10000).trailingZeroBitCount
            output.append(clean, of: sixteen)
            at += clean
            if stops == 0 { return at }
        }
        escapeOne(self[at], to: &output)
        return at + 1
    }

    @inline(__always)
    private func escapeBlock(at offset: Int, to output: inout Output) -> Int {
        var at = offset
        var stops = Block(self, at: offset).toEscape
        while stops != 0 {
            let stop = offset + stops.trailingZeroBitCount
            stops &= stops &- 1
            copy(from: at, to: stop, into: &output)
            escapeOne(self[stop], to: &output)
            at = stop + 1
        }
        copy(from: at, to: offset + Block.size, into: &output)
        return offset + Block.size
    }

    /// A bit for each byte that has to be escaped.
    @inline(__always)
    private func stops(_ lanes: Lanes) -> UInt64 {
        let quotes = lanes.equal(UInt8(ascii: "\"")) | lanes.equal(UInt8(ascii: "\\"))
        return (quotes | lanes.atMost(0x1F)).topBits
    }

    @inline(__always)
    private func escapeOne(_ byte: UInt8, to output: inout Output) {
        if let letter = Self.letter(for: byte) {
            output.append(UInt8(ascii: "\\"))
            output.append(letter)
        } else if byte >= 0x20 {
            output.append(byte)
        } else {
            for byte in "\\u00".utf8 { output.append(byte) }
            output.append(UInt8(ascii: "0") + byte >> 4)
            let digit = byte & 0xF
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// The letter of a byte's short escape, by a table; nil for one that has none or needs none.
    @inline(__always)
    private static func letter(for byte: UInt8) -> UInt8? {
        switch byte {
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0D: UInt8(ascii: "r")
        case 0x22: UInt8(ascii: "\"")
        case 0x5C: UInt8(ascii: "\\")
        default: nil
        }
    }
}
