import Synchronization

/// Bounds the memory of all request bodies that are held at once, over all event loops.
final class BodyBudget: Sendable {
    /// So many times what is left a tenant may have: alone it gets most of all, and beside others something is always left
    /// for one more (T6).
    private static let share = 4

    private let limit: Atomic<Int>
    private let used = Atomic<Int>(0)

    init(limit: Int) { self.limit = Atomic(limit) }

    /// Another bound for what is taken from now on.
    func setLimit(_ bytes: Int) { limit.store(bytes, ordering: .relaxed) }

    /// Takes `bytes`; false means that there is no room now, and nothing was taken.
    func take(_ bytes: Int) -> Bool {
        let (_, now) = used.add(bytes, ordering: .relaxed)
        if now <= limit.load(ordering: .relaxed) { return true }
        used.subtract(bytes, ordering: .relaxed)
        return false
    }

    func giveBack(_ bytes: Int) {
        used.subtract(bytes, ordering: .relaxed)
    }

    /// Takes `bytes` for a tenant, which has to leave something to others; nil is nobody's.
    func take(_ bytes: Int, for load: TenantLoad?) -> Bool {
        guard take(bytes) else { return false }
        guard let load else { return true }
        let left = limit.load(ordering: .relaxed) - used.load(ordering: .relaxed)
        let held = load.take(bytes)
        // Whoever has nothing else gets what fits.
        if held == bytes || held <= Self.share * left { return true }
        load.giveBack(bytes)
        giveBack(bytes)
        return false
    }

    func giveBack(_ bytes: Int, for load: TenantLoad?) {
        load?.giveBack(bytes)
        giveBack(bytes)
    }
}
