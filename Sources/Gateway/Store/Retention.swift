import GRDB

/// Forgets what is too old or too much, a small piece at a time so that nobody waits for it long.
///
/// A conversation goes as a whole, the one that was not used for longest first, its newest response first: so whatever is
/// still there can be continued.
struct Retention {
    let table: ResponseTable
    let maximumBytes: Int
    /// The bytes of all conversations.
    var bytes: Int

    /// Does one piece of the work.
    ///
    /// - Returns: whether there may be more.
    mutating func step() throws -> Bool {
        guard let victim = try victim() else { return try Self.giveBackPages(in: table.database) }
        let freed = try deleteNewest(of: victim)
        bytes -= freed
        return true
    }

    /// The conversation that has to go.
    private func victim() throws -> Int? {
        let oldest = try Row.fetchOne(
            table.database,
            sql: "SELECT number, used_at FROM conversation ORDER BY used_at, number LIMIT 1"
        )
        guard let oldest else { return nil }
        let (number, usedAt): (Int, Int) = (oldest["number"], oldest["used_at"])
        return bytes > maximumBytes || usedAt < table.expired ? number : nil
    }

    private func deleteNewest(of conversation: Int) throws -> Int {
        let rows = try Row.fetchAll(
            table.database,
            sql: "SELECT number, bytes FROM response WHERE conversation = ? ORDER BY number DESC LIMIT ?",
            arguments: [conversation, Self.responsesAtOnce]
        )
        for row in rows {
            let number: Int = row["number"]
            try table.database.execute(sql: "DELETE FROM content WHERE response = ?", arguments: [number])
            try table.database.execute(sql: "DELETE FROM response WHERE number = ?", arguments: [number])
        }
        let freed = rows.reduce(0) { $0 + ($1["bytes"] as Int) }
        if rows.count < Self.responsesAtOnce {
            try table.database.execute(sql: "DELETE FROM conversation WHERE number = ?", arguments: [conversation])
        } else {
            try table.database.execute(
                sql: "UPDATE conversation SET bytes = bytes - ? WHERE number = ?",
                arguments: [freed, conversation]
            )
        }
        return freed
    }

    /// Makes the file shorter by some of its free pages.
    ///
    /// - Returns: whether there may be more.
    static func giveBackPages(in database: Database) throws -> Bool {
        let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
        guard free > sparePages else { return false }
        try database.execute(sql: "PRAGMA incremental_vacuum(\(pagesAtOnce))")
        return true
    }

    /// The bytes of all conversations, as the table has them.
    static func bytes(in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT coalesce(sum(bytes), 0) FROM conversation") ?? 0
    }

    private static let responsesAtOnce = 16
    /// Pages that are kept for what comes next.
    private static let sparePages = 1_024
    private static let pagesAtOnce = 512
}
