/// The latest times to the first content, and how long one waits for it at most nearly always.
package struct FirstTokenTimes: Sendable {
    private static let most = 128
    /// Fewer say nothing of the slowest.
    private static let least = 20

    private var times: [Duration] = []
    private var next = 0

    package init() {}

    package mutating func note(_ time: Duration) {
        if times.count < Self.most { return times.append(time) }
        times[next] = time
        next = (next + 1) % Self.most
    }

    /// The time that nineteen of twenty stay below; nil where too few are known.
    package var percentile95: Duration? {
        guard times.count >= Self.least else { return nil }
        return times.sorted()[times.count * 95 / 100]
    }
}
