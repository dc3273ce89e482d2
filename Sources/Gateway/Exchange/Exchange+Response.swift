import Dialects
import Inference
import NIOCore
import Providers

/// The upstream's half of an exchange: relays its response, or says honestly why there is none.
extension Exchange: UpstreamResponder {
    func upstreamDidReceiveHead(status: Int, fields: Fields) {
        record.upstreamStatus = status
        let isCoded = fields.field("content-encoding") { !$0.isValue("identity") } ?? false
        guard (200...599).contains(status), !(300...399).contains(status), !isCoded else {
            let what = !isCoded ? "status \(status)" : "content coding, which was not asked for"
            let error = InferenceError(
                .malformed,
                "Provider \(record.provider ?? "") answered with a \(what).",
                upstreamStatus: status
            )
            return fail(AttemptFailure(error, isCoded ? .broken : .told))
        }
        guard status < 300 else { return hold(status, fields, limit: Self.heldError) }
        if case .translated = relay { return translatedHeadDidCome(fields) }
        let isStream = fields.field("content-type") { Self.isStream($0, route?.dialect) } ?? false
        let limits = snapshot.settings.limits
        guard isStream else {
            guard !state.isRelaying else {
                return fail(
                    InferenceError(.malformed, "The provider answered with one body where a stream had begun.")
                )
            }
            let isNeeded = embedding != nil || completion != nil || turn?.wantsObject == true
            return hold(status, fields, limit: isNeeded ? limits.event : limits.heldResponse)
        }
        if let endpoint = route?.endpoint {
            relay = .stream(StreamRelay(StreamObserver(endpoint, settings: streamSettings)))
        } else {
            relay = .progress(ProgressRelay())
        }
        var down = ForwardedFields.response(from: fields, requestID: record.requestID)
        if record.attempts > 1 { appendNotes(to: &down) }
        // The first event mostly comes in the same read: both go down in one flush, when that read is over.
        if holdsBack {
            startUp = StartUp(status: status, fields: down)
        } else {
            writeHead(status: status, fields: down)
        }
    }

    private func hold(_ status: Int, _ fields: Fields, limit: Int) {
        relay = .held(BodyRelay(status: status, limit: limit), fields)
    }

    private static func isStream(_ type: Field, _ dialect: Dialect?) -> Bool {
        type.valueBegins(dialect == .ollama ? "application/x-ndjson" : "text/event-stream")
    }

    func upstreamDidReceiveBody(_ bytes: ByteBuffer) {
        switch relay {
        case .none: break
        case .passing: writeBody(bytes)
        case .translated: translatedBodyDidCome(bytes)
        case .progress(var lines):
            relay = .none
            progress(&lines, bytes)
        case .stream(var stream):
            relay = .none
            stream.take(bytes) { writeOrHold($0) }
            let error = stream.observer.outcome.error
            keepTurn(of: &stream)
            relay = .stream(stream)
            if startUp != nil { releaseIfBegun(stream.observer) }
            if error != nil { return endStream() }
            didStream(stream.observer.events, hasBegun: stream.observer.sawFirstToken)
        case .held(var held, let fields):
            relay = .none
            let fits = held.take(bytes)
            relay = .held(held, fields)
            if !fits { release(held, fields) }
        }
    }

    func upstreamDidCompleteRead() {
        accountIfTold()
        connection.flush()
    }

    func upstreamDidEnd() {
        upstream = nil
        attempts?.hold?.upstreamDidEnd(at: loop.now)
        switch relay {
        case .none: break
        case .passing: finish()
        case .translated: translatedBodyDidEnd()
        case .progress(let lines) where lines.isOver: finish()
        case .progress: fail(InferenceError(.interrupted, "The provider broke off before the model was fetched."))
        case .held(let held, let fields): answer(with: held, fields)
        case .stream(var stream):
            relay = .none
            stream.end { writeOrHold($0) }
            keepTurn(of: &stream)
            relay = .stream(stream)
            endStream()
        }
    }

    func upstreamDidFail(_ failure: TransportFailure) {
        upstream = nil
        bill.isCutShort = failure.kind == .totalTimedOut && failure.requestMayHaveBeenSent
        var error = InferenceError(failure, provider: record.provider ?? "")
        error.detail = failure.kind.callersWord
        if case .stream(let stream) = relay, case .completed = stream.observer.outcome { return endStream() }
        switch relay {
        case .translated: return translatedBodyDidFail(AttemptFailure(failure, error))
        case .progress(let lines) where lines.isOver: return finish()
        case .held(let held, _): error.upstreamStatus = held.status
        default: break
        }
        fail(AttemptFailure(failure, error))
    }

    private func progress(_ lines: inout ProgressRelay, _ bytes: ByteBuffer) {
        do throws(InferenceError) {
            let whole = try lines.take(bytes)
            relay = .progress(lines)
            if whole.readableBytes > 0 { writeBody(whole) }
        } catch {
            relay = .progress(lines)
            fail(error)
        }
    }

    // MARK: Streams

    /// So many pieces of the answer have come; one that may not go on ends in its dialect's words.
    func didStream(_ pieces: Int, hasBegun: Bool) {
        if hasBegun, record.firstTokenMicroseconds == nil { record.firstTokenMicroseconds = microseconds }
        guard bill.isReserved else { return }
        do throws(BudgetSpent) { try extendBudget(pieces: pieces) } catch {
            upstream?.cancel()
            upstream = nil
            giveUp(error.error(to: identity.principal))
        }
    }

    private func writeOrHold(_ bytes: ByteBuffer) {
        let bytes = completion?.take(bytes) ?? bytes
        guard bytes.readableBytes > 0 else { return }
        if startUp == nil { writeBody(bytes) } else { startUp?.hold(bytes) }
    }

    /// Writes what is left of a stream that is over, where originals are put back into it.
    private func writeRest() {
        if let rest = completion?.finish(), rest.readableBytes > 0 { writeBody(rest) }
    }

    /// Lets go what was held, once a failure could no longer be hidden from the client.
    private func releaseIfBegun(_ observer: StreamObserver) {
        if case .completed = observer.outcome { return releaseStartUp() }
        if observer.sawFirstToken || startUp?.isFull == true { releaseStartUp() }
    }

    /// Sends the head and the events that were held back; from here on they pass as they come.
    func releaseStartUp() {
        guard let held = startUp else { return }
        startUp = nil
        writeHead(status: held.status, fields: held.fields)
        for piece in held.pieces { writeBody(piece) }
    }

    /// The stream is over: by its terminal event, by its own failure event, or broken.
    private func endStream() {
        guard case .stream(let stream) = relay else { return }
        let observer = stream.observer
        record.usage = observer.usage ?? Usage()
        bill.eventsSeen = observer.events
        switch observer.outcome {
        case .completed:
            releaseStartUp()
            writeRest()
            warnOfCutPrompt()
            finish()
        case .failed(let error):
            guard startUp == nil else { return fail(error) }
            writeRest()
            release(.failure(AttemptFailure(error, .told)))
            note(error, .interrupted)
            finish()
        case .broken(let error): fail(error)
        case .running: fail(InferenceError(.interrupted, "The upstream's stream ended before its terminal event."))
        }
    }

    // MARK: Whole bodies

    private func answer(with held: BodyRelay, _ fields: Fields) {
        guard held.status < 400 else { return answer(withError: held, fields) }
        if let embedding { return answer(held, by: embedding) }
        do throws(InferenceError) {
            let seen = try held.bytes.withUnsafeReadableBytes { (bytes) throws(InferenceError) in
                // What Ollama tells of its models is JSON in which no tokens are counted.
                try BodyObserver(bytes, endpoint: route?.endpoint ?? .ollamaEmbed)
            }
            // A stored response may be one that has failed.
            if let failure = seen.failure, route?.isStoredResponse != true { throw failure }
            record.usage = seen.usage ?? Usage()
        } catch {
            return fail(error)
        }
        warnOfCutPrompt()
        let body = completion?.whole(held.bytes) ?? keeping(held.bytes)
        var down = ForwardedFields.response(from: fields, requestID: record.requestID)
        appendNotes(to: &down)
        send(body, status: held.status, fields: down)
    }

    /// Passes an upstream's refusal on as it came, if it came in the caller's dialect.
    private func answer(withError held: BodyRelay, _ fields: Fields) {
        let body = Array(held.bytes.readableBytesView)
        if translating?.rescue(body) == true { return translatedBodyDidEnd() }
        let error = ErrorClassification.classify(
            status: held.status,
            body: body,
            dialect: record.upstreamDialect ?? errorDialect,
            hints: RetryHints(fields, now: WallClock.seconds())
        )
        if isMissingCounter(held.status, error) { return answerWithEstimate() }
        if recovers(from: AttemptFailure(error, .told)) { return }
        guard error.code != .credentials, held.status != 401 else { return giveUp(refusedKey(error)) }
        let isOwn = record.upstreamDialect == nil && !state.isRelaying
        guard isOwn, ErrorBody.isError(body, in: errorDialect) else { return giveUp(error) }
        var status = held.status
        switch client.flatMap({ ErrorBody(error).exceptions[$0] }) {
        case .failedStream: return giveUp(error)
        case .status(let other): status = other
        case nil: break
        }
        note(error, .failed)
        var down = ForwardedFields.response(from: fields, requestID: record.requestID)
        if record.attempts > 1 { appendNotes(to: &down) }
        send(held.bytes, status: status, fields: down)
    }

    /// A provider that refuses its key may quote it; the caller learns only that it was refused.
    private func refusedKey(_ error: InferenceError) -> InferenceError {
        let provider = attempts?.target.provider ?? snapshot.settings.providers.first { $0.name == record.provider }
        let status = error.upstreamStatus ?? 401
        var safe = InferenceError(
            .credentials,
            "Provider \(record.provider ?? "") refused its key with status \(status)."
        )
        safe.upstreamStatus = status
        safe.cause = error.message
        for secret in [provider?.apiKey].compactMap(\.self) + (provider?.headers.map(\.value) ?? [])
        where !secret.isEmpty {
            safe.cause = safe.cause?.replacing(secret.reveal(), with: "***")
        }
        return safe
    }

    /// Lets a body go that is too long to be held; a cut from here on shows as a broken connection.
    private func release(_ held: BodyRelay, _ fields: Fields) {
        guard held.status < 400 else {
            let hints = RetryHints(fields, now: WallClock.seconds())
            let error = ErrorClassification.classify(
                status: held.status,
                body: [],
                dialect: errorDialect,
                hints: hints
            )
            if recovers(from: AttemptFailure(error, .told)) { return }
            guard error.code != .credentials else { return giveUp(refusedKey(error)) }
            return giveUp(error, status: record.upstreamDialect == nil ? held.status : nil)
        }
        guard embedding == nil else {
            let message = "The provider's body is larger than what may be held to translate it."
            return fail(InferenceError(.malformed, message, upstreamStatus: held.status, detail: "body_too_large"))
        }
        var down = ForwardedFields.response(from: fields, requestID: record.requestID)
        if let length = fields.first("content-length") { down.append("content-length", length) }
        relay = .passing
        writeHead(status: held.status, fields: down)
        writeBody(held.bytes)
    }

    private static let heldError = 64 << 10
}
