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
        if answer.price?.image != nil { images = traits(of: facts).images }
        guard hasBudget, let price = answer.price else { return }
        let tokens = likely(facts, at: target)
        do throws(BudgetSpent) {
            if let held = budget?.amount {
                try budget?.extend(by: price.amount(of: tokens, images: images) - held, at: now)
            } else {
                try reserve(tokens, price, facts, at: now)
            }
        } catch {
            throw error.refusal(to: identity.principal)
        }
        let isBounded = facts.maxOutputTokens != nil || outputLimit(at: target) != nil
        framing = isBounded ? max(Self.leastFraming, expectedOutput / 8) : 0
    }

    /// Sets aside what a request of so many tokens costs, or with `clamp` what is left for shorter answers.
    private func reserve(
        _ tokens: TokenAmounts,
        _ price: Price,
        _ facts: RequestFacts,
        at now: Int
    ) throws(BudgetSpent) {
        let scopes = identity.principal?.budgets ?? []
        let whole = price.amount(of: tokens, images: images)
        let answers = min(max(facts.answers, 1), Self.mostAnswers)
        let least = Self.leastOutput * answers
        expectedOutput = tokens.output
        guard snapshot.settings.budgets.clamp, route != .compact, tokens.output > least else {
            budget = try BudgetReservation(scopes, whole, at: now)
            return
        }
        let prompt = price.amount(of: TokenAmounts(input: tokens.input), images: images)
        func amount(_ output: Int) -> BudgetAmount {
            price.amount(of: TokenAmounts(input: tokens.input, output: output), images: images)
        }
        var output = tokens.output
        budget = try BudgetReservation(scopes, least: amount(least), at: now) { left in
            if whole.fits(left) { return whole }
            output = left.outputTokens(tokens.output, besides: prompt, perToken: price.dearestOutput)
            return amount(output)
        }
        guard output < tokens.output || facts.maxOutputTokens == nil else { return }
        let each = max(output / answers, Self.leastOutput)
        (affordableOutput, expectedOutput) = (each, each * answers)
    }

    /// What the request continues has been found, which is part of its prompt.
    func reserveBudgets(past bytes: Int, _ target: RouteTarget, _ facts: RequestFacts) throws(Refusal) {
        guard bytes > 0, let held = budget.take() else { return }
        held.refund()
        affordableOutput = nil
        try reserveBudgets(target, facts)
    }

    /// A stream has come so far; what it has outgrown is set aside as well.
    ///
    /// - Throws: where a budget does not allow that.
    func extendBudget(pieces: Int) throws(BudgetSpent) {
        guard pieces - framing > expectedOutput, let target = attempts?.target else { return }
        let now = loop.shared.admissionClock.wall()
        guard var price = price(of: target, at: now, hasBudget: true).price else { return }
        price.request = nil
        let more = max(Self.step, expectedOutput / 2)
        try budget?.extend(by: price.amount(of: TokenAmounts(output: more)), at: now)
        expectedOutput += more
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
        let named = facts.maxOutputTokens ?? usualOutput(at: target)
        let each = min(named, outputLimit(at: target) ?? .max, Self.mostOutput)
        let all = each * min(max(facts.answers, 1), Self.mostAnswers)
        return TokenAmounts(input: input, output: min(all, Self.mostOutput))
    }

    private func usualOutput(at target: RouteTarget) -> Int {
        let usual = identity.principal?.budgets.last?.account.outputs.usualMost
        let known = [usual, profile(of: target).facts.outputLimit].compactMap(\.self).min()
        return known ?? snapshot.settings.budgets.usualOutput
    }

    /// An answer is never shortened to less than that.
    private static let leastOutput = 16
    /// Events of a stream that are no tokens.
    private static let leastFraming = 64
    /// Tokens that are set aside at once for a stream that outgrows what it has.
    private static let step = 256
}

extension Price {
    /// What so many tokens count for in a budget; which of the prompt goes into a cache and what of the answer is reasoning is
    /// not known before.
    func amount(of tokens: TokenAmounts, images: Int = 0) -> BudgetAmount {
        var price = self
        price.input = max(input, cacheWrite ?? 0)
        price.output = dearestOutput
        let cost = price.cost(of: Usage(input: tokens.input, output: tokens.output), images: images)
        return BudgetAmount(cost: cost, tokens: tokens.total)
    }

    /// A token of the answer, of whichever kind.
    var dearestOutput: Int { max(output, reasoning ?? 0) }
}
