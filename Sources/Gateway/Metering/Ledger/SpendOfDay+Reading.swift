import GRDB

extension SpendOfDay {
    private struct Key: Hashable {
        let day: Int
        /// A place in `levels`.
        let level: Int
        let word: Int
    }

    /// In the order of the columns that `all` reads.
    private static let levels: [LimitLevel] = [.tenant, .team, .user, .key]
    /// Days by which a tenant's day and that of UTC on which a request was settled are never apart.
    private static let mostApart = 7

    /// All of them from a day on, from the sums of days.
    static func all(since day: Int, in database: Database) throws -> [SpendOfDay] {
        var sums: [Key: (cost: Int, tokens: Int)] = [:]
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT rollups.day, tenant, team, user, key, cost, input + output FROM rollups
                JOIN subjects ON subjects.id = rollups.subject
                WHERE grain = \(UsageGrain.day.rawValue) AND slot >= ? AND rollups.day >= ?
                """,
            arguments: [day - mostApart, day]
        )
        while let row = try rows.next() {
            let (cost, tokens): (Int, Int) = (row[5], row[6])
            for level in levels.indices {
                let key = Key(day: row[0], level: level, word: row[1 + level])
                guard key.word != 0 else { continue }
                let before = sums[key] ?? (0, 0)
                sums[key] = (min(before.cost + cost, UsageSums.most), min(before.tokens + tokens, UsageSums.most))
            }
        }
        var texts = LedgerTexts(database)
        return try sums.compactMap { key, sum in
            let cost = Money(nanos: sum.cost)
            return try texts.text(of: key.word).map {
                SpendOfDay(day: key.day, level: levels[key.level], id: $0, cost: cost, tokens: sum.tokens)
            }
        }
    }
}
