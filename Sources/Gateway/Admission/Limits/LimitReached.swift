import Inference

/// A limit that stands against a request.
struct LimitReached: Error, Sendable, Hashable {
    let level: LimitLevel
    let member: LimitSet.Member
    let limit: Int
    /// Nanoseconds until it may be otherwise.
    let wait: Int

    init(_ level: LimitLevel, _ member: LimitSet.Member, _ limit: Int, wait: Int) {
        self.level = level
        self.member = member
        self.limit = limit
        self.wait = wait
    }

    /// Whole seconds after which it is worth another try, at least one.
    var seconds: Int { max(1, (wait + 999_999_999) / 1_000_000_000) }

    var refusal: Refusal {
        let what =
            level.isTold
            ? "The limit of \(limit) \(words) of this \(level.rawValue) is reached."
            : "\(level == .model ? "This model" : "This gateway") takes no more \(words.prefix { $0 != " " }) just now."
        return Refusal(
            InferenceError(.rateLimited, "\(what) Try again in \(seconds) s.", retryAfter: Double(seconds))
        )
    }

    private var words: String {
        switch member {
        case .requestsPerMinute: "requests a minute"
        case .inputTokensPerMinute: "input tokens a minute"
        case .outputTokensPerMinute: "output tokens a minute"
        case .concurrentRequests: "requests at a time"
        case .tokensPerDay: "tokens a day"
        case .maxOutputTokens: "output tokens"
        }
    }
}
