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
    /// The model that was asked for; 0 where nobody served it, as callers ask for whatever they like and words stay for good.
    let model: Int
    let code: Int
    let price: Int

    init(_ record: UsageRecord, price: Int, _ number: (String?) throws -> Int) rethrows {
        self.price = price
        var subject = UsageSubject()
        subject.tenant = try number(record.tenant)
        subject.team = try number(record.team)
        subject.user = try number(record.user)
        subject.key = try number(record.key)
        subject.provider = try number(record.provider)
        subject.model = try number(record.upstreamModel)
        subject.client = try number(record.client)
        subject.dialect = try number(record.dialect?.rawValue)
        subject.outcome = try number(record.outcome.rawValue)
        subject.rule = try number(record.rule)
        self.subject = subject
        route = try number(record.route)
        upstreamDialect = try number(record.upstreamDialect?.rawValue)
        model = try number(record.upstreamModel == nil ? nil : record.model)
        code = try number(record.code)
    }
}
