import GRDB

/// Which subjects a report is about, and which of its rows each of them belongs to.
///
/// Only those that occur in the report's time are told apart, however many there ever were.
struct ReportSubjects {
    /// The words of each group that occurs, one for each dimension that is no time.
    private(set) var groups: [[Int]] = []
    /// Whether nobody can be in the report.
    let isEmpty: Bool
    /// The runs in which there are some that count; nil where all do.
    let runs: Set<Int>?
    private let failures: [Int]
    private let lookup: RowLookup
    private var known: [[Int]: Int] = [:]
    /// By the number of a subject: twice its group, and one more where its requests failed; -1 where it does not count, and
    /// -2 where it counts and did not occur yet.
    private var places: [Int32] = []
    /// What is not among the places.
    private let usual: Int32

    init(_ query: UsageQuery, _ filter: LedgerFilter, in database: Database) throws {
        let columns = query.by.compactMap(\.column)
        failures = try [ExchangeRecord.Outcome.failed, .interrupted].compactMap { outcome in
            try LedgerNames.known(outcome.rawValue, in: database)
        }
        let statement = try database.cachedStatement(
            sql: "SELECT \((["outcome"] + columns).joined(separator: ", ")) FROM subjects WHERE id = ?"
        )
        lookup = RowLookup(statement)
        guard !filter.condition.isEmpty else {
            (usual, isEmpty) = (-2, false)
            runs = nil
            return
        }
        usual = -1
        let numbers = try Int.fetchAll(
            database,
            sql: "SELECT id FROM subjects \(filter.condition)",
            arguments: StatementArguments(filter.words)
        )
        isEmpty = numbers.isEmpty
        runs = Set(numbers.map { UsagePackID.run(of: $0) })
        for number in numbers { note(-2, of: number) }
    }

    /// Nil for a subject that does not count.
    mutating func place(of subject: Int) throws -> (group: Int, isFailure: Bool)? {
        var place = places.indices.contains(subject) ? places[subject] : usual
        if place == -2 {
            place = try find(subject)
            // A number that is no subject's may be any.
            guard place >= 0 else { return nil }
            note(place, of: subject)
        }
        return place < 0 ? nil : (Int(place) / 2, place % 2 == 1)
    }

    /// Reads a subject that occurs for the first time.
    private mutating func find(_ subject: Int) throws -> Int32 {
        guard let words = try lookup.numbers(of: subject) else { return -1 }
        // Before those of the dimensions is the outcome's.
        let key = Array(words[1...])
        let group = known[key] ?? groups.count
        if group == groups.count {
            known[key] = group
            groups.append(key)
        }
        return Int32(2 * group + (failures.contains(words[0]) ? 1 : 0))
    }

    private mutating func note(_ place: Int32, of number: Int) {
        if number >= places.count {
            places += repeatElement(usual, count: max(number + 1, 2 * places.count) - places.count)
        }
        places[number] = place
    }
}

/// The filters of a query, by the numbers of their words.
struct LedgerFilter {
    /// `WHERE` with a question mark for each of `words`; empty where there are none.
    let condition: String
    let words: [Int]

    /// The filters on the columns that dimensions have; nil where nothing in the ledger can be of them.
    init?(
        _ query: UsageQuery,
        in database: Database,
        column: (UsageQuery.Dimension) -> String?
    ) throws {
        var conditions: [String] = []
        var words: [Int] = []
        for (dimension, text) in query.filters {
            guard let column = column(dimension) else { continue }
            guard let word = try LedgerNames.known(text, in: database) else { return nil }
            conditions.append("\(column) = ?")
            words.append(word)
        }
        condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        self.words = words
    }
}
