import NIOCore

/// How long to wait before a request is sent once more.
package struct Backoff: Sendable, Hashable {
    /// The first wait is drawn from zero to this; the range doubles with each further one.
    package var range: Duration
    /// No wait is longer.
    package var longest: Duration

    package init(range: Duration, longest: Duration) {
        self.range = range
        self.longest = longest
    }

    /// The wait before the retry with this number from 0; nil where the provider wants a longer one than is given.
    ///
    /// Full jitter, so that those who failed together do not come back together. `asked` is what the provider asked for, in
    /// seconds: the wait is never shorter, and a little longer by chance.
    package func wait(
        before retry: Int,
        asked: Double? = nil,
        using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        guard let asked, asked > 0 else {
            return .nanoseconds(draw(upTo: min(longest, range * (1 << min(retry, 20))), using: &generator))
        }
        guard asked <= longest / .seconds(1) else { return nil }
        let least = Duration.nanoseconds(Int64((asked * 1e9).rounded(.up)))
        return least + .nanoseconds(draw(upTo: min(range, max(.zero, longest - least)), using: &generator))
    }

    private func draw(upTo bound: Duration, using generator: inout some RandomNumberGenerator) -> Int64 {
        let nanoseconds = TimeAmount(bound).nanoseconds
        return nanoseconds <= 0 ? 0 : Int64.random(in: 0...nanoseconds, using: &generator)
    }
}
