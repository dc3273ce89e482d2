import NIOCore

/// Tells a client that reads slowly from one that does not read at all (F13).
struct WriteStall {
    /// Since when the client has taken nothing of what waits for it; nil while nothing has to wait.
    private var since: NIODeadline?
    /// What waited when it was last looked at.
    private var unsent = 0

    /// The channel takes more, or does not.
    mutating func writabilityDidChange(_ isWritable: Bool, now: NIODeadline) {
        since = isWritable ? nil : now
    }

    /// Watches the last bytes of a connection, whether or not there are many.
    mutating func begin(_ channel: any Channel, now: NIODeadline) {
        unsent = Self.unsentBytes(channel)
        if since == nil { since = now }
    }

    /// Nothing more is watched.
    mutating func end() { since = nil }

    /// Whether nothing waited when it was last looked at.
    var isEmpty: Bool { unsent == 0 }

    /// Whether the client has taken nothing for longer than `limit`; one that takes a little is given more time.
    mutating func isOver(_ now: NIODeadline, _ limit: TimeAmount, _ channel: any Channel) -> Bool {
        guard let since else { return false }
        let left = Self.unsentBytes(channel)
        guard left == unsent else {
            unsent = left
            self.since = now
            return false
        }
        return now - since > limit
    }

    /// What waits in the channel for the system to take it.
    private static func unsentBytes(_ channel: any Channel) -> Int {
        // A channel that does not know has nothing to wait for.
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
