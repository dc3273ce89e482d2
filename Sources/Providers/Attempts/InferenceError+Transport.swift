package import Inference

extension InferenceError {
    /// The one mapping from what happened on the wire to what it means for a caller.
    ///
    /// `detail` is the failure's kind, for whoever wants to advise on it.
    package init(_ failure: TransportFailure, provider: String) {
        let code: Code =
            switch failure.kind {
            case .nameNotFound, .refused, .unreachable, .certificateExpired, .certificateWrongHost,
                .certificateUntrusted, .tls, .proxy, .closedBeforeHead:
                .unreachable
            case .nameTimedOut, .connectTimedOut, .firstByteTimedOut, .idleTimedOut, .totalTimedOut: .timedOut
            case .closedInBody: .interrupted
            case .notHTTP, .responseTooLarge: .malformed
            case .invalidRequest: .invalidRequest
            case .noCapacity, .shutDown: .overloaded
            case .cancelled: .cancelled
            }
        self.init(
            code,
            "Provider \(provider) \(Self.sentence(failure.kind)).",
            cause: failure.detail.isEmpty ? nil : failure.detail,
            detail: failure.kind.rawValue
        )
    }

    private static func sentence(_ kind: TransportFailure.Kind) -> String {
        switch kind {
        case .nameNotFound: "has a host name that does not exist"
        case .nameTimedOut: "has a host name that could not be looked up in time"
        case .refused: "is not listening: its host refused the connection"
        case .unreachable: "cannot be reached"
        case .connectTimedOut: "could not be connected to in time"
        case .certificateExpired: "showed a certificate that is outside its dates"
        case .certificateWrongHost: "showed a certificate for another host"
        case .certificateUntrusted: "showed a certificate that no trusted root vouches for"
        case .tls: "failed in the TLS handshake"
        case .proxy: "could not be reached through the forward proxy"
        case .closedBeforeHead: "closed the connection instead of answering"
        case .firstByteTimedOut: "did not begin to answer in time"
        case .closedInBody: "broke off its answer"
        case .idleTimedOut: "fell silent in the middle of its answer"
        case .totalTimedOut: "did not finish its answer in time"
        case .notHTTP: "does not answer in HTTP/1.1"
        case .responseTooLarge: "sent an answer that is over the limit"
        case .invalidRequest: "could not be asked, because the request cannot be written"
        case .noCapacity: "has all its connections busy"
        case .shutDown: "was asked while shutting down"
        case .cancelled: "was no longer waited for"
        }
    }
}
