import GRDB
import Inference

/// Who asked for what, as far as reports tell it apart: the numbers of words, 0 where there is none.
struct UsageSubject: Sendable, Hashable {
    var tenant = 0
    var team = 0
    var user = 0
    var key = 0
    var provider = 0
    /// The model that served.
    var model = 0
    var client = 0
    var dialect = 0
    var outcome = 0
    var rule = 0

    /// The same as the table's columns.
    private var values: [Int] { [tenant, team, user, key, provider, model, client, dialect, outcome, rule] }

    func number(in database: Database) throws -> Int? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id FROM subjects WHERE tenant = ? AND team = ? AND user = ? AND key = ? AND provider = ? AND model = ?
                AND client = ? AND dialect = ? AND outcome = ? AND rule = ?
                """
        )
        return try Int.fetchOne(statement, arguments: StatementArguments(values))
    }

    /// The models of all subjects of a tenant.
    static func models(of tenant: Int, in database: Database) throws -> Set<Int> {
        let statement = try database.cachedStatement(
            sql: "SELECT DISTINCT model FROM subjects WHERE tenant = ? AND model <> 0"
        )
        return try Int.fetchSet(statement, arguments: [tenant])
    }

    func insert(in database: Database) throws -> Int {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO subjects (tenant, team, user, key, provider, model, client, dialect, outcome, rule)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: StatementArguments(values))
        return Int(database.lastInsertedRowID)
    }
}

/// The words of one record, by their numbers.
struct UsageWords: Sendable, Hashable {
    let subject: UsageSubject
    let route: Int
    let upstreamDialect: Int
    /// The model that was asked for; 0 where nobody served it or it is no word, and its text stands in the row.
    let model: Int
    let code: Int
    let price: Int

    /// Gives a number to each that has none.
    init(_ record: UsageRecord, _ names: inout LedgerNames, in database: Database) throws {
        var subject = UsageSubject()
        subject.tenant = try names.number(of: record.tenant, in: database)
        subject.team = try names.number(of: record.team, in: database)
        subject.user = try names.number(of: record.user, in: database)
        subject.key = try names.number(of: record.key, in: database)
        subject.provider = try names.number(of: record.provider, in: database)
        subject.model = try names.number(
            ofServed: record.upstreamModel,
            isUsed: record.tokens > 0 || record.outcome == .ok,
            for: subject.tenant,
            in: database
        )
        subject.client = try names.number(of: record.client, in: database)
        subject.dialect = try names.number(of: record.dialect?.rawValue, in: database)
        subject.outcome = try names.number(of: record.outcome.rawValue, in: database)
        subject.rule = try names.number(of: record.rule, in: database)
        self.subject = subject
        route = try names.number(of: record.route, in: database)
        upstreamDialect = try names.number(of: record.upstreamDialect?.rawValue, in: database)
        // Where it was sent nowhere it may be any text.
        model = record.upstreamModel == nil ? 0 : try names.number(ofAsked: record.model, in: database)
        code = try names.number(of: record.code, in: database)
        price = try names.number(of: record.price, in: database)
    }
}
