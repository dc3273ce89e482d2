import NIOCore
import Synchronization

/// Whether the store of identities can be read, and since when it cannot (F19).
///
/// Meanwhile keys that are known go on to count for a day; of one that is not known nobody can say that it is wrong.
final class StoreHealth: Sendable {
    /// When reading began to fail, in nanoseconds of the loops' clock; 0 while it does not.
    private let brokenSince = Atomic<UInt64>(0)

    func didRead() { brokenSince.store(0, ordering: .relaxed) }

    func didFail(at now: NIODeadline) {
        _ = brokenSince.compareExchange(expected: 0, desired: max(1, now.uptimeNanoseconds), ordering: .relaxed)
    }

    var isBroken: Bool { brokenSince.load(ordering: .relaxed) != 0 }

    /// Whether it has been broken for so long that what is known may be wrong by now.
    func isTooOld(at now: NIODeadline) -> Bool {
        let since = brokenSince.load(ordering: .relaxed)
        return since != 0 && now.uptimeNanoseconds > since + Self.patience
    }

    /// A day.
    static let patience: UInt64 = 86_400_000_000_000
}
