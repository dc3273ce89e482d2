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
}
