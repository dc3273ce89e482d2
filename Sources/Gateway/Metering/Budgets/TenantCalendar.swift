import Synchronization

/// A day of somebody's calendar, and the month that it is in.
struct BudgetDay: Sendable, Hashable {
    /// Days since 1970-01-01.
    let day: Int
    /// Months since the beginning of the year 0.
    let month: Int

    init(day: Int) {
        self.day = day
        month = Civil.month(ofDay: day)
    }

    /// The number by which a period is known.
    func number(of period: BudgetPeriod) -> Int {
        switch period {
        case .day: day
        case .month: month
        }
    }
}

/// When days and months begin for a tenant, by the clocks of its time zone.
///
/// One object for all requests of a tenant: what day it is now is worked out once for each day.
final class TenantCalendar: Sendable {
    let zone: ZoneRules

    private struct Known: Sendable {
        var from = Int.max
        var until = Int.min
        var day = BudgetDay(day: 0)
    }

    /// From when to when, in seconds since 1970, which day is known.
    private let known = Mutex(Known())

    static let utc = TenantCalendar(zone: .utc)

    init(zone: ZoneRules) { self.zone = zone }

    /// The day of a time in milliseconds since 1970.
    func day(at milliseconds: Int) -> BudgetDay {
        let seconds = milliseconds.dividedDown(by: 1_000)
        return known.withLock { known in
            if known.from <= seconds, seconds < known.until { return known.day }
            let (east, changes) = zone.offset(at: seconds)
            let day = (seconds + east).dividedDown(by: Self.secondsOfDay)
            let midnight = (day + 1) * Self.secondsOfDay - east
            known = Known(from: seconds, until: min(midnight, changes), day: BudgetDay(day: day))
            return known.day
        }
    }

    /// When the period that a time is in is over, in milliseconds since 1970.
    func end(of period: BudgetPeriod, at milliseconds: Int) -> Int {
        let today = day(at: milliseconds)
        let target =
            switch period {
            case .day: today.day + 1
            case .month: Civil.day((today.month + 1).dividedDown(by: 12), (today.month + 1).remainder(of: 12) + 1, 1)
            }
        return start(ofDay: target, after: milliseconds.dividedDown(by: 1_000)) * 1_000
    }

    /// The first second at which the clocks show a day or a later one; midnight may be left out by a change of the clocks.
    private func start(ofDay target: Int, after seconds: Int) -> Int {
        var now = seconds
        // Clocks change a few times in a month at the most.
        for _ in 0..<100 {
            let (east, changes) = zone.offset(at: now)
            if (now + east).dividedDown(by: Self.secondsOfDay) >= target { return now }
            let midnight = target * Self.secondsOfDay - east
            if midnight <= changes { return midnight }
            now = changes
        }
        return now
    }

    private static let secondsOfDay = 86_400
}

extension Civil {
    /// The month that a day is in, in months since the beginning of the year 0.
    static func month(ofDay day: Int) -> Int {
        let year = year(ofDay: day)
        var month = 1
        while month < 12, Civil.day(year, month + 1, 1) <= day { month += 1 }
        return year * 12 + month - 1
    }
}

extension TenantCalendar {
    /// The calendar of a zone of this machine's database, which is the old one where the zone is the same; that of UTC where
    /// the database does not have it any more.
    static func of(_ zone: String, after last: TenantCalendar?) -> TenantCalendar {
        if let last, last.zone.name == zone { return last }
        return TenantCalendar(zone: ZoneDatabase.machine.rules(of: zone) ?? .utc)
    }
}
