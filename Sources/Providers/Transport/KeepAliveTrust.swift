import NIOCore

/// How an answer tells where it ends, apart from a connection that closes.
enum AnswerFraming: Hashable, CaseIterable {
    case length
    case chunks
}

/// Whether an origin keeps its connections open behind an answer, as HTTP/1.1 has it; learned by looking (F25).
///
/// Some servers promise it and close all the same, llama.cpp behind every stream. What is sent on such a connection in the
/// meantime is lost and must not be sent again, because it may have been read. So a connection is first watched for a
/// while, unused, and the others are closed; one that closes early by itself costs the origin its trust for some time.
struct KeepAliveTrust<Connection: AnyObject> {
    /// What becomes of a connection whose answer is whole.
    enum Verdict {
        case keep
        /// Leave it open and unused until it is `proven`.
        case watch
        case close
    }

    private enum State {
        case untried
        case watching(Connection, since: NIODeadline)
        case trusted
        case distrusted(until: NIODeadline)
    }

    private let trial: TimeAmount
    private let pause: TimeAmount
    private var state: State

    /// Nothing is known yet; a `trusting` one believes the origin until it sees otherwise.
    ///
    /// `trial` is how long a connection has to stay open to count as kept, `pause` how long none is kept after one was not.
    init(trusting: Bool, trial: TimeAmount, pause: TimeAmount) {
        self.trial = trial
        self.pause = pause
        state = trusting ? .trusted : .untried
    }

    /// Whether something was learned that ought to outlive the connections.
    var isDistrusted: Bool { if case .distrusted = state { true } else { false } }

    /// The connection that is being watched.
    var watched: Connection? { if case .watching(let connection, _) = state { connection } else { nil } }

    mutating func didRelease(_ connection: Connection, now: NIODeadline) -> Verdict {
        switch state {
        case .trusted: return .keep
        case .watching: return .close
        case .distrusted(let until) where now < until: return .close
        case .untried, .distrusted:
            state = .watching(connection, since: now)
            return .watch
        }
    }

    /// The watched connection once it has stayed open for long enough; it may be used from now on.
    mutating func proven(at now: NIODeadline) -> Connection? {
        guard case .watching(let connection, let since) = state, now - since >= trial else { return nil }
        state = .trusted
        return connection
    }

    /// A connection that was left open at `since` was closed by the origin, whether it had been used again or not.
    mutating func didClose(_ connection: Connection, openSince since: NIODeadline, now: NIODeadline) {
        guard watched === connection || now - since < trial else { return }
        state = .distrusted(until: now + pause)
    }

    /// Takes out the watched connection, for the caller to close.
    mutating func abandon(watchedSince limit: NIODeadline) -> Connection? {
        guard case .watching(let connection, let since) = state, since <= limit else { return nil }
        state = .untried
        return connection
    }
}
