/// What holds in a time zone from now on: one offset, or two that change on days of each year.
///
/// It is written as POSIX has it for `TZ`, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
struct YearlyRule: Sendable, Hashable {
    /// When summer time begins or ends, by the clock that held until then.
    private struct Change: Sendable, Hashable {
        enum Day: Sendable, Hashable {
            /// Of the year, without 29 February.
            case julian(Int)
            /// Of the year, from 0, with 29 February.
            case ordinal(Int)
            /// A weekday (Sunday is 0) of a week of a month; the fifth is the last one.
            case weekday(month: Int, week: Int, day: Int)
        }

        var day: Day
        /// Seconds from midnight; may be negative or above a day.
        var time = 7_200
    }

    private let standard: Int
    private var summer: (offset: Int, begin: Change, end: Change)? {
        guard let summerOffset, let begin, let end else { return nil }
        return (summerOffset, begin, end)
    }
    private let summerOffset: Int?
    private let begin: Change?
    private let end: Change?

    /// Nil for a text that is no such rule.
    init?(_ text: [UInt8]) {
        var reader = Reader(text)
        guard reader.skipName(), let west = reader.time() else { return nil }
        standard = -west
        guard !reader.isAtEnd else {
            (summerOffset, begin, end) = (nil, nil, nil)
            return
        }
        guard reader.skipName() else { return nil }
        summerOffset = reader.next == UInt8(ascii: ",") ? standard + 3_600 : reader.time().map { -$0 }
        guard summerOffset != nil, let begin = reader.change(), let end = reader.change(), reader.isAtEnd else {
            return nil
        }
        (self.begin, self.end) = (begin, end)
    }

    /// Seconds east of UTC at a time, and the next time at which that changes.
    func offset(at seconds: Int) -> (east: Int, until: Int) {
        guard let summer else { return (standard, .max) }
        let year = Civil.year(ofDay: (seconds + standard).dividedDown(by: 86_400))
        var changes: [(time: Int, offset: Int)] = []
        for year in year - 1...year + 1 {
            changes.append((Self.seconds(summer.begin, year) - standard, summer.offset))
            changes.append((Self.seconds(summer.end, year) - summer.offset, standard))
        }
        changes.sort { $0.time < $1.time }
        let next = changes.firstIndex { $0.time > seconds } ?? changes.count - 1
        return (changes[max(0, next - 1)].offset, changes[next].time)
    }

    private static func seconds(_ change: Change, _ year: Int) -> Int {
        let first = Civil.day(year, 1, 1)
        let day: Int
        switch change.day {
        case .julian(let number):
            day = first + number - 1 + (number >= 60 && Civil.day(year, 3, 1) - first == 60 ? 1 : 0)
        case .ordinal(let number): day = first + number
        case .weekday(let month, let week, let weekday):
            let start = Civil.day(year, month, 1)
            // 1970 began on a Thursday.
            let ahead = (weekday - (start + 4)).remainder(of: 7)
            let length = (month == 12 ? Civil.day(year + 1, 1, 1) : Civil.day(year, month + 1, 1)) - start
            let wanted = ahead + 7 * (week - 1)
            day = start + (wanted >= length ? wanted - 7 : wanted)
        }
        return day * 86_400 + change.time
    }

    private struct Reader {
        private let text: [UInt8]
        private var place = 0

        init(_ text: [UInt8]) { self.text = text }

        var isAtEnd: Bool { place == text.count }
        var next: UInt8? { place < text.count ? text[place] : nil }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard next == UInt8(ascii: character) else { return false }
            place += 1
            return true
        }

        /// Letters, or anything between angle brackets.
        mutating func skipName() -> Bool {
            let start = place
            if take("<") {
                while let byte = next, byte != UInt8(ascii: ">") {
                    _ = byte
                    place += 1
                }
                return take(">")
            }
            while let byte = next, (byte | 0x20) >= UInt8(ascii: "a"), (byte | 0x20) <= UInt8(ascii: "z") { place += 1 }
            return place > start
        }

        mutating func number() -> Int? {
            var value: Int?
            while let byte = next, (0x30...0x39).contains(byte), (value ?? 0) < 100_000 {
                value = (value ?? 0) * 10 + Int(byte - 0x30)
                place += 1
            }
            return value
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time() -> Int? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard let hours = number(), hours <= 167 else { return nil }
            var seconds = hours * 3_600
            for unit in [60, 1] where take(":") {
                guard let part = number(), part < 60 else { return nil }
                seconds += part * unit
            }
            return isNegative ? -seconds : seconds
        }

        /// `,date[/time]`.
        mutating func change() -> Change? {
            guard take(",") else { return nil }
            guard let day = day() else { return nil }
            guard take("/") else { return Change(day: day) }
            return time().map { Change(day: day, time: $0) }
        }

        private mutating func day() -> Change.Day? {
            if take("J") {
                guard let number = number(), (1...365).contains(number) else { return nil }
                return .julian(number)
            }
            guard take("M") else {
                guard let number = number(), number <= 365 else { return nil }
                return .ordinal(number)
            }
            guard let month = number(), (1...12).contains(month), take("."), let week = number(),
                (1...5).contains(week), take("."), let day = number(), day <= 6
            else { return nil }
            return .weekday(month: month, week: week, day: day)
        }
    }
}

/// The Gregorian calendar in days since 1970.
package enum Civil {
    /// The day of a date.
    package static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year.dividedDown(by: 400)
        let ofEra = year - era * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    /// The year that a day is in.
    static func year(ofDay day: Int) -> Int {
        var year = 1970 + day.dividedDown(by: 366)
        while Civil.day(year + 1, 1, 1) <= day { year += 1 }
        return year
    }
}

extension Int {
    /// The quotient, rounded down for negative numbers too.
    func dividedDown(by divisor: Int) -> Int { self / divisor - (self % divisor < 0 ? 1 : 0) }

    /// The remainder, never negative.
    func remainder(of divisor: Int) -> Int { (self % divisor + divisor) % divisor }
}
