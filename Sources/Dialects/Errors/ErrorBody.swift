package import Inference
package import JSON

/// A failure as a caller gets it: one status, and a body in the caller's own dialect.
package struct ErrorBody: Sendable, Hashable {
    /// The HTTP status; `status(for:)` is what goes on the wire.
    package var status: Int
    /// Stable, in snake case.
    package var code: String
    package var message: String
    /// The request's field at fault.
    package var field: String?
    /// For the `Retry-After` header, in seconds.
    package var retryAfter: Double?
    /// How clients are told for whom the status would be wrong.
    package var exceptions: [KnownClient: ClientAnswer] = [:]

    package init(status: Int, code: String, message: String, field: String? = nil, retryAfter: Double? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.retryAfter = retryAfter
    }

    /// A failure of the exchange; the provider's refusal of our key is the gateway's fault, so never a 401 or 403.
    package init(_ error: InferenceError) {
        self.init(
            status: Self.status(error.code),
            code: error.detail ?? (error.code == .credentials ? "upstream_credentials" : error.code.rawValue),
            message: error.message,
            field: error.field,
            retryAfter: error.retryAfter
        )
        exceptions = Self.exceptions { ClientAnswer.to($0, error.code, detail: error.detail) }
    }

    /// A request that the gateway turned away.
    package init(_ fault: RequestFault, message: String? = nil, field: String? = nil, retryAfter: Double? = nil) {
        self.init(
            status: fault.status,
            code: fault.rawValue,
            message: message ?? fault.message,
            field: field,
            retryAfter: retryAfter
        )
        exceptions = Self.exceptions { ClientAnswer.to($0, fault) }
    }

    private static func exceptions(_ answer: (KnownClient) -> ClientAnswer?) -> [KnownClient: ClientAnswer] {
        var exceptions: [KnownClient: ClientAnswer] = [:]
        for client in KnownClient.allCases { exceptions[client] = answer(client) }
        return exceptions
    }

    /// The status on the wire; Anthropic has one of its own for an overloaded service.
    package func status(for dialect: Dialect, client: KnownClient? = nil) -> Int {
        if let client, case .status(let status) = exceptions[client] { return status }
        return dialect == .messages && status == 503 ? 529 : status
    }

    /// The body's bytes in the caller's dialect.
    package func bytes(for dialect: Dialect, requestID: String) -> [UInt8] {
        var writer = JSONWriter()
        switch dialect {
        case .chat, .responses:
            writer.object { writer in
                writer.key("error")
                writeOpenAI(into: &writer)
            }
        case .messages: writeMessages(into: &writer, requestID: requestID)
        case .ollama: writer.object { $0.member("error", message) }
        }
        return writer.bytes
    }

    /// Whether bytes are a whole error body in a dialect's shape, so that its clients understand them.
    package static func isError(_ bytes: [UInt8], in dialect: Dialect) -> Bool {
        // What is no JSON is no error body either.
        guard let root = (try? JSONDocument(bytes))?.root, let error = root["error"] else { return false }
        switch dialect {
        case .chat, .responses: return error["message"]?.string != nil
        case .messages: return root["type"]?.string == "error" && error["message"]?.string != nil
        case .ollama: return error.string != nil
        }
    }

    /// `{"message","type","param","code"}`.
    func writeOpenAI(into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("message", message)
            writer.member("type", openAIType)
            writer.key("param")
            if let field { writer.string(field) } else { writer.null() }
            writer.member("code", code)
        }
    }

    /// `{"type":"error","error":{"type","message"},"request_id"}`.
    func writeMessages(into writer: inout JSONWriter, requestID: String) {
        writer.object { writer in
            writer.member("type", "error")
            writer.key("error")
            writer.object { writer in
                writer.member("type", messagesType)
                writer.member("message", message)
            }
            writer.member("request_id", requestID)
        }
    }
}

extension ErrorBody {
    /// The status for each code.
    package static func status(_ code: InferenceError.Code) -> Int {
        switch code {
        case .invalidRequest, .contextTooLong, .contentPolicy, .toolsUnsupported: 400
        case .budgetExceeded: 402
        case .modelNotFound: 404
        case .quota, .rateLimited: 429
        case .cancelled: 499
        case .credentials, .unreachable, .interrupted, .malformed, .upstreamFailed: 502
        case .outOfMemory, .overloaded: 503
        case .timedOut: 504
        }
    }

    /// OpenAI's word for the kind of error.
    package var openAIType: String {
        switch status {
        case 401: "authentication_error"
        // The one word for it at which their clients do not try again.
        case 402: "insufficient_quota"
        case 403: "permission_error"
        case 429: code == InferenceError.Code.quota.rawValue ? "insufficient_quota" : "rate_limit_error"
        case 400..<500: "invalid_request_error"
        default: "server_error"
        }
    }

    /// Anthropic's word for the kind of error.
    package var messagesType: String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 400..<500: "invalid_request_error"
        case 503, 529: "overloaded_error"
        case 504: "timeout_error"
        default: "api_error"
        }
    }
}

extension InferenceError {
    /// A caller's body that is not the JSON it has to be; B1, B2 and B5.
    package init(request error: JSONError) {
        let isText = error.field == nil
        self.init(
            .invalidRequest,
            isText
                ? "The body is not valid JSON: \(error)."
                : "\(error.message) (\(error.code.rawValue) at byte \(error.offset)).",
            field: error.field,
            detail: isText ? "json_\(error.code.rawValue)" : error.code.rawValue,
            offset: error.offset
        )
    }
}
