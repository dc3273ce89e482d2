import Dialects
import Inference
import Providers

/// What the request may cost: it is set aside of its caller's budgets before anything is sent, and more of it while a stream
/// outgrows that.
extension Exchange {
    /// Sets aside of all budgets what the request may come to at a target; at a dearer one after the first, what that is more.
    ///
    /// - Throws: 402 where a budget does not allow it or nobody knows what it costs, 503 where it could not be accounted for.
    func reserveBudgets(_ target: RouteTarget, _ facts: RequestFacts) throws(Refusal) {
        guard facts.endpoint.generates || facts.endpoint.embeds, !isWarmUp else { return }
        let scopes = identity.principal?.budgets ?? []
        let hasBudget = scopes.contains { !$0.limits.isEmpty }
        try refuseUnaccountable(hasBudget)
        let now = loop.shared.admissionClock.wall()
        let answer = price(of: target, at: now, hasBudget: hasBudget)
        guard answer != .refused else { throw PriceTable.refusal(of: target.model, at: target.provider) }
        if answer.price?.image != nil { bill.images = traits(of: facts).images }
        guard hasBudget, var price = answer.price else { return }
        // What is kept for an hour is the dearest of a prompt, and hardly anybody asks for it.
        if price.cacheWrite1h != nil, !RequestTraits.mayKeepForAnHour(body) { price.cacheWrite1h = nil }
        let tokens = likely(facts, at: target)
        let clamps = snapshot.settings.budgets.clamp && route != .compact
        do throws(BudgetSpent) {
            try bill.reserve(tokens, price, of: scopes, for: facts, clamps: clamps, at: now)
        } catch {
            throw error.refusal(to: identity.principal)
        }
        bill.allowFraming(isBounded: facts.maxOutputTokens != nil || outputLimit(at: target) != nil)
    }

    /// What the request continues has been found, which is part of its prompt.
    func reserveBudgets(past bytes: Int, _ target: RouteTarget, _ facts: RequestFacts) throws(Refusal) {
        guard bytes > 0, bill.refund() else { return }
        try reserveBudgets(target, facts)
    }

    /// A stream has come so far; what it has outgrown is set aside as well.
    ///
    /// - Throws: where a budget does not allow that.
    func extendBudget(pieces: Int) throws(BudgetSpent) {
        guard bill.isOutgrown(by: pieces), let target = attempts?.target else { return }
        let now = loop.shared.admissionClock.wall()
        guard let price = price(of: target, at: now, hasBudget: true).price else { return }
        try bill.extend(price, at: now)
    }

    /// What a target costs.
    func price(of target: RouteTarget, at now: Int, hasBudget: Bool) -> PriceAnswer {
        snapshot.prices.answer(
            of: target.model,
            at: target.provider,
            speaking: target.dialect,
            at: now,
            overrides: loop.identities.prices,
            hasBudget: hasBudget
        )
    }

    /// Refuses what could not be written down: nobody spends what is counted nowhere (F15).
    private func refuseUnaccountable(_ hasBudget: Bool) throws(Refusal) {
        switch loop.shared.metering.condition {
        case .writable: break
        case .failing where !hasBudget: break
        case .failing, .full: throw Refusal(.accountUnavailable, retryAfter: 1)
        }
    }

    /// The most that the request is likely to come to: a maximum that nobody names is the smaller of its model's limit and
    /// what the answers of its key lately had.
    func likely(_ facts: RequestFacts, at target: RouteTarget) -> TokenAmounts {
        let input = traits(of: facts).tokens + history.bytes / RequestTraits.bytesPerToken
        guard facts.endpoint.generates else { return TokenAmounts(input: input) }
        let all = likelyOutput(facts, at: target) * min(max(facts.answers, 1), Self.mostAnswers)
        return TokenAmounts(input: input, output: min(all, Self.mostOutput))
    }

    /// The most that each answer is likely to come to.
    func likelyOutput(_ facts: RequestFacts, at target: RouteTarget) -> Int {
        let named = facts.maxOutputTokens ?? usualOutput(at: target)
        return min(named, outputLimit(at: target) ?? .max, Self.mostOutput)
    }

    private func usualOutput(at target: RouteTarget) -> Int {
        let usual = identity.principal?.budgets.last?.account.outputs.usualMost
        let known = [usual, profile(of: target).facts.outputLimit].compactMap(\.self).min()
        return known ?? snapshot.settings.budgets.usualOutput
    }
}
