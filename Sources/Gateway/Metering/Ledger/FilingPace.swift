/// When filing goes on.
struct FilingPace: Sendable, Hashable {
    /// What came of a piece of the work.
    enum Outcome: Sendable, Hashable {
        /// There is more to do at once.
        case more
        /// All is done for now.
        case idle
        case failed
    }

    /// Those one after the other.
    private(set) var failures = 0

    /// The time until the next piece: after each failure twice as long as after the one before.
    mutating func pause(after outcome: Outcome) -> Duration {
        guard outcome == .failed else {
            failures = 0
            return outcome == .more ? .zero : Self.interval
        }
        failures = min(failures + 1, Self.mostDoublings)
        return Self.interval * (1 << failures)
    }

    /// A record waits no longer than that for being seen in reports.
    private static let interval = Duration.milliseconds(500)
    /// 32 seconds.
    private static let mostDoublings = 6
}
