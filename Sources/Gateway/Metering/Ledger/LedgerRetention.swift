import GRDB

/// Forgets what is too old, a small piece at a time so that nobody waits for it long.
///
/// Records go by the block, so that one may stay a day longer; sums go by the month, so that those of hours, days and months
/// are always of the same requests.
struct LedgerRetention {
    let database: Database
    /// The first days that are kept, in days since 1970.
    let firstRecord: Int
    let firstRollup: Int

    /// Does one piece of the work; says how many rows it deleted, and whether there may be more.
    func step() throws -> (deleted: Int, isMore: Bool) {
        if let count = try deleteRecords() { return (count, true) }
        for grain in UsageGrain.allCases {
            let count = try deleteRollups(grain)
            if count > 0 { return (count, true) }
        }
        return (0, try Retention.giveBackPages(in: database))
    }

    /// - Returns: nil where no block is too old.
    private func deleteRecords() throws -> Int? {
        let block = try Row.fetchOne(
            database,
            sql: "SELECT first, last FROM blocks WHERE most_at < ? ORDER BY first LIMIT 1",
            arguments: [firstRecord * 86_400_000]
        )
        guard let block else { return nil }
        let (first, last): (Int, Int) = (block[0], block[1])
        try database.execute(
            sql: "DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?)",
            arguments: [first, last, Self.rowsAtOnce]
        )
        let count = database.changesCount
        if count < Self.rowsAtOnce {
            try database.execute(sql: "DELETE FROM blocks WHERE first = ?", arguments: [first])
        }
        return count
    }

    private func deleteRollups(_ grain: UsageGrain) throws -> Int {
        let month = UsageGrain.firstOfMonth(firstRollup)
        try database.execute(
            sql: """
                DELETE FROM rollups WHERE (grain, slot, day, subject) IN
                (SELECT grain, slot, day, subject FROM rollups WHERE grain = ? AND slot < ? ORDER BY slot LIMIT ?)
                """,
            arguments: [grain.rawValue, grain == .hour ? month * 24 : month, Self.rowsAtOnce]
        )
        return database.changesCount
    }

    private static let rowsAtOnce = 2_000
}
