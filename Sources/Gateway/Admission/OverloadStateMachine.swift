/// Whether there is more to do than can be done, as a value: two measures, each with one mark at which it begins and a lower
/// one at which it ends, so that the gateway does not go to and fro between the two.
struct OverloadStateMachine {
    /// The part of what is new in the smoothed lateness.
    private static let weight = 0.3
    /// Work is taken again below this part of the limit.
    private static let lagEnd = 0.5
    private static let memoryEnd = 0.9

    private let settings: OverloadSettings
    /// An event loop's lateness, smoothed.
    private(set) var lag = Duration.zero
    private var isLate = false
    private var isShort = false

    init(_ settings: OverloadSettings) { self.settings = settings }

    /// Why new work is turned away; nil while it is taken.
    var reason: OverloadReason? { isShort ? .memory : isLate ? .loopLag : nil }

    /// Takes the lateness of a task that was to run at a certain time.
    ///
    /// One that is very late, as after the machine was suspended, counts as twice the limit and alone turns nothing away.
    mutating func note(lag sample: Duration) {
        guard let limit = settings.loopLag else {
            lag += (sample - lag) * Self.weight
            return
        }
        lag += (min(sample, limit * 2) - lag) * Self.weight
        isLate = isLate ? lag > limit * Self.lagEnd : lag > limit
    }

    /// Takes the bytes that the process has in memory.
    mutating func note(memory bytes: Int) {
        guard let limit = settings.memory else { return }
        isShort = isShort ? Double(bytes) > Double(limit) * Self.memoryEnd : bytes >= limit
    }
}
