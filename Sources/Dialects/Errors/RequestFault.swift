/// Why the gateway itself turns a request away before any upstream is asked.
///
/// What is wrong inside of a body is an `InferenceError` with `invalidRequest`; these are the faults around it.
package enum RequestFault: String, Sendable, Hashable, CaseIterable {
    /// The path is none that is served.
    case routeNotFound = "route_not_found"
    /// The path is served, but not for this method; the reply needs `Allow`.
    case methodNotAllowed = "method_not_allowed"
    /// The body is not announced as JSON.
    case wrongContentType = "unsupported_media_type"
    /// The body's `Content-Encoding` is not understood.
    case wrongEncoding = "unsupported_content_encoding"
    /// The body is not in the `Content-Encoding` that it names, or ends before it is whole.
    case badEncoding = "invalid_content_encoding"
    /// The request target is not a plain path, or the Host is no host.
    case badTarget = "invalid_request_target"
    /// A header field holds what it must not.
    case badHeader = "invalid_header"
    /// The message's framing is ambiguous or broken; the connection closes.
    case badFraming = "invalid_framing"
    case headTooLarge = "headers_too_large"
    case bodyTooLarge = "request_too_large"
    /// The client took too long to send its request.
    case tooSlow = "request_timeout"
    /// No key, or one that does not hold; one code for both, so that nothing can be told from it.
    case unauthenticated = "invalid_api_key"
    /// Two keys that disagree.
    case conflictingCredentials = "conflicting_credentials"
    /// The caller may not do this: its Origin, its Host, its forwarding headers or its key stand against it.
    case forbidden = "forbidden"
    case unknownProvider = "unknown_provider"
    case forbiddenProvider = "forbidden_provider"
    /// The request has been through this gateway before.
    case loop = "loop_detected"
    /// A WebSocket was asked for where only HTTP is served; Codex falls back to HTTP at once.
    case upgradeRequired = "upgrade_required"
    /// A session's message asks for a response while another one runs.
    case responseRunning = "response_in_progress"
    /// A session has lasted as long as one may; Codex opens another one for this word.
    case sessionTooOld = "websocket_connection_limit_reached"
    /// The gateway has no room; the reply needs `Retry-After`.
    case overloaded = "gateway_overloaded"
    case shuttingDown = "shutting_down"
    /// The caller named no model, and the provider has none of its own.
    case modelRequired = "model_required"
    /// The provider that was chosen speaks another dialect.
    case dialectUnsupported = "dialect_unsupported"
    /// A parameter of the query holds what it must not.
    case badQuery = "invalid_query"
    /// There is no stored response of this id for this caller: unknown, deleted, expired and foreign ones look alike.
    case responseNotFound = "response_not_found"
    /// The same of the response that a request continues.
    case previousNotFound = "previous_response_not_found"
    /// Only a response in the background can be cancelled.
    case notCancellable = "response_not_cancellable"
    /// A response in the background was wanted of a provider that has none.
    case backgroundUnsupported = "background_unsupported"
    /// A compaction that is not this caller's, was changed, or was sealed elsewhere.
    case badCompaction = "invalid_compaction"
    /// What is stored cannot be had just now; whether there is anything is not known.
    case storeUnavailable = "store_unavailable"
    /// Whether a key holds cannot be said: the store that would know it cannot be read.
    case keysUnavailable = "keys_unavailable"
    /// Whether a token holds cannot be said: its issuer does not give its keys just now.
    case tokenKeysUnavailable = "token_keys_unavailable"
    /// What the request spends could not be written down just now.
    case accountUnavailable = "account_unavailable"
    /// Nobody says what the model costs, and a budget would have to bear it, or the operator wants every model to have a price.
    case priceUnknown = "price_unknown"
    /// The request may cost less than it would wherever it could go.
    case costTooHigh = "max_cost_exceeded"
    /// Nothing is configured that could serve.
    case noProvider = "no_provider"
    /// Another HTTP than 1.0 and 1.1.
    case wrongVersion = "http_version_not_supported"
    /// Our own mistake.
    case internalError = "internal_error"

    package var status: Int {
        switch self {
        case .badTarget, .badHeader, .badFraming, .conflictingCredentials, .unknownProvider, .sessionTooOld,
            .badEncoding:
            400
        case .modelRequired, .dialectUnsupported: 400
        case .badQuery, .notCancellable, .backgroundUnsupported, .badCompaction: 400
        case .unauthenticated: 401
        case .priceUnknown, .costTooHigh: 402
        case .forbidden, .forbiddenProvider: 403
        case .routeNotFound, .responseNotFound, .previousNotFound: 404
        case .methodNotAllowed: 405
        case .tooSlow: 408
        case .responseRunning: 409
        case .bodyTooLarge: 413
        case .wrongContentType, .wrongEncoding: 415
        case .upgradeRequired: 426
        case .headTooLarge: 431
        case .internalError: 500
        case .overloaded, .shuttingDown, .noProvider, .storeUnavailable, .accountUnavailable,
            .keysUnavailable, .tokenKeysUnavailable:
            503
        case .wrongVersion: 505
        case .loop: 508
        }
    }

    /// What is said where the place of the fault has nothing better to say.
    package var message: String {
        switch self {
        case .routeNotFound: "There is no such route here."
        case .methodNotAllowed: "This route does not take this method."
        case .wrongContentType: "The body has to be JSON, sent with Content-Type: application/json."
        case .wrongEncoding: "The body's Content-Encoding is not supported."
        case .badEncoding: "The body is not in the coding that its Content-Encoding names."
        case .badTarget: "The request target is not a plain absolute path."
        case .badHeader: "A header field holds a character that it must not."
        case .badFraming: "The request's framing is invalid."
        case .headTooLarge: "The request has too many header fields, or too large ones."
        case .bodyTooLarge: "The body is larger than this gateway accepts."
        case .tooSlow: "The request did not arrive in time."
        case .unauthenticated: "The API key is missing or not valid."
        case .conflictingCredentials: "The request carries two API keys that differ."
        case .forbidden: "This is not allowed."
        case .unknownProvider: "There is no provider of this name."
        case .forbiddenProvider: "This provider may not be used with this key."
        case .loop: "The request has been through this gateway before; a provider points back at it."
        case .upgradeRequired: "WebSocket is not served here; use HTTP."
        case .responseRunning: "A response is still running: a session runs one at a time. Wait for its end."
        case .sessionTooOld: "The session has lasted as long as one may. Open another WebSocket to go on."
        case .overloaded: "The gateway is at its limit; try again soon."
        case .shuttingDown: "The gateway is shutting down."
        case .modelRequired: "The request names no model."
        case .dialectUnsupported: "The provider speaks another dialect."
        case .badQuery: "The query holds what it must not."
        case .responseNotFound: "There is no such response."
        case .previousNotFound: "The response that this one continues is not kept here."
        case .notCancellable: "Only a response that was created with background=true can be cancelled."
        case .backgroundUnsupported: "background is not supported: this provider's answers come at once."
        case .badCompaction: "This compaction cannot be opened here."
        case .storeUnavailable: "Stored responses cannot be read just now; try again soon."
        case .accountUnavailable: "What is spent cannot be written down just now; try again soon."
        case .keysUnavailable: "The key cannot be checked just now; try again soon."
        case .tokenKeysUnavailable:
            "The token cannot be checked: its issuer's keys cannot be had just now. Try again soon."
        case .priceUnknown: "Nobody says what this model costs."
        case .costTooHigh: "The request would cost more than it may."
        case .noProvider: "No provider is configured."
        case .wrongVersion: "Only HTTP/1.1 and HTTP/1.0 are spoken here."
        case .internalError: "Something went wrong inside of the gateway."
        }
    }
}
