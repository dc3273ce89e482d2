import Synchronization

/// Tokens a minute: what was used, and what is set aside for requests that still run.
///
/// What a request will use is not known before its end, so that an estimate is set aside for it; time pays for what was
/// used alone. The lock is held for a few lines.
final class TokenRate: Sendable {
    private struct State {
        var due = 0
        var reserved = 0
    }

    let rate: CellRate
    private let state = Mutex(State())

    init(perMinute: Int) { rate = CellRate(perMinute: perMinute) }

    /// Sets tokens aside; false where they do not fit, and then nothing was set aside.
    ///
    /// A request for more than a minute's worth is let through where all of that is there: what it uses beyond it is paid
    /// for before the next one.
    func reserve(_ tokens: Int, at now: Int) -> Bool {
        let part = part(of: tokens)
        return state.withLock { state in
            guard rate.due(after: state.due, taking: state.reserved + part, at: now) != nil else { return false }
            state.reserved += part
            return true
        }
    }

    /// Sets more aside for a request that turned out to be longer, whether it fits or not.
    func reserveMore(_ tokens: Int, after before: Int) {
        let more = part(of: before + tokens) - part(of: before)
        state.withLock { $0.reserved += more }
    }

    /// Ends what was set aside, for what was used in its place.
    func settle(_ tokens: Int, used: Int, at now: Int) {
        let part = part(of: tokens)
        state.withLock { state in
            state.reserved -= part
            if used > 0 { state.due = rate.due(after: state.due, owing: used, at: now) }
        }
    }

    /// How long it takes until so many fit if nothing is given back, in nanoseconds.
    func wait(for tokens: Int, at now: Int) -> Int {
        let part = part(of: tokens)
        return state.withLock { rate.wait(for: min($0.reserved + part, rate.perMinute), due: $0.due, at: now) }
    }

    func standing(at now: Int) -> LimitStanding {
        state.withLock { state in
            let due = max(state.due, now) + state.reserved * rate.interval
            return LimitStanding(
                limit: rate.perMinute,
                remaining: rate.remaining(due: due, at: now),
                reset: rate.reset(due: due, at: now)
            )
        }
    }

    private func part(of tokens: Int) -> Int { min(max(0, tokens), rate.perMinute) }
}
