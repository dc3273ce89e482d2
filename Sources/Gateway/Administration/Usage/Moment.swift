/// A moment that somebody writes: a time of RFC 3339, or a date, which is its beginning in UTC.
package enum Moment {
    /// Milliseconds since 1970; nil for anything else, and for a day that no month has.
    package static func milliseconds(of text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard let day = day(bytes.prefix(10)) else { return nil }
        if bytes.count == 10 { return day * 86_400_000 }
        guard bytes[10] | 0x20 == UInt8(ascii: "t"), bytes.count >= 20, let clock = clock(bytes[11..<19]) else {
            return nil
        }
        let fraction = bytes[19...].prefix { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") && $0 | 0x20 != 0x7A }
        guard let part = milliseconds(fraction), let east = offset(bytes[(19 + fraction.count)...]) else { return nil }
        return (day * 86_400 + clock - east) * 1_000 + part
    }

    /// A moment in milliseconds since 1970, as the administration takes and shows one.
    package static func text(_ milliseconds: Int) -> String { Timestamp.milliseconds(milliseconds) }

    private static func day(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            (1...12).contains(month), day >= 1
        else { return nil }
        let first = Civil.day(year, month, 1)
        let next = month == 12 ? Civil.day(year + 1, 1, 1) : Civil.day(year, month + 1, 1)
        return first + day <= next ? first + day - 1 : nil
    }

    /// Seconds of `hh:mm:ss`; a leap second is the one behind it.
    private static func clock(_ bytes: ArraySlice<UInt8>) -> Int? {
        let at = bytes.startIndex
        guard bytes[at + 2] == UInt8(ascii: ":"), bytes[at + 5] == UInt8(ascii: ":"),
            let hour = number(bytes[at..<(at + 2)]), let minute = number(bytes[(at + 3)..<(at + 5)]),
            let second = number(bytes[(at + 6)..<(at + 8)]), hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    /// Of a point with digits behind it, or of nothing.
    private static func milliseconds(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let point = bytes.first else { return 0 }
        let digits = bytes.dropFirst()
        guard point == UInt8(ascii: "."), !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return number((Array(digits.prefix(3)) + [0x30, 0x30])[..<3])
    }

    /// Seconds east of UTC: `Z`, or `+hh:mm`.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let sign = bytes.first else { return nil }
        if bytes.count == 1 { return sign | 0x20 == 0x7A ? 0 : nil }
        let at = bytes.startIndex + 1
        guard bytes.count == 6, bytes[at + 2] == UInt8(ascii: ":"), let hour = number(bytes[at..<(at + 2)]),
            let minute = number(bytes[(at + 3)..<(at + 5)]), hour < 24, minute < 60
        else { return nil }
        switch sign {
        case UInt8(ascii: "+"): return hour * 3_600 + minute * 60
        case UInt8(ascii: "-"): return -(hour * 3_600 + minute * 60)
        default: return nil
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.allSatisfy { (0x30...0x39).contains($0) } ? bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) } : nil
    }
}
