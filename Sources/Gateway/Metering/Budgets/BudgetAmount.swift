/// What is reserved, spent or left of a budget: USD, and tokens of prompts and answers together.
struct BudgetAmount: Sendable, Hashable {
    var cost = Money.zero
    var tokens = 0

    static let zero = BudgetAmount()
    /// What is left where nobody has a budget.
    static let unbounded = BudgetAmount(cost: Money(nanos: .max), tokens: .max)

    /// One of the two as a number: billionths of a dollar, or tokens.
    subscript(unit: BudgetUnit) -> Int {
        get {
            switch unit {
            case .cost: cost.nanos
            case .tokens: tokens
            }
        }
        set {
            switch unit {
            case .cost: cost = Money(nanos: newValue)
            case .tokens: tokens = newValue
            }
        }
    }

    /// The same within what one request can be, so that no sum of requests is ever too large.
    var bounded: BudgetAmount {
        BudgetAmount(
            cost: Money(nanos: min(max(cost.nanos, 0), Self.mostNanos)),
            tokens: min(max(tokens, 0), Self.mostTokens)
        )
    }

    /// Whether it is no more than another amount in either; what nothing is wanted of fits anywhere.
    func fits(_ left: BudgetAmount) -> Bool {
        (cost <= left.cost || cost <= .zero) && (tokens <= left.tokens || tokens <= 0)
    }

    /// The smaller cost of two amounts and the smaller number of tokens.
    func least(_ other: BudgetAmount) -> BudgetAmount {
        BudgetAmount(cost: min(cost, other.cost), tokens: min(tokens, other.tokens))
    }

    /// How many of some output tokens this amount pays for besides the rest of the request.
    ///
    /// `perToken` is what one costs in trillionths of a dollar, as `Price` has it.
    func outputTokens(_ wanted: Int, besides rest: BudgetAmount, perToken: Int) -> Int {
        let most = min(min(max(wanted, 0), Self.mostTokens), (self - rest).tokens)
        guard perToken > 0 else { return most }
        // A billionth of a dollar is a thousand trillionths; whole parts go first, so that no product is too large.
        let nanos = (self - rest).cost.nanos
        guard nanos / perToken <= Self.mostTokens else { return most }
        return min(most, nanos / perToken * 1_000 + nanos % perToken * 1_000 / perToken)
    }

    static func + (one: BudgetAmount, other: BudgetAmount) -> BudgetAmount {
        let (sum, isTooLarge) = one.tokens.addingReportingOverflow(other.tokens)
        return BudgetAmount(cost: one.cost + other.cost, tokens: isTooLarge ? .max : sum)
    }

    /// What is left of one amount without another, never below nothing.
    static func - (one: BudgetAmount, other: BudgetAmount) -> BudgetAmount {
        BudgetAmount(
            cost: max(.zero, one.cost - other.cost),
            tokens: one.tokens > other.tokens ? one.tokens - max(0, other.tokens) : 0
        )
    }

    static func += (one: inout BudgetAmount, other: BudgetAmount) { one = one + other }

    /// Nine million dollars.
    private static let mostNanos = 1 << 53
    private static let mostTokens = 1 << 40
}
