import JSON

/// What a gateway says of what runs: counts since its start, by tenant, provider and model.
struct LiveReport: Sendable, Hashable {
    /// Whose requests are counted together.
    struct Subject: Sendable, Hashable {
        var tenant = ""
        var provider = ""
        var model = ""
    }

    struct Row: Sendable, Hashable {
        var subject = Subject()
        var counts = TopCounts()
    }

    /// In milliseconds.
    var uptime: Int
    var rows: [Row] = []
    /// What people call the tenants, by their ids.
    var names: [String: String] = [:]

    init(uptime: Int, rows: [Row] = [], names: [String: String] = [:]) {
        self.uptime = uptime
        self.rows = rows
        self.names = names
    }

    /// Nil for what is no such answer.
    init?(_ view: JSONView) {
        guard let uptime = view["uptime_ms"]?.int, uptime >= 0, let data = view["data"] else { return nil }
        self.init(uptime: uptime, rows: data.elements.map { Row($0) })
        for member in view["names"]?.members.map({ $0 }) ?? [] { names[member.key] = member.value.string }
    }
}

extension LiveReport.Row {
    init(_ view: JSONView) {
        func text(_ key: String) -> String { view[key]?.string ?? "" }
        // Whatever answers there, a sum of all rows fits into a number.
        func number(_ key: String) -> Int { min(max(view[key]?.int ?? 0, 0), 1 << 48) }
        subject = LiveReport.Subject(tenant: text("tenant"), provider: text("provider"), model: text("model"))
        counts.requests = number("requests")
        counts.failed = number("failed")
        counts.inFlight = number("in_flight")
        counts.input = number("input_tokens")
        counts.output = number("output_tokens")
        counts.cost = max(view["cost_usd"]?.double ?? 0, 0)
        counts.firstTokens = number("first_tokens")
        counts.firstTokenMicroseconds = number("first_token_us")
    }
}

/// What some requests came to.
struct TopCounts: Sendable, Hashable {
    /// Those that have ended.
    var requests = 0
    var failed = 0
    /// Those that run.
    var inFlight = 0
    var input = 0
    var output = 0
    /// In USD.
    var cost = 0.0
    /// Those of which the time to the first token is known, and these times together.
    var firstTokens = 0
    var firstTokenMicroseconds = 0

    mutating func add(_ other: TopCounts) {
        requests += other.requests
        failed += other.failed
        inFlight += other.inFlight
        input += other.input
        output += other.output
        cost += other.cost
        firstTokens += other.firstTokens
        firstTokenMicroseconds += other.firstTokenMicroseconds
    }

    /// What came to these since there were those; what runs is what runs now.
    func since(_ other: TopCounts) -> TopCounts {
        var difference = self
        difference.requests = max(0, requests - other.requests)
        difference.failed = max(0, failed - other.failed)
        difference.input = max(0, input - other.input)
        difference.output = max(0, output - other.output)
        difference.cost = max(0, cost - other.cost)
        difference.firstTokens = max(0, firstTokens - other.firstTokens)
        difference.firstTokenMicroseconds = max(0, firstTokenMicroseconds - other.firstTokenMicroseconds)
        return difference
    }
}
