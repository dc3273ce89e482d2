import GRDB

/// A run of ids of one segment, with the times of its records.
///
/// Every id belongs to the block that begins last before it, so that no two blocks ever overlap.
struct UsageBlock: Sendable, Hashable {
    let first: Int
    private(set) var last: Int
    private(set) var records = 0
    private(set) var leastAt: Int
    private(set) var mostAt: Int

    init(first: Int, at: Int) {
        self.first = first
        last = first
        leastAt = at
        mostAt = at
    }

    init(_ row: Row) {
        first = row[0]
        last = row[1]
        records = row[2]
        leastAt = row[3]
        mostAt = row[4]
    }

    /// Whether a record belongs into it; one behind a block that is full, or would last a day with it, begins another.
    func takes(_ id: Int, at: Int) -> Bool {
        guard JournalPlace(id: id).segment == JournalPlace(id: first).segment, id >= first else { return false }
        // A difference that is too large for a number is one of clocks that are wrong, and harms nothing.
        return id <= last || (records < Self.mostRecords && max(mostAt, at) &- min(leastAt, at) < Self.longest)
    }

    mutating func add(_ id: Int, at: Int) {
        last = max(last, id)
        records += 1
        leastAt = min(leastAt, at)
        mostAt = max(mostAt, at)
    }

    private static let mostRecords = 4_096
    private static let longest = 86_400_000
}

/// Keeps the blocks up to what was filed.
struct UsageBlocks {
    private let database: Database
    private var current: UsageBlock?
    /// From this id on it is another block's.
    private var end = 0

    private init(_ database: Database) { self.database = database }

    static func add(_ filed: [(id: Int, at: Int)], in database: Database) throws {
        var blocks = UsageBlocks(database)
        for (id, at) in filed.sorted(by: { $0.id < $1.id }) { try blocks.add(id, at) }
        try blocks.write()
    }

    private mutating func add(_ id: Int, _ at: Int) throws {
        if id >= end {
            try write()
            try load(id)
        }
        if let block = current, !block.takes(id, at: at) {
            try write()
            current = nil
        }
        var block = current ?? UsageBlock(first: id, at: at)
        block.add(id, at: at)
        current = block
    }

    /// The block that an id belongs to, if there is one.
    private mutating func load(_ id: Int) throws {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT first, last, records, least_at, most_at FROM blocks
                WHERE first <= ? ORDER BY first DESC LIMIT 1
                """,
            arguments: [id]
        )
        current = row.map { UsageBlock($0) }
        end = try Int.fetchOne(database, sql: "SELECT min(first) FROM blocks WHERE first > ?", arguments: [id]) ?? .max
    }

    private func write() throws {
        guard let block = current else { return }
        let statement = try database.cachedStatement(sql: "INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?)")
        try statement.execute(arguments: [block.first, block.last, block.records, block.leastAt, block.mostAt])
    }
}
