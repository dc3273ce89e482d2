#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The time of day as the store writes it down: it outlives the process, so that no monotonic clock would do.
enum StoreClock {
    /// Milliseconds since 1970.
    static let milliseconds: @Sendable () -> Int = { Int(Date().timeIntervalSince1970 * 1_000) }
}
