/// What a provider is spared and how much of it is asked at a time; docs/resilience.md explains each number.
package struct ProviderLimits: Sendable, Hashable {
    /// Requests that the provider works on at a time; nil for no limit.
    package var concurrency: Int?
    /// Those that wait for a place.
    package var queue = Queue()
    package var breaker = Breaker()
    package var retries = Retries()

    package init() {}

    package struct Queue: Sendable, Hashable {
        /// Requests that may wait.
        package var length = 128
        /// How long one waits.
        package var timeout: Duration = .seconds(60)

        package init() {}
    }

    /// When a provider, with one of its credentials, is left alone for a while.
    package struct Breaker: Sendable, Hashable {
        /// Failures in a row.
        package var failures = 5
        /// The share of failures among all of the window's answers.
        package var errorRate = 0.5
        /// Answers in the window below which the share says nothing.
        package var minimum = 20
        package var window: Duration = .seconds(30)
        /// The first rest; each one that follows without a success in between is twice as long.
        package var cooldown: Duration = .seconds(5)
        package var longestCooldown: Duration = .seconds(60)

        package init() {}
    }

    /// How many of the requests to a provider may be repetitions.
    package struct Retries: Sendable, Hashable {
        /// Repetitions for each request of the last ten seconds.
        package var ratio = 0.2
        /// Repetitions in ten seconds that are always allowed.
        package var floor = 10

        package init() {}
    }
}
