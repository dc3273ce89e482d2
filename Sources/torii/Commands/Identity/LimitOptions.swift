import ArgumentParser
import JSON

/// The limits and budgets that a tenant, a team, a user and a key can have.
struct LimitOptions: ParsableArguments {
    @Option(help: "Requests a minute; none takes the limit away, here and below.")
    var requestsPerMinute: String?

    @Option(help: "Tokens of prompts a minute.")
    var inputTokensPerMinute: String?

    @Option(help: "Tokens of answers a minute.")
    var outputTokensPerMinute: String?

    @Option(help: "Requests at a time.")
    var concurrentRequests: String?

    @Option(help: "Tokens of prompts and answers a day, in UTC.")
    var tokensPerDay: String?

    @Option(help: "Tokens of one answer.")
    var maxOutputTokens: String?

    @Option(
        help: "Tags between commas, of which a provider has to have one.",
        transform: GivenList.init
    )
    var regions: GivenList?

    @Option(help: "USD a day, in the tenant's time zone.")
    var dailyBudget: String?

    @Option(help: "USD a month.")
    var monthlyBudget: String?

    @Option(help: "Tokens of prompts and answers a day, in the tenant's time zone.")
    var dailyTokenBudget: String?

    @Option(help: "Tokens of prompts and answers a month.")
    var monthlyTokenBudget: String?

    /// What of them is given, as the administration takes it.
    var members: [(String, JSONValue?)] {
        [
            ("requests_per_minute", .count(requestsPerMinute)),
            ("input_tokens_per_minute", .count(inputTokensPerMinute)),
            ("output_tokens_per_minute", .count(outputTokensPerMinute)),
            ("concurrent_requests", .count(concurrentRequests)), ("tokens_per_day", .count(tokensPerDay)),
            ("max_output_tokens", .count(maxOutputTokens)), ("regions", .list(regions?.text)),
            ("daily_budget", .amount(dailyBudget)), ("monthly_budget", .amount(monthlyBudget)),
            ("daily_token_budget", .count(dailyTokenBudget)), ("monthly_token_budget", .count(monthlyTokenBudget)),
        ]
    }
}
