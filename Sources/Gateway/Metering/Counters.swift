import Synchronization

/// Numbers about the present that `/status` shows and the drain waits for.
final class Counters: Sendable {
    private let connectionsNow = Atomic<Int>(0)
    private let exchangesNow = Atomic<Int>(0)
    private let exchangesDone = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

    /// Open client connections.
    var connections: Int { connectionsNow.load(ordering: .relaxed) }
    /// Exchanges that have begun and are not settled.
    var exchangesInFlight: Int { exchangesNow.load(ordering: .relaxed) }
    var exchangesSettled: Int { exchangesDone.load(ordering: .relaxed) }
    /// Whether the gateway is on its way to stop.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func connectionDidOpen() { connectionsNow.add(1, ordering: .relaxed) }
    func connectionDidClose() { connectionsNow.subtract(1, ordering: .relaxed) }
    func exchangeDidBegin() { exchangesNow.add(1, ordering: .relaxed) }

    func exchangeDidSettle() {
        exchangesNow.subtract(1, ordering: .relaxed)
        exchangesDone.add(1, ordering: .relaxed)
    }

    func drainDidBegin() { draining.store(true, ordering: .relaxed) }
}
