import Dialects
import NIOCore

/// Gathers what one exchange was asked and answers, for a tenant that wants it kept; belongs to its exchange.
///
/// Nothing is looked at here: masking is the business of the thread that writes.
struct ContentCapture {
    private let limit: Int
    private let days: Int?
    private let request: ByteBuffer
    private let isRequestCut: Bool
    private var answer = ByteBuffer()
    private var isAnswerCut = false

    /// A longer body than `limit` is copied up to there, so that the rest is not held.
    init(of body: ByteBuffer, limit: Int, days: Int?) {
        self.limit = limit
        self.days = days
        isRequestCut = body.readableBytes > limit
        request = isRequestCut ? ByteBuffer(bytes: body.readableBytesView.prefix(limit)) : body
    }

    /// Notes what goes down to the client.
    mutating func collect(_ bytes: ByteBuffer) {
        let room = limit - answer.readableBytes
        guard bytes.readableBytes > room else {
            answer.writeImmutableBuffer(bytes)
            return
        }
        isAnswerCut = true
        answer.writeBytes(bytes.readableBytesView.prefix(room))
    }

    /// All of it, with what the settled record says; nil for a request that was refused, which no model was asked.
    func finished(
        _ record: ExchangeRecord,
        _ endpoint: Endpoint,
        _ identity: ClientIdentity,
        _ rules: MaskRules
    )
        -> CapturedExchange?
    {
        guard record.outcome != .refused, let principal = identity.principal, let tenant = principal.tenant else {
            return nil
        }
        var subject: String?
        if case .outside(let outside, _) = identity { subject = outside.name }
        return CapturedExchange(
            tenant: tenant,
            team: principal.team,
            user: principal.user,
            subject: subject,
            key: identity.keyID,
            record: record,
            endpoint: endpoint,
            days: days,
            rules: rules,
            request: CapturedExchange.Text(bytes: request, isCut: isRequestCut),
            answer: CapturedExchange.Text(bytes: answer, isCut: isAnswerCut)
        )
    }
}

/// An exchange on its way to the store, not masked yet.
struct CapturedExchange: Sendable, Weighted {
    struct Text: Sendable {
        let bytes: ByteBuffer
        /// Whether this is only the beginning.
        let isCut: Bool
    }

    let tenant: String
    let team: String?
    let user: String?
    /// The name of somebody who is no user here, by his token or certificate.
    let subject: String?
    let key: String?
    let record: ExchangeRecord
    let endpoint: Endpoint
    let days: Int?
    let rules: MaskRules
    let request: Text
    let answer: Text

    var weight: Int { request.bytes.readableBytes + answer.bytes.readableBytes + 1_024 }
}

extension Exchange {
    /// Begins to gather what is said, where the caller's tenant wants it kept; the request is whole.
    func beginCapture(_ content: TenantContent) {
        guard content.isKept, !isWarmUp, let endpoint = route?.endpoint else { return }
        switch endpoint {
        // Nothing is said there: tokens are counted.
        case .inputTokens, .countTokens: return
        default: break
        }
        capture = ContentCapture(of: body, limit: snapshot.settings.capture.maximumText, days: content.days)
    }

    /// Hands over what was gathered; does nothing the second time.
    func endCapture() {
        guard let gathered = capture, let endpoint = route?.endpoint else { return }
        capture = nil
        guard let exchange = gathered.finished(record, endpoint, identity, snapshot.settings.masking) else { return }
        loop.shared.captures.keep(exchange)
    }
}
