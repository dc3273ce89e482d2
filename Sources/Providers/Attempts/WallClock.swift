#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The time of day, for dates that others wrote; deadlines never use it.
package enum WallClock {
    /// Seconds since 1970.
    package static let seconds: @Sendable () -> Double = { Double(time(nil)) }
}
