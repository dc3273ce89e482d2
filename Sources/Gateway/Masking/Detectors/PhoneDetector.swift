extension MaskDetector {
    /// A telephone's number: with a `+` and its country, or as North America and countries with a leading 0 write theirs.
    static let phone = MaskDetector(first: ByteSet("0-9+("), notBehind: ByteSet("A-Za-z0-9_+/-")) { cursor in
        guard !isDecimal(cursor) else { return nil }
        let isInternational = cursor.take(UInt8(ascii: "+"))
        guard isInternational || cursor.isNext(in: nationalStart) else { return nil }
        guard let number = PhoneNumber(&cursor, isInternational), number.isOne, !cursor.isNext(in: .word) else {
            return nil
        }
        return MaskFind(label: MaskKind.phone.label, end: cursor.at)
    }

    /// A country's own numbers begin with 0, or with the area in North America.
    private static let nationalStart = ByteSet("0-9(")
}

/// The groups of digits of something like a telephone's number.
private struct PhoneNumber {
    private var digits: [UInt8] = []
    private var groups: [Int] = []
    private let isInternational: Bool

    /// Reads as much as belongs together; nil where there are more digits than such a number has.
    init?(_ cursor: inout MaskCursor, _ isInternational: Bool) {
        self.isInternational = isInternational
        var separator: UInt8?
        // With a country or an area in brackets the signs between the groups may differ.
        var mayDiffer = cursor.take(UInt8(ascii: "(")) || isInternational
        var end = cursor.at
        while readGroup(&cursor) {
            end = cursor.at
            guard mayGoOn, let gap = Self.gap(&cursor, &separator, &mayDiffer) else { return }
            cursor.at += gap
        }
        // With its country a number is known as one without the group that it has no room for.
        guard isInternational, !groups.isEmpty else { return nil }
        cursor.at = end
    }

    /// Reads a group; false where there is none, or one that makes the number too long or belongs to a word.
    private mutating func readGroup(_ cursor: inout MaskCursor) -> Bool {
        let most = isInternational ? 15 : 11
        var group: [UInt8] = []
        while let byte = cursor.peek(), ByteSet.digits.contains(byte) {
            guard digits.count + group.count < most else { return false }
            group.append(byte & 0x0F)
            cursor.at += 1
        }
        guard !group.isEmpty else { return false }
        if isInternational, !groups.isEmpty, cursor.isNext(in: .word) { return false }
        digits += group
        groups.append(group.count)
        return true
    }

    /// Whether another group may follow; none does behind a whole number in one piece.
    private var mayGoOn: Bool {
        guard isInternational else { return digits.count < 10 && groups.count < 6 }
        return digits.count < (groups.count > 1 ? 15 : 10) && groups.count < 8
    }

    /// The bytes between two groups, one to three with brackets; nil where no other group follows.
    ///
    /// Without brackets there is one sort of sign between all groups, as no date with a time has it.
    private static func gap(
        _ cursor: inout MaskCursor,
        _ separator: inout UInt8?,
        _ mayDiffer: inout Bool
    ) -> Int? {
        var seen: UInt8?
        for ahead in 0..<4 {
            guard let byte = cursor.peek(ahead) else { return nil }
            if ByteSet.digits.contains(byte) {
                if let seen { separator = seen }
                return ahead > 0 ? ahead : nil
            }
            guard ahead < 3 else { return nil }
            if brackets.contains(byte) {
                mayDiffer = true
            } else {
                guard seen == nil, signs.contains(byte), mayDiffer || separator ?? byte == byte else { return nil }
                seen = byte
            }
        }
        return nil
    }

    private static let brackets = ByteSet("()")
    private static let signs = ByteSet(" .-")

    var isOne: Bool {
        if isInternational {
            return digits[0] != 0 && digits.count >= (groups.count > 1 ? 8 : 10)
        }
        if groups == [3, 3, 4] { return digits[0] > 1 && digits[3] > 1 }
        if groups == [1, 3, 3, 4] { return digits[0] == 1 && digits[1] > 1 && digits[4] > 1 }
        guard digits.count >= 9, digits[0] == 0, digits[1] > 0 else { return false }
        if groups.count == 1 { return isMobile }
        return digits.count >= 10 && groups.allSatisfy { $0 > 1 } && groups.count < 6
    }

    /// Those of mobile phones alone are often written without anything between.
    private var isMobile: Bool {
        digits.count == 11
            ? digits[1] == 7 || [5, 8, 9].contains(digits[1]) && digits[2] == 0
            : digits.count == 10 && [6, 7].contains(digits[1])
    }
}
