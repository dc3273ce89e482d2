import Dialects
import Inference
import NIOCore
import Providers

/// The client's half of an exchange: everything that goes down passes here, is counted, and ends in one settlement.
extension Exchange {
    // MARK: Failures

    /// Answers with a refusal of the gateway's own.
    func refuse(_ refusal: Refusal) {
        guard case .answer = state.failureAction() else { return }
        record.outcome = .refused
        record.code = refusal.body.code
        answer(with: refusal)
    }

    /// Has another attempt take over from one whose answer failed, or ends the exchange for it.
    func fail(_ error: InferenceError, status: Int? = nil) {
        fail(AttemptFailure(answer: error), status: status)
    }

    /// The same for a failure of any kind.
    func fail(_ failure: AttemptFailure, status: Int? = nil) {
        if recovers(from: failure) { return }
        giveUp(failure.error, status: status)
    }

    /// Ends the exchange for an upstream's failure: with a status if nothing went down yet, else in the stream's own words.
    ///
    /// `status` is the one to answer with; nil means the one that belongs to the error's code.
    func giveUp(_ error: InferenceError, status: Int? = nil) {
        switch state.failureAction() {
        case .nothing: return
        case .answer:
            note(error, .failed)
            var refusal = Refusal(error)
            if let status { refusal.body.status = status }
            if let client, refusal.body.exceptions[client] == .failedStream, answerInStream(error) { return }
            answer(with: refusal)
        case .terminate:
            note(error, .interrupted)
            terminate(error)
        }
    }

    /// Tells a client in a stream of its own what it would not understand as a status; false where it wants no stream.
    private func answerInStream(_ error: InferenceError) -> Bool {
        guard let endpoint = route?.endpoint, endpoint == .responses, record.streamed else { return false }
        var fields = Fields([("content-type", "text/event-stream"), ("cache-control", "no-store")])
        fields.append("x-request-id", record.requestID)
        writeHead(status: 200, fields: fields)
        writeBody(ByteBuffer(bytes: TerminalEvent.bytes(for: endpoint, error, requestID: record.requestID)))
        finish()
        return true
    }

    private func terminate(_ error: InferenceError) {
        switch relay {
        case .stream(let stream) where startUp == nil:
            guard let endpoint = route?.endpoint else { break }
            let event = TerminalEvent.bytes(
                for: endpoint,
                error,
                requestID: record.requestID,
                response: stream.observer.response
            )
            writeBody(ByteBuffer(bytes: event))
            return finish()
        case .translated, .held, .none, .stream:
            // A body that was held behind a head of ours is the provider's refusal.
            guard let last = lastWords(error) else { break }
            writeBody(last)
            return finish()
        case .progress:
            writeBody(ByteBuffer(bytes: ErrorBody(error).bytes(for: .ollama, requestID: record.requestID) + [0x0A]))
            return finish()
        case .passing: break
        }
        settle()
        connection.abort()
    }

    /// The end of a stream of which only the head went down, or what we said by ourselves to keep its client waiting.
    private func lastWords(_ error: InferenceError) -> ByteBuffer? {
        if let last = translating?.fail(error) { return last }
        guard record.streamed, let endpoint = route?.endpoint else { return nil }
        return ByteBuffer(bytes: TerminalEvent.bytes(for: endpoint, error, requestID: record.requestID))
    }

    /// Puts a failure on the record.
    func note(_ error: InferenceError, _ outcome: ExchangeRecord.Outcome) {
        record.outcome = outcome
        record.code = error.code.rawValue
        record.cause = error.cause ?? error.message
    }

    private func answer(with refusal: Refusal) {
        var fields = ownFields
        appendNotes(to: &fields)
        for header in refusal.headers { fields.append(header.name, header.value) }
        if let seconds = refusal.body.retryAfter { fields.append("retry-after", "\(Int(seconds.rounded(.up)))") }
        let bytes = ByteBuffer(bytes: refusal.body.bytes(for: errorDialect, requestID: record.requestID))
        let status = refusal.body.status(for: errorDialect, client: client)
        send(bytes, status: status, fields: fields, closes: refusal.closes || hasLongRest)
    }

    /// A client that is told some errors in its own way.
    var client: KnownClient? { caller.userAgent.flatMap(KnownClient.init(userAgent:)) }

    /// The dialect of an error; without a known route the caller's fields and path still give it away.
    var errorDialect: Dialect {
        if let dialect = route?.dialect { return dialect }
        if caller.anthropicVersion != nil || target?.path.hasPrefix("/v1/messages/") == true { return .messages }
        return route == nil && target?.path.hasPrefix("/api/") == true ? .ollama : .chat
    }

    // MARK: Writing

    /// Sends a whole response and settles.
    func send(_ bytes: ByteBuffer, status: Int, fields: Fields, closes: Bool = false) {
        var fields = fields
        fields.append("content-length", "\(bytes.readableBytes)")
        if !fields.contains("cache-control") { fields.append("cache-control", "no-store") }
        guard writeHead(status: status, fields: fields, closes: closes) else { return }
        writeBody(bytes)
        finish()
    }

    /// Sends the response's head, once.
    @discardableResult
    func writeHead(status: Int, fields: Fields, closes: Bool = false) -> Bool {
        guard state.responseWillBegin() else { return false }
        record.status = status
        let told = admission == nil ? fields : tellLimits(in: fields)
        connection.writeHead(status: status, fields: told, closes: closes)
        return true
    }

    func writeBody(_ bytes: ByteBuffer) {
        if record.firstByteMicroseconds == nil {
            record.firstByteMicroseconds = microseconds
            didAnswer()
        }
        record.bytesOut += bytes.readableBytes
        watch?.didWrite()
        capture?.collect(bytes)
        connection.writeBody(bytes)
    }

    /// The response is whole: settles, then makes the connection ready for the next request.
    func finish() {
        guard !state.isSettled else { return }
        settle()
        connection.finish(self)
    }
}
