import GRDB
import GRDBSQLite

/// Binds the values of a row to a statement, one after the other; what is nil is null.
///
/// For many rows that is a good deal cheaper than a list of values for each.
struct ColumnBinder {
    private let statement: OpaquePointer
    private var place: Int32 = 0

    /// Takes off whatever was bound before; the statement is executed without arguments then.
    init(_ statement: Statement) {
        statement.setUncheckedArguments(StatementArguments())
        self.statement = statement.sqliteStatement
    }

    mutating func number(_ number: Int?) {
        place += 1
        if let number { sqlite3_bind_int64(statement, place, Int64(number)) }
    }

    /// The number of a word; 0 is none.
    mutating func word(_ number: Int) { self.number(number == 0 ? nil : number) }

    mutating func flag(_ flag: Bool) { number(flag ? 1 : 0) }

    mutating func text(_ text: String?) {
        place += 1
        guard var text else { return }
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                _ = sqlite3_bind_text(statement, place, $0.baseAddress, Int32($0.count), Self.copied)
            }
        }
    }

    mutating func bytes(_ bytes: [UInt8]) {
        place += 1
        bytes.withUnsafeBytes {
            _ = sqlite3_bind_blob(statement, place, $0.baseAddress, Int32($0.count), Self.copied)
        }
    }

    /// SQLITE_TRANSIENT: SQLite copies the text or the bytes.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
