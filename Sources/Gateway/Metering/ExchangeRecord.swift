package import Inference

/// What is known of one exchange when it is settled; every exchange has exactly one.
package struct ExchangeRecord: Sendable {
    /// How an exchange ended.
    package enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// The response reached its proper end.
        case ok
        /// The gateway refused the request by itself.
        case refused
        /// The upstream failed before the response's head went down.
        case failed
        /// The response broke off after its head; the client was told so in its dialect.
        case interrupted
        /// The client left before the end.
        case clientGone = "client_gone"
    }

    /// What a request travels in where that is not a connection's plain HTTP.
    package enum Transport: String, Sendable, Hashable, CaseIterable {
        /// It was a message of a session.
        case webSocket = "websocket"
    }

    /// An attempt that came to nothing.
    package struct Tried: Sendable, Hashable {
        package var provider: String
        /// The model that it was asked for.
        package var model: String?
        /// The failure's code.
        package var outcome: String
        /// How long it took; nil where it was not sent.
        package var microseconds: Int?
    }

    package var requestID: String
    /// `POST /v1/responses` as the template of the route; never the raw path.
    package var route: String
    package var transport: Transport?
    /// The id of the tenant that asks.
    package var tenant: String?
    /// Whether who asks is known and has nothing that says his tenant: no key at all, or one of the configuration's.
    package var isLocal = false
    /// The ids of its team and its user.
    package var team: String?
    package var user: String?
    /// The id of the key that asks, which is no secret.
    package var key: String?
    /// The program that asks, by its user agent.
    package var client: String?
    package var dialect: Dialect?
    package var provider: String?
    /// What the provider was spoken to in, where it is known.
    package var upstreamDialect: Dialect?
    /// The model that the caller named.
    package var model: String?
    /// The model that the upstream was asked for.
    package var upstreamModel: String?
    /// The routing rule that fits; nil where the model's name alone decides.
    package var rule: String?
    package var streamed = false
    /// What the caller asked for and the provider was not told, because it changes nothing; names with commas between.
    package var dropped: String?
    /// The status that the client saw, or 499 where it left before it saw one.
    package var status = 0
    /// The status that the upstream answered with, where it did.
    package var upstreamStatus: Int?
    /// A stable word for what went wrong.
    package var code: String?
    /// What lay underneath, for the operator's eyes.
    package var cause: String?
    /// A stable word for what the caller should know of an answer that is good all the same.
    package var warning: String?
    /// Requests that were sent to providers, or were to be, for this one.
    package var attempts = 0
    /// Those among them that went to the same place as the one before.
    package var retries = 0
    /// The code of the first failure for which another target took over.
    package var fallbackCause: String?
    /// The attempts before the last one, in their order.
    package var tried: [Tried] = []
    /// The time between attempts and in a provider's queue.
    package var waitedMicroseconds = 0
    /// From the request's head to its last byte.
    package var receivedMicroseconds = 0
    /// The time during which any provider was at work on it; nil where none was asked.
    package var upstreamMicroseconds: Int?
    /// What the last attempt took; nil where it was not sent.
    package var attemptMicroseconds: Int?
    package var bytesIn = 0
    package var bytesOut = 0
    package var usage = Usage()
    /// Whether nobody counted the tokens, so that they are the gateway's own estimate.
    package var isEstimated = false
    /// What it cost, in billionths of a dollar; nil where nothing was to be billed.
    package var costNanos: Int?
    /// What it was billed at.
    package var price: Price?
    /// Whether it cost nothing only because nobody knows a price of its model.
    package var isUnpriced = false
    /// From the request's first byte to the response body's first byte, in microseconds.
    package var firstByteMicroseconds: Int?
    /// The same to the first token that the provider wrote, where it streamed.
    package var firstTokenMicroseconds: Int?
    /// From the request's first byte to the end, in microseconds.
    package var totalMicroseconds = 0
    package var outcome = Outcome.ok

    package init(requestID: String, route: String) {
        self.requestID = requestID
        self.route = route
    }
}

extension ExchangeRecord {
    /// Every attempt with what it came to: `one:server_is_overloaded two:ok`.
    var triedText: String {
        let last = Tried(provider: provider ?? "", outcome: outcome == .ok ? "ok" : code ?? outcome.rawValue)
        return (tried + [last]).map { "\($0.provider):\($0.outcome)" }.joined(separator: " ")
    }
}
