package import Inference

/// A client that makes so much of a status that one error is better told to it in another way.
package enum KnownClient: String, Sendable, Hashable, CaseIterable {
    /// Codex tries 401, 403, 404, 408, 413 and 422 six times and 500, 502 and 503 thirty times; at 400 it stops.
    case codex

    /// Knows a client by its `User-Agent`.
    package init?(userAgent: String) {
        guard userAgent.prefix(5).lowercased() == "codex" else { return nil }
        self = .codex
    }
}

/// How one error is told to a client for whom the usual status would be wrong.
package enum ClientAnswer: Sendable, Hashable, CustomStringConvertible {
    /// Another status, with the same body.
    case status(Int)
    /// Status 200 and the dialect's own failure event, to a request for a stream; the usual status otherwise.
    case failedStream

    package var description: String {
        switch self {
        case .status(let status): "\(status)"
        case .failedStream: "200 and `response.failed`"
        }
    }
}

/// The errors that no retry cures, and that a client would try again at their usual status; docs/errors.md is printed
/// from here.
extension ClientAnswer {
    /// What a client gets for an error's code, and for the narrower word that goes before it; nil for the usual.
    package static func to(_ client: KnownClient, _ code: InferenceError.Code, detail: String?) -> ClientAnswer? {
        switch client {
        case .codex: detail.flatMap { codexDetails[$0] } ?? codexCodes[code]
        }
    }

    /// What a client gets for a request that the gateway itself turned away; nil for the usual.
    package static func to(_ client: KnownClient, _ fault: RequestFault) -> ClientAnswer? {
        switch client {
        case .codex: codexFaults[fault]
        }
    }

    /// By code.
    ///
    /// What is missing is worth Codex's retries, or stops it already: `insufficient_quota` does at 429.
    package static let codexCodes: [InferenceError.Code: ClientAnswer] = [
        .invalidRequest: .status(400),
        .modelNotFound: .status(400),
        // Only in a stream does Codex know it for what it is, and shortens its history.
        .contextTooLong: .failedStream,
        .credentials: .status(400),
        .budgetExceeded: .status(400),
        .outOfMemory: .status(400),
        .contentPolicy: .status(400),
        .toolsUnsupported: .status(400),
    ]

    /// By the narrower word: what only an operator can mend.
    package static let codexDetails: [String: ClientAnswer] = [
        "route_not_found": .status(400),
        "upstream_name_not_found": .status(400),
        "upstream_certificate_expired": .status(400),
        "upstream_certificate_wrong_host": .status(400),
        "upstream_certificate_untrusted": .status(400),
        "upstream_tls_failed": .status(400),
    ]

    /// By the gateway's own fault.
    package static let codexFaults: [RequestFault: ClientAnswer] = [
        .routeNotFound: .status(400),
        .unauthenticated: .status(400),
        .forbidden: .status(400),
        .forbiddenProvider: .status(400),
        .bodyTooLarge: .status(400),
        .noProvider: .status(400),
        .priceUnknown: .status(400),
        .costTooHigh: .status(400),
        .previousNotFound: .status(400),
    ]
}
