#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What the journal's writing asks of the system, so that a test can have a disk that is full or broken.
///
/// Each answers with what it came to, or with the system's error number below zero.
struct JournalDisk: Sendable {
    /// Opens a file, with mode 0600 where it is made; a descriptor.
    var open: @Sendable (_ path: String, _ flags: Int32) -> Int
    /// Writes bytes at an offset; how many.
    var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int
    /// Makes a file so long.
    var truncate: @Sendable (_ descriptor: Int32, _ bytes: Int) -> Int
    /// Has what was written outlive a loss of power.
    var synchronise: @Sendable (_ descriptor: Int32) -> Int
    /// Keeps a file for its descriptor alone, without waiting for whoever has it.
    var lock: @Sendable (_ descriptor: Int32) -> Int

    static let system = JournalDisk(
        open: { path, flags in answer(Calls.open(path, flags)) },
        write: { descriptor, bytes, offset in answer(pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)))
        },
        truncate: { descriptor, bytes in answer(ftruncate(descriptor, off_t(bytes))) },
        synchronise: { descriptor in answer(Calls.synchronise(descriptor)) },
        lock: { descriptor in answer(flock(descriptor, LOCK_EX | LOCK_NB)) }
    )

    /// Makes a call again for as long as a signal interrupts it.
    static func insist(_ call: () -> Int) -> Int {
        while true {
            let answer = call()
            if answer != -Int(EINTR) { return answer }
        }
    }

    private static func answer(_ result: some BinaryInteger) -> Int { result < 0 ? -Int(errno) : Int(result) }

    private enum Calls {
        static func open(_ path: String, _ flags: Int32) -> Int32 {
            #if canImport(Glibc)
            Glibc.open(path, flags, 0o600)
            #elseif canImport(Musl)
            Musl.open(path, flags, 0o600)
            #else
            Darwin.open(path, flags, 0o600)
            #endif
        }

        static func synchronise(_ descriptor: Int32) -> Int32 {
            #if canImport(Darwin)
            fsync(descriptor)
            #else
            fdatasync(descriptor)
            #endif
        }
    }
}

/// Something that the system refused to the journal.
struct JournalProblem: Error, Hashable, CustomStringConvertible {
    /// What was to be done: `write usage-0000000001.journal`.
    let action: String
    /// The system's error number.
    let number: Int32

    var isForSpace: Bool { [ENOSPC, EDQUOT].contains(number) }

    var description: String { "cannot \(action): \(String(cString: strerror(number)))" }
}
