/// What a report or an export is asked for.
package struct UsageQuery: Sendable, Hashable {
    /// What the rows of a report are told apart by.
    package enum Dimension: String, Sendable, Hashable, CaseIterable {
        case tenant, team, user, key, provider
        /// The model that served.
        case model
        case client
        /// What the caller speaks.
        case dialect
        case outcome
        /// By the tenant's own time zone, such as `2027-01-31`.
        case day
        /// In UTC, such as `2027-01-31T05:00:00Z`.
        case hour
        /// By the tenant's own time zone, such as `2027-01`.
        case month
        case rule
    }

    /// By what the rows of a report are sorted: the largest amount first, or by what they are about, nothing first.
    package enum Sort: String, Sendable, Hashable, CaseIterable {
        case cost, tokens, requests, values
    }

    /// In which order single records are read, by their ids.
    package enum Order: Sendable, Hashable {
        case oldestFirst, newestFirst
    }

    /// In the order in which a row has its values; without any there is one row of all.
    package var by: [Dimension]
    /// Milliseconds since 1970, the first that counts and the first that does not any more.
    ///
    /// Reports count whole hours of UTC: the one that `since` is in counts from its beginning, and the one that `until` is in
    /// to its end. Exports are exact.
    package var since: Int?
    package var until: Int?
    /// Only what is of these counts.
    package var tenant: String?
    package var team: String?
    package var user: String?
    package var key: String?
    package var provider: String?
    package var model: String?
    package var client: String?
    package var outcome: String?
    /// Rows of a report, at most 10,000.
    package var limit: Int
    /// Where nil, rows of times are sorted by their values, and others by what they cost.
    package var sort: Sort?
    package var order: Order

    package init(
        by: [Dimension] = [],
        since: Int? = nil,
        until: Int? = nil,
        limit: Int = 1_000,
        sort: Sort? = nil,
        order: Order = .oldestFirst
    ) {
        self.by = by
        self.since = since
        self.until = until
        self.limit = limit
        self.sort = sort
        self.order = order
    }

    /// The most rows of a report, and the most records of a page.
    package static let mostRows = 10_000
}

extension UsageQuery.Dimension {
    /// The column of the subjects that it is; nil for times.
    var column: String? {
        switch self {
        case .tenant, .team, .user, .key, .provider, .model, .client, .dialect, .outcome, .rule: rawValue
        case .day, .hour, .month: nil
        }
    }

    /// The column of single records that it is.
    var recordColumn: String? { self == .model ? "upstream_model" : column }
}

extension UsageQuery {
    /// What has to be of which text.
    var filters: [(dimension: Dimension, text: String)] {
        let all: [(Dimension, String?)] = [
            (.tenant, tenant), (.team, team), (.user, user), (.key, key), (.provider, provider), (.model, model),
            (.client, client), (.outcome, outcome),
        ]
        return all.compactMap { dimension, text in text.map { (dimension, $0) } }
    }

    /// The whole hours that a report counts.
    var hours: Range<Int> {
        let first = since.map(UsageGrain.hour(ofTime:)) ?? UsageGrain.hours.lowerBound
        guard let until else { return first..<UsageGrain.hours.upperBound }
        guard until > max(0, since ?? 0) else { return first..<first }
        return first..<UsageGrain.hour(ofTime: until - 1) + 1
    }

    /// Hours that are told apart in one report.
    static let mostHours = 31 * 24

    /// - Throws: where hours are to be told apart for too long a time; one without an end goes on until now.
    func checkHours(now: Int) throws(LedgerProblem) {
        guard by.contains(.hour) else { return }
        let (start, end) = (max(0, since ?? 0), max(0, until ?? now))
        guard end - start <= Self.mostHours * 3_600_000 else { throw .tooManyHours }
    }

    /// How the rows of a report are sorted.
    var effectiveSort: Sort { sort ?? (by.contains { $0.column == nil } ? .values : .cost) }

    /// The longest time whose sums still tell apart what is asked for.
    var coarsestGrain: UsageGrain {
        if by.contains(.hour) { return .hour }
        return by.contains(.day) ? .day : .month
    }
}
