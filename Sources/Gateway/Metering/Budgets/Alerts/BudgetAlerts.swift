import Synchronization

/// The alerts that wait to be sent; offered on event loops, and taken by one `AlertSender`.
final class BudgetAlerts: Sendable {
    private struct State {
        var settings: AlertSettings?
        var waiting: [BudgetAlert] = []
        var lost = 0
    }

    private let state: Mutex<State>
    /// Whether somebody is to be told, which is asked for each settled request.
    private let isWanted: Atomic<Bool>
    /// Tells the sender that something waits.
    let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation

    init(_ settings: AlertSettings? = nil) {
        state = Mutex(State(settings: settings))
        isWanted = Atomic(settings != nil)
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// In percent, ascending; none where nobody is to be told.
    var thresholds: [Int] {
        guard isWanted.load(ordering: .relaxed) else { return [] }
        return state.withLock { $0.settings?.thresholds ?? [] }
    }

    var settings: AlertSettings? { state.withLock { $0.settings } }

    /// Whatever is sent from now on goes where these say; without any, what waits is dropped.
    func adopt(_ settings: AlertSettings?) {
        state.withLock { state in
            state.settings = settings
            if settings == nil { state.waiting = [] }
        }
        isWanted.store(settings != nil, ordering: .relaxed)
    }

    /// Has alerts sent when it is their turn; where too many wait already they are counted and lost.
    func offer(_ alerts: [BudgetAlert]) {
        state.withLock { state in
            guard state.settings != nil else { return }
            let room = max(0, Self.mostWaiting - state.waiting.count)
            state.waiting += alerts.prefix(room)
            state.lost += max(0, alerts.count - room)
        }
        wish.yield()
    }

    /// The alert that has waited for longest, if one does.
    func next() -> BudgetAlert? {
        state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }

    /// How many were lost since the last call.
    func takeLost() -> Int {
        state.withLock { state in
            defer { state.lost = 0 }
            return state.lost
        }
    }

    static let mostWaiting = 1_024
}
