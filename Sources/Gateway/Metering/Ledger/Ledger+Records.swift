import GRDB

extension Ledger {
    /// A page of records in the order of their ids, from the one behind `id` on, or where the newest come first the one before
    /// it; at most 10,000.
    ///
    /// No more than a few blocks are looked through for it, however rare it is what is asked for: the page says where the
    /// next one goes on. The ids of one writer rise with time, those of several do not: whoever waits for newer ones asks by
    /// time.
    package func records(_ query: UsageQuery, after id: Int, most: Int) throws -> RecordPage {
        let most = min(max(most, 0), UsageQuery.mostRows)
        var page = RecordPage(next: id)
        var end = id
        // A block at a time, so that no long reading keeps the log from being worked off.
        for _ in 0..<Self.blocksOfPage where page.found.count < most {
            let (start, wanted) = (end, most - page.found.count)
            guard let piece = try database.read({ try Self.piece(query, after: start, most: wanted, in: $0) }) else {
                page.next = nil
                return page
            }
            page.found += piece.records
            end = piece.end
        }
        page.next = page.found.count < most ? end : page.found.last?.id ?? id
        return page
    }

    /// Some 260,000 records.
    static let blocksOfPage = 64

    /// What the next block has to give that may have something; nil where there is none.
    private static func piece(
        _ query: UsageQuery,
        after id: Int,
        most: Int,
        in database: Database
    ) throws -> (records: [(id: Int, record: UsageRecord)], end: Int)? {
        guard let filter = try LedgerFilter(query, in: database, column: \.recordColumn),
            let ids = try ids(query, after: id, in: database)
        else { return nil }
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT \(UsageTable.columns) FROM usage \(filter.condition.isEmpty ? "WHERE" : filter.condition + " AND")
                id BETWEEN ? AND ? AND at >= ? AND at < ? ORDER BY id \(query.order == .oldestFirst ? "" : "DESC") LIMIT ?
                """,
            arguments: StatementArguments(
                filter.words + [ids.lowerBound, ids.upperBound] + query.times + [most]
            )
        )
        var texts = LedgerTexts(database)
        var records: [(id: Int, record: UsageRecord)] = []
        while let row = try rows.next() { records.append((row[0], try UsageRecord(row, &texts))) }
        return (records, query.order == .oldestFirst ? ids.upperBound : ids.lowerBound)
    }

    /// The ids of the next block that has some behind `id` and may have records of the time that is asked for.
    private static func ids(_ query: UsageQuery, after id: Int, in database: Database) throws -> ClosedRange<Int>? {
        let isRising = query.order == .oldestFirst
        let next =
            isRising
            ? """
            WHERE first >= coalesce((SELECT max(first) FROM blocks WHERE first <= ?), 0) AND last > ?
            AND most_at >= ? AND least_at < ? ORDER BY first
            """ : "WHERE first < ? AND most_at >= ? AND least_at < ? ORDER BY first DESC"
        let block = try Row.fetchOne(
            database,
            sql: "SELECT first, last FROM blocks \(next) LIMIT 1",
            arguments: StatementArguments((isRising ? [id, id] : [id]) + query.times)
        )
        guard let block else { return nil }
        let (first, last): (Int, Int) = (block[0], block[1])
        return isRising ? max(first, id + 1)...last : first...min(last, id - 1)
    }
}

extension UsageQuery {
    /// The first millisecond that counts, and the first that does not any more.
    fileprivate var times: [Int] { [since ?? .min, until ?? .max] }
}
