import Synchronization

/// Remembers which alerts were sent, so that none is sent twice.
///
/// A store that keeps it beyond the process, as the ledger can, has a restart send none twice either. Calls may block; they
/// come from one thread at a time, never an event loop.
protocol AlertMemory: Sendable {
    /// Whether the alert of this id was sent before.
    func wasSent(_ id: String) throws -> Bool
    /// Notes that it was taken, at a time in milliseconds since 1970.
    func noteSent(_ id: String, at milliseconds: Int) throws
}

/// Remembers the newest in the process alone.
final class RecentAlerts: AlertMemory {
    private struct State {
        var known: Set<String> = []
        /// In the order in which they were sent.
        var order: [String] = []
    }

    private let state = Mutex(State())

    func wasSent(_ id: String) -> Bool { state.withLock { $0.known.contains(id) } }

    func noteSent(_ id: String, at milliseconds: Int) {
        state.withLock { state in
            guard state.known.insert(id).inserted else { return }
            state.order.append(id)
            guard state.order.count > Self.most else { return }
            for old in state.order.prefix(Self.most / 2) { state.known.remove(old) }
            state.order.removeFirst(Self.most / 2)
        }
    }

    private static let most = 8_192
}
