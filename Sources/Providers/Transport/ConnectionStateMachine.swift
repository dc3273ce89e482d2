/// What one connection does with its exchange, as a value: every method says what the driver has to do next.
///
/// A connection goes from idle through an exchange back to idle, or to its end.
struct ConnectionStateMachine {
    /// What is known of the exchange on the wire.
    private struct Exchange {
        var isReused: Bool
        /// True only while the first flush runs.
        var isFlushing = true
        var sent = Sent.nothing
        var isWritten = false
        var sawBytes = false
        var sawHead = false
        var isReusable = true
        var bodyBytes = 0
    }

    private enum Sent {
        case nothing
        /// The flush has been asked for and the connection lived on: bytes may be gone.
        case maybe
    }

    private enum State {
        case idle
        case exchanging(Exchange)
        /// The response is whole; the read that brought its end is not over yet.
        case whole(isReusable: Bool)
        case closed
    }

    enum Arrival {
        case forward
        /// The bytes belong to no exchange.
        case discardAndClose
    }

    enum Delivery {
        case deliver
        case ignore
        case fail(TransportFailure.Kind)
    }

    enum ReadEnd {
        case nothing
        case tellResponder
        case release
        case close
    }

    enum Closure: Equatable {
        case nothing
        /// Nothing was sent on a connection that had been used before: try another one.
        case retry
        case fail(TransportFailure.Kind, mayHaveBeenSent: Bool)

        /// Whether the peer went before it said anything to a request.
        var isUnanswered: Bool {
            switch self {
            case .nothing: false
            case .retry, .fail(.closedBeforeHead, _): true
            case .fail: false
            }
        }
    }

    /// Bytes of the next answer's body.
    var maximumBodyBytes: Int
    private var state = State.idle

    init(maximumBodyBytes: Int) {
        self.maximumBodyBytes = maximumBodyBytes
    }

    var isIdle: Bool {
        if case .idle = state { return true }
        return false
    }

    /// Whether bytes of the request may have left.
    var mayHaveSent: Bool {
        switch state {
        case .idle: false
        case .exchanging(let exchange): exchange.sent == .maybe
        case .whole: true
        case .closed: true
        }
    }

    /// The request is handed to the socket next; `didFlush` follows right after.
    mutating func start(reused: Bool) {
        guard case .idle = state else { preconditionFailure("A connection carries one exchange at a time.") }
        state = .exchanging(Exchange(isReused: reused))
    }

    /// The first flush is over; it `failed` if the system did not even take the whole head, on which nobody can act.
    mutating func didFlush(failed: Bool) {
        guard case .exchanging(var exchange) = state else { return }
        exchange.isFlushing = false
        exchange.sent = failed ? .nothing : .maybe
        state = .exchanging(exchange)
    }

    /// The request's last byte was taken by the system.
    mutating func didWrite() {
        guard case .exchanging(var exchange) = state else { return }
        exchange.isWritten = true
        state = .exchanging(exchange)
    }

    /// Bytes came off the socket, whatever they are.
    mutating func didReceiveBytes() -> Arrival {
        switch state {
        case .exchanging(var exchange):
            // No answer can come while the question is being written for the first time.
            if exchange.isFlushing { return .discardAndClose }
            if !exchange.sawBytes {
                exchange.sawBytes = true
                state = .exchanging(exchange)
            }
            return .forward
        case .idle, .whole, .closed:
            return .discardAndClose
        }
    }

    mutating func didReceiveHead(status: Int, keepsAlive: Bool) -> Delivery {
        guard case .exchanging(var exchange) = state else { return .ignore }
        // 101 answers an upgrade that nobody asked for.
        if exchange.sawHead || status < 200 { return .fail(.notHTTP) }
        exchange.sawHead = true
        exchange.isReusable = keepsAlive
        state = .exchanging(exchange)
        return .deliver
    }

    mutating func didReceiveBody(count: Int) -> Delivery {
        guard case .exchanging(var exchange) = state else { return .ignore }
        exchange.bodyBytes += count
        if exchange.bodyBytes > maximumBodyBytes { return .fail(.responseTooLarge) }
        state = .exchanging(exchange)
        return .deliver
    }

    /// The response is whole; with a `leftover`, bytes stand behind it in the same read.
    mutating func didReceiveEnd(leftover: Bool) -> Delivery {
        guard case .exchanging(let exchange) = state else { return .ignore }
        guard exchange.sawHead else { return .fail(.notHTTP) }
        // An answer to half a request leaves the rest of it on the wire.
        state = .whole(isReusable: exchange.isReusable && exchange.isWritten && !leftover)
        return .deliver
    }

    mutating func didCompleteRead() -> ReadEnd {
        switch state {
        case .exchanging(let exchange): return exchange.sawHead ? .tellResponder : .nothing
        case .whole(isReusable: true):
            state = .idle
            return .release
        case .whole(isReusable: false):
            state = .closed
            return .close
        case .idle, .closed: return .nothing
        }
    }

    /// The connection ended or broke, from whichever side; `reason` says why, if more is known than that it closed.
    mutating func didClose(_ reason: TransportFailure.Kind? = nil) -> Closure {
        guard case .exchanging(let exchange) = state else {
            state = .closed
            return .nothing
        }
        state = .closed
        if exchange.isReused && !exchange.sawBytes && exchange.sent == .nothing { return .retry }
        let kind = reason ?? (exchange.sawHead ? .closedInBody : .closedBeforeHead)
        return .fail(kind, mayHaveBeenSent: exchange.sent == .maybe)
    }
}
