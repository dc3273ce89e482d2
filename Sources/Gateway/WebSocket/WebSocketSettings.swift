/// How Responses are served over WebSocket; what bounds a message is `Limits.body`.
package struct WebSocketSettings: Sendable, Hashable {
    package var isServed: Bool
    /// A session without a response that runs, and without a message.
    package var idleTimeout: Duration
    /// A session in all; a response that runs then still comes to its end.
    package var maximumAge: Duration

    package init(isServed: Bool = true, idleTimeout: Duration = .seconds(900), maximumAge: Duration = .seconds(3_600)) {
        self.isServed = isServed
        self.idleTimeout = idleTimeout
        self.maximumAge = maximumAge
    }
}
