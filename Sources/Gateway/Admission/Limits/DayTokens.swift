import Synchronization

/// Tokens of one day in UTC, as a value: what was used, and what is set aside for requests that still run.
struct DayCount: Sendable, Hashable {
    static let milliseconds = 86_400_000

    /// Days since 1970.
    private(set) var day = 0
    private(set) var used = 0
    private(set) var reserved = 0

    /// Sets tokens aside; a request for more than a whole day's is let through on a day of which nothing was used.
    mutating func reserve(_ tokens: Int, limit: Int, at time: Int) -> Bool {
        move(to: time)
        guard used + reserved + min(tokens, limit) <= limit else { return false }
        reserved += Self.bounded(tokens)
        return true
    }

    mutating func reserveMore(_ tokens: Int) { reserved += tokens }

    /// Ends what was set aside; what was used counts on the day on which it is known.
    mutating func settle(_ tokens: Int, used more: Int, at time: Int) {
        move(to: time)
        reserved -= Self.bounded(tokens)
        used = min(used + Self.bounded(more), Self.most)
    }

    /// No request counts for more than that, so that no sum is ever too large.
    private static func bounded(_ tokens: Int) -> Int { min(max(0, tokens), most) }

    private static let most = 1 << 48

    /// A day begins once: a clock that is set back does not bring another one (F16), unless it was days ahead before.
    private mutating func move(to time: Int) {
        let today = time / Self.milliseconds
        if today > day || today < day - 1 { (day, used) = (today, 0) }
    }
}

/// The same for all event loops together; the lock is held for a few lines.
///
/// It is counted by this process alone and from its start on: what has to outlive it belongs to the metering of budgets.
final class DayTokens: Sendable {
    private let count = Mutex(DayCount())

    var used: Int { count.withLock { $0.used } }

    func reserve(_ tokens: Int, limit: Int, at time: Int) -> Bool {
        count.withLock { $0.reserve(tokens, limit: limit, at: time) }
    }

    func reserveMore(_ tokens: Int) { count.withLock { $0.reserveMore(tokens) } }

    func settle(_ tokens: Int, used: Int, at time: Int) {
        count.withLock { $0.settle(tokens, used: used, at: time) }
    }

    /// Nanoseconds until the next day.
    static func wait(at time: Int) -> Int {
        (DayCount.milliseconds - time % DayCount.milliseconds) * 1_000_000
    }
}
