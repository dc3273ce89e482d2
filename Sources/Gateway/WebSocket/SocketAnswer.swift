import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// One response on its way down a session: its exchange writes as to any client, and messages come of it.
final class SocketAnswer: ExchangeClient {
    private enum Form {
        case nothing
        /// Each event becomes a message.
        case stream(EventMessages)
        /// A body that is held until it is whole; nil where it is longer than what may be held.
        case body(ByteBuffer?)
    }

    private unowned let session: ResponsesSession
    private let connection: WebSocketConnection
    /// What was asked; nil where the message could not be read.
    let request: CreateMessage?
    private(set) var exchange: Exchange?
    private var status = 0
    private var fields = Fields()
    private var form = Form.nothing

    init(to request: CreateMessage?, of session: ResponsesSession, on connection: WebSocketConnection) {
        self.request = request
        self.session = session
        self.connection = connection
    }

    /// Begins the exchange and has `action` give it what it needs.
    func begin(_ action: (Exchange) -> Void) {
        let exchange = Exchange(on: self)
        self.exchange = exchange
        action(exchange)
    }

    /// Nobody is left to answer (F12).
    func clientDidLeave() {
        exchange?.clientDidLeave()
        exchange = nil
        form = .nothing
    }

    // MARK: What the exchange does

    var loop: LoopContext { connection.loop }
    var isWritable: Bool { connection.isWritable }
    var peer: String { connection.peer }
    var remoteAddress: SocketAddress? { connection.remoteAddress }

    var certificate: ClientCertificate? { connection.certificate }

    /// A message is whole when it comes.
    func writeContinue() {}
    func goOnReading() {}

    func writeHead(status: Int, fields: Fields, closes: Bool) {
        self.status = status
        self.fields = fields
        let isStream = fields.field("content-type") { $0.valueBegins("text/event-stream") } ?? false
        form = isStream ? .stream(EventMessages()) : .body(ByteBuffer())
        if isStream { writeNotes() }
    }

    func writeBody(_ bytes: ByteBuffer) {
        switch form {
        case .nothing: break
        case .stream(var events):
            form = .nothing
            events.take(bytes) { connection.write($0) }
            form = .stream(events)
            // What keeps a client of HTTP waiting may be a comment, which is no event.
            if bytes.readableBytesView.first == UInt8(ascii: ":") { connection.ping() }
        case .body(nil): break
        case .body(var body?):
            form = .nothing
            body.writeImmutableBuffer(bytes)
            form = .body(body.readableBytes <= loop.snapshot.settings.limits.event ? body : nil)
        }
    }

    func flush() { connection.flush() }

    func finish(_ finished: Exchange) {
        guard exchange === finished else { return }
        var response: EventMessages.Response?
        switch form {
        case .stream(let events): response = events.response
        case .body(let body?) where status < 300 && status > 0:
            if let whole = WholeAnswer(body) {
                for message in whole.messages { connection.write(message) }
                response = whole.response
            } else {
                writeError(502, Refusal.noResponse)
            }
        case .body(let body?): connection.write(ErrorMessage.bytes(status: status, fields: fields, body: body))
        case .body(nil), .nothing: writeError(502, Refusal.noResponse)
        }
        end(response, history: finished.history)
    }

    func abort() {
        writeError(502, Refusal.brokenOff)
        end(nil, history: History())
    }

    func upgrade(_ client: AdmittedClient, _ answer: ByteBuffer) -> Bool { false }

    func history(of responseID: String) -> History? { session.history(of: responseID) }

    private func end(_ response: EventMessages.Response?, history: History) {
        exchange = nil
        form = .nothing
        connection.flush()
        session.didEnd(self, response, behind: history)
    }

    private func writeError(_ status: Int, _ refusal: Refusal) {
        let body = ByteBuffer(bytes: refusal.body.bytes(for: .responses, requestID: ""))
        connection.write(ErrorMessage.bytes(status: status, fields: fields, body: body))
    }

    /// The gateway's remarks on an answer, which are header fields elsewhere, as the event that Codex reads those from.
    private func writeNotes() {
        var writer = JSONWriter()
        var isEmpty = true
        writer.object { writer in
            writer.member("type", "response.metadata")
            writer.key("headers")
            writer.object { writer in
                for name in ["x-torii-dropped", "x-torii-warning", "x-torii-attempts"] {
                    guard let value = fields.first(name) else { continue }
                    writer.member(name, value)
                    isEmpty = false
                }
            }
        }
        if !isEmpty { connection.write(ByteBuffer(bytes: writer.bytes)) }
    }
}

extension Refusal {
    fileprivate static let noResponse = Refusal(
        InferenceError(.malformed, "The provider's answer is no response, or is too long to be held.")
    )
    fileprivate static let brokenOff = Refusal(
        InferenceError(.interrupted, "The provider's answer broke off.")
    )
}
