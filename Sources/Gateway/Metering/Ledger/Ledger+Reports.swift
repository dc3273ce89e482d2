import GRDB

extension Ledger {
    /// Answers from sums alone, however many records there are.
    ///
    /// - Throws: `LedgerProblem`, and what keeps the file from being read.
    package func report(_ query: UsageQuery) throws -> UsageReport {
        try query.checkHours(now: clock())
        return try database.read { database in
            guard let filter = try LedgerFilter(query, in: database, column: \.column) else {
                return try Self.report(query, [], ReportCount(query.by), in: database)
            }
            var subjects = try ReportSubjects(query, filter, in: database)
            let count = try Self.count(query, &subjects, in: database)
            return try Self.report(query, subjects.groups, count, in: database)
        }
    }

    private static func count(
        _ query: UsageQuery,
        _ subjects: inout ReportSubjects,
        in database: Database
    ) throws -> ReportCount {
        var count = ReportCount(query.by)
        guard !subjects.isEmpty else { return count }
        let runs = subjects.runs
        func add(_ key: RollupKey, _ sums: UsageSums) throws {
            guard let (group, isFailure) = try subjects.place(of: key.subject) else { return }
            try count.add(sums, isFailure: isFailure, group: group, slot: key.slot, day: key.day)
        }
        for span in UsageSpan.covering(query.hours, upTo: query.coarsestGrain) {
            try UsagePacks.read(span, runs: runs, in: database, add)
            try EarlierRollups.read(span, in: database, add)
        }
        return count
    }

    private static func report(
        _ query: UsageQuery,
        _ groups: [[Int]],
        _ count: ReportCount,
        in database: Database
    ) throws -> UsageReport {
        var texts = LedgerTexts(database)
        let limit = min(max(query.limit, 1), UsageQuery.mostRows)
        var rows = try zip(count.keys, count.amounts).map { key, amount in
            let values = try values(of: key, query, groups[key.group], &texts)
            return UsageReport.Row(values: values, amount.sums, failed: amount.failed)
        }
        rows.sort { $0.comes(before: $1, by: query.effectiveSort) }
        return UsageReport(
            dimensions: query.by,
            rows: Array(rows.prefix(limit)),
            total: UsageReport.Row(values: [], count.total.sums, failed: count.total.failed),
            isCut: rows.count > limit
        )
    }

    private static func values(
        of key: ReportCount.Key,
        _ query: UsageQuery,
        _ words: [Int],
        _ texts: inout LedgerTexts
    ) throws -> [String?] {
        var words = words.makeIterator()
        return try query.by.map { dimension in
            switch dimension {
            case .day: Timestamp.date(ofDay: key.day)
            case .month: String(Timestamp.date(ofDay: key.day).prefix(7))
            case .hour: Timestamp.text(of: key.hour * 3_600_000)
            default: try texts.text(of: words.next() ?? 0)
            }
        }
    }
}

extension UsageReport.Row {
    /// Rows of the same amount are sorted by their values, so that an answer is always the same.
    fileprivate func comes(before other: UsageReport.Row, by sort: UsageQuery.Sort) -> Bool {
        let (one, two) =
            switch sort {
            case .cost: (cost.nanos, other.cost.nanos)
            case .tokens: (input + output, other.input + other.output)
            case .requests: (requests, other.requests)
            case .values: (0, 0)
            }
        if one != two { return one > two }
        for (left, right) in zip(values, other.values) where left != right {
            guard let left, let right else { return left == nil }
            return left < right
        }
        return false
    }
}
