import Dialects
import Inference
import NIOCore
import Providers

/// Where the request goes.
extension Exchange {
    /// Has the planner plan, and keeps the plan.
    func choose(_ facts: RequestFacts) throws(Refusal) -> RoutePlan {
        // Refused before anything is sent.
        _ = try wantedTimeout()
        let planner = snapshot.directory.planner(for: rights)
        var plan = try planner.plan(query(facts, planner.rules))
        precondition(!plan.targets.isEmpty, "a plan has a target")
        if plan.rule == nil { plan.policy = snapshot.settings.attempts }
        self.plan = plan
        record.rule = plan.rule
        return plan
    }

    /// Leaves the targets alone in the plan that keep what the request continues; false where there is none, or no other.
    func prefer(_ keeper: String) -> Bool {
        guard var plan else { return false }
        let kept = plan.targets.filter { $0.provider.name == keeper }
        guard !kept.isEmpty, kept.count < plan.targets.count else { return false }
        plan.targets = kept
        self.plan = plan
        return true
    }

    /// What routing has to know; what only rules and keys ask for is not read where there are none.
    private func query(_ facts: RequestFacts, _ rules: RouteRules) throws(Refusal) -> RouteQuery {
        var query = RouteQuery(
            model: facts.model,
            dialect: facts.endpoint.dialect,
            route: route,
            provider: caller.provider
        )
        query.rights = rights
        query.maxCost = try maxCost()
        if query.maxCost != nil { readCost(facts, into: &query) }
        guard rules.asksForSession else { return query }
        query.random = loop.dice.next()
        let traits = traits(of: facts)
        query.session = traits.session
        guard !rules.isEmpty else { return query }
        query.fields = callerFields
        query.hasTools = traits.hasTools
        readCost(facts, into: &query)
        let principal = identity.principal
        query.preference = try preference() ?? principal?.preference ?? rules.preference
        if let principal {
            (query.tenant, query.tenantID) = (principal.tenantName, principal.tenant)
            (query.role, query.keyLabel) = (principal.role.rawValue, principal.label)
        } else {
            query.tenant = IdentitySnapshot.implicitTenant
        }
        if rules.asksForSpend, let principal { readSpend(of: principal, into: &query) }
        return query
    }

    /// Reads what the caller has spent: by his user, or by his key where that is nobody's, and the budgets by all.
    private func readSpend(of principal: Principal, into query: inout RouteQuery) {
        let now = loop.shared.admissionClock.wall()
        let own = principal.budgets.first { $0.level == .user } ?? principal.budgets.last
        query.spend = own?.standing(at: now).thisMonth.cost.usd
        query.budgetUsed = principal.budgets.usedShare(at: now)
    }

    /// Reads what targets' cost is estimated from.
    private func readCost(_ facts: RequestFacts, into query: inout RouteQuery) {
        let traits = traits(of: facts)
        query.time = Int(WallClock.seconds())
        (query.tokens, query.hasImages) = (traits.tokens, traits.hasImages)
        let answer = min(facts.maxOutputTokens ?? RouteQuery.usualOutput, Self.mostAsked)
        query.output = facts.endpoint.generates ? answer * min(max(facts.answers, 1), Self.mostAnswersAsked) : 0
        query.overrides = loop.identities.prices
    }

    /// What the caller lets it cost: `x-torii-max-cost` in USD.
    private func maxCost() throws(Refusal) -> Money? {
        guard let word = callerFields.first(RouteQuery.maxCostField) else { return nil }
        if let most = RouteQuery.maxCost(word) { return most }
        throw Refusal(
            .badHeader,
            "\(RouteQuery.maxCostField) is no amount of USD such as 0.25.",
            field: RouteQuery.maxCostField
        )
    }

    /// More is taken for that much; a client may ask for any number that there is.
    private static let mostAsked = 1 << 31
    private static let mostAnswersAsked = 1_000

    private func preference() throws(Refusal) -> RoutePreference? {
        guard let word = callerFields.first("x-torii-prefer") else { return nil }
        if let preference = RoutePreference(rawValue: word.lowercased()) { return preference }
        let words = RoutePreference.allCases.map(\.rawValue).joined(separator: ", ")
        throw Refusal(.badHeader, "x-torii-prefer is none of \(words).", field: "x-torii-prefer")
    }
}
