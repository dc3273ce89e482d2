import Dialects
import Inference
import NIOCore
import Providers

/// What an exchange has of one attempt, apart from what all of them share.
struct AttemptLane {
    var relay = Exchange.Relay.none
    var startUp: StartUp?
    var translating: TranslatingRelay?
    var embedding: EmbeddingTranslation?
    var completion: CompletionUnmasking?
    var turn: ConversationTurn?
    var counted: ByteBuffer?
    var estimatedPrompt: Int?
    var streamSettings = StreamObserver.Settings()
    var provider: String?
    var model: String?
    var dialect: Dialect?
    var dropped: String?
}

/// An attempt beside one that is slower than most: it listens to its upstream alone until it comes to its first content, and
/// then either takes the other's place or is given up.
final class RivalAttempt: UpstreamResponder {
    private enum Heard {
        case head(Int, Fields)
        case body(ByteBuffer)
        case end
    }

    /// More than this is not held; what has so much to say has begun.
    private static let most = 1 << 20

    private unowned let exchange: Exchange
    let place: Int
    let lane: AttemptLane
    let hold: AttemptHold
    var upstream: UpstreamExchange?
    let endpoint: Endpoint
    private var status = 0
    private var heard: [Heard] = []
    private var bytes = 0
    /// From the head on.
    private var observer: StreamObserver?
    private var hasWon = false

    init(of exchange: Exchange, at place: Int, _ lane: AttemptLane, _ hold: AttemptHold, endpoint: Endpoint) {
        self.exchange = exchange
        self.place = place
        self.lane = lane
        self.hold = hold
        self.endpoint = endpoint
    }

    /// Hands all over that was heard so far, and all that comes.
    func win() {
        hasWon = true
        let past = heard
        heard = []
        let attempts = exchange.record.attempts
        for part in past {
            // What is heard may end the exchange, or lead to yet another attempt.
            guard !exchange.state.isSettled, exchange.record.attempts == attempts else { return }
            switch part {
            case .head(let status, let fields): exchange.upstreamDidReceiveHead(status: status, fields: fields)
            case .body(let bytes): exchange.upstreamDidReceiveBody(bytes)
            case .end: exchange.upstreamDidEnd()
            }
        }
        exchange.connection.flush()
    }

    /// What it has come to, if it is given up now; nil where it was never sent.
    var loss: SideAccount.Ending? {
        guard upstream?.writtenAt != nil || status != 0 else { return nil }
        var ending = SideAccount.Ending.cancelled
        ending.status = status
        guard let observer else { return ending }
        ending.usage = observer.usage ?? Usage()
        if observer.sawFirstToken { ending.written = min(observer.events, bytes / RequestTraits.bytesPerToken) }
        return ending
    }

    // MARK: The upstream

    func upstreamDidReceiveHead(status: Int, fields: Fields) {
        if hasWon { return exchange.upstreamDidReceiveHead(status: status, fields: fields) }
        self.status = status
        guard (200..<300).contains(status) else {
            let error = ErrorClassification.classify(
                status: status,
                body: [],
                dialect: endpoint.dialect,
                hints: RetryHints(fields, now: WallClock.seconds())
            )
            return exchange.rivalDidFail(AttemptFailure(error, .told))
        }
        // Only a stream that can be read comes to a first content, by which it proves to be the better one.
        let isCoded = fields.field("content-encoding") { !$0.isValue("identity") } ?? false
        let type: StaticString = endpoint.dialect == .ollama ? "application/x-ndjson" : "text/event-stream"
        guard !isCoded, fields.field("content-type", { $0.valueBegins(type) }) == true else {
            let what = isCoded ? "a content coding, which was not asked for" : "one body where a stream was asked for"
            let error = InferenceError(
                .malformed,
                "Provider \(lane.provider ?? "") answered with \(what).",
                upstreamStatus: status
            )
            return exchange.rivalDidFail(AttemptFailure(error, .broken))
        }
        heard.append(.head(status, fields))
        observer = StreamObserver(endpoint)
    }

    func upstreamDidReceiveBody(_ bytes: ByteBuffer) {
        if hasWon { return exchange.upstreamDidReceiveBody(bytes) }
        heard.append(.body(bytes))
        self.bytes += bytes.readableBytes
        _ = bytes.withUnsafeReadableBytes { observer?.observe($0) }
        if let error = observer?.outcome.error { return exchange.rivalDidFail(AttemptFailure(answer: error)) }
        if observer?.sawFirstToken == true || self.bytes > Self.most { exchange.rivalDidBegin(self) }
    }

    func upstreamDidCompleteRead() {
        if hasWon { exchange.upstreamDidCompleteRead() }
    }

    func upstreamDidEnd() {
        if hasWon { return exchange.upstreamDidEnd() }
        upstream = nil
        _ = observer?.finish()
        if let error = observer?.outcome.error { return exchange.rivalDidFail(AttemptFailure(answer: error)) }
        heard.append(.end)
        exchange.rivalDidBegin(self)
    }

    func upstreamDidFail(_ failure: TransportFailure) {
        if hasWon { return exchange.upstreamDidFail(failure) }
        upstream = nil
        exchange.rivalDidFail(AttemptFailure(failure, InferenceError(failure, provider: lane.provider ?? "")))
    }
}
