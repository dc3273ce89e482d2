extension MaskDetector {
    /// An address of e-mail: 64 bytes before the sign, and a domain with a dot behind it.
    ///
    /// It may begin behind signs that are part of an address, of which there may be more than one has room for.
    static let email = MaskDetector(first: localPart, notBehind: .alphanumeric) { cursor in
        guard cursor.skip(localPart, most: 64) > 0, cursor.take(UInt8(ascii: "@")) else { return nil }
        return domainEnd(&cursor).map { MaskFind(label: MaskKind.email.label, end: $0) }
    }

    private static let localPart = ByteSet("A-Za-z0-9._%+-")
    private static let letters = ByteSet("A-Za-z")

    /// The end of the longest domain here: at a name of two letters or more, behind a dot.
    private static func domainEnd(_ cursor: inout MaskCursor) -> Int? {
        var end: Int?
        var dots = 0
        var labelLength = 0
        var isOfLetters = true
        for _ in 0..<255 {
            guard let byte = cursor.peek() else { break }
            if byte == UInt8(ascii: ".") {
                guard labelLength > 0 else { break }
                (dots, labelLength, isOfLetters) = (dots + 1, 0, true)
            } else {
                guard ByteSet.alphanumeric.contains(byte) || byte == UInt8(ascii: "-") else { break }
                labelLength += 1
                isOfLetters = isOfLetters && letters.contains(byte)
            }
            cursor.at += 1
            if dots > 0, labelLength > 1, isOfLetters, !cursor.isNext(in: .alphanumeric) { end = cursor.at }
        }
        return end
    }
}
