package import Dialects

extension RetryHints {
    /// Reads what a response's header says about trying again; `now` is in seconds since 1970.
    package init(_ fields: Fields, now: Double) {
        self.init(
            retryAfter: fields.first("retry-after"),
            retryAfterMilliseconds: fields.first("retry-after-ms"),
            rateLimitReset: Self.reset(in: fields),
            shouldRetry: fields.first("x-should-retry"),
            now: now
        )
    }

    /// The reset that counts: of requests or tokens the one of which nothing remains, else the one that stands for all.
    private static func reset(in fields: Fields) -> String? {
        for kind in ["requests", "tokens", "input-tokens", "output-tokens"] {
            if fields.first("x-ratelimit-remaining-\(kind)") == "0" { return fields.first("x-ratelimit-reset-\(kind)") }
            guard fields.first("anthropic-ratelimit-\(kind)-remaining") == "0" else { continue }
            return fields.first("anthropic-ratelimit-\(kind)-reset")
        }
        return fields.first("x-ratelimit-reset")
    }
}
