/// Whose a limit is.
package enum LimitLevel: String, Sendable, Hashable, CaseIterable {
    case installation, tenant, team, user, key, model

    /// Whether callers are told the number; what everybody shares tells of others.
    var isTold: Bool { self != .installation && self != .model }
}

/// Somebody's limits, with what was taken of them; one object for all event loops and for all whom it bounds.
///
/// The limits never change: with other ones another object takes its place, which goes on from what this one has counted.
final class LimitScope: Sendable {
    let level: LimitLevel
    let limits: LimitSet
    let places: Places
    let requests: RequestRate?
    let input: TokenRate?
    let output: TokenRate?
    let day: DayTokens

    /// Requests that run and the day's tokens go on to be counted; a rate that is another one begins anew.
    private init(_ level: LimitLevel, _ limits: LimitSet, after last: LimitScope?) {
        func rate<Rate>(_ member: LimitSet.Member, _ old: Rate?, _ make: (Int) -> Rate) -> Rate? {
            guard let perMinute = limits[member] else { return nil }
            return last?.limits[member] == perMinute ? old ?? make(perMinute) : make(perMinute)
        }
        self.level = level
        self.limits = limits
        places = last?.places ?? Places()
        requests = rate(.requestsPerMinute, last?.requests) { RequestRate(perMinute: $0) }
        input = rate(.inputTokensPerMinute, last?.input) { TokenRate(perMinute: $0) }
        output = rate(.outputTokensPerMinute, last?.output) { TokenRate(perMinute: $0) }
        day = last?.day ?? DayTokens()
    }

    /// The scope of these limits, which is the old one where they are the same; nil where nothing is bounded and nothing is
    /// counted by which a limit that comes again would have to go.
    static func of(_ level: LimitLevel, _ limits: LimitSet, after last: LimitScope?) -> LimitScope? {
        guard !limits.isEmpty || last?.hasCounts == true else { return nil }
        if let last, last.limits == limits { return last }
        return LimitScope(level, limits, after: last)
    }

    private var hasCounts: Bool { places.count > 0 || day.used > 0 }

    // MARK: The first gate

    /// Takes a place and a request; gives what stands against it, and then nothing was taken.
    func enter(at now: Int) -> LimitReached? {
        guard places.take(limit: limits.concurrentRequests ?? .max) else {
            return LimitReached(level, .concurrentRequests, limits.concurrentRequests ?? 0, wait: 0)
        }
        if let requests, !requests.take(at: now) {
            places.giveBack()
            return LimitReached(level, .requestsPerMinute, requests.rate.perMinute, wait: requests.wait(at: now))
        }
        return nil
    }

    /// Gives back what `enter` took at `start`, because somebody else refused.
    func undoEnter(takenAt start: Int, at now: Int) {
        requests?.giveBack(takenAt: start, at: now)
        places.giveBack()
    }

    // MARK: The second gate

    /// Sets tokens aside; gives what stands against it, and then nothing was set aside.
    func reserve(_ amounts: TokenAmounts, at now: Int, _ clock: AdmissionClock) -> LimitReached? {
        if let input, !input.reserve(amounts.input, at: now) {
            let wait = input.wait(for: amounts.input, at: now)
            return LimitReached(level, .inputTokensPerMinute, input.rate.perMinute, wait: wait)
        }
        if let output, !output.reserve(amounts.output, at: now) {
            input?.settle(amounts.input, used: 0, at: now)
            let wait = output.wait(for: amounts.output, at: now)
            return LimitReached(level, .outputTokensPerMinute, output.rate.perMinute, wait: wait)
        }
        guard let limit = limits.tokensPerDay else { return nil }
        let time = clock.wall()
        if day.reserve(amounts.total, limit: limit, at: time) { return nil }
        input?.settle(amounts.input, used: 0, at: now)
        output?.settle(amounts.output, used: 0, at: now)
        return LimitReached(level, .tokensPerDay, limit, wait: DayTokens.wait(at: time))
    }

    /// Sets more aside for a prompt that turned out to be longer.
    func reserveMore(_ tokens: Int, after amounts: TokenAmounts) {
        input?.reserveMore(tokens, after: amounts.input)
        if limits.tokensPerDay != nil { day.reserveMore(tokens) }
    }

    /// Ends what was set aside.
    func settle(_ amounts: TokenAmounts, used: TokenAmounts, at now: Int, _ clock: AdmissionClock) {
        input?.settle(amounts.input, used: used.input, at: now)
        output?.settle(amounts.output, used: used.output, at: now)
        if limits.tokensPerDay != nil { day.settle(amounts.total, used: used.total, at: clock.wall()) }
    }
}
