import GRDB

/// The sums of earlier versions, with a row for each subject; they count as those in packs do, and become packs.
enum EarlierRollups {
    private static let columns = "grain, slot, day, subject, \(UsageSums.columns.joined(separator: ", "))"
    private static let order = "grain, slot, day, subject"
    private static let isSound = """
        grain BETWEEN 0 AND 2 AND slot BETWEEN 0 AND \(UsageGrain.hours.upperBound)
        AND subject BETWEEN 0 AND \(UsagePackID.lastSubject)
        """

    /// Reads those of a span.
    static func read(
        _ span: UsageSpan,
        in database: Database,
        _ body: (RollupKey, UsageSums) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT \(columns) FROM rollups WHERE grain = ? AND slot >= ? AND slot < ?",
            arguments: [span.grain.rawValue, span.slots.lowerBound, span.slots.upperBound]
        )
        while let row = try rows.next() {
            let key = RollupKey(grain: span.grain, slot: row[1], day: row[2], subject: row[3])
            try body(key, UsageSums(row, from: 4))
        }
    }

    /// Puts some of them into packs, within one transaction; at any moment each sum is in one of both.
    ///
    /// What no torii has ever written stays where it is.
    ///
    /// - Returns: how many, 0 where there are none any more, and which packs were found damaged.
    static func pack(limit: Int, in database: Database) throws -> (count: Int, damaged: [UsagePackID]) {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT \(columns) FROM rollups WHERE \(isSound) ORDER BY \(order) LIMIT ?",
            arguments: [limit]
        )
        var sums: [RollupKey: UsageSums] = [:]
        while let row = try rows.next() {
            guard let grain = UsageGrain(rawValue: row[0]) else { continue }
            let day = UsageGrain.boundedDay(row[2])
            sums[RollupKey(grain: grain, slot: row[1], day: day, subject: row[3]), default: UsageSums()]
                .add(UsageSums(row, from: 4))
        }
        guard !sums.isEmpty else { return (0, []) }
        let damaged = try UsagePacks.add(sums, in: database)
        // The same rows once more, as nobody else writes.
        try database.execute(
            sql: """
                DELETE FROM rollups WHERE (\(order)) IN
                (SELECT \(order) FROM rollups WHERE \(isSound) ORDER BY \(order) LIMIT ?)
                """,
            arguments: [limit]
        )
        return (database.changesCount, damaged)
    }

    /// Deletes some of a grain before a slot, the earliest first.
    ///
    /// - Returns: how many.
    static func delete(_ grain: UsageGrain, before slot: Int, limit: Int, in database: Database) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM rollups WHERE (\(order)) IN
                (SELECT \(order) FROM rollups WHERE grain = ? AND slot < ? ORDER BY slot LIMIT ?)
                """,
            arguments: [grain.rawValue, slot, limit]
        )
        return database.changesCount
    }
}
