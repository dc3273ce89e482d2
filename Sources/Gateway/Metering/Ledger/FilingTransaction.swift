import GRDB

/// Files records within one transaction: each of them once, with what it adds to the sums.
struct FilingTransaction {
    private let database: Database
    private let insertion: Statement
    private(set) var names: LedgerNames
    /// What the records of each hour come to.
    private var hours: [RollupKey: UsageSums] = [:]
    private var filed: [(id: Int, at: Int)] = []
    /// The packs that were found damaged and set aside.
    private(set) var damaged: [UsagePackID] = []

    init(_ database: Database, _ names: LedgerNames) throws {
        self.database = database
        self.names = names
        insertion = try database.cachedStatement(sql: UsageTable.insertion)
    }

    /// Files records; `positions` are up to where each segment has been read with them.
    mutating func file(_ records: [(place: JournalPlace, record: UsageRecord)], positions: [Int: Int]) throws {
        let before = try filedPositions(of: Set(records.map(\.place.segment)).union(positions.keys))
        // What lies before a position has been filed, also where its record was deleted as too old since.
        for (place, record) in records where place.offset >= before[place.segment] ?? 0 {
            try insert(record, id: place.id)
        }
        try addSums()
        try UsageBlocks.add(filed, in: database)
        try write(positions, after: before)
    }

    private mutating func insert(_ record: UsageRecord, id: Int) throws {
        let words = try UsageWords(record, &names, in: database)
        var row = ColumnBinder(insertion)
        record.bind(to: &row, id: id, words)
        try insertion.execute()
        guard database.changesCount == 1 else { return }
        filed.append((id, record.at))
        let key = RollupKey(
            grain: .hour,
            slot: UsageGrain.hour(ofTime: record.at),
            day: UsageGrain.boundedDay(record.day),
            subject: try names.number(of: words.subject, in: database)
        )
        hours[key, default: UsageSums()].add(UsageSums(record))
    }

    private mutating func addSums() throws {
        var sums = hours
        for (key, hour) in hours {
            for grain in [UsageGrain.day, .month] { sums[key.widened(to: grain), default: UsageSums()].add(hour) }
        }
        damaged = try UsagePacks.add(sums, in: database)
    }

    // MARK: Positions

    static func positions(in database: Database) throws -> [Int: Int] {
        let rows = try Row.fetchCursor(database, sql: "SELECT segment, offset FROM positions")
        var positions: [Int: Int] = [:]
        while let row = try rows.next() { positions[row[0]] = row[1] }
        return positions
    }

    /// The positions of these segments alone, as a ledger may have many.
    private func filedPositions(of segments: Set<Int>) throws -> [Int: Int] {
        let statement = try database.cachedStatement(sql: "SELECT offset FROM positions WHERE segment = ?")
        var positions: [Int: Int] = [:]
        for segment in segments { positions[segment] = try Int.fetchOne(statement, arguments: [segment]) }
        return positions
    }

    static func forgetPositions(except present: Set<Int>, in database: Database) throws {
        let segments = try positions(in: database).keys
        let statement = try database.cachedStatement(sql: "DELETE FROM positions WHERE segment = ?")
        let highest = segments.max()
        for segment in segments where !present.contains(segment) && segment != highest {
            try statement.execute(arguments: [segment])
        }
    }

    /// A position never goes back.
    private func write(_ positions: [Int: Int], after before: [Int: Int]) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO positions (segment, offset) VALUES (?, ?)
                ON CONFLICT (segment) DO UPDATE SET offset = excluded.offset
                """
        )
        for (segment, offset) in positions where offset > before[segment] ?? -1 {
            try statement.execute(arguments: [segment, offset])
        }
    }
}
