package import NIOCore

/// Keeps repetitions to a share of the requests of the last ten seconds, so that a provider in trouble is not asked more
/// than it was before.
package struct RetryBudget: Sendable {
    private struct Second {
        var number: Int64 = -1
        var requests = 0
        var retries = 0
    }

    private static let window: Int64 = 10

    private var seconds = [Second](repeating: Second(), count: Int(window))

    package init() {}

    /// A request has come that is no repetition.
    package mutating func didRequest(at now: NIODeadline) {
        seconds[place(of: now)].requests += 1
    }

    /// Takes one repetition; false where there is none left.
    package mutating func take(_ limits: ProviderLimits.Retries, at now: NIODeadline) -> Bool {
        let place = place(of: now)
        let oldest = seconds[place].number - Self.window
        var (requests, retries) = (0, 0)
        for second in seconds where second.number > oldest {
            requests += second.requests
            retries += second.retries
        }
        guard Double(retries) + 1 <= limits.ratio * Double(requests) + Double(limits.floor) else { return false }
        seconds[place].retries += 1
        return true
    }

    /// The current second's place, emptied where it still counts an older one.
    private mutating func place(of now: NIODeadline) -> Int {
        let number = Int64(now.uptimeNanoseconds / 1_000_000_000)
        let place = Int(number % Self.window)
        if seconds[place].number != number { seconds[place] = Second(number: number) }
        return place
    }
}
