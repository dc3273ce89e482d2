import Synchronization

/// What one tenant makes the gateway do at the moment, over all event loops; lives on from one state of the store to the next.
///
/// By it a gateway that is short of something shares it out among tenants, however much each of them wants (T6).
final class TenantLoad: Sendable {
    private let running = Atomic<Int>(0)
    private let bodies = Atomic<Int>(0)

    /// Its requests that run.
    var requests: Int { running.load(ordering: .relaxed) }

    /// Whether none of its requests runs.
    var isIdle: Bool { running.load(ordering: .relaxed) == 0 }

    /// A request of it runs; true where it is the only one.
    func didBegin() -> Bool { running.add(1, ordering: .relaxed).oldValue == 0 }

    /// A request of it is over; true where none runs any more.
    func didEnd() -> Bool { running.subtract(1, ordering: .relaxed).newValue == 0 }

    /// Counts bytes of its bodies, and gives all that it has then.
    func take(_ bytes: Int) -> Int { bodies.add(bytes, ordering: .relaxed).newValue }

    func giveBack(_ bytes: Int) { bodies.subtract(bytes, ordering: .relaxed) }
}

/// The tenants of which requests run, as far as their number goes.
final class BusyTenants: Sendable {
    /// So many tenants get their turn while others are turned away.
    private static let most = 64

    private let count = Atomic<Int>(0)

    func didBegin(_ load: TenantLoad) {
        if load.didBegin() { count.add(1, ordering: .relaxed) }
    }

    func didEnd(_ load: TenantLoad) {
        if load.didEnd() { count.subtract(1, ordering: .relaxed) }
    }

    /// Whether a tenant has so little of what runs that a request of it is taken even while there is more to do than can be
    /// done: nothing.
    func spares(_ load: TenantLoad) -> Bool {
        load.isIdle && count.load(ordering: .relaxed) < Self.most
    }
}
