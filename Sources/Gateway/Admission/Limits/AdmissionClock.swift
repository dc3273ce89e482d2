import NIOCore
import Providers

/// The time by which limits are counted: one that never goes back for rates, and the day's for days.
package struct AdmissionClock: Sendable {
    /// Nanoseconds since some moment; never goes back.
    package var now: @Sendable () -> Int
    /// Milliseconds since 1970.
    package var wall: @Sendable () -> Int

    package init(now: @escaping @Sendable () -> Int, wall: @escaping @Sendable () -> Int = WallClock.milliseconds) {
        self.now = now
        self.wall = wall
    }

    package static let system = AdmissionClock(now: { Int(NIODeadline.now().uptimeNanoseconds) })
}
