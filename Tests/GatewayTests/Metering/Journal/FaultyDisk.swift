import Synchronization

@testable import Gateway

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A disk that a test can break and mend.
final class FaultyDisk: Sendable {
    struct Faults {
        /// What opening, writing, shortening, synchronising and locking answer instead of doing it: an error's number.
        var open: Int32?
        var write: Int32?
        var truncate: Int32?
        var synchronise: Int32?
        var lock: Int32?
        /// Bytes that can still be written; then there is no space.
        var space = Int.max
        /// Bytes of one write at most.
        var piece = Int.max
        /// Every other write is interrupted.
        var isInterrupted = false
        var writes = 0
        var synchronisations = 0
    }

    private let faults = Mutex(Faults())

    func change(_ body: (inout Faults) -> Void) { faults.withLock { body(&$0) } }

    var writes: Int { faults.withLock { $0.writes } }
    var synchronisations: Int { faults.withLock { $0.synchronisations } }

    var disk: JournalDisk {
        let system = JournalDisk.system
        return JournalDisk(
            open: { [self] path, flags in
                if let fault = faults.withLock({ $0.open }) { return -Int(fault) }
                return system.open(path, flags)
            },
            write: { [self] descriptor, bytes, offset in
                let most = allowed(bytes.count)
                guard most > 0 else { return most }
                return system.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<most]), offset)
            },
            truncate: { [self] descriptor, bytes in
                if let fault = faults.withLock({ $0.truncate }) { return -Int(fault) }
                return system.truncate(descriptor, bytes)
            },
            synchronise: { [self] descriptor in
                let fault = faults.withLock { faults in
                    faults.synchronisations += 1
                    return faults.synchronise
                }
                return fault.map { -Int($0) } ?? system.synchronise(descriptor)
            },
            lock: { [self] descriptor in
                faults.withLock({ $0.lock }).map { -Int($0) } ?? system.lock(descriptor)
            }
        )
    }

    /// How much of a write goes through, or the error that it ends with.
    private func allowed(_ bytes: Int) -> Int {
        faults.withLock { faults in
            faults.writes += 1
            if faults.isInterrupted, faults.writes.isMultiple(of: 2) { return -Int(EINTR) }
            if let fault = faults.write { return -Int(fault) }
            let most = min(bytes, faults.piece, faults.space)
            guard most > 0 else { return -Int(ENOSPC) }
            if faults.space < .max { faults.space -= most }
            return most
        }
    }
}
