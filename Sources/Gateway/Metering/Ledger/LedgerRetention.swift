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
            let count = try deleteSums(grain)
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

    private func deleteSums(_ grain: UsageGrain) throws -> Int {
        let month = UsageGrain.firstOfMonth(firstRollup)
        let slot = grain == .hour ? month * 24 : month
        let count = try UsagePacks.delete(grain, before: slot, limit: Self.packsAtOnce, in: database)
        if count > 0 { return count }
        return try EarlierRollups.delete(grain, before: slot, limit: Self.rowsAtOnce, in: database)
    }

    private static let rowsAtOnce = 2_000
    /// Each has a hundred sums or so.
    private static let packsAtOnce = 500
}
