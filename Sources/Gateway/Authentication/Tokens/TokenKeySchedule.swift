import NIOCore

/// When an issuer's keys are fetched, and what is said of a key that is not among them; a value that knows no clock.
///
/// Everything is measured with the system's running time, so that a clock that is set changes nothing (F16).
struct TokenKeySchedule: Sendable {
    /// Between two fetches that nobody but an unknown key's name asked for: whoever sends tokens must not have the issuer
    /// called for each.
    static let leastPause = TimeAmount.seconds(10)
    /// After a fetch that failed.
    static let firstRetry = TimeAmount.seconds(1)
    static let longestRetry = TimeAmount.seconds(60)

    let refresh: TimeAmount
    let stale: TimeAmount
    private(set) var fetchedAt: NIODeadline?
    private var triedAt: NIODeadline?
    private var failures = 0
    private(set) var isFetching = false
    /// Whether the next fetch waits for no time.
    private var isHurried = false

    init(refresh: TimeAmount, stale: TimeAmount) {
        self.refresh = refresh
        self.stale = stale
    }

    /// What a token gets whose key is not there, or whose issuer's keys are too old.
    enum Answer: Equatable {
        /// There is no such key: the keys were looked at just now.
        case absent
        /// A fetch may bring it.
        case wait
        /// It is not known whether there is one; seconds until it makes sense to ask again.
        case unavailable(retryAfter: Int)
    }

    func answer(at now: NIODeadline) -> Answer {
        if isFetching || isAllowed(at: now) { return .wait }
        guard failures == 0, !isStale(at: now) else {
            return .unavailable(retryAfter: secondsToRetry(at: now))
        }
        return .absent
    }

    /// Seconds until a fetch may begin again; at least one.
    func secondsToRetry(at now: NIODeadline) -> Int {
        let rest = (triedAt ?? now) + pause - now
        return max(1, Int((rest.nanoseconds + 999_999_999) / 1_000_000_000))
    }

    /// Whether the keys were never fetched, or so long ago that they count no more.
    func isStale(at now: NIODeadline) -> Bool { fetchedAt.map { now - $0 > stale } ?? true }

    /// Whether they are to be fetched without anybody asking for it.
    func isDue(at now: NIODeadline) -> Bool { !isFetching && now >= due }

    /// How long nothing has to be done.
    func rest(at now: NIODeadline) -> TimeAmount { max(.zero, due - now) }

    /// Has the next fetch begin at once, also behind one that is under way: what that one brings may be older.
    mutating func hurry() { isHurried = true }

    /// Whether a fetch begins; two never run at once.
    mutating func begin(at now: NIODeadline) -> Bool {
        guard !isFetching, isAllowed(at: now) else { return false }
        (isFetching, isHurried) = (true, false)
        triedAt = now
        return true
    }

    mutating func end(at now: NIODeadline, isGood: Bool) {
        isFetching = false
        triedAt = now
        failures = isGood ? 0 : failures + 1
        if isGood { fetchedAt = now }
    }

    private func isAllowed(at now: NIODeadline) -> Bool { isHurried || (triedAt.map { now - $0 >= pause } ?? true) }

    private var due: NIODeadline {
        guard let triedAt, !isHurried else { return .uptimeNanoseconds(0) }
        return triedAt + (failures == 0 ? refresh : pause)
    }

    private var pause: TimeAmount {
        guard failures > 0 else { return min(Self.leastPause, refresh) }
        return min(Self.longestRetry, .nanoseconds(Self.firstRetry.nanoseconds << Int64(min(failures - 1, 6))))
    }
}
