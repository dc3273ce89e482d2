import Inference

/// One member of a usage record, as answers and exports have it; docs/metering.md has the same as a table.
package struct UsageField: Sendable {
    /// What a value is.
    enum Form: Sendable, Hashable {
        /// Of a record, by which pages go on.
        case id
        case text
        case word([String])
        /// A whole number, 0 or more.
        case count
        case flag
        /// In USD, exact to a billionth.
        case money
        case time
        case day
    }

    package let name: String
    let form: Form
    /// Whether it is never null.
    let isAlwaysThere: Bool
    let value: @Sendable (Int, UsageRecord) -> UsageCell

    private init(
        _ name: String,
        _ form: Form,
        isAlwaysThere: Bool = false,
        _ value: @escaping @Sendable (Int, UsageRecord) -> UsageCell
    ) {
        self.name = name
        self.form = form
        self.isAlwaysThere = isAlwaysThere
        self.value = value
    }

    /// All of them, in the order in which every form has them.
    package static let all = callers + requests + tokens + costs + times

    private static let callers = [
        UsageField("id", .id, isAlwaysThere: true) { id, _ in .text(AdministrationQuery.cursor(id)) },
        UsageField("at", .time, isAlwaysThere: true) { .time($1.at) },
        UsageField("day", .day, isAlwaysThere: true) { .day($1.day) },
        UsageField("request_id", .text, isAlwaysThere: true) { .text($1.requestID) },
        UsageField("part", .word(UsageRecord.Part.allCases.map(\.rawValue)), isAlwaysThere: true) {
            .text($1.part.rawValue)
        },
        UsageField("tenant", .text) { UsageCell($1.tenant) },
        UsageField("team", .text) { UsageCell($1.team) },
        UsageField("user", .text) { UsageCell($1.user) },
        UsageField("key", .text) { UsageCell($1.key) },
        UsageField("client", .text, isAlwaysThere: true) { .text($1.client) },
    ]

    private static let requests = [
        UsageField("route", .text, isAlwaysThere: true) { .text($1.route) },
        UsageField("dialect", .word(Dialect.allCases.map(\.rawValue))) { UsageCell($1.dialect?.rawValue) },
        UsageField("upstream_dialect", .word(Dialect.allCases.map(\.rawValue))) {
            UsageCell($1.upstreamDialect?.rawValue)
        },
        UsageField("rule", .text) { UsageCell($1.rule) },
        UsageField("provider", .text) { UsageCell($1.provider) },
        UsageField("model", .text) { UsageCell($1.model) },
        UsageField("upstream_model", .text) { UsageCell($1.upstreamModel) },
        UsageField("stream", .flag, isAlwaysThere: true) { .flag($1.isStream) },
        UsageField("status", .count, isAlwaysThere: true) { .number($1.status) },
        UsageField("outcome", .word(ExchangeRecord.Outcome.allCases.map(\.rawValue)), isAlwaysThere: true) {
            .text($1.outcome.rawValue)
        },
        UsageField("code", .text) { UsageCell($1.code) },
        UsageField("attempts", .count, isAlwaysThere: true) { .number($1.attempts) },
        UsageField("tried", .text) { UsageCell($1.tried) },
    ]

    private static let tokens = [
        UsageField("input_tokens", .count) { UsageCell($1.usage.input) },
        UsageField("cached_input_tokens", .count) { UsageCell($1.usage.cachedInput) },
        UsageField("cache_write_tokens", .count) { UsageCell($1.usage.cacheWrite) },
        UsageField("cache_write_1h_tokens", .count) { UsageCell($1.usage.cacheWrite1h) },
        UsageField("output_tokens", .count) { UsageCell($1.usage.output) },
        UsageField("reasoning_tokens", .count) { UsageCell($1.usage.reasoning) },
        UsageField("images", .count, isAlwaysThere: true) { .number($1.images) },
        UsageField("estimated", .flag, isAlwaysThere: true) { .flag($1.isEstimated) },
    ]

    private static let costs = [
        UsageField("cost_usd", .money, isAlwaysThere: true) { .money($1.cost) },
        // Tokens that nobody has a price for are not billed.
        UsageField("unpriced", .flag, isAlwaysThere: true) { .flag($1.price == nil && $1.tokens > 0) },
        UsageField("price_input", .money) { perMillion($1.price?.input) },
        UsageField("price_cached_input", .money) { perMillion($1.price?.cachedInput) },
        UsageField("price_cache_write", .money) { perMillion($1.price?.cacheWrite) },
        UsageField("price_cache_write_1h", .money) { perMillion($1.price?.cacheWrite1h) },
        UsageField("price_output", .money) { perMillion($1.price?.output) },
        UsageField("price_reasoning", .money) { perMillion($1.price?.reasoning) },
        UsageField("price_image", .money) { each($1.price?.image) },
        UsageField("price_request", .money) { each($1.price?.request) },
    ]

    private static let times = [
        UsageField("waited_us", .count, isAlwaysThere: true) { .number($1.waitedMicroseconds) },
        UsageField("first_byte_us", .count) { UsageCell($1.firstByteMicroseconds) },
        UsageField("first_token_us", .count) { UsageCell($1.firstTokenMicroseconds) },
        UsageField("total_us", .count, isAlwaysThere: true) { .number($1.totalMicroseconds) },
    ]

    /// Trillionths of a dollar for a token are millionths of one for a million of them.
    private static func perMillion(_ trillionths: Int?) -> UsageCell { trillionths.map { .millionths($0) } ?? .null }

    private static func each(_ nanos: Int?) -> UsageCell { nanos.map { .money(Money(nanos: $0)) } ?? .null }
}
