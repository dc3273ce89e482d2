/// Sixty-four bytes of a string's inside, classified into one bit for each byte, the first byte lowest.
struct Block {
    private let first: Lanes
    private let second: Lanes
    private let third: Lanes
    private let fourth: Lanes
    private let text: Bytes
    private let offset: Int

    static let size = 64

    @inline(__always)
    init(_ text: Bytes, at offset: Int) {
        first = text.lanes(at: offset)
        second = text.lanes(at: offset + 16)
        third = text.lanes(at: offset + 32)
        fourth = text.lanes(at: offset + 48)
        self.text = text
        self.offset = offset
    }

    @inline(__always)
    private func bits(_ classify: (Lanes) -> Lanes) -> UInt64 {
        classify(first).topBits | classify(second).topBits &<< 16
            | classify(third).topBits &<< 32 | classify(fourth).topBits &<< 48
    }

    @inline(__always)
    func equal(_ byte: UInt8) -> UInt64 { bits { $0.equal(byte) } }

    /// The letters of the commonest escapes, `\n` and `\t`.
    @inline(__always)
    var plainEscapes: UInt64 { bits { $0.equal(UInt8(ascii: "n")) | $0.equal(UInt8(ascii: "t")) } }

    @inline(__always)
    var hasControls: Bool {
        first.minimum(second).minimum(third.minimum(fourth)).atMost(0x1F).topBits != 0
    }

    /// Bytes below 0x20.
    @inline(__always)
    var controls: UInt64 { bits { $0.atMost(0x1F) } }

    /// Bytes above 0x7F.
    @inline(__always)
    var nonASCII: UInt64 { bits { $0 } }

    /// Whether every UTF-8 sequence that has a byte here is well formed so far as it goes up to the block's end; a
    /// sequence that goes on is the next block's to check, so the three bytes before this one have to exist.
    @inline(__always)
    var isUTF8: Bool {
        let checks = (check(first, 0), check(second, 16), check(third, 32), check(fourth, 48))
        let good = checks.0.0 & checks.1.0 & checks.2.0 & checks.3.0
        guard good.topBits == 0xFFFF else { return false }
        let narrow = checks.0.1 | checks.1.1 | checks.2.1 | checks.3.1
        return narrow.equal(0).topBits == 0xFFFF || Self.hasNoNarrowFault(text, at: offset)
    }

    /// Lanes whose top bit is set where a byte is a continuation if and only if one is due, and lanes that are not 0
    /// where the byte may be one of those that narrow what follows or that never occur.
    @inline(__always)
    private func check(_ lanes: Lanes, _ shift: Int) -> (Lanes, Lanes) {
        let due =
            text.lanes(at: offset + shift - 1).excess(over: 0xBF)
            | text.lanes(at: offset + shift - 2).excess(over: 0xDF)
            | text.lanes(at: offset + shift - 3).excess(over: 0xEF)
        return (lanes.continuation ^ due.equal(0), lanes.masked(0xD2).equal(0xC0) | lanes.excess(over: 0xEF))
    }

    /// Whether no byte here is one that never occurs, and no second byte is an overlong's, a surrogate's or too high.
    @inline(never)
    private static func hasNoNarrowFault(_ text: Bytes, at offset: Int) -> Bool {
        let good =
            isWide(text, offset) & isWide(text, offset + 16)
            & isWide(text, offset + 32) & isWide(text, offset + 48)
        return good.topBits == 0xFFFF
    }

    @inline(__always)
    private static func isWide(_ text: Bytes, _ offset: Int) -> Lanes {
        let (lead, lanes) = (text.lanes(at: offset - 1), text.lanes(at: offset))
        let never = lanes.masked(0xFE).equal(0xC0) | lanes.excess(over: 0xF4)
        let overlong = (lead.equal(0xE0) & lanes.atMost(0x9F)) | (lead.equal(0xF0) & lanes.atMost(0x8F))
        let high = (lead.equal(0xED) & lanes.excess(over: 0x9F)) | (lead.equal(0xF4) & lanes.excess(over: 0x8F))
        return (never | overlong | high).equal(0)
    }
}
