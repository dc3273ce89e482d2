/// Everybody's budgets of USD, each with the labels by which it is told.
struct GatewayBudgets {
    /// One budget, and how it stands.
    struct Standing {
        /// Those of `GatewayMetrics.Measured.budgetLimit`.
        let labels: [String]
        let limit: Money
        let used: Money
        /// Less what is set aside for requests that run.
        let remaining: Money
    }

    private struct Holder {
        let scope: BudgetScope
        /// A tenant's name, and the id of everything else.
        let name: String
        /// Its tenant's id; empty for what is of none.
        let tenant: String
    }

    private let holders: [Holder]

    init(_ identities: IdentitySnapshot) {
        let scopes = identities.scopes
        let tenants = scopes.tenants.values.map { Holder(scope: $0.budget, name: $0.name, tenant: $0.id) }
        let teams = scopes.teams.map { Holder(scope: $0.value.budget, name: $0.key, tenant: $0.value.tenant) }
        let users = scopes.users.map { Holder(scope: $0.value.budget, name: $0.key, tenant: $0.value.tenant) }
        let keys = identities.keys.values.compactMap { key -> Holder? in
            guard let scope = key.principal.budgets.last, scope.level == .key else { return nil }
            return Holder(scope: scope, name: key.id, tenant: key.principal.tenant ?? "")
        }
        // In an order that stays, so that what there is no room for is always the same.
        holders = Self.bounded(tenants) + Self.bounded(teams) + Self.bounded(users) + Self.bounded(keys)
    }

    /// So many of them as they stand at a time in milliseconds since 1970: tenants' first, then teams', users' and keys'.
    func standings(at milliseconds: Int, most: Int) -> [Standing] {
        var standings: [Standing] = []
        for holder in holders {
            let scope = holder.scope
            let now = scope.standing(at: milliseconds)
            let periods: [(BudgetPeriod, Money?, Money)] = [
                (.day, scope.limits.dailyCost, now.today.cost), (.month, scope.limits.monthlyCost, now.thisMonth.cost),
            ]
            for (period, limit, used) in periods {
                guard let limit else { continue }
                guard standings.count < most else { return standings }
                let standing = Standing(
                    labels: [scope.level.rawValue, holder.name, period.rawValue, holder.tenant],
                    limit: limit,
                    used: used,
                    remaining: max(.zero, limit - used - now.reserved.cost)
                )
                standings.append(standing)
            }
        }
        return standings
    }

    private static func bounded(_ holders: [Holder]) -> [Holder] {
        let bounded = holders.filter { $0.scope.limits.dailyCost != nil || $0.scope.limits.monthlyCost != nil }
        return bounded.sorted { $0.name < $1.name }
    }
}
