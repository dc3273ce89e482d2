import Providers

/// The wall clock as RFC 3339 in UTC with milliseconds.
struct Timestamp {
    private var second = -1
    private var prefix = ""

    /// The present moment; the part down to the second is kept between calls.
    mutating func now() -> String {
        let time = WallClock.milliseconds()
        if time / 1_000 != second {
            second = time / 1_000
            prefix = Self.dateAndTime(second)
        }
        let milliseconds = time % 1_000
        return String(unsafeUninitializedCapacity: prefix.utf8.count + 5) { buffer in
            var count = buffer.initialize(fromContentsOf: prefix.utf8)
            for byte in [
                0x2E, 0x30 + milliseconds / 100, 0x30 + milliseconds / 10 % 10, 0x30 + milliseconds % 10, 0x5A,
            ] {
                buffer.initializeElement(at: count, to: UInt8(byte))
                count += 1
            }
            return count
        }
    }

    /// `YYYY-MM-DDThh:mm:ss` of a POSIX time, by the proleptic Gregorian calendar.
    static func dateAndTime(_ seconds: Int) -> String {
        let days = seconds / 86_400
        let rest = seconds % 86_400
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(year)-\(two(month))-\(two(day))T\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// `YYYY-MM-DD` of a day in days since 1970.
    static func date(ofDay day: Int) -> String { String(dateAndTime(day * 86_400).prefix(10)) }

    /// A moment in milliseconds since 1970 as RFC 3339, to the second.
    static func text(of milliseconds: Int) -> String { dateAndTime(milliseconds / 1_000) + "Z" }

    /// Milliseconds since 1970 of `YYYY-MM-DDThh:mm:ssZ`, or of a day at whose beginning it is; nil for anything else.
    ///
    /// A fraction of a second may stand there, as in the times that this writes, and does not count.
    static func milliseconds(of text: String) -> Int? {
        let bytes = Array((text.utf8.count == 10 ? text + "T00:00:00Z" : withoutFraction(text)).utf8)
        guard bytes.count == 20, bytes[19] == UInt8(ascii: "Z") else { return nil }
        let numbers = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].map { range in
            bytes[range].reduce(0) { (0x30...0x39).contains($1) ? $0 * 10 + Int($1 - 0x30) : -1_000_000 }
        }
        guard numbers[0] >= 1970, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
        let year = numbers[1] <= 2 ? numbers[0] - 1 : numbers[0]
        let yearOfEra = year % 400
        let dayOfYear = (153 * ((numbers[1] + 9) % 12) + 2) / 5 + numbers[2] - 1
        let days = year / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        let seconds = days * 86_400 + numbers[3] * 3_600 + numbers[4] * 60 + numbers[5]
        // What reads back as another text is no date, such as the 31st of April.
        return dateAndTime(seconds).utf8.elementsEqual(bytes[..<19]) ? seconds * 1_000 : nil
    }

    private static func withoutFraction(_ text: String) -> String {
        guard text.utf8.count > 21, text.hasSuffix("Z"), let point = text.utf8.firstIndex(of: UInt8(ascii: ".")),
            text.utf8.distance(from: text.startIndex, to: point) == 19
        else { return text }
        let digits = text.utf8[text.utf8.index(after: point)...].dropLast()
        return digits.count <= 9 && digits.allSatisfy { (0x30...0x39).contains($0) } ? text.prefix(19) + "Z" : text
    }
}
