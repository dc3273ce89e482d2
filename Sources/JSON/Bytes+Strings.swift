/// The checking of strings: a probe for short ones, blocks for long ones, and an exact way that finds the fault.
///
/// The quick ways only ever say "good until here" or "look closer"; every error is made by the exact way.
extension Bytes {
    /// The offset of the closing quote of the string whose inside begins at `start`, and whether it has an escape.
    @inline(__always)
    func closingQuote(from start: Int) throws(JSONError) -> (end: Int, escaped: Bool) {
        if start + 16 <= count {
            let lanes = lanes(at: start)
            let quotes = lanes.equal(UInt8(ascii: "\"")).topBits
            let others = (lanes | lanes.equal(UInt8(ascii: "\\")) | lanes.atMost(0x1F)).topBits
            if (others | 0x10000) & (quotes &- 1) & ~quotes == 0 {
                return (start &+ quotes.trailingZeroBitCount, false)
            }
        }
        return try longClosingQuote(from: start)
    }

    @inline(never)
    private func longClosingQuote(from start: Int) throws(JSONError) -> (end: Int, escaped: Bool) {
        var escaped = false
        if start >= 3 {
            var blocks = StringBlocks(start)
            if let end = blocks.closingQuote(in: self) { return (end, blocks.sawEscape) }
            escaped = blocks.sawEscape
            return try exactClosingQuote(from: blocks.isSuspicious ? start : blocks.resume(in: self), escaped: escaped)
        }
        return try exactClosingQuote(from: start, escaped: false)
    }

    /// Goes from one unusual byte to the next and judges each by itself.
    private func exactClosingQuote(from start: Int, escaped: Bool) throws(JSONError) -> (end: Int, escaped: Bool) {
        var at = start
        var escaped = escaped
        while at < count {
            if at + 16 <= count {
                let lanes = lanes(at: at)
                let quotes = lanes.equal(UInt8(ascii: "\""))
                let unusual = (quotes | lanes | lanes.equal(UInt8(ascii: "\\")) | lanes.atMost(0x1F)).topBits
                at += (unusual | 0x10000).trailingZeroBitCount
                if unusual == 0 { continue }
            }
            switch self[at] {
            case UInt8(ascii: "\""): return (at, escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                at = try endOfEscape(at: at)
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: at, "a string has an unescaped control character")
            case 0x80...: at = try endOfScalar(at: at)
            default: at += 1
            }
        }
        throw endsEarly
    }
}

/// The way through a long string, block by block.
struct StringBlocks {
    private var at: Int
    /// 1 if the last block ended in a backslash that escapes the next byte.
    private var carry: UInt64 = 0
    /// Whether the last block ended inside of a UTF-8 sequence, perhaps.
    private var sequenceMayGoOn = false
    /// The end of the last surrogate pair: its second half is no fault by itself.
    private var pairEnd = 0
    private(set) var sawEscape = false
    /// Whether a block was found that the exact way has to look at.
    private(set) var isSuspicious = false

    @inline(__always)
    init(_ start: Int) {
        at = start
    }

    /// The closing quote's offset; nil if a block is suspicious or the text's last, partial block is reached.
    @inline(__always)
    mutating func closingQuote(in text: Bytes) -> Int? {
        while at + Block.size <= text.count {
            let block = Block(text, at: at)
            let quotes = block.equal(UInt8(ascii: "\""))
            let slashes = block.equal(UInt8(ascii: "\\"))
            let escapes = escapedBytes(slashes)
            let closing = quotes & ~escapes
            let inside = (closing &- 1) & ~closing
            let unusual = escapes & inside & ~(quotes | slashes | block.plainEscapes)
            if unusual != 0, !areEscapes(unusual, in: text) { return nil }
            if block.hasControls, block.controls & inside != 0 { return suspicious() }
            let nonASCII = block.nonASCII
            if nonASCII != 0 || sequenceMayGoOn {
                if !block.isUTF8 { return suspicious() }
                sequenceMayGoOn = nonASCII >> 61 != 0
            }
            if closing != 0 {
                sawEscape = sawEscape || slashes & inside != 0
                return at + closing.trailingZeroBitCount
            }
            sawEscape = sawEscape || slashes != 0
            at += Block.size
        }
        return nil
    }

    /// Where the exact way takes over: not between the bytes of one character or one escape.
    func resume(in text: Bytes) -> Int {
        var start = at - Int(carry)
        if sequenceMayGoOn {
            while text[start - 1] & 0xC0 == 0x80 { start -= 1 }
            if text[start - 1] >= 0xC0 { start -= 1 }
        }
        return max(start, pairEnd)
    }

    private mutating func suspicious() -> Int? {
        isSuspicious = true
        return nil
    }

    /// The bytes that an unescaped backslash precedes: runs of backslashes are told apart by where they begin.
    @inline(__always)
    private mutating func escapedBytes(_ slashes: UInt64) -> UInt64 {
        let even: UInt64 = 0x5555_5555_5555_5555
        let active = slashes & ~carry
        let follows = active &<< 1 | carry
        let oddStarts = active & ~even & ~follows
        let (sums, overflow) = oddStarts.addingReportingOverflow(active)
        carry = overflow ? 1 : 0
        return (even ^ (sums &<< 1)) & follows
    }

    /// Judges the escapes whose letters are at these bits of the block.
    @inline(never)
    private mutating func areEscapes(_ letters: UInt64, in text: Bytes) -> Bool {
        var letters = letters
        while letters != 0 {
            let slash = at + letters.trailingZeroBitCount - 1
            letters &= letters &- 1
            guard slash >= pairEnd else { continue }
            let end: Int
            do {
                end = try text.endOfEscape(at: slash)
            } catch {
                isSuspicious = true
                return false
            }
            if end - slash == 12 { pairEnd = end }
        }
        return true
    }
}
