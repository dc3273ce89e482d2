#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The time of day as the store writes it down: it outlives the process, so that no monotonic clock would do.
enum StoreClock {
    /// Milliseconds since 1970.
    @Sendable static func milliseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int(time.tv_sec) * 1_000 + Int(time.tv_nsec) / 1_000_000
    }
}
