package import Inference

/// Why one attempt came to nothing, with what decides whether another one may follow.
package struct AttemptFailure: Error, Sendable, Hashable {
    /// How the failure is known, and with it whether the provider may have done the work.
    package enum Origin: Sendable, Hashable {
        /// The provider said so itself, by its status or by an error in a good answer: it has not done the work.
        case told
        /// The wire failed; `sent` says whether any byte of the request may have left.
        case wire(TransportFailure.Kind, sent: Bool)
        /// The answer broke off or cannot be read: the work may have been done, and billed.
        case broken
        /// The provider was not asked at all: all its places were taken.
        case unasked
    }

    package var error: InferenceError
    package var origin: Origin

    package init(_ error: InferenceError, _ origin: Origin) {
        self.error = error
        self.origin = origin
    }

    /// What came of an answer: an interruption and what is no answer are a break, everything else is the provider's word.
    package init(answer error: InferenceError) {
        self.init(error, [.interrupted, .malformed].contains(error.code) ? .broken : .told)
    }

    package init(_ failure: TransportFailure, _ error: InferenceError) {
        self.init(error, .wire(failure.kind, sent: failure.requestMayHaveBeenSent))
    }
}

/// What may still help after a failure.
package enum Remedy: Sendable, Hashable {
    /// Nothing: the request itself is at fault, or it may have been done already.
    case nothing
    /// Another target, never the same.
    case elsewhere
    /// Another target, and the same one later where there is no other.
    case elsewhereFirst
    /// The same target a little later, and another one when that does not help.
    case again
}

/// The one place where it is decided whether a failed request may be sent once more.
extension AttemptFailure {
    /// Statuses behind which the same request can succeed a moment later.
    private static let passing: Set<Int> = [408, 409, 425, 429, 500, 502, 503, 504, 529]

    /// What may help; nothing ever does once content has reached the client, which is the caller's to know.
    ///
    /// `repeatsSent` allows to repeat what the provider may have done already.
    package func remedy(repeatsSent: Bool) -> Remedy {
        switch origin {
        case .unasked: .elsewhere
        case .told: told
        case .broken: !repeatsSent ? .nothing : error.code == .interrupted ? .again : .elsewhere
        case .wire(let kind, let sent): sent && !repeatsSent ? .nothing : Self.remedy(kind)
        }
    }

    private var told: Remedy {
        let remedy = byCode
        guard remedy != .nothing else { return .nothing }
        switch error.upstreamAdvisesRetry {
        case true? where remedy == .elsewhere: return .again
        case false?: return .elsewhere
        default: return remedy
        }
    }

    private var byCode: Remedy {
        switch error.code {
        case .cancelled, .budgetExceeded: .nothing
        case .invalidRequest: isPassing ? .again : .nothing
        case .modelNotFound, .contextTooLong, .contentPolicy, .credentials, .quota, .outOfMemory, .toolsUnsupported:
            .elsewhere
        case .rateLimited: .elsewhereFirst
        case .overloaded, .unreachable, .timedOut, .interrupted: .again
        case .malformed: .elsewhere
        case .upstreamFailed: error.upstreamStatus == nil || isPassing ? .again : .elsewhere
        }
    }

    private var isPassing: Bool { error.upstreamStatus.map(Self.passing.contains) ?? false }

    private static func remedy(_ kind: TransportFailure.Kind) -> Remedy {
        switch kind {
        case .shutDown, .cancelled, .invalidRequest: .nothing
        case .nameNotFound, .certificateExpired, .certificateWrongHost, .certificateUntrusted, .tls, .notHTTP,
            .responseTooLarge, .noCapacity:
            .elsewhere
        case .connectTimedOut, .firstByteTimedOut, .idleTimedOut, .totalTimedOut, .nameTimedOut: .elsewhereFirst
        case .refused, .unreachable, .proxy, .closedBeforeHead, .closedInBody: .again
        }
    }
}

/// What a failure says of whom it happened to.
extension AttemptFailure {
    package enum Verdict: Sendable, Hashable {
        /// The provider answers as it should; the request was wrong.
        case healthy
        /// The provider was not asked, or we are at fault ourselves: nothing is known of it.
        case unknown
        /// The provider is in trouble.
        case ailing
        /// Only this credential has to rest.
        case exhausted
    }

    package var verdict: Verdict {
        switch origin {
        case .unasked, .wire(.shutDown, _), .wire(.cancelled, _), .wire(.invalidRequest, _), .wire(.noCapacity, _):
            return .unknown
        case .broken, .wire: return .ailing
        case .told: break
        }
        switch error.code {
        case .rateLimited, .quota: return .exhausted
        case .credentials, .overloaded, .unreachable, .timedOut, .interrupted, .malformed: return .ailing
        case .upstreamFailed: return (error.upstreamStatus ?? 500) >= 500 ? .ailing : .healthy
        case .invalidRequest, .modelNotFound, .contextTooLong, .contentPolicy, .outOfMemory, .toolsUnsupported,
            .budgetExceeded, .cancelled:
            return .healthy
        }
    }
}
