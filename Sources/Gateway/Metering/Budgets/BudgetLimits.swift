/// What somebody may spend in a day and in a month of the calendar; what is nil bounds nothing.
package struct BudgetLimits: Sendable, Hashable {
    package var dailyCost: Money?
    package var monthlyCost: Money?
    /// Tokens of prompts and answers together.
    package var dailyTokens: Int?
    package var monthlyTokens: Int?

    package init(
        dailyCost: Money? = nil,
        monthlyCost: Money? = nil,
        dailyTokens: Int? = nil,
        monthlyTokens: Int? = nil
    ) {
        self.dailyCost = dailyCost
        self.monthlyCost = monthlyCost
        self.dailyTokens = dailyTokens
        self.monthlyTokens = monthlyTokens
    }

    package static let none = BudgetLimits()

    /// One of them, by the name that the store and the administration have for it.
    package enum Member: String, Sendable, Hashable, CaseIterable {
        case dailyCost = "daily_budget"
        case monthlyCost = "monthly_budget"
        case dailyTokens = "daily_token_budget"
        case monthlyTokens = "monthly_token_budget"

        package var period: BudgetPeriod {
            switch self {
            case .dailyCost, .dailyTokens: .day
            case .monthlyCost, .monthlyTokens: .month
            }
        }

        package var unit: BudgetUnit {
            switch self {
            case .dailyCost, .monthlyCost: .cost
            case .dailyTokens, .monthlyTokens: .tokens
            }
        }
    }

    /// A limit as a number of its unit: billionths of a dollar, or tokens.
    subscript(member: Member) -> Int? {
        switch member {
        case .dailyCost: dailyCost?.nanos
        case .monthlyCost: monthlyCost?.nanos
        case .dailyTokens: dailyTokens
        case .monthlyTokens: monthlyTokens
        }
    }

    package var isEmpty: Bool { self == .none }

    /// The largest budget in whole USD; a budget of nothing allows what costs nothing.
    package static let mostUSD = 1_000_000_000
    /// What a budget of tokens may be.
    package static let tokenBounds = 1...1_000_000_000_000
    /// What a tenant may spend of whom nobody says more.
    package static let usualDailyCost = Money(nanos: 50_000_000_000)
    package static let usualMonthlyCost = Money(nanos: 500_000_000_000)
}

/// For how long a budget is.
package enum BudgetPeriod: String, Sendable, Hashable, CaseIterable {
    /// From midnight to midnight in the tenant's time zone.
    case day
    /// From the first day of a month to the last, in the same zone.
    case month
}

/// What a budget counts.
package enum BudgetUnit: String, Sendable, Hashable, CaseIterable {
    /// Billionths of a dollar, shown in USD.
    case cost = "usd"
    case tokens
}
