extension MaskPattern {
    /// Reads a pattern.
    package init(_ name: String, _ text: String) throws(MaskPatternFault) {
        guard Self.isName(name) else {
            throw MaskPatternFault(
                reason:
                    "has a name that is not 1 to \(Placeholder.longestLabel) of a-z, 0-9 and _, beginning with a letter"
            )
        }
        let label = name.uppercased()
        guard label != MaskKind.literalLabel, !MaskKind.allCases.contains(where: { $0.label == label }) else {
            throw MaskPatternFault(reason: "has a name that placeholders of another kind have")
        }
        var reader = PatternReader(text)
        self.name = name
        pieces = try reader.pieces()
        let (least, most) = pieces.reduce((0, 0)) { ($0.0 + $1.least, $0.1 + $1.most) }
        guard least >= 3 else { throw MaskPatternFault(reason: "matches fewer than 3 bytes") }
        guard most <= Self.longest else {
            throw MaskPatternFault(reason: "may match \(most) bytes, more than \(Self.longest)")
        }
    }

    private static func isName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return (1...Placeholder.longestLabel).contains(bytes.count) && ByteSet("a-z").contains(bytes[0])
            && bytes.allSatisfy(ByteSet("a-z0-9_").contains)
    }
}

/// Reads the text of a pattern, once from its beginning to its end.
private struct PatternReader {
    private let text: [UInt8]
    private var at = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    private static let reserved = ByteSet(".()|^$]}")
    private static let repeats = ByteSet("?*+{")
    private static let ascii = ByteSet("\u{1}-\u{7F}")
    private static let mostRepeats = 64

    mutating func pieces() throws(MaskPatternFault) -> [MaskPattern.Piece] {
        var pieces: [MaskPattern.Piece] = []
        while at < text.count {
            let isASCII = text[at] < 0x80
            var piece = MaskPattern.Piece(set: try set())
            if at < text.count, Self.repeats.contains(text[at]) {
                guard isASCII else { throw MaskPatternFault(reason: "repeats a character that is not ASCII") }
                (piece.least, piece.most) = try bounds()
            }
            pieces.append(piece)
        }
        return pieces
    }

    private mutating func set() throws(MaskPatternFault) -> ByteSet {
        let byte = next()
        switch byte {
        case UInt8(ascii: "\\"): return try escaped()
        case UInt8(ascii: "["): return try listed()
        default:
            guard !Self.reserved.contains(byte), !Self.repeats.contains(byte) else {
                let sign = String(UnicodeScalar(byte))
                throw MaskPatternFault(
                    reason: "holds \(sign), which means nothing here: write \\\(sign) for the sign itself"
                )
            }
            return one(byte)
        }
    }

    private mutating func escaped() throws(MaskPatternFault) -> ByteSet {
        guard at < text.count else { throw MaskPatternFault(reason: "ends with a \\") }
        let byte = next()
        switch byte {
        case UInt8(ascii: "d"): return .digits
        case UInt8(ascii: "w"): return .word
        case UInt8(ascii: "s"): return ByteSet(" \t")
        default:
            guard byte < 0x80, !ByteSet.alphanumeric.contains(byte) else {
                throw MaskPatternFault(reason: "holds a \\ before a character that needs none")
            }
            return one(byte)
        }
    }

    /// A set in brackets, whose opening one was read.
    private mutating func listed() throws(MaskPatternFault) -> ByteSet {
        var set = ByteSet()
        let isInverted = at < text.count && text[at] == UInt8(ascii: "^")
        if isInverted { at += 1 }
        while at < text.count, text[at] != UInt8(ascii: "]") {
            let byte = next()
            guard byte < 0x80 else { throw MaskPatternFault(reason: "has a set with a character that is not ASCII") }
            if byte == UInt8(ascii: "\\") {
                set = set.union(try escaped())
            } else if at + 1 < text.count, text[at] == UInt8(ascii: "-"), text[at + 1] != UInt8(ascii: "]") {
                at += 1
                let last = next()
                guard last < 0x80, byte <= last else { throw MaskPatternFault(reason: "has a range that is none") }
                set.insert(byte...last)
            } else {
                set.insert(byte...byte)
            }
        }
        guard at < text.count else { throw MaskPatternFault(reason: "has a [ without its ]") }
        at += 1
        return isInverted ? set.inverted.intersection(Self.ascii) : set
    }

    private mutating func bounds() throws(MaskPatternFault) -> (Int, Int) {
        switch next() {
        case UInt8(ascii: "?"): return (0, 1)
        case UInt8(ascii: "*"): return (0, Self.mostRepeats)
        case UInt8(ascii: "+"): return (1, Self.mostRepeats)
        default: break
        }
        guard let end = text[at...].firstIndex(of: UInt8(ascii: "}")) else {
            throw MaskPatternFault(reason: "has a { without its }")
        }
        let parts = String(decoding: text[at..<end], as: UTF8.self).split(
            separator: ",",
            omittingEmptySubsequences: false
        )
        at = end + 1
        let numbers = parts.compactMap { Int($0) }
        guard (1...2).contains(numbers.count), numbers.count == parts.count, let least = numbers.first,
            let most = numbers.last, least >= 0, most > 0, least <= most, most <= MaskPattern.longest
        else { throw MaskPatternFault(reason: "has braces that hold neither {n} nor {m,n}") }
        return (least, most)
    }

    private mutating func next() -> UInt8 {
        defer { at += 1 }
        return text[at]
    }

    private func one(_ byte: UInt8) -> ByteSet {
        var set = ByteSet()
        set.insert(byte...byte)
        return set
    }
}

extension ByteSet {
    /// All that is in both.
    fileprivate func intersection(_ other: ByteSet) -> ByteSet { inverted.union(other.inverted).inverted }
}
