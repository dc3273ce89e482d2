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
        var words = try SpenderWords(database)
        func add(_ rollup: RollupKey, _ amounts: UsageSums) throws {
            guard rollup.day >= day else { return }
            for (level, word) in try words.words(of: rollup.subject).enumerated() where word != 0 {
                let key = Key(day: rollup.day, level: level, word: word)
                let before = sums[key] ?? (0, 0)
                let tokens = min(amounts.input + amounts.output, UsageSums.most)
                sums[key] = (
                    min(before.cost + amounts.cost, UsageSums.most), min(before.tokens + tokens, UsageSums.most)
                )
            }
        }
        let end = UsageGrain.day.slot(ofHour: UsageGrain.hours.upperBound)
        let span = UsageSpan(grain: .day, slots: min(max(0, day - mostApart), end)..<end)
        try UsagePacks.read(span, in: database, add)
        try EarlierRollups.read(span, in: database, add)
        var texts = LedgerTexts(database)
        return try sums.compactMap { key, sum in
            let cost = Money(nanos: sum.cost)
            return try texts.text(of: key.word).map {
                SpendOfDay(day: key.day, level: levels[key.level], id: $0, cost: cost, tokens: sum.tokens)
            }
        }
    }
}

/// The words of the tenants, teams, users and keys of subjects, and those of them that were asked for lately.
private struct SpenderWords {
    private let lookup: RowLookup
    private var known: [Int: [Int]] = [:]

    init(_ database: Database) throws {
        lookup = RowLookup(
            try database.cachedStatement(sql: "SELECT tenant, team, user, key FROM subjects WHERE id = ?")
        )
    }

    /// In the order of the columns; none for a subject that there is not.
    mutating func words(of subject: Int) throws -> [Int] {
        if let words = known[subject] { return words }
        let words = try lookup.numbers(of: subject) ?? []
        if known.count >= Self.most { known.removeAll(keepingCapacity: true) }
        known[subject] = words
        return words
    }

    private static let most = 50_000
}
