import JSON

/// How one budget of somebody stands: what it is for a day or a month, and what is left of it.
struct BudgetRow: Sendable, Hashable {
    let period: BudgetPeriod
    /// When the period ends and all of the budget is there again, in milliseconds since 1970.
    let endsAt: Int
    /// Nil where nothing bounds it.
    let costLimit: Money?
    let tokenLimit: Int?
    let spent: BudgetAmount
    /// What requests that run now have set aside.
    let reserved: BudgetAmount

    /// What of a limit is neither spent nor set aside; never below zero.
    var remainingCost: Money? { costLimit.map { max(.zero, $0 - spent.cost - reserved.cost) } }

    var remainingTokens: Int? { tokenLimit.map { max(0, $0 - spent.tokens - reserved.tokens) } }

    /// How much of the limit is spent, of the one that is spent more; 1 is all of it.
    var share: Double {
        max(
            costLimit.map { Self.share(Double(spent.cost.nanos), of: Double($0.nanos)) } ?? 0,
            tokenLimit.map { Self.share(Double(spent.tokens), of: Double($0)) } ?? 0
        )
    }

    private static func share(_ part: Double, of whole: Double) -> Double {
        guard whole > 0 else { return 1 }
        return (part / whole * 10_000).rounded() / 10_000
    }

    /// Writes it as the members of an object that says whose it is.
    func write(to object: inout JSONWriter) {
        let cells: [(String, UsageCell)] = [
            ("period", .text(period.rawValue)), ("ends_at", .time(endsAt)),
            ("limit_usd", costLimit.map { .money($0) } ?? .null), ("spent_usd", .money(spent.cost)),
            ("reserved_usd", .money(reserved.cost)), ("remaining_usd", remainingCost.map { .money($0) } ?? .null),
            ("limit_tokens", UsageCell(tokenLimit)), ("spent_tokens", .number(spent.tokens)),
            ("reserved_tokens", .number(reserved.tokens)), ("remaining_tokens", UsageCell(remainingTokens)),
        ]
        for (name, cell) in cells {
            object.key(name)
            cell.write(to: &object)
        }
        object.member("share", share)
    }
}

extension BudgetScope {
    /// How each of its budgets stands at a moment; a period without a limit is none.
    func rows(at now: Int) -> [BudgetRow] {
        let standing = standing(at: now)
        return BudgetPeriod.allCases.compactMap { period in
            let (cost, tokens, spent) =
                switch period {
                case .day: (limits.dailyCost, limits.dailyTokens, standing.today)
                case .month: (limits.monthlyCost, limits.monthlyTokens, standing.thisMonth)
                }
            guard cost != nil || tokens != nil else { return nil }
            return BudgetRow(
                period: period,
                endsAt: calendar.end(of: period, at: now),
                costLimit: cost,
                tokenLimit: tokens,
                spent: spent,
                reserved: standing.reserved
            )
        }
    }
}

extension IdentitySnapshot {
    /// What bounds the spending of a thing of this id; nil where nothing does.
    func budget(of kind: IdentityKind, _ id: String) -> BudgetScope? {
        switch kind {
        case .tenants: scopes.tenants[id]?.budget
        case .teams: scopes.teams[id]?.budget
        case .users: scopes.users[id]?.budget
        case .keys: keys[id]?.principal.budgets.last { $0.level == .key }
        default: nil
        }
    }
}
