/// What some requests came to; no sum is ever too large, whatever a provider claims.
struct LiveCounts: Sendable, Hashable {
    /// Those that have ended.
    var requests = 0
    /// Those among them that failed or broke off.
    var failed = 0
    /// Those that run.
    var inFlight = 0
    var input = 0
    var output = 0
    /// Billionths of a dollar.
    var cost = 0
    /// Those of which the time to the first token is known, and these times together in microseconds.
    var firstTokens = 0
    var firstTokenMicroseconds = 0

    var isEmpty: Bool { requests == 0 && inFlight == 0 }

    /// Counts a request that has ended, and the tokens that it used.
    mutating func note(_ record: ExchangeRecord, _ used: TokenAmounts) {
        requests += 1
        if record.outcome == .failed || record.outcome == .interrupted { failed += 1 }
        Self.add(used.input, to: &input)
        Self.add(used.output, to: &output)
        Self.add(record.costNanos ?? 0, to: &cost)
        guard let first = record.firstTokenMicroseconds else { return }
        firstTokens += 1
        Self.add(first, to: &firstTokenMicroseconds)
    }

    mutating func add(_ other: LiveCounts) {
        Self.add(other.requests, to: &requests)
        Self.add(other.failed, to: &failed)
        Self.add(other.inFlight, to: &inFlight)
        Self.add(other.input, to: &input)
        Self.add(other.output, to: &output)
        Self.add(other.cost, to: &cost)
        Self.add(other.firstTokens, to: &firstTokens)
        Self.add(other.firstTokenMicroseconds, to: &firstTokenMicroseconds)
    }

    /// Both are at most `most`, of which two fit into a number.
    private static func add(_ number: Int, to sum: inout Int) { sum = min(sum + min(max(number, 0), most), most) }

    private static let most = 1 << 61
}
