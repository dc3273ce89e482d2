package import NIOCore

/// One request under way: its hold on a connection, its deadlines and its responder.
///
/// Confined to its pool's event loop.
package final class UpstreamExchange {
    let pool: ConnectionPool
    let origin: OriginConnections
    /// The body is dropped once it is written.
    var request: UpstreamRequest
    var deadlines: ExchangeDeadlines
    /// Where the pool's list of active exchanges has it; -1 once it is over.
    var slot = -1
    /// True until `ConnectionPool.start` returns.
    var isStarting = true
    private(set) var isReading = true
    /// When the last byte of the request was written, late rather than early; nil before.
    package private(set) var writtenAt: NIODeadline?
    private var responder: (any UpstreamResponder)?
    private var connection: UpstreamConnection?
    private var sentBefore = false

    init(pool: ConnectionPool, origin: OriginConnections, request: UpstreamRequest, responder: any UpstreamResponder) {
        self.pool = pool
        self.origin = origin
        self.request = request
        self.responder = responder
        deadlines = ExchangeDeadlines(request.timeouts, now: pool.now, slack: pool.slack)
    }

    /// Whether any byte of the request may have left.
    package var bytesSent: Bool { connection?.mayHaveSent ?? sentBefore }

    /// Ends the exchange: the connection is closed at once unless the response is already whole.
    ///
    /// The responder hears no more. Calling it again, or after the end, does nothing.
    package func cancel() {
        guard responder != nil else { return }
        let held = connection
        _ = finish()
        if let held { held.abandon() } else { origin.withdraw(self) }
    }

    /// Stops and resumes reading from the upstream; one read that is under way may still be delivered.
    ///
    /// While reading is stopped, no idle deadline runs.
    package func setReading(_ reading: Bool) {
        guard responder != nil, reading != isReading else { return }
        isReading = reading
        connection?.setReading(reading)
        switch (deadlines.phase, reading) {
        case (.reading, false): deadlines.begin(.paused, now: pool.now)
        case (.paused, true): deadlines.begin(.reading, now: pool.now)
        default: break
        }
    }

    func didGet(_ connection: UpstreamConnection) {
        self.connection = connection
        deadlines.begin(.awaitingHead, now: pool.now)
    }

    /// The connection proved to be stale before anything was sent.
    func didLoseStaleConnection() {
        connection = nil
        deadlines.begin(.waiting, now: pool.now)
    }

    func didWriteRequest() {
        request.body = []
        writtenAt = pool.now + pool.slack
        if case .awaitingHead = deadlines.phase { deadlines.begin(.awaitingHead, now: pool.now) }
    }

    func didReceiveHead(status: Int, fields: Fields) {
        deadlines.begin(isReading ? .reading : .paused, now: pool.now)
        responder?.upstreamDidReceiveHead(status: status, fields: fields)
    }

    func didReceiveBody(_ bytes: ByteBuffer) {
        responder?.upstreamDidReceiveBody(bytes)
    }

    func didCompleteRead() {
        if case .reading = deadlines.phase { deadlines.begin(.reading, now: pool.now) }
        responder?.upstreamDidCompleteRead()
    }

    func didEnd() {
        let responder = finish()
        responder?.upstreamDidEnd()
    }

    func didFail(_ failure: TransportFailure) {
        guard responder != nil else { return }
        guard !isStarting else {
            return pool.eventLoop.assumeIsolated().execute { self.didFail(failure) }
        }
        let responder = finish()
        responder?.upstreamDidFail(failure)
    }

    /// A deadline passed.
    func didTimeOut(_ kind: TransportFailure.Kind) {
        if kind == .connectTimedOut {
            let lateness = origin.lateness
            giveUp(lateness.kind, lateness.detail)
        } else {
            giveUp(kind, Self.words[kind] ?? "")
        }
    }

    func didLosePool() {
        giveUp(.shutDown, "the connection pool was shut down")
    }

    private func giveUp(_ kind: TransportFailure.Kind, _ detail: String) {
        let failure = TransportFailure(kind, detail, requestMayHaveBeenSent: bytesSent)
        sentBefore = bytesSent
        if let held = connection { held.abandon() } else { origin.withdraw(self) }
        connection = nil
        didFail(failure)
    }

    private func finish() -> (any UpstreamResponder)? {
        sentBefore = bytesSent
        connection = nil
        pool.remove(self)
        defer { responder = nil }
        return responder
    }

    private static let words: [TransportFailure.Kind: String] = [
        .firstByteTimedOut: "no response head within the first-byte deadline",
        .idleTimedOut: "no byte of the response within the idle deadline",
        .totalTimedOut: "the response was not whole within the total deadline",
    ]
}
