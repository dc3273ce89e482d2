/// For how long and how much is kept of what is asked and answered, where a tenant wants that.
package struct CaptureSettings: Sendable, Hashable {
    /// Days for a tenant that does not say.
    package var days: Int
    /// Bytes of all that is kept, in memory at most 64 MiB; the oldest goes first.
    package var maximumBytes: Int
    /// Bytes of one request and of one answer; what is longer is cut.
    package var maximumText: Int
    /// Bytes of what waits to be masked and written.
    package var backlog: Int
    /// How long somebody who asks waits.
    package var patience: Duration

    package init(
        days: Int = 30,
        maximumBytes: Int = 1 << 30,
        maximumText: Int = 1 << 20,
        backlog: Int = 32 << 20,
        patience: Duration = .seconds(10)
    ) {
        self.days = days
        self.maximumBytes = maximumBytes
        self.maximumText = maximumText
        self.backlog = backlog
        self.patience = patience
    }
}
