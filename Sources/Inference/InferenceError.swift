/// Why an inference did not end well, classified once at the edge where it happened.
package struct InferenceError: Error, Sendable, Hashable {
    /// What kind of failure it is; whether to retry, which status and which exit code follow from it alone.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The caller's request is wrong in itself, and no other provider would take it.
        case invalidRequest = "invalid_request"
        /// The provider does not have the model; choose this over `invalidRequest` whenever the model's name is the fault.
        case modelNotFound = "model_not_found"
        /// The prompt does not fit into the model's context window.
        case contextTooLong = "context_length_exceeded"
        /// A key is missing, wrong or not allowed to do this.
        case credentials = "invalid_api_key"
        /// The account has no money or allowance left; waiting does not help.
        case quota = "insufficient_quota"
        /// The caller's own budget at the gateway does not allow it; choose `quota` for the provider's account.
        case budgetExceeded = "budget_exceeded"
        /// Too many requests or tokens in a time; waiting helps, see `retryAfter`.
        case rateLimited = "rate_limit_exceeded"
        /// The model server ran out of memory for the model or its context.
        case outOfMemory = "out_of_memory"
        /// The provider works but is too busy right now.
        case overloaded = "server_is_overloaded"
        /// The provider's rules forbid the prompt or its answer; another provider's may not.
        case contentPolicy = "content_policy_violation"
        /// The model cannot call tools.
        case toolsUnsupported = "tools_unsupported"
        /// No connection could be made (name, route, refusal, TLS), or it broke before the response's head.
        case unreachable = "upstream_unreachable"
        /// A deadline passed: connect, first byte, idle or total.
        case timedOut = "upstream_timeout"
        /// The response began and then ended before its terminal event.
        case interrupted = "upstream_interrupted"
        /// The upstream answered with something that is not its dialect.
        case malformed = "upstream_malformed"
        /// The upstream failed in a way that none of the other codes names.
        case upstreamFailed = "upstream_error"
        /// The caller cancelled.
        case cancelled = "cancelled"
    }

    package var code: Code
    /// One or two sentences for a person: what was wrong and where; never holds a secret.
    package var message: String
    /// What lies underneath, such as the system's or the upstream's own words.
    package var cause: String?
    /// How long to wait before the next try, as the upstream asked, in seconds.
    package var retryAfter: Double?
    /// The upstream's HTTP status, where there was one.
    package var upstreamStatus: Int?
    /// The request's field at fault, as the upstream or we name it.
    package var field: String?
    /// A narrower word than the code, stable and in snake case, where there is one: `duplicate_key`, `event_too_large`.
    package var detail: String?
    /// Whether the upstream itself said that a retry helps (`x-should-retry`); nil if it said nothing.
    package var upstreamAdvisesRetry: Bool?
    /// The byte of the request or the response at fault.
    package var offset: Int?

    package init(
        _ code: Code,
        _ message: String,
        cause: String? = nil,
        retryAfter: Double? = nil,
        upstreamStatus: Int? = nil,
        field: String? = nil,
        detail: String? = nil,
        offset: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.retryAfter = retryAfter
        self.upstreamStatus = upstreamStatus
        self.field = field
        self.detail = detail
        self.offset = offset
    }
}
