#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// By what a file at a path is known again: another file in its place, and another content, have another one.
///
/// Links are followed, so that a link which is led elsewhere is a change.
struct FileIdentity: Sendable, Hashable {
    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil where there is nothing.
    init?(at path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: facts.st_dev)
        number = UInt64(facts.st_ino)
        size = Int64(facts.st_size)
        #if canImport(Darwin)
        (seconds, nanoseconds) = (facts.st_mtimespec.tv_sec, facts.st_mtimespec.tv_nsec)
        #else
        (seconds, nanoseconds) = (Int(facts.st_mtim.tv_sec), Int(facts.st_mtim.tv_nsec))
        #endif
    }

    /// Those of several paths at which there is something.
    static func all(of paths: some Sequence<String>) -> [String: FileIdentity] {
        var identities: [String: FileIdentity] = [:]
        for path in paths { identities[path] = FileIdentity(at: path) }
        return identities
    }
}

/// Decides from one look after the other when files that were read have changed and are whole again, as a value.
///
/// A file that is being written changes between two looks; one that was replaced in one step does not.
struct FileWatch: Sendable {
    private var seen: [String: FileIdentity]?
    private var told: [String: FileIdentity]?

    /// True once for each change: `now` is what the files are, `read` what they were when they were read last.
    mutating func look(_ now: [String: FileIdentity], read: [String: FileIdentity]) -> Bool {
        guard now != read else {
            (seen, told) = (nil, nil)
            return false
        }
        defer { seen = now }
        guard now == seen, now != told else { return false }
        told = now
        return true
    }
}
