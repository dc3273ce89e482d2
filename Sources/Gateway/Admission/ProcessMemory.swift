#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How much memory this process has, and how much it may have; known on Linux alone.
package enum ProcessMemory {
    /// Bytes of the process that are in memory, as `/proc/self/statm` has it.
    package static let resident: @Sendable () -> Int? = {
        let words = text("/proc/self/statm")?.split(separator: " ")
        guard let words, words.count > 1, let pages = Int(words[1]) else { return nil }
        return pages * Int(getpagesize())
    }

    /// Bytes that the process's control group may have: the least of its own limit and of those above it.
    ///
    /// - Parameters:
    ///   - root: where control groups are mounted.
    ///   - groups: what `/proc/self/cgroup` holds.
    /// - Returns: nil where there is no limit.
    package static func limit(root: String = "/sys/fs/cgroup", groups: String? = nil) -> Int? {
        guard let groups = groups ?? text("/proc/self/cgroup") else { return nil }
        var limits: [Int] = []
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isUnified = parts[0] == "0" && parts[1].isEmpty
            guard isUnified || parts[1].split(separator: ",").contains("memory") else { continue }
            let (folder, file) = isUnified ? (root, "memory.max") : ("\(root)/memory", "memory.limit_in_bytes")
            var names = parts[2].split(separator: "/")
            while true {
                let place = ([folder] + names.map(String.init) + [file]).joined(separator: "/")
                if let limit = text(place).flatMap(number) { limits.append(limit) }
                guard names.popLast() != nil else { break }
            }
        }
        return limits.min()
    }

    /// A limit's number; `max` and what no machine has are none.
    private static func number(_ text: String) -> Int? {
        guard let number = Int(text.prefix { $0.isNumber }), number < 1 << 60 else { return nil }
        return number
    }

    /// The beginning of one of the system's short files.
    static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
