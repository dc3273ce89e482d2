import GRDB
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The statements of the store, each within a transaction of its caller's.
///
/// `now` and the ages are milliseconds since 1970, by the wall clock: they outlive the process.
struct ResponseTable {
    let database: Database
    let now: Int
    /// Conversations that were last used before this are gone, whether or not they have been deleted yet.
    let expired: Int
    /// What a lookup has used.
    var uses = Uses()

    /// The conversations that were used, to be noted when the lookup is over: a disk that is full must not fail it.
    final class Uses {
        var conversations: Set<Int> = []
    }

    /// A response as it stands in its table.
    struct Row {
        let number: Int
        let conversation: Int
        let facts: ResponseFacts
        let startsAnew: Bool
    }

    // MARK: Writing

    /// Writes a response and gives back its bytes as the size cap counts them.
    ///
    /// One of the same id and owner loses its name, but stays for those that continue it.
    func insert(_ response: KeptResponse) throws -> Int {
        let previous = try response.previous.flatMap { try find($0, response.owner) }
        try database.cachedStatement(sql: "UPDATE response SET id = NULL WHERE owner = ? AND id = ?")
            .execute(arguments: [response.owner.name, response.id])
        let conversation = try previous?.conversation ?? newConversation()
        let content = StoredContent(response, withHistory: previous == nil)
        let weight = (content?.bytes ?? 0) + Self.overhead
        try database.cachedStatement(sql: Self.insertion)
            .execute(arguments: [
                conversation, previous?.number, response.owner.name, response.id, response.createdAt, response.model,
                response.provider, content == nil, content?.startsAnew ?? false, weight,
            ])
        if let content { try write(content, of: Int(database.lastInsertedRowID)) }
        try database.cachedStatement(sql: "UPDATE conversation SET used_at = ?, bytes = bytes + ? WHERE number = ?")
            .execute(arguments: [now, weight, conversation])
        return weight
    }

    private func newConversation() throws -> Int {
        try database.cachedStatement(sql: "INSERT INTO conversation (used_at, bytes) VALUES (?, 0)")
            .execute(arguments: [now])
        return Int(database.lastInsertedRowID)
    }

    /// The blobs are lent to the statement, which writes them to the file without a copy.
    private func write(_ content: StoredContent, of number: Int) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO content (response, input, object) VALUES (?, ?, ?)"
        )
        try content.lend { input, object in
            try statement.execute(arguments: [number, input, object])
        }
    }

    /// Notes that a conversation is in use.
    func touch(_ conversation: Int) throws {
        try database.cachedStatement(sql: "UPDATE conversation SET used_at = ? WHERE number = ?")
            .execute(arguments: [now, conversation])
    }

    /// Deletes one response; those that continue it can be read but not continued from then on.
    ///
    /// - Returns: the bytes that were given back.
    func delete(_ row: Row) throws -> Int {
        let bytes = try Int.fetchOne(
            database,
            sql: "SELECT bytes FROM response WHERE number = ?",
            arguments: [row.number]
        )
        try database.execute(sql: "DELETE FROM content WHERE response = ?", arguments: [row.number])
        try database.execute(sql: "DELETE FROM response WHERE number = ?", arguments: [row.number])
        try database.execute(
            sql: "UPDATE conversation SET bytes = bytes - ? WHERE number = ?",
            arguments: [bytes ?? 0, row.conversation]
        )
        return bytes ?? 0
    }

    // MARK: Reading

    /// The response of this id, for its owner alone.
    func find(_ id: String, _ owner: Owner) throws -> Row? {
        let row = try GRDB.Row.fetchOne(
            try database.cachedStatement(sql: Self.selection),
            arguments: [owner.name, id, expired]
        )
        return row.map { row in
            Row(
                number: row[0],
                conversation: row[1],
                facts: ResponseFacts(id: id, provider: row[2], isAtProvider: row[3]),
                startsAnew: row[4]
            )
        }
    }

    /// The response object of a row; nil where it is not here.
    func object(_ row: Row) throws -> ByteBuffer? {
        try withContent(of: row.number) { _, object in ByteBuffer(bytes: object) }
    }

    /// One response on the way to another.
    struct Link {
        let number: Int
        let startsAnew: Bool
    }

    /// The responses that lead to a row, the oldest first and its own last; nil where one of them is gone.
    ///
    /// The first one may start anew: then what was before it is not needed, nor is its input.
    func chain(_ row: Row) throws -> [Link]? {
        let rows = try GRDB.Row.fetchAll(
            try database.cachedStatement(sql: Self.recursion),
            arguments: [row.number]
        )
        let links = rows.map { Link(number: $0["number"], startsAnew: $0["starts_anew"]) }
        guard let first = links.first, rows[0].hasNull(atIndex: 1) || first.startsAnew else { return nil }
        return links
    }

    /// Lends the input and the object of a response; nil where they are not here.
    func withContent<Result>(
        of number: Int,
        _ body: (_ input: UnsafeRawBufferPointer, _ object: UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result? {
        let statement = try database.cachedStatement(sql: "SELECT input, object FROM content WHERE response = ?")
        let rows = try GRDB.Row.fetchCursor(statement, arguments: [number])
        // What a row lends is the statement's, which the cursor holds.
        return try withExtendedLifetime(rows) {
            guard let row = try rows.next() else { return nil }
            return try row.withUnsafeData(atIndex: 0) { input in
                try row.withUnsafeData(atIndex: 1) { object in
                    try (input ?? Data()).withUnsafeBytes { input in
                        try (object ?? Data()).withUnsafeBytes { try body(input, $0) }
                    }
                }
            }
        }
    }

    // MARK: Statements

    /// What a row takes beside its content, about.
    static let overhead = 512

    private static let insertion = """
        INSERT INTO response
            (conversation, previous, owner, id, created_at, model, provider, is_at_provider, starts_anew, bytes)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    private static let selection = """
        SELECT response.number, conversation, provider, is_at_provider, starts_anew
        FROM response JOIN conversation ON conversation.number = response.conversation
        WHERE owner = ? AND id = ? AND used_at >= ?
        """

    /// A response that starts anew needs nothing of what came before it.
    private static let recursion = """
        WITH RECURSIVE chain (number, previous, starts_anew, depth) AS (
            SELECT number, previous, starts_anew, 0 FROM response WHERE number = ?
            UNION ALL
            SELECT response.number, response.previous, response.starts_anew, depth + 1
            FROM chain JOIN response ON response.number = chain.previous
            WHERE NOT chain.starts_anew
        )
        SELECT number, previous, starts_anew FROM chain ORDER BY depth DESC
        """
}
