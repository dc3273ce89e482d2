import GRDB
import JSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which rows are meant; nothing at all means all.
struct CaptureFilter: Sendable, Hashable {
    var tenant: String?
    /// A user's id, or the name of somebody who is no user here.
    var user: String?
    /// The name in a token that is meant too, where it is not `user`.
    var subject: String?
    var key: String?
    /// Milliseconds since 1970, the first one and the first one behind.
    var since: Int?
    var until: Int?

    fileprivate var condition: (sql: String, arguments: StatementArguments) {
        var conditions: [String] = []
        var arguments = StatementArguments()
        func add(_ condition: String, _ name: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [name: value]
        }
        add("tenant = :tenant", "tenant", tenant)
        add("(user = :user OR subject = :subject)", "user", user)
        if let user { arguments += ["subject": subject ?? user] }
        add("key = :key", "key", key)
        add("at >= :since", "since", since)
        add("at < :until", "until", until)
        return (conditions.isEmpty ? "TRUE" : conditions.joined(separator: " AND "), arguments)
    }
}

/// One exchange as it is kept.
struct CaptureRow: Sendable {
    let number: Int
    private let row: Columns
    /// JSON values; nil where the content was not asked for.
    private let content: (request: [UInt8], answer: [UInt8])?

    private struct Columns: Sendable {
        let at: Int
        let expiresAt: Int
        let texts: [(name: String, value: String?)]
        let status: Int
        let isCut: Bool
    }

    fileprivate static let textColumns = [
        "tenant", "team", "user", "subject", "key", "request_id", "route", "provider", "model", "outcome",
    ]

    fileprivate init(_ row: Row, withContent: Bool) {
        number = row["number"]
        self.row = Columns(
            at: row["at"],
            expiresAt: row["expires_at"],
            texts: Self.textColumns.map { (name: $0, value: row[$0] as String?) },
            status: row["status"],
            isCut: row["is_cut"]
        )
        content =
            withContent ? (request: Array(row["request"] as Data), answer: Array(row["answer"] as Data)) : nil
    }

    var bytes: Int { 512 + (content.map { $0.request.count + $0.answer.count } ?? 0) }

    /// As one object on one line.
    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("id", AdministrationQuery.cursor(number))
            object.member("at", Timestamp.text(of: row.at))
            object.member("expires_at", Timestamp.text(of: row.expiresAt))
            for text in row.texts { object.member(text.name, text.value.map { .string($0) } ?? JSONValue.null) }
            object.member("status", row.status)
            object.member("cut", row.isCut)
            guard let content else { return }
            object.key("request")
            object.raw(content.request)
            object.key("answer")
            object.raw(content.answer)
        }
    }
}

/// The statements on what was captured, each within a transaction of its caller's.
struct CaptureTable {
    let database: Database
    /// Milliseconds since 1970.
    let now: Int

    /// Writes an exchange, masked, and gives back its bytes as the size cap counts them.
    func insert(_ exchange: CapturedExchange, usualDays: Int) throws -> Int {
        let text = CaptureText(exchange)
        let bytes = text.request.count + text.answer.count + Self.overhead
        let record = exchange.record
        let expiry = now + (exchange.days ?? usualDays) * 86_400_000
        try database.cachedStatement(sql: Self.insertion)
            .execute(arguments: [
                now, expiry, exchange.tenant, exchange.team, exchange.user, exchange.subject, exchange.key,
                record.requestID, record.route, record.provider, record.model, record.status, record.outcome.rawValue,
                exchange.request.isCut || exchange.answer.isCut, Data(text.request), Data(text.answer), bytes,
            ])
        return bytes
    }

    /// Rows behind a number, in their order; no more than fit into `most` bytes, but one at the least.
    func page(
        _ filter: CaptureFilter,
        after number: Int,
        limit: Int,
        withContent: Bool,
        most: Int
    ) throws -> (rows: [CaptureRow], isMore: Bool) {
        let (condition, arguments) = filter.condition
        let columns = withContent ? "*" : "number, at, expires_at, status, is_cut, \(Self.textColumns)"
        let cursor = try Row.fetchCursor(
            database,
            sql: """
                SELECT \(columns) FROM captures WHERE number > :after AND expires_at > :now AND \(condition)
                ORDER BY number LIMIT :limit
                """,
            arguments: arguments + ["after": number, "now": now, "limit": limit + 1]
        )
        var (rows, bytes): ([CaptureRow], Int) = ([], 0)
        while let found = try cursor.next() {
            let row = CaptureRow(found, withContent: withContent)
            guard rows.count < limit, rows.isEmpty || bytes + row.bytes <= most else { return (rows, true) }
            bytes += row.bytes
            rows.append(row)
        }
        return (rows, false)
    }

    /// Deletes what a filter names, and says how many rows and bytes that were.
    func erase(_ filter: CaptureFilter) throws -> (rows: Int, bytes: Int) {
        let (condition, arguments) = filter.condition
        let bytes = try Int.fetchOne(
            database,
            sql: "SELECT coalesce(sum(bytes), 0) FROM captures WHERE \(condition)",
            arguments: arguments
        )
        try database.execute(sql: "DELETE FROM captures WHERE \(condition)", arguments: arguments)
        return (database.changesCount, bytes ?? 0)
    }

    /// Forgets some of what is too old, or the oldest of what is too much; gives back their bytes, 0 where nothing is.
    func forget(over maximumBytes: Int, of bytes: Int) throws -> Int {
        let expired = try rows("expires_at <= :now ORDER BY expires_at", ["now": now])
        let victims = expired.isEmpty && bytes > maximumBytes ? try rows("TRUE ORDER BY number", [:]) : expired
        var freed = 0
        for victim in victims where !expired.isEmpty || bytes - freed > maximumBytes {
            try database.execute(sql: "DELETE FROM captures WHERE number = ?", arguments: [victim.number])
            freed += victim.bytes
        }
        return freed
    }

    private func rows(
        _ condition: String,
        _ arguments: StatementArguments
    ) throws -> [(number: Int, bytes: Int)] {
        try Row.fetchAll(
            database,
            sql: "SELECT number, bytes FROM captures WHERE \(condition) LIMIT \(Self.atOnce)",
            arguments: arguments
        )
        .map { ($0["number"], $0["bytes"]) }
    }

    /// The bytes of all rows.
    static func bytes(in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT coalesce(sum(bytes), 0) FROM captures") ?? 0
    }

    /// What a row takes beside its texts, about.
    private static let overhead = 512
    private static let atOnce = 32
    private static let textColumns = CaptureRow.textColumns.map { "\"\($0)\"" }.joined(separator: ", ")

    private static let insertion = """
        INSERT INTO captures (
            at, expires_at, tenant, team, user, subject, key, request_id, route, provider, model, status, outcome, is_cut,
            request, answer, bytes
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}
