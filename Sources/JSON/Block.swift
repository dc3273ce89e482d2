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

    /// The bytes that a JSON string has to escape.
    @inline(__always)
    var toEscape: UInt64 {
        bits { $0.equal(UInt8(ascii: "\"")) | $0.equal(UInt8(ascii: "\\")) | $0.atMost(0x1F) }
    }

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

    /// Whether each byte here may follow the three before it in UTF-8, if those may follow theirs.
    ///
    /// Three bytes have to exist before the block. A sequence that goes on behind it is the next block's to judge.
    @inline(__always)
    var isUTF8: Bool {
        let checks = (check(first, 0), check(second, 16), check(third, 32), check(fourth, 48))
        let good = checks.0.0 & checks.1.0 & checks.2.0 & checks.3.0
        guard good.topBits == 0xFFFF else { return false }
        let special = checks.0.1 | checks.1.1 | checks.2.1 | checks.3.1
        return special.equal(0).topBits == 0xFFFF || Self.leadsAreAllowed(text, at: offset)
    }

    /// Two findings for each byte: whether it is a continuation exactly if one is due, in the top bit; and whether the
    /// byte before it may be one of the leads that allow fewer second bytes or none at all, if not 0.
    @inline(__always)
    private func check(_ lanes: Lanes, _ shift: Int) -> (Lanes, Lanes) {
        let before = text.lanes(at: offset + shift - 1)
        let due =
            before.excess(over: 0xBF)
            | text.lanes(at: offset + shift - 2).excess(over: 0xDF)
            | text.lanes(at: offset + shift - 3).excess(over: 0xEF)
        return (lanes.continuation ^ due.equal(0), before.masked(0xD2).equal(0xC0) | before.excess(over: 0xEF))
    }

    /// Whether no byte here follows a lead that never occurs or makes it an overlong form, a surrogate or too high.
    @inline(never)
    private static func leadsAreAllowed(_ text: Bytes, at offset: Int) -> Bool {
        let good =
            allowed(text, offset) & allowed(text, offset + 16)
            & allowed(text, offset + 32) & allowed(text, offset + 48)
        return good.topBits == 0xFFFF
    }

    @inline(__always)
    private static func allowed(_ text: Bytes, _ offset: Int) -> Lanes {
        let (lead, lanes) = (text.lanes(at: offset - 1), text.lanes(at: offset))
        let never = lead.masked(0xFE).equal(0xC0) | lead.excess(over: 0xF4)
        let overlong = (lead.equal(0xE0) & lanes.atMost(0x9F)) | (lead.equal(0xF0) & lanes.atMost(0x8F))
        let high = (lead.equal(0xED) & lanes.excess(over: 0x9F)) | (lead.equal(0xF4) & lanes.excess(over: 0x8F))
        return (never | overlong | high).equal(0)
    }
}
