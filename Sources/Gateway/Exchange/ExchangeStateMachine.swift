/// Where one exchange stands, and what may still happen to it; every path out of it settles exactly once.
struct ExchangeStateMachine {
    private enum State {
        /// The request is still arriving.
        case receiving
        /// The request is whole; a provider is being found.
        case routing
        /// The upstream works on it; nothing went down yet.
        case waiting
        /// The response's head went down.
        case relaying
        case settled
    }

    /// What a failure means for the client.
    enum FailureAction: Equatable {
        /// It has seen nothing: it gets a status and an error body.
        case answer
        /// It has seen the head: it gets its dialect's terminal event.
        case terminate
        /// It is over already.
        case nothing
    }

    private var state = State.receiving

    /// Whether more of the request's body is wanted.
    var isReceiving: Bool { if case .receiving = state { true } else { false } }

    /// Whether the response's head has gone down, and more may follow.
    var isRelaying: Bool { if case .relaying = state { true } else { false } }

    /// Whether the upstream works and the client has heard nothing.
    var isWaiting: Bool { if case .waiting = state { true } else { false } }

    /// Whether a provider is being found.
    var isRouting: Bool { if case .routing = state { true } else { false } }

    var isSettled: Bool { if case .settled = state { true } else { false } }

    /// The request is whole.
    ///
    /// - Returns: whether a provider has to be found.
    mutating func requestDidEnd() -> Bool {
        guard case .receiving = state else { return false }
        state = .routing
        return true
    }

    /// The request goes to an upstream, for the first time or once more.
    ///
    /// - Returns: false where the exchange ended while a provider was being found.
    mutating func upstreamWillStart() -> Bool {
        switch state {
        case .routing:
            state = .waiting
            return true
        case .waiting, .relaying: return true
        case .receiving, .settled: return false
        }
    }

    /// The response's head goes down, from the upstream or from the gateway itself.
    ///
    /// - Returns: whether it may; a head goes down once.
    mutating func responseWillBegin() -> Bool {
        switch state {
        case .receiving, .routing, .waiting:
            state = .relaying
            return true
        case .relaying, .settled: return false
        }
    }

    /// Something went wrong, upstream or here.
    func failureAction() -> FailureAction {
        switch state {
        case .receiving, .routing, .waiting: .answer
        case .relaying: .terminate
        case .settled: .nothing
        }
    }

    /// The exchange is over, whichever way.
    ///
    /// - Returns: whether this is the first time, so that it has to be settled now.
    mutating func settle() -> Bool {
        guard !isSettled else { return false }
        state = .settled
        return true
    }
}
