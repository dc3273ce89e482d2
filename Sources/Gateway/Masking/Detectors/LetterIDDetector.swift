extension MaskDetector {
    /// Britain's national insurance number: two letters, six digits, a letter.
    static let nino = MaskDetector(first: ninoFirst, notBehind: .word) { cursor in
        let first = cursor.peek() ?? 0
        cursor.at += 1
        guard let second = cursor.peek(), ninoSecond.contains(second), isGiven(first, second) else { return nil }
        cursor.at += 1
        for _ in 0..<3 {
            _ = cursor.take(UInt8(ascii: " "))
            guard cursor.skip(.digits, most: 2) == 2 else { return nil }
        }
        _ = cursor.take(UInt8(ascii: " "))
        guard cursor.skip(ninoLast, most: 1) == 1, !cursor.isNext(in: .word) else { return nil }
        return MaskFind(label: MaskKind.nationalID.label, end: cursor.at)
    }

    /// Spain's number for foreigners: X, Y or Z, seven digits, and a letter that proves them.
    static let nie = MaskDetector(first: ByteSet("XYZ"), notBehind: .word) { cursor in
        var value = UInt64(cursor.peek() ?? 0) - 0x58
        cursor.at += 1
        _ = cursor.take(UInt8(ascii: "-"))
        for _ in 0..<7 {
            guard let byte = cursor.peek(), ByteSet.digits.contains(byte) else { return nil }
            value = value * 10 + UInt64(byte & 0x0F)
            cursor.at += 1
        }
        return spanishEnd(&cursor, value).map { MaskFind(label: MaskKind.nationalID.label, end: $0) }
    }

    /// Where a Spanish number ends whose digits were just read; nil, with the cursor where it was, if the letter is another.
    static func spanishEnd(_ cursor: inout MaskCursor, _ value: UInt64) -> Int? {
        let start = cursor.at
        _ = cursor.take(UInt8(ascii: "-"))
        let letter = CheckDigits.spanishLetter(value)
        guard cursor.take(letter), !cursor.isNext(in: .word) else {
            cursor.at = start
            return nil
        }
        return cursor.at
    }

    private static let ninoFirst = ByteSet("A-CEGHJ-PR-TW-Z")
    private static let ninoSecond = ByteSet("A-CEGHJ-NPR-TW-Z")
    private static let ninoLast = ByteSet("A-D")

    /// Some pairs of letters are never given.
    private static func isGiven(_ first: UInt8, _ second: UInt8) -> Bool {
        let never: [StaticString] = ["BG", "GB", "NK", "KN", "TN", "NT", "ZZ"]
        return !never.contains { $0.utf8Start[0] == first && $0.utf8Start[1] == second }
    }
}
