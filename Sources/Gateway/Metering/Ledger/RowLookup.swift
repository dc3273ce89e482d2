import GRDB
import GRDBSQLite

/// Finds a row by its number, the only argument of the statement.
///
/// For tens of thousands of rows that is a good deal cheaper than a cursor for each.
struct RowLookup {
    private let statement: Statement

    init(_ statement: Statement) { self.statement = statement }

    /// All columns, each of which is a number; nil where there is no such row.
    func numbers(of id: Int) throws -> [Int]? {
        try row(id) {
            let row = statement.sqliteStatement
            return (0..<sqlite3_column_count(row)).map { Int(sqlite3_column_int64(row, $0)) }
        }
    }

    /// What `body` makes of the bytes of the first column, which are gone after it; nil where there is no such row.
    func bytes<Value>(of id: Int, _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value? {
        try row(id) { try statement.withBytes(ofColumn: 0, body) }
    }

    private func row<Value>(_ id: Int, _ body: () throws -> Value) throws -> Value? {
        let raw = statement.sqliteStatement
        // A statement that stands at a row keeps its transaction from ending.
        defer { sqlite3_reset(raw) }
        sqlite3_bind_int64(raw, 1, Int64(id))
        let code = sqlite3_step(raw)
        switch code {
        case SQLITE_ROW: return try body()
        case SQLITE_DONE: return nil
        default: throw DatabaseError(resultCode: ResultCode(rawValue: code), sql: statement.sql)
        }
    }
}

extension Statement {
    /// The bytes of a column of the row that it stands at; nothing of them may be kept.
    func withBytes<Value>(ofColumn column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        let start = sqlite3_column_blob(sqliteStatement, column)
        let count = Int(sqlite3_column_bytes(sqliteStatement, column))
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }
}
