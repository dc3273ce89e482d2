import Synchronization

/// A time of some days of the week, by the clocks of one zone.
///
/// What counts is what the clock on the wall shows: an hour that a change to summer time leaves out is not there, and one
/// that comes twice counts twice.
package struct TimeWindow: Sendable, Hashable {
    static let minutesOfDay = 1_440
    static let minutesOfWeek = 10_080

    /// The days on which it begins; Monday is 0.
    package var days: Set<Int>
    /// Minutes from midnight.
    package var from: Int
    /// Minutes from midnight, up to 1440; on the next day where it is not above `from`.
    package var to: Int
    package var zone: ZoneRules

    package init(days: Set<Int> = Set(0..<7), from: Int, to: Int, zone: ZoneRules = .utc) {
        self.days = days
        self.from = from
        self.to = to
        self.zone = zone
    }

    /// Whether it is open in a minute since 1970, and up to which minute nothing changes.
    func state(at minute: Int) -> (isOpen: Bool, until: Int) {
        let (east, zoneUntil) = zone.offset(at: minute * 60)
        // 1970 began on a Thursday.
        let local = ((minute * 60 + east).dividedDown(by: 60) + 3 * Self.minutesOfDay).remainder(of: Self.minutesOfWeek)
        let length = to > from ? to - from : to + Self.minutesOfDay - from
        var isOpen = false
        var left = Self.minutesOfWeek
        for day in days {
            let start = day * Self.minutesOfDay + from
            if (local - start).remainder(of: Self.minutesOfWeek) < length { isOpen = true }
            for edge in [start, start + length] {
                let wait = (edge - local).remainder(of: Self.minutesOfWeek)
                if wait > 0 { left = min(left, wait) }
            }
        }
        let change = zoneUntil == .max ? .max : max(minute + 1, (zoneUntil + 59).dividedDown(by: 60))
        return (isOpen, min(minute + left, change))
    }
}

/// Times of which one has to be now.
package struct RouteSchedule: Sendable, Hashable {
    package var windows: [TimeWindow]

    package init(_ windows: [TimeWindow]) { self.windows = windows }

    /// Whether it is open at a time in seconds since 1970, without a memory.
    package func isOpen(at seconds: Int) -> Bool { state(at: seconds.dividedDown(by: 60)).isOpen }

    /// The same in minutes since 1970, and up to which of them nothing changes.
    func state(at minute: Int) -> (isOpen: Bool, until: Int) {
        var (isOpen, until) = (false, minute + TimeWindow.minutesOfWeek)
        for window in windows {
            let state = window.state(at: minute)
            isOpen = isOpen || state.isOpen
            until = min(until, state.until)
        }
        return (isOpen, until)
    }
}

/// Remembers until when a schedule's state holds, so that a request only compares two numbers.
final class ScheduleClock: Sendable {
    private let schedule: RouteSchedule
    /// From which minute (32 bits), for how many (31 bits), and whether it is open then.
    private let known = Atomic<UInt64>(0)

    init(_ schedule: RouteSchedule) { self.schedule = schedule }

    /// Whether it is open at a time in seconds since 1970; times may come in any order.
    func isOpen(at seconds: Int) -> Bool {
        let minute = max(0, seconds) / 60
        let word = known.load(ordering: .relaxed)
        let age = minute - Int(word >> 32)
        if age >= 0, age < Int(word & 0xFFFF_FFFF) >> 1 { return word & 1 == 1 }
        let state = schedule.state(at: minute)
        let length = UInt64(max(0, state.until - minute))
        known.store(UInt64(minute) << 32 | length << 1 | (state.isOpen ? 1 : 0), ordering: .relaxed)
        return state.isOpen
    }
}
