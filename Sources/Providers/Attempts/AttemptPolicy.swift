/// How hard a request is tried before its caller is told that it failed.
package struct AttemptPolicy: Sendable, Hashable {
    /// Attempts at one target beyond the first one.
    package var retries: Int
    /// The wait before the first retry is drawn from zero to this; the range doubles with each further one.
    package var backoff: Duration
    /// All waits of a request together are no longer, whatever a provider asks for: one that asks for more has failed for now.
    package var longestWait: Duration
    /// Whether a request that may have reached the provider is sent again after silence or a reset: it may be billed twice.
    package var repeatsSent: Bool
    /// Whether a second attempt starts beside a first one that is slower than most; the later one is cancelled.
    package var hedges: Bool
    /// How long the head and the first events of an answer are held back, in which another target may still take over; nil
    /// for as long as streams are held back anyway.
    package var holdsHead: Duration?
    /// Bounds that go before the provider's own where they are set.
    package var deadlines: AttemptDeadlines

    package init(
        retries: Int = 2,
        backoff: Duration = .milliseconds(250),
        longestWait: Duration = .seconds(20),
        repeatsSent: Bool = false,
        hedges: Bool = false,
        holdsHead: Duration? = nil,
        deadlines: AttemptDeadlines = AttemptDeadlines()
    ) {
        self.retries = retries
        self.backoff = backoff
        self.longestWait = longestWait
        self.repeatsSent = repeatsSent
        self.hedges = hedges
        self.holdsHead = holdsHead
        self.deadlines = deadlines
    }
}

/// How long each part of a request may take; nil leaves it to the provider's timeouts.
package struct AttemptDeadlines: Sendable, Hashable {
    /// Name resolution, connection and TLS together, of one attempt.
    package var connect: Duration?
    /// From the request's last byte to the answer's head, of one attempt.
    package var head: Duration?
    /// From the request's last byte to the first content, of one attempt at a stream.
    package var firstToken: Duration?
    /// Between two reads of the answer's body.
    package var idle: Duration?
    /// All attempts and the waits between them together.
    package var total: Duration?

    package init(
        connect: Duration? = nil,
        head: Duration? = nil,
        firstToken: Duration? = nil,
        idle: Duration? = nil,
        total: Duration? = nil
    ) {
        self.connect = connect
        self.head = head
        self.firstToken = firstToken
        self.idle = idle
        self.total = total
    }
}
