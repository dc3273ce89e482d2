extension MaskDetector {
    /// A JSON Web Token: two parts of base64 with a dot between, and a signature that may be missing.
    static let jwt = MaskDetector(first: ByteSet("e"), notBehind: base64URL) { cursor in
        guard cursor.take("eyJ") else { return nil }
        guard cursor.skip(base64URL, most: longestPart) >= 7, cursor.take(UInt8(ascii: ".")) else { return nil }
        guard cursor.skip(base64URL, most: longestPart) >= 8, cursor.take(UInt8(ascii: ".")) else { return nil }
        cursor.skip(base64URL, most: 2_048)
        return MaskFind(label: MaskKind.secret.label, end: cursor.at)
    }

    /// What stands behind `Bearer`, which stays itself.
    static let bearer = MaskDetector(first: ByteSet("Bb"), notBehind: .word) { cursor in
        let start = cursor.at
        guard cursor.takeAnyCase("bearer ") else { return nil }
        let kept = cursor.at - start
        var (count, hasDigit) = (0, false)
        while count < longestPart, let byte = cursor.peek(), token68.contains(byte) {
            hasDigit = hasDigit || ByteSet.digits.contains(byte)
            cursor.at += 1
            count += 1
        }
        guard count >= 16, hasDigit else { return nil }
        return MaskFind(label: MaskKind.secret.label, kept: kept, end: cursor.at)
    }

    /// A private key in PEM, with its line breaks or with `\n` for them; also one whose end is missing.
    static let privateKey = MaskDetector(first: ByteSet("-"), notBehind: ByteSet("-")) { cursor in
        guard cursor.take("-----BEGIN ") else { return nil }
        var name: [UInt8] = []
        while name.count < 40, let byte = cursor.peek(), pemName.contains(byte) {
            name.append(byte)
            cursor.at += 1
        }
        guard String(decoding: name, as: UTF8.self).contains("PRIVATE KEY"), cursor.take("-----") else { return nil }
        guard cursor.skip(pemBody, most: 16 << 10) >= 16 else { return nil }
        let bodyEnd = cursor.at
        if cursor.take("-----END "), cursor.skip(pemName, most: 40) > 0, cursor.take("-----") {
            return MaskFind(label: MaskKind.secret.label, end: cursor.at)
        }
        return MaskFind(label: MaskKind.secret.label, end: bodyEnd)
    }

    /// What looks like a placeholder of one of these labels and stands in the text itself.
    ///
    /// It gets a placeholder of its own, so that nobody takes it for one when the originals are put back.
    static func literal(of labels: Set<String>) -> MaskDetector {
        MaskDetector(first: ByteSet("["), notBehind: ByteSet()) { cursor in
            guard let label = Placeholder.read(&cursor), labels.contains(label) else { return nil }
            return MaskFind(label: MaskKind.literalLabel, end: cursor.at)
        }
    }

    private static let base64URL = ByteSet("A-Za-z0-9_-")
    private static let token68 = ByteSet("A-Za-z0-9._~+/=-")
    /// Base64, white space or its escapes, and the fields that older keys have in front.
    private static let pemBody = ByteSet("A-Za-z0-9+/=\\ \r\n\t:,")
    private static let pemName = ByteSet("A-Z0-9 ")
    private static let longestPart = 8_192
}

/// The words that stand for what was masked: `[EMAIL_1]`.
enum Placeholder {
    /// Bytes of the longest one.
    static let longest = 2 + longestLabel + 1 + mostDigits
    static let longestLabel = 24
    private static let mostDigits = 7
    private static let labelBytes = ByteSet("A-Z0-9_")

    static func text(_ label: String, _ number: Int) -> [UInt8] { Array("[\(label)_\(number)]".utf8) }

    /// Reads what has the form of one, and gives its label; nil for anything else.
    static func read(_ cursor: inout MaskCursor) -> String? {
        guard cursor.take(UInt8(ascii: "[")) else { return nil }
        var bytes: [UInt8] = []
        while bytes.count < longest - 2, let byte = cursor.peek(), labelBytes.contains(byte) {
            bytes.append(byte)
            cursor.at += 1
        }
        guard let dash = bytes.lastIndex(of: UInt8(ascii: "_")), dash > 0, dash <= longestLabel else { return nil }
        let number = bytes[(dash + 1)...]
        guard (1...mostDigits).contains(number.count), number.first != 0x30, number.allSatisfy(ByteSet.digits.contains),
            cursor.take(UInt8(ascii: "]"))
        else { return nil }
        return String(decoding: bytes[..<dash], as: UTF8.self)
    }
}
