#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The time of day, for dates that others read or wrote; deadlines never use it.
package enum WallClock {
    /// Whole seconds since 1970.
    package static let seconds: @Sendable () -> Double = { Date().timeIntervalSince1970.rounded(.down) }

    /// Milliseconds since 1970.
    package static let milliseconds: @Sendable () -> Int = { Int(Date().timeIntervalSince1970 * 1_000) }
}
