/// When filing goes on.
struct FilingPace: Sendable, Hashable {
    /// What came of a piece of the work.
    enum Outcome: Sendable, Hashable {
        /// There is more to do at once.
        case more
        /// There is more to do that can wait for whoever else wants to write.
        case aside
        /// All is done for now.
        case idle
        case failed
    }

    /// Those one after the other.
    private(set) var failures = 0

    /// The time until the next piece: after each failure twice as long as after the one before.
    mutating func pause(after outcome: Outcome) -> Duration {
        if outcome == .failed {
            failures = min(failures + 1, Self.mostDoublings)
            return Self.interval * (1 << failures)
        }
        failures = 0
        return switch outcome {
        case .more: .zero
        case .aside: Self.breath
        case .idle, .failed: Self.interval
        }
    }

    /// A record waits no longer than that for being seen in reports.
    private static let interval = Duration.milliseconds(500)
    /// About as long as a piece of the work holds the ledger.
    private static let breath = Duration.milliseconds(50)
    /// 32 seconds.
    private static let mostDoublings = 6
}
