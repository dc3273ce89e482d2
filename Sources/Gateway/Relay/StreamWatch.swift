import NIOCore

/// Tells when a stream that has nothing to say needs something said all the same.
///
/// It is asked a few times a second by the loop's regular look at its connections, so that no exchange has a timer.
struct StreamWatch {
    enum Need: Equatable {
        case nothing
        /// The response's head has been held back for long enough.
        case head
        /// The client has heard nothing for long enough.
        case keepAlive
    }

    private let headDelay: TimeAmount
    private let interval: TimeAmount
    /// When the request went out, or when the client last heard something; as exact as the asking.
    private var since: NIODeadline
    private var hasWritten = false

    init(_ settings: StreamSettings, now: NIODeadline) {
        headDelay = settings.headDelay.timeAmount
        interval = settings.keepAlive.timeAmount
        since = now
    }

    /// Something went down.
    mutating func didWrite() { hasWritten = true }

    /// What is needed now; a need that was told counts as met.
    ///
    /// `holdsHead` says that the head waits for what is to come, and not for the provider.
    mutating func need(at now: NIODeadline, headIsDown: Bool, holdsHead: Bool) -> Need {
        if hasWritten {
            hasWritten = false
            since = now
            return .nothing
        }
        let waited = now - since
        guard headIsDown else {
            guard holdsHead, waited >= headDelay else { return .nothing }
            since = now
            return .head
        }
        guard waited >= interval else { return .nothing }
        since = now
        return .keepAlive
    }
}
