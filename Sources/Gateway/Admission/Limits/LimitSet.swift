/// What bounds somebody; a number that is nil bounds nothing.
package struct LimitSet: Sendable, Hashable {
    package var requestsPerMinute: Int?
    package var inputTokensPerMinute: Int?
    package var outputTokensPerMinute: Int?
    /// Requests that run at the same time.
    package var concurrentRequests: Int?
    /// Input and output together, from midnight to midnight in UTC.
    package var tokensPerDay: Int?
    /// Tokens of one answer.
    package var maxOutputTokens: Int?

    package init() {}

    /// One of them, by the name that the configuration, the store and the administration have for it.
    package enum Member: String, Sendable, Hashable, CaseIterable {
        case requestsPerMinute = "requests_per_minute"
        case inputTokensPerMinute = "input_tokens_per_minute"
        case outputTokensPerMinute = "output_tokens_per_minute"
        case concurrentRequests = "concurrent_requests"
        case tokensPerDay = "tokens_per_day"
        case maxOutputTokens = "max_output_tokens"
    }

    /// What a number may be: nobody is shut out by a limit, and none is so large that time cannot be divided by it.
    package static let bounds = 1...1_000_000_000

    package subscript(member: Member) -> Int? {
        get {
            switch member {
            case .requestsPerMinute: requestsPerMinute
            case .inputTokensPerMinute: inputTokensPerMinute
            case .outputTokensPerMinute: outputTokensPerMinute
            case .concurrentRequests: concurrentRequests
            case .tokensPerDay: tokensPerDay
            case .maxOutputTokens: maxOutputTokens
            }
        }
        set {
            switch member {
            case .requestsPerMinute: requestsPerMinute = newValue
            case .inputTokensPerMinute: inputTokensPerMinute = newValue
            case .outputTokensPerMinute: outputTokensPerMinute = newValue
            case .concurrentRequests: concurrentRequests = newValue
            case .tokensPerDay: tokensPerDay = newValue
            case .maxOutputTokens: maxOutputTokens = newValue
            }
        }
    }

    var isEmpty: Bool { self == LimitSet() }

    /// Whether it matters how many tokens a request has.
    var countsTokens: Bool { inputTokensPerMinute != nil || outputTokensPerMinute != nil || tokensPerDay != nil }
}

/// Tokens of one request.
struct TokenAmounts: Sendable, Hashable {
    var input = 0
    var output = 0

    /// Both together; providers claim what they like, so that the sum may be more than a number can be.
    var total: Int {
        let (sum, isTooLarge) = input.addingReportingOverflow(output)
        return isTooLarge ? .max : sum
    }
}
