extension MaskDetector {
    /// A bank account's international number: as long as its country's are, with a sum that is right modulo 97.
    ///
    /// A space may stand behind each four characters.
    static let iban = MaskDetector(first: .capitals, notBehind: .word) { cursor in
        guard let first = cursor.peek(), let second = cursor.peek(1), ByteSet.capitals.contains(second) else {
            return nil
        }
        let length = IBANLength.of(first, second)
        guard length > 0, let check = cursor.peek(2), ByteSet.digits.contains(check) else { return nil }
        var remainder = 0
        var head: [UInt8] = []
        for place in 0..<length {
            if place > 0, place % 4 == 0 { _ = cursor.take(UInt8(ascii: " ")) }
            guard let byte = cursor.peek(), characters.contains(byte) else { return nil }
            cursor.at += 1
            if place < 4 { head.append(byte) } else { remainder = appending(byte, to: remainder) }
        }
        guard !cursor.isNext(in: .word) else { return nil }
        for byte in head { remainder = appending(byte, to: remainder) }
        return remainder == 1 ? MaskFind(label: MaskKind.iban.label, end: cursor.at) : nil
    }

    private static let characters = ByteSet("A-Z0-9")

    /// The rest modulo 97 of a number behind which a digit, or the two of a letter, are written.
    private static func appending(_ byte: UInt8, to remainder: Int) -> Int {
        ByteSet.digits.contains(byte)
            ? (remainder * 10 + Int(byte) - 0x30) % 97 : (remainder * 100 + Int(byte) - 0x41 + 10) % 97
    }
}

/// How long the numbers of a country are.
enum IBANLength {
    /// 0 for a country that has none.
    static func of(_ first: UInt8, _ second: UInt8) -> Int {
        Int(lengths[(Int(first) - 0x41) * 26 + Int(second) - 0x41])
    }

    /// By the two letters, as the register of SWIFT has them.
    private static let lengths: [UInt8] = {
        var lengths = [UInt8](repeating: 0, count: 26 * 26)
        for (length, countries) in register {
            for country in countries.split(separator: " ") {
                let letters = Array(country.utf8)
                lengths[(Int(letters[0]) - 0x41) * 26 + Int(letters[1]) - 0x41] = length
            }
        }
        return lengths
    }()

    private static let register: [(UInt8, String)] = [
        (15, "NO"), (16, "BE"), (18, "DK FI FO GL NL SD FK"), (19, "MK SI"), (20, "AT BA EE KZ LT LU MN XK"),
        (21, "CH HR LI LV"), (22, "BG BH CR DE GB GE IE ME RS VA"), (23, "AE GI IL IQ OM SO TL"),
        (24, "AD CZ DJ ES MD PK RO SA SE SK TN VG"), (25, "LY PT ST"), (26, "IS TR"),
        (27, "BI FR GR IT MC MR SM"), (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"), (29, "BR EG PS QA UA"),
        (30, "JO KW MU YE"), (31, "MT SC"), (32, "LC"), (33, "RU"),
    ]
}
