/// One number of a report's rows, in every form of it; docs/metering.md has the same as a table.
package struct UsageFigure: Sendable {
    package let name: String
    let form: UsageField.Form
    let value: @Sendable (UsageReport.Row) -> UsageCell

    private init(
        _ name: String,
        _ form: UsageField.Form = .count,
        _ value: @escaping @Sendable (UsageReport.Row) -> UsageCell
    ) {
        self.name = name
        self.form = form
        self.value = value
    }

    /// All of them, in the order in which every form has them.
    package static let all = [
        UsageFigure("requests") { .number($0.requests) },
        UsageFigure("failed") { .number($0.failed) },
        UsageFigure("estimated") { .number($0.estimated) },
        UsageFigure("input_tokens") { .number($0.input) },
        UsageFigure("cached_input_tokens") { .number($0.cachedInput) },
        UsageFigure("cache_write_tokens") { .number($0.cacheWrite) },
        UsageFigure("output_tokens") { .number($0.output) },
        UsageFigure("reasoning_tokens") { .number($0.reasoning) },
        UsageFigure("cost_usd", .money) { .money($0.cost) },
        UsageFigure("total_us") { .number($0.totalMicroseconds) },
    ]
}
