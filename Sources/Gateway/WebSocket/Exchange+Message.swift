import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// A request that comes as a message of a session, and the handshake before it.
extension Exchange {
    // MARK: The handshake

    /// Ends the HTTP on this connection, for the session that the client asked for.
    func openSession(_ handshake: Handshake) {
        guard let target, !loop.isDraining else { return refuse(Refusal(.shuttingDown).closing()) }
        let client = AdmittedClient(
            identity: identity,
            certificate: connection.certificate,
            generation: snapshot.generation,
            revision: loop.identities.revision,
            fields: callerFields,
            target: target
        )
        guard connection.upgrade(client, handshake.answer(requestID: record.requestID)) else {
            return refuse(Refusal(.upgradeRequired).with("upgrade", "websocket"))
        }
        guard state.responseWillBegin() else { return }
        record.status = 101
        settle()
    }

    // MARK: Messages

    /// Takes a whole request; a warm-up is answered without asking anybody.
    func receiveMessage(_ body: ByteBuffer, of client: AdmittedClient, isWarmUp: Bool) {
        self.isWarmUp = isWarmUp
        do throws(Refusal) {
            guard try begin(as: client) else {
                return awaitKeys { (exchange) throws(Refusal) in try exchange.takeMessage(body) }
            }
            try takeMessage(body)
        } catch {
            refuse(error)
        }
    }

    /// Takes a message of somebody who is known.
    private func takeMessage(_ body: ByteBuffer) throws(Refusal) {
        didAdmit()
        try refuseOverload()
        try refuseLoop()
        // A warm-up asks nobody, and counts for nothing.
        if !isWarmUp { try enterLimits() }
        receive(body)
        receiveEnd()
    }

    /// Answers a message of so many bytes that is no request, or comes at the wrong time.
    func refuseMessage(_ refusal: Refusal, of client: AdmittedClient, bytes: Int) {
        record.bytesIn = bytes
        do throws(Refusal) {
            // Nobody waits for the keys of an issuer to hear that his message is wrong.
            _ = try begin(as: client, mayWait: false)
            refuse(refusal)
        } catch {
            refuse(error)
        }
    }

    // MARK: The end

    /// Whether all of a stream's answer has come, though the provider's body may not have ended.
    var isTold: Bool {
        switch relay {
        case .stream(let stream): if case .completed = stream.observer.outcome { true } else { false }
        case .translated: translating?.isComplete == true
        default: false
        }
    }

    /// Ends an answer of which the client has everything, without waiting for the end of the provider's body.
    ///
    /// - Returns: false where more of the answer is to come.
    func endIfTold() -> Bool {
        guard isTold else { return false }
        let held = upstream
        upstream = nil
        held?.cancel()
        upstreamDidEnd()
        return true
    }

    // MARK: Warm-up

    /// Answers a request that only lays down what the next one goes on from.
    func answerWarmUp(_ facts: RequestFacts) {
        let caller = CallerRequest(
            endpoint: .responses,
            request: InferenceRequest(model: facts.model, messages: [], stream: true)
        )
        var encoder = AnswerContext(
            caller: caller,
            requestID: record.requestID,
            model: facts.model,
            createdAt: Int(WallClock.seconds())
        ).encoder()
        var events = JSONWriter(capacity: 2_048)
        encoder.encode(.finished(.endTurn), into: &events)
        var fields = Fields([("content-type", encoder.contentType)])
        fields.append("x-request-id", record.requestID)
        writeHead(status: 200, fields: fields)
        writeBody(ByteBuffer(bytes: events.bytes))
        finish()
    }
}
