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

    /// Ends the exchange for an upstream's failure: with a status if nothing went down yet, else in the stream's own words.
    ///
    /// `status` is the one to answer with; nil means the one that belongs to the error's code.
    func fail(_ error: InferenceError, status: Int? = nil) {
        switch state.failureAction() {
        case .nothing: return
        case .answer:
            note(error, .failed)
            var refusal = Refusal(error)
            if let status { refusal.body.status = status }
            answer(with: refusal)
        case .terminate:
            note(error, .interrupted)
            terminate(error)
        }
    }

    private func terminate(_ error: InferenceError) {
        guard case .stream(let stream) = relay, let endpoint = route?.endpoint else {
            settle()
            return connection.abort()
        }
        record.usage = stream.observer.usage ?? record.usage
        let event = TerminalEvent.bytes(
            for: endpoint,
            error,
            requestID: record.requestID,
            response: stream.observer.response
        )
        writeBody(ByteBuffer(bytes: event))
        finish()
    }

    /// Puts a failure on the record.
    func note(_ error: InferenceError, _ outcome: ExchangeRecord.Outcome) {
        record.outcome = outcome
        record.code = error.code.rawValue
        record.cause = error.cause ?? error.message
    }

    private func answer(with refusal: Refusal) {
        var fields = ownFields
        for header in refusal.headers { fields.append(header.name, header.value) }
        if let seconds = refusal.body.retryAfter { fields.append("retry-after", "\(Int(seconds.rounded(.up)))") }
        let bytes = ByteBuffer(bytes: refusal.body.bytes(for: errorDialect, requestID: record.requestID))
        let status = refusal.body.status(for: errorDialect)
        send(bytes, status: status, fields: fields, closes: refusal.closes || hasLongRest)
    }

    // MARK: Own answers

    /// `GET /health`: the process answers, and nothing more is said to strangers.
    func answerHealth() {
        send(ByteBuffer(string: #"{"status":"ok"}"#), status: 200, fields: ownFields)
    }

    /// `GET /v1/models`: what all providers list, in a form that OpenAI's and Anthropic's clients both read.
    func answerModels() {
        send(ByteBuffer(bytes: ModelList(loop.shared.directory.table).bytes), status: 200, fields: ownFields)
    }

    private var ownFields: Fields {
        Fields([("content-type", "application/json"), ("x-request-id", record.requestID)])
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
        connection.writeHead(status: status, fields: fields, closes: closes)
        return true
    }

    func writeBody(_ bytes: ByteBuffer) {
        if record.firstByteMicroseconds == nil { record.firstByteMicroseconds = microseconds }
        record.bytesOut += bytes.readableBytes
        connection.writeBody(bytes)
    }

    /// The response is whole: settles, then makes the connection ready for the next request.
    func finish() {
        guard !state.isSettled else { return }
        settle()
        connection.finish(self)
    }
}
