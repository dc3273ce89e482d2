import GRDB

/// The table of packs.
enum UsagePacks {
    /// Adds sums to what is there of the same.
    ///
    /// A pack that is damaged is set aside, and another one begun: what is filed now does not wait for what was lost.
    ///
    /// - Returns: the packs that were set aside.
    static func add(_ sums: [RollupKey: UsageSums], in database: Database) throws -> [UsagePackID] {
        var additions: [UsagePackID: [UsagePack.Entry]] = [:]
        for (key, sum) in sums {
            let entry = UsagePack.Entry(subject: key.subject, day: key.day, sums: sum)
            additions[UsagePackID(of: key), default: []].append(entry)
        }
        let lookup = RowLookup(try database.cachedStatement(sql: "SELECT sums FROM packs WHERE id = ?"))
        let writing = try database.cachedStatement(
            sql: "INSERT INTO packs (id, sums) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET sums = excluded.sums"
        )
        var damaged: [UsagePackID] = []
        // Neighbours one after the other, so that a page is written once.
        for (id, entries) in additions.sorted(by: { $0.key.number < $1.key.number }) {
            var pack = UsagePack(id)
            do {
                pack = try lookup.bytes(of: id.number) { try UsagePack(id, decoding: $0) } ?? pack
            } catch is RecordCodingError {
                try setAside(id, in: database)
                damaged.append(id)
            }
            pack.add(entries.sorted { $0.comes(before: $1) })
            var row = ColumnBinder(writing)
            row.number(id.number)
            row.bytes(pack.bytes)
            try writing.execute()
        }
        return damaged
    }

    /// Keeps its bytes for whoever can make something of them, under a number that is no pack's.
    private static func setAside(_ id: UsagePackID, in database: Database) throws {
        try database.execute(sql: "UPDATE OR REPLACE packs SET id = ~id WHERE id = ?", arguments: [id.number])
    }

    /// Reads all sums of a span, those of earlier slots first; where `runs` are said, none of any other run.
    static func read(
        _ span: UsageSpan,
        runs: Set<Int>? = nil,
        in database: Database,
        _ body: (RollupKey, UsageSums) throws -> Void
    ) throws {
        let statement = try database.makeStatement(sql: "SELECT id, sums FROM packs WHERE id >= ? AND id < ?")
        let numbers = UsagePackID.numbers(of: span)
        let rows = try Row.fetchCursor(statement, arguments: [numbers.lowerBound, numbers.upperBound])
        while let row = try rows.next() {
            let id = UsagePackID(number: row[0], grain: span.grain)
            guard runs?.contains(id.run) ?? true else { continue }
            do {
                try statement.withBytes(ofColumn: 1) { try UsagePack.read($0, of: id, body) }
            } catch is RecordCodingError {
                throw DamagedPack(id: id)
            }
        }
    }

    /// Deletes some of the packs of a grain before a slot, the earliest first.
    ///
    /// - Returns: how many.
    static func delete(_ grain: UsageGrain, before slot: Int, limit: Int, in database: Database) throws -> Int {
        let numbers = UsagePackID.numbers(of: UsageSpan(grain: grain, slots: 0..<max(0, slot)))
        try database.execute(
            sql: "DELETE FROM packs WHERE id IN (SELECT id FROM packs WHERE id >= ? AND id < ? ORDER BY id LIMIT ?)",
            arguments: [numbers.lowerBound, numbers.upperBound, limit]
        )
        return database.changesCount
    }
}

/// Sums that cannot be read, so that nobody can say what they come to.
struct DamagedPack: Error, Hashable, CustomStringConvertible {
    let id: UsagePackID

    var description: String {
        "the sums of the \(id.grain) that begins at \(Timestamp.date(ofDay: id.day)) are damaged (packs, id \(id.number))"
    }
}
