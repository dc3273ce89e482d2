package import Inference

/// What the account keeps of one request, or of what was sent beside it; written once, when it is settled, and never changed.
///
/// It is what the journal holds, what the ledger files and what reports count. Amounts are what the request was billed at: a
/// price that changes later changes nothing here.
package struct UsageRecord: Sendable, Hashable {
    /// What of the request it is about.
    package var part = Part.request
    /// When it was settled, in milliseconds since 1970.
    package var at = 0
    /// The day of its budget in its tenant's time zone, in days since 1970-01-01.
    package var day = 0
    package var requestID = ""
    /// The ids of whoever asks, as far as they are known.
    package var tenant: String?
    package var team: String?
    package var user: String?
    package var key: String?
    /// The program that asks, by its user agent: a word of `ClientProgram`.
    package var client = ""
    /// The template of the route, such as `POST /v1/responses`.
    package var route = ""
    /// What the caller speaks, and what the provider was spoken to in.
    package var dialect: Dialect?
    package var upstreamDialect: Dialect?
    /// The routing rule that fits.
    package var rule: String?
    package var provider: String?
    /// The model that was asked for, and the one that served.
    package var model: String?
    package var upstreamModel: String?
    package var isStream = false
    package var status = 0
    package var outcome = ExchangeRecord.Outcome.ok
    /// A stable word for what went wrong.
    package var code: String?
    /// Requests that were sent to providers for this one, and each with what it came to: `one:server_is_overloaded two:ok`.
    package var attempts = 0
    package var tried: String?
    package var usage = Usage()
    /// Pictures that were sent to the model.
    package var images = 0
    /// Whether nobody counted the tokens, so that they are the gateway's own estimate.
    package var isEstimated = false
    package var cost = Money.zero
    /// What it was billed at; nil where nothing was to be billed.
    package var price: Price?
    /// The time in queues and between attempts, and from the request's first byte to the first byte of the answer's body, to its
    /// first token and to the end; in microseconds.
    package var waitedMicroseconds = 0
    package var firstByteMicroseconds: Int?
    package var firstTokenMicroseconds: Int?
    package var totalMicroseconds = 0

    package init() {}

    /// All tokens of both directions.
    package var tokens: Int { (usage.input ?? 0) &+ (usage.output ?? 0) }
}
