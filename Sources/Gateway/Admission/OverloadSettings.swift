/// Beyond what the gateway turns new requests away, so that those that run come to their end.
package struct OverloadSettings: Sendable, Hashable {
    /// How late an event loop may be, smoothed over about a second; nil lets it be as late as it is.
    package var loopLag: Duration?
    /// Bytes that the process may have in memory; nil bounds nothing.
    package var memory: Int?

    package init(loopLag: Duration? = .milliseconds(500), memory: Int? = nil) {
        self.loopLag = loopLag
        self.memory = memory
    }
}

/// Why new requests are turned away.
package enum OverloadReason: String, Sendable, Hashable, CaseIterable {
    case loopLag = "loop_lag"
    case memory
}
