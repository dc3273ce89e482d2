/// Somebody's budget, with the account that it is counted on; shared by all whom it bounds, and never changed.
///
/// With other limits another scope takes its place, on the same account.
final class BudgetScope: Sendable {
    let level: LimitLevel
    let limits: BudgetLimits
    let account: BudgetAccount
    let calendar: TenantCalendar

    init(_ level: LimitLevel, _ limits: BudgetLimits, _ account: BudgetAccount, _ calendar: TenantCalendar) {
        self.level = level
        self.limits = limits
        self.account = account
        self.calendar = calendar
    }

    /// The scope of somebody, which is the old one where nothing is different.
    static func of(
        _ level: LimitLevel,
        _ id: String,
        _ limits: BudgetLimits,
        _ calendar: TenantCalendar,
        in accounts: BudgetAccounts,
        after last: BudgetScope?
    ) -> BudgetScope {
        if let last, last.limits == limits, last.calendar === calendar, last.account.id == id { return last }
        return BudgetScope(level, limits, accounts.account(level, id), calendar)
    }

    /// How it stands at a time in milliseconds since 1970.
    func standing(at milliseconds: Int) -> BudgetStanding { account.standing(on: calendar.day(at: milliseconds)) }

    /// The largest part of its budgets that is spent; nil where nothing bounds it.
    func usedShare(at milliseconds: Int) -> Double? {
        guard !limits.isEmpty else { return nil }
        let standing = standing(at: milliseconds)
        return BudgetLimits.Member.allCases.compactMap { member -> Double? in
            guard let limit = limits[member] else { return nil }
            let spent = member.period == .day ? standing.today : standing.thisMonth
            return limit > 0 ? Double(spent[member.unit]) / Double(limit) : 1
        }.max()
    }

    /// Ends what was set aside, and has somebody told of what is reached by it.
    func settle(_ amount: BudgetAmount, used: BudgetAmount, at milliseconds: Int) {
        let reached = account.settle(amount, used: used, on: calendar.day(at: milliseconds), limits)
        if !reached.isEmpty { account.alerts.offer(reached) }
    }
}

extension [BudgetScope] {
    /// The largest part of any budget that is spent, 1 for all of it; nil where there is none.
    func usedShare(at milliseconds: Int) -> Double? {
        compactMap { $0.usedShare(at: milliseconds) }.max()
    }
}
