@testable import Gateway

/// Budgets for tests, and times to spend at.
enum BudgetWorld {
    /// Noon of 2027-01-15 in UTC, a Friday.
    static let noon = 1_800_014_400_000
    static let day = 86_400_000

    static func usd(_ usd: Double) -> Money { Money(nanos: Int((usd * 1e9).rounded())) }

    static func amount(_ usd: Double, tokens: Int = 0) -> BudgetAmount {
        BudgetAmount(cost: self.usd(usd), tokens: tokens)
    }

    /// A scope on an account of its own, or on one of these accounts.
    static func scope(
        _ level: LimitLevel = .key,
        daily: Double? = nil,
        monthly: Double? = nil,
        dailyTokens: Int? = nil,
        monthlyTokens: Int? = nil,
        calendar: TenantCalendar = .utc,
        in accounts: BudgetAccounts = BudgetAccounts()
    ) -> BudgetScope {
        let limits = BudgetLimits(
            dailyCost: daily.map(usd),
            monthlyCost: monthly.map(usd),
            dailyTokens: dailyTokens,
            monthlyTokens: monthlyTokens
        )
        return BudgetScope(level, limits, accounts.account(level, "\(level.rawValue)_1"), calendar)
    }

    /// Reserves and settles at once; what stands against it.
    static func spend(_ scopes: [BudgetScope], _ amount: BudgetAmount, at time: Int = noon) -> BudgetSpent? {
        do throws(BudgetSpent) {
            let reservation = try BudgetReservation(scopes, amount, at: time)
            reservation.settle(used: amount, at: time)
            return nil
        } catch {
            return error
        }
    }
}

extension BudgetReservation {
    /// Extends it; false where that is not possible.
    mutating func grow(by more: BudgetAmount, at time: Int) -> Bool {
        do throws(BudgetSpent) {
            try extend(by: more, at: time)
            return true
        } catch {
            return false
        }
    }
}
