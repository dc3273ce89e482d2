import Synchronization

/// Bounds the memory of all request bodies that are held at once, over all event loops.
final class BodyBudget: Sendable {
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
}
