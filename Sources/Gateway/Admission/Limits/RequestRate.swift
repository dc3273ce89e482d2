import Synchronization

/// Requests a minute, counted by all event loops together: one atomic number, and no lock.
final class RequestRate: Sendable {
    let rate: CellRate
    private let due = Atomic<Int>(0)

    init(perMinute: Int) { rate = CellRate(perMinute: perMinute) }

    /// Takes one request; false where it does not fit, and then nothing was taken.
    func take(at now: Int) -> Bool {
        var seen = due.load(ordering: .relaxed)
        while let next = rate.due(after: seen, taking: 1, at: now) {
            let (exchanged, original) = due.weakCompareExchange(expected: seen, desired: next, ordering: .relaxed)
            if exchanged { return true }
            seen = original
        }
        return false
    }

    /// Gives back a request that was taken at `start` and came to nothing.
    ///
    /// What has become due since is not given back: others may have taken it, and it would be there twice.
    func giveBack(takenAt start: Int, at now: Int) {
        let rest = rate.interval - max(0, now - start)
        if rest > 0 { due.subtract(rest, ordering: .relaxed) }
    }

    /// How long it takes until one more fits, in nanoseconds.
    func wait(at now: Int) -> Int { rate.wait(for: 1, due: due.load(ordering: .relaxed), at: now) }

    func standing(at now: Int) -> LimitStanding {
        let due = due.load(ordering: .relaxed)
        return LimitStanding(
            limit: rate.perMinute,
            remaining: rate.remaining(due: due, at: now),
            reset: rate.reset(due: due, at: now)
        )
    }
}

/// How a limit stands, as its callers are told.
struct LimitStanding: Sendable, Hashable {
    let limit: Int
    let remaining: Int
    /// Nanoseconds until all of it is there again.
    let reset: Int

    /// Whether less of it is left than of another one.
    func isTighter(than other: LimitStanding) -> Bool {
        Double(remaining) / Double(limit) < Double(other.remaining) / Double(other.limit)
    }
}
