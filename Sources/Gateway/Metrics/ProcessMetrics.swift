import Providers

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What Linux tells of this process, by the names that all Prometheus clients have for it; nothing on other systems.
struct ProcessMetrics: Sendable {
    /// Seconds since 1970 at which the process began, as far as that can be known.
    private let start: Double?

    /// Looks once at when the process began: a clock that is set later changes nothing of it.
    init() {
        let words = Self.words
        guard let uptime = ProcessMemory.text("/proc/uptime")?.split(separator: " ").first.flatMap({ Double($0) }),
            let ticks = Self.number(Place.start, in: words)
        else {
            start = nil
            return
        }
        start = WallClock.seconds() - uptime + ticks / Self.ticksPerSecond
    }

    /// Everything as it is now.
    var families: [MetricFamily] {
        let words = Self.words
        let limit = Self.limit(of: ProcessMemory.text("/proc/self/limits") ?? "")
        let processor = Self.number(Place.user, in: words).flatMap { user in
            Self.number(Place.system, in: words).map { (user + $0) / Self.ticksPerSecond }
        }
        let resident = Self.number(Place.residentPages, in: words).map { $0 * Double(getpagesize()) }
        let values = [
            processor, resident, Self.number(Place.virtualBytes, in: words), Self.openFiles, limit, start,
            Self.number(Place.threads, in: words),
        ]
        return zip(Self.names, values).compactMap { name, value in value.map { MetricFamily.one(name, $0) } }
    }

    static let names: [MetricName] = [
        MetricName(.counter, "process_cpu_seconds", "Time of processors, in the process and in the system for it."),
        MetricName(.gauge, "process_resident_memory_bytes", "Bytes in memory."),
        MetricName(.gauge, "process_virtual_memory_bytes", "Bytes of addresses."),
        MetricName(.gauge, "process_open_fds", "Open files, connections among them."),
        MetricName(.gauge, "process_max_fds", "How many there may be."),
        MetricName(.gauge, "process_start_time_seconds", "When the process began."),
        MetricName(.gauge, "process_threads", "Threads of the system."),
    ]

    // MARK: Reading

    /// Places among the words of `/proc/self/stat` behind the program's name, from 0.
    private enum Place {
        static let user = 11
        static let system = 12
        static let threads = 17
        static let start = 19
        static let virtualBytes = 20
        static let residentPages = 21
    }

    /// Those words; the name may hold spaces and parentheses itself.
    private static var words: [Substring] {
        guard let text = ProcessMemory.text("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static func number(_ place: Int, in words: [Substring]) -> Double? {
        place < words.count ? Double(words[place]) : nil
    }

    /// The soft limit of open files; nil for none.
    private static func limit(of text: String) -> Double? {
        let label = "Max open files"
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(label) }) else { return nil }
        return line.dropFirst(label.count).split(separator: " ").first.flatMap { Double($0) }
    }

    private static var openFiles: Double? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // The folder itself, the one above it, and what it is read by.
        return Double(max(0, count - 3))
    }

    private static let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
}
