/// How much time a row of sums is about, in UTC.
///
/// `slot` is what it is about: hours since 1970 for an hour, days since 1970 for a day, and for a month its first day.
enum UsageGrain: Int, Sendable, Hashable, CaseIterable {
    case hour, day, month

    /// The slot that an hour belongs to.
    func slot(ofHour hour: Int) -> Int {
        switch self {
        case .hour: hour
        case .day: hour / 24
        case .month: Self.firstOfMonth(hour / 24)
        }
    }

    /// What is kept of a day of the tenant's: of a month's sums only the month is.
    func day(_ day: Int) -> Int { self == .month ? Self.firstOfMonth(day) : day }

    /// The first day of a day's month.
    static func firstOfMonth(_ day: Int) -> Int {
        let number = Timestamp.dateAndTime(day * 86_400).utf8.dropFirst(8).prefix(2)
        return day + 1 - number.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }

    /// The hour of a time in milliseconds, and the day, within the years from 1970 to 9998.
    static func hour(ofTime time: Int) -> Int { min(max(0, time), lastTime) / 3_600_000 }

    static func boundedDay(_ day: Int) -> Int { min(max(0, day), lastTime / 86_400_000) }

    private static let lastTime = 253_370_764_799_999
    static let hours = 0..<(lastTime / 3_600_000 + 1)
}

/// Slots of one grain that follow each other.
struct UsageSpan: Sendable, Hashable {
    let grain: UsageGrain
    let slots: Range<Int>

    /// The fewest slots that are exactly these hours; none is longer than `coarsest`.
    static func covering(_ hours: Range<Int>, upTo coarsest: UsageGrain) -> [UsageSpan] {
        let days = (hours.lowerBound + 23) / 24..<max(hours.upperBound / 24, (hours.lowerBound + 23) / 24)
        guard coarsest != .hour, !days.isEmpty else { return [UsageSpan(grain: .hour, slots: hours)].filled }
        let middle = coarsest == .month ? months(days) : [UsageSpan(grain: .day, slots: days)]
        return [UsageSpan(grain: .hour, slots: hours.lowerBound..<days.lowerBound * 24)].filled + middle
            + [UsageSpan(grain: .hour, slots: days.upperBound * 24..<hours.upperBound)].filled
    }

    private static func months(_ days: Range<Int>) -> [UsageSpan] {
        let (this, last) = (UsageGrain.firstOfMonth(days.lowerBound), UsageGrain.firstOfMonth(days.upperBound))
        let first = this == days.lowerBound ? this : UsageGrain.firstOfMonth(this + 31)
        guard first < last else { return [UsageSpan(grain: .day, slots: days)] }
        return [
            UsageSpan(grain: .day, slots: days.lowerBound..<first), UsageSpan(grain: .month, slots: first..<last),
            UsageSpan(grain: .day, slots: last..<days.upperBound),
        ].filled
    }
}

extension [UsageSpan] {
    /// Those that have slots.
    fileprivate var filled: [UsageSpan] { filter { !$0.slots.isEmpty } }
}

/// What a row of sums is about.
struct RollupKey: Sendable, Hashable {
    var grain: UsageGrain
    var slot: Int
    /// The day in the tenant's time zone.
    var day: Int
    /// The number of a subject.
    var subject: Int

    /// The key of the longer time that a row of an hour is added to as well.
    func widened(to grain: UsageGrain) -> RollupKey {
        RollupKey(grain: grain, slot: grain.slot(ofHour: slot), day: grain.day(day), subject: subject)
    }
}
