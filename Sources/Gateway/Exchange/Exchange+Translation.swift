import Dialects
import Inference
import NIOCore
import Providers

/// The way back of an exchange across dialects.
extension Exchange {
    /// The head of a good answer has come; its status is certain only with what follows.
    func translatedHeadDidCome(_ fields: Fields) {
        translating?.receiveHead(contentType: fields.first("content-type"))
    }

    func translatedBodyDidCome(_ bytes: ByteBuffer) {
        guard let portion = translating?.take(bytes) else { return }
        pass(portion)
        guard let translating, translating.streams, portion.failure == nil else { return }
        didStream(translating.deltas, hasBegun: translating.deltas > 0)
    }

    func translatedBodyDidEnd() {
        guard let portion = translating?.finish() else { return }
        guard portion.failure == nil else { return pass(portion) }
        noteTranslatedEnd()
        guard state.isWaiting else {
            writeBody(portion.bytes)
            return finish()
        }
        guard let translating else { return }
        guard translating.streams else { return send(portion.bytes, status: 200, fields: translatedFields) }
        writeHead(status: 200, fields: translatedFields)
        writeBody(portion.bytes)
        finish()
    }

    /// The connection broke; an answer that is whole already takes no harm.
    func translatedBodyDidFail(_ failure: AttemptFailure) {
        if translating?.isComplete == true { translatedBodyDidEnd() } else { fail(failure) }
    }

    /// Sends the head that was held back, and what waited behind it; that stays where another attempt may take over.
    func releaseHead() {
        if let startUp {
            writeHead(status: startUp.status, fields: startUp.fields)
            if !mayRepeat { releaseStartUp() }
            return connection.flush()
        }
        guard translating != nil else { return }
        writeHead(status: 200, fields: translatedFields)
        if !mayRepeat, let waiting = translating?.release(), waiting.readableBytes > 0 { writeBody(waiting) }
        connection.flush()
    }

    private func pass(_ portion: TranslatingRelay.Portion) {
        if portion.bytes.readableBytes > 0 {
            if !state.isRelaying { writeHead(status: 200, fields: translatedFields) }
            writeBody(portion.bytes)
        }
        guard let failure = portion.failure else { return }
        record.usage = translating?.usage ?? record.usage
        fail(failure)
    }

    private func noteTranslatedEnd() {
        guard let translating else { return }
        record.usage = translating.usage ?? Usage()
        warnOfCutPrompt()
        if turn?.wantsObject == true, let object = translating.keptResponse { _ = keepTurn(ByteBuffer(bytes: object)) }
    }

    private var translatedFields: Fields {
        var fields = Fields([("content-type", translating?.contentType ?? "application/json")])
        fields.append("cache-control", "no-store")
        fields.append("x-request-id", record.requestID)
        appendNotes(to: &fields)
        return fields
    }
}
