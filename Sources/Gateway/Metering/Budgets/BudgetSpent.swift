import Inference

/// A budget that does not allow a request.
struct BudgetSpent: Error, Sendable, Hashable {
    let level: LimitLevel
    let member: BudgetLimits.Member
    /// Billionths of a dollar, or tokens.
    let limit: Int
    /// When the period ends, in milliseconds since 1970.
    let end: Int
    /// Whether the request alone is more than the whole budget, so that waiting does not help.
    let isTooLarge: Bool

    init(_ scope: BudgetScope, _ member: BudgetLimits.Member, wanted: BudgetAmount, at milliseconds: Int) {
        level = scope.level
        self.member = member
        limit = scope.limits[member] ?? 0
        end = scope.calendar.end(of: member.period, at: milliseconds)
        isTooLarge = wanted[member.unit] > limit
    }

    /// 402 `budget_exceeded`; a member is told the amounts of its own budgets alone.
    func refusal(to principal: Principal?) -> Refusal { Refusal(error(to: principal)) }

    /// The failure as an exchange tells it, before an answer and within a stream.
    func error(to principal: Principal?) -> InferenceError {
        let isOwn = level == .key || level == .user || principal?.role != .member
        let plain = "A budget of this \(level.rawValue) does not allow this request."
        return InferenceError(.budgetExceeded, isOwn ? message : plain)
    }

    private var message: String {
        let period = member.period == .day ? "daily" : "monthly"
        let amount =
            member.unit == .cost ? "\(Money(nanos: limit).text) USD" : "\(limit) token\(limit == 1 ? "" : "s")"
        let budget = "the \(period) budget of \(amount) of this \(level.rawValue)"
        guard isTooLarge else {
            return "What is left of \(budget) does not allow this request. "
                + "It begins anew at \(Timestamp.text(of: end))."
        }
        return "This request may use more than all of \(budget). "
            + "Ask for a shorter answer, or have the budget raised."
    }
}
