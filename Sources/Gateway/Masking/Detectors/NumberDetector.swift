/// A number as it is written: how many digits its groups have, and what it must be.
struct NumberShape: Sendable {
    /// Five bits for each group, the first one in front.
    let groups: Int
    let kind: MaskKind
    let isOne: @Sendable (UInt64) -> Bool

    init(_ groups: [Int], _ kind: MaskKind, _ isOne: @escaping @Sendable (UInt64) -> Bool) {
        self.groups = groups.reduce(0) { $0 << 5 | $1 }
        self.kind = kind
        self.isOne = isOne
    }

    /// Whether the number stands there without anything between its digits.
    var isPlain: Bool { groups < 32 }

    /// Whether it begins with these groups and goes on.
    func goesOn(behind others: Int) -> Bool {
        var rest = groups >> 5
        while rest > others { rest >>= 5 }
        return rest == others
    }

    /// Every shape of the kinds.
    static func all(_ kinds: Set<MaskKind>) -> [NumberShape] { (cards + ids).filter { kinds.contains($0.kind) } }

    private static let cards: [NumberShape] =
        ((13...19).map { [$0] } + [[4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [4, 4, 4, 4, 3]])
        .map { NumberShape($0, .card) { isCard($0) } }

    private static let ids = [
        NumberShape([3, 2, 4], .nationalID, CheckDigits.ssn), NumberShape([12], .nationalID, CheckDigits.myNumber),
        NumberShape([4, 4, 4], .nationalID, CheckDigits.myNumber),
        NumberShape([11], .nationalID, CheckDigits.germanTax),
        NumberShape([2, 3, 3, 3], .nationalID, CheckDigits.germanTax),
        NumberShape([15], .nationalID, CheckDigits.nir), NumberShape([13, 2], .nationalID, CheckDigits.nir),
        NumberShape([1, 2, 2, 2, 3, 3, 2], .nationalID, CheckDigits.nir),
    ]

    /// Whether a network gives numbers of this length that begin so, and the last digit fits.
    private static func isCard(_ number: UInt64) -> Bool {
        var (first, length) = (number, 1)
        while first > 9 { (first, length) = (first / 10, length + 1) }
        let isGiven =
            switch length {
            case 13: first == 4
            case 14, 15: first == 3
            case 16: (2...6).contains(first)
            case 17, 18: first == 5 || first == 6
            default: (3...6).contains(first)
            }
        return isGiven && CheckDigits.luhn(number)
    }
}

extension MaskDetector {
    /// Cards, and those numbers of people that are digits alone or end with a letter.
    static func numbers(_ kinds: Set<MaskKind>) -> MaskDetector {
        let shapes = NumberShape.all(kinds)
        let takesSpanish = kinds.contains(.nationalID)
        return MaskDetector(first: .digits, notBehind: .word) { cursor in
            guard !isDecimal(cursor) else { return nil }
            return number(&cursor, shapes, takesSpanish: takesSpanish)
        }
    }

    /// Whether the digits here are those behind the point of another number.
    static func isDecimal(_ cursor: MaskCursor) -> Bool {
        cursor.behind(1) == UInt8(ascii: ".") && ByteSet.digits.contains(cursor.behind(2))
    }

    /// Reads group behind group for as long as some shape goes on; the longest number that is one counts.
    private static func number(
        _ cursor: inout MaskCursor,
        _ shapes: [NumberShape],
        takesSpanish: Bool
    ) -> MaskFind? {
        // Such a part of a longer name is hardly anybody's number.
        let isBehindDash = cursor.behind(1) == UInt8(ascii: "-")
        var found: MaskFind?
        var (value, digits, groups): (UInt64, Int, Int) = (0, 0, 0)
        var separator: UInt8?
        while true {
            let (count, group) = digitRun(&cursor, most: 20 - digits)
            digits += count
            guard count > 0, digits < 20 else { return found }
            for _ in 0..<count { value *= 10 }
            value += group
            groups = groups << 5 | count
            if groups == 8, takesSpanish, let end = spanishEnd(&cursor, value) {
                return MaskFind(label: MaskKind.nationalID.label, end: end)
            }
            let next = cursor.peek()
            if next.map({ !ByteSet.word.contains($0) }) ?? true,
                let shape = shapes.first(where: { $0.groups == groups && $0.isOne(value) }),
                shape.kind == .card || !(shape.isPlain ? isBehindDash : goesOn(&cursor, behind: separator))
            {
                found = MaskFind(label: shape.kind.label, end: cursor.at)
            }
            guard let next, next == UInt8(ascii: " ") || next == UInt8(ascii: "-"), separator ?? next == next,
                shapes.contains(where: { $0.goesOn(behind: groups) })
            else { return found }
            separator = next
            cursor.at += 1
        }
    }

    /// Whether more digits follow behind the sign that stands between the groups.
    private static func goesOn(_ cursor: inout MaskCursor, behind separator: UInt8?) -> Bool {
        cursor.peek() == separator && cursor.peek(1).map(ByteSet.digits.contains) == true
    }

    private static func digitRun(_ cursor: inout MaskCursor, most: Int) -> (count: Int, value: UInt64) {
        var (count, value) = (0, UInt64(0))
        while count < most, let byte = cursor.peek(), ByteSet.digits.contains(byte) {
            if count < 19 { value = value * 10 + UInt64(byte & 0x0F) }
            cursor.at += 1
            count += 1
        }
        return (count, value)
    }
}
