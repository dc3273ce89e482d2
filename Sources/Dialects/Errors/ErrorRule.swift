import Inference

/// One way to tell an error's code.
struct ErrorRule: Sendable {
    var code: InferenceError.Code
    var detail: String?
    /// A label so general that a telling sentence beats it.
    var isGeneral = false
    /// The rule holds if the sentence has all phrases of any of these.
    var phrases: [[String]] = []
    /// The statuses for which the phrases count; nil means all.
    var statuses: ClosedRange<Int>?

    init(
        _ code: InferenceError.Code,
        detail: String? = nil,
        isGeneral: Bool = false,
        statuses: ClosedRange<Int>? = nil,
        _ phrases: [[String]] = []
    ) {
        self.code = code
        self.detail = detail
        self.isGeneral = isGeneral
        self.statuses = statuses
        self.phrases = phrases
    }

    /// Whether a sentence in lower case has the phrases, given the status; no status fits every rule.
    func fits(_ sentence: String, status: Int?) -> Bool {
        if let statuses, let status, !statuses.contains(status) { return false }
        return phrases.contains { $0.allSatisfy { sentence.contains($0) } }
    }

    /// What a status says alone; nil for one that says nothing.
    init?(status: Int) {
        switch status {
        case 401, 403, 407: self.init(.credentials)
        case 402: self.init(.quota)
        case 404: self.init(.upstreamFailed, detail: "route_not_found")
        case 408, 504, 524: self.init(.timedOut)
        case 429: self.init(.rateLimited)
        case 400, 405, 406, 409...428, 431, 451: self.init(.invalidRequest)
        case 503, 529: self.init(.overloaded)
        default: self.init(.upstreamFailed)
        }
    }

    /// By the upstream's `code` or `type`.
    static let byLabel: [String: ErrorRule] = {
        var table: [String: ErrorRule] = [:]
        func add(_ code: InferenceError.Code, isGeneral: Bool = false, _ labels: String...) {
            for label in labels { table[label] = ErrorRule(code, isGeneral: isGeneral) }
        }
        add(.contextTooLong, "context_length_exceeded", "exceed_context_size_error", "context_window_exceeded")
        add(.modelNotFound, "model_not_found", "model_not_available")
        add(.quota, "insufficient_quota", "billing_error", "billing_hard_limit_reached", "usage_not_included")
        add(.quota, "usage_limit_reached", "insufficient_balance", "quota_exceeded", "budget_exceeded")
        add(.credentials, "invalid_api_key", "authentication_error", "invalid_authentication", "permission_error")
        add(.credentials, "permission_denied", "unauthorized", "missing_api_key", "expired_api_key")
        add(
            .overloaded,
            "server_is_overloaded",
            "overloaded_error",
            "slow_down",
            "unavailable_error",
            "engine_overloaded"
        )
        add(.rateLimited, "rate_limit_exceeded", "rate_limit_error", "too_many_requests", "resource_exhausted")
        add(.timedOut, "timeout_error", "request_timeout", "upstream_timeout")
        add(.outOfMemory, "out_of_memory")
        add(.contentPolicy, "content_policy_violation", "content_filter", "content_filtered")
        add(.toolsUnsupported, "tools_unsupported")
        add(.interrupted, "upstream_interrupted")
        add(.unreachable, "upstream_unreachable")
        add(
            .invalidRequest,
            isGeneral: true,
            "invalid_request_error",
            "invalid_prompt",
            "invalid_request",
            "badrequesterror"
        )
        add(.upstreamFailed, isGeneral: true, "server_error", "api_error", "internal_server_error", "upstream_error")
        return table
    }()

    /// By the sentence, in this order.
    static let bySentence: [ErrorRule] = [
        ErrorRule(
            .outOfMemory,
            [
                ["out of memory"], ["cudamalloc failed"], ["failed to allocate"], ["unable to allocate"],
                ["requires more system memory"], ["outofmemoryerror"], ["insufficient memory"],
            ]
        ),
        ErrorRule(
            .contextTooLong,
            [
                ["exceeds the available context size"], ["longer than the context length"], ["maximum context length"],
                ["context length exceeded"], ["context window"], ["prompt is too long"], ["exceed context limit"],
                ["too long to fit into the model"], ["longer than the maximum model length"], ["exceeds max_model_len"],
                ["reduce the length of the messages"], ["input token count", "exceeds the maximum"],
                ["exceeds the context length"], ["context size has been exceeded"], ["input is too long"],
            ]
        ),
        ErrorRule(
            .toolsUnsupported,
            [
                ["does not support tool"], ["tools param requires"], ["tool choice requires"],
                ["does not support function"], ["tool use is not supported"], ["tools are not supported"],
            ]
        ),
        ErrorRule(.upstreamFailed, detail: UnparsableCall.detail, [["error parsing tool call"]]),
        ErrorRule(
            .modelNotFound,
            [
                ["model", "not found, try pulling it first"], ["model", "' not found"], ["model", "\" not found"],
                ["model", "` not found"], ["model not found"], ["model", "does not exist"], ["model not exist"],
                ["unknown model"], ["no such model"], ["model", "not found in"], ["invalid model name"],
            ]
        ),
        ErrorRule(
            .modelNotFound,
            statuses: 404...404,
            [["model:"], ["model", "not found"], ["model", "not available"]]
        ),
        ErrorRule(
            .quota,
            [
                ["exceeded your current quota"], ["insufficient balance"], ["credit balance is too low"],
                ["insufficient credits"], ["billing hard limit"], ["insufficient quota"],
            ]
        ),
        ErrorRule(
            .credentials,
            statuses: 400...403,
            [
                ["invalid api key"], ["incorrect api key"], ["invalid x-api-key"], ["api key not valid"],
                ["api key", "missing"], ["api key", "required"], ["no api key"], ["invalid token"], ["unauthorized"],
                ["invalid bearer"],
            ]
        ),
        ErrorRule(
            .overloaded,
            statuses: 429...599,
            [
                ["server busy"], ["maximum pending requests"], ["overloaded"], ["over capacity"], ["at capacity"],
                ["no slots available"], ["loading model"], ["slow down"],
            ]
        ),
        ErrorRule(.rateLimited, statuses: 429...429, [["rate limit"], ["too many requests"]]),
    ]
}
