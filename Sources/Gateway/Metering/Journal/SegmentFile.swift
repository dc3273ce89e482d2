import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A segment that a writer of this process has made; open, and locked against all others, for as long as anybody refers to it.
///
/// One loop writes it and the filing thread reads it, each without a lock: `whole` only grows, and nothing before it changes.
final class SegmentFile: Sendable {
    let number: Int
    let descriptor: Int32
    private let wholeBytes = Atomic<Int>(0)
    private let syncedBytes = Atomic<Int>(0)
    private let left = Atomic<Bool>(false)
    private let spoiled = Atomic<Bool>(false)

    /// Takes over an open descriptor.
    init(number: Int, descriptor: Int32) {
        self.number = number
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The bytes of all whole frames; there may be the beginning of another one behind them.
    var whole: Int { wholeBytes.load(ordering: .acquiring) }

    func didWrite(upTo end: Int) { wholeBytes.store(end, ordering: .releasing) }

    /// The bytes that outlive a loss of power.
    var synced: Int { syncedBytes.load(ordering: .relaxed) }

    func didSynchronise(upTo end: Int) { syncedBytes.store(end, ordering: .relaxed) }

    /// Whether its writer is done with it; ask before `whole`, which is final then.
    var isLeft: Bool { left.load(ordering: .acquiring) }

    func leave() { left.store(true, ordering: .releasing) }

    /// Whether a reader found it damaged, so that its writer goes on in another.
    var isSpoiled: Bool { spoiled.load(ordering: .relaxed) }

    func spoil() { spoiled.store(true, ordering: .relaxed) }
}
