/// How budgets are kept, as the configuration says it.
package struct BudgetSettings: Sendable, Hashable {
    /// Whether an answer is shortened to what is left of the budgets, instead of the request being refused.
    package var clamp: Bool
    /// Output tokens of a request that names no maximum, where neither its model's limit nor its key's last answers tell.
    package var usualOutput: Int
    /// Who is told that a budget comes to its end; nil for nobody.
    package var alerts: AlertSettings?

    package init(clamp: Bool = false, usualOutput: Int = 1_024, alerts: AlertSettings? = nil) {
        self.clamp = clamp
        self.usualOutput = usualOutput
        self.alerts = alerts
    }
}
