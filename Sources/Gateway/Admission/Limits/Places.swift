import Synchronization

/// How many requests run at the same time, over all event loops.
final class Places: Sendable {
    private let taken = Atomic<Int>(0)

    var count: Int { taken.load(ordering: .relaxed) }

    /// Takes a place; false where all are taken.
    func take(limit: Int) -> Bool {
        var seen = taken.load(ordering: .relaxed)
        while seen < limit {
            let (exchanged, original) = taken.weakCompareExchange(
                expected: seen,
                desired: seen + 1,
                ordering: .relaxed
            )
            if exchanged { return true }
            seen = original
        }
        return false
    }

    func giveBack() { taken.subtract(1, ordering: .relaxed) }
}
