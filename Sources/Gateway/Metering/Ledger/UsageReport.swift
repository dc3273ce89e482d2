/// The sums that answer a query.
package struct UsageReport: Sendable, Hashable {
    /// The sums of what has the same values.
    package struct Row: Sendable, Hashable {
        /// One for each dimension; nil where there is none, such as the tenant of a request without one.
        package var values: [String?]
        package var requests = 0
        /// Requests that failed or broke off; neither those that the gateway refused nor those whose client left.
        package var failed = 0
        package var input = 0
        package var cachedInput = 0
        package var cacheWrite = 0
        package var output = 0
        package var reasoning = 0
        package var cost = Money.zero
        /// Requests of which nobody counted the tokens.
        package var estimated = 0
        /// The time of all of them together.
        package var totalMicroseconds = 0

        package init(values: [String?]) { self.values = values }

        init(values: [String?], _ sums: UsageSums, failed: Int) {
            self.values = values
            self.failed = failed
            requests = sums.requests
            input = sums.input
            cachedInput = sums.cachedInput
            cacheWrite = sums.cacheWrite
            output = sums.output
            reasoning = sums.reasoning
            cost = Money(nanos: sums.cost)
            estimated = sums.estimated
            totalMicroseconds = sums.totalMicroseconds
        }
    }

    package var dimensions: [UsageQuery.Dimension]
    package var rows: [Row]
    /// Of all rows, also of those beyond the limit.
    package var total: Row
    /// Whether there are more rows than were asked for.
    package var isCut: Bool

    package init(dimensions: [UsageQuery.Dimension], rows: [Row], total: Row, isCut: Bool) {
        self.dimensions = dimensions
        self.rows = rows
        self.total = total
        self.isCut = isCut
    }
}

/// Why the ledger does not answer a question.
package enum LedgerProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The answer would have more rows than are ever counted, so that not even the largest of them can be told.
    case tooManyRows
    /// Rows of hours are asked for over a longer time than all of them are ever read for.
    case tooManyHours

    package var description: String {
        switch self {
        case .tooManyRows:
            "There are too many rows to count. Ask by fewer dimensions, for a shorter time, or for one tenant."
        case .tooManyHours:
            "Hours are told apart for at most \(UsageQuery.mostHours / 24) days. Say since, and until where that is long ago."
        }
    }
}
