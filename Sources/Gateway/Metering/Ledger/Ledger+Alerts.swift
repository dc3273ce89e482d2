import GRDB

/// Remembers the alerts that were sent, so that a restart sends none twice.
extension Ledger: AlertMemory {
    func wasSent(_ id: String) throws -> Bool {
        try database.read {
            try Bool.fetchOne($0, sql: "SELECT EXISTS (SELECT 1 FROM alerts WHERE id = ?)", arguments: [id]) ?? false
        }
    }

    func noteSent(_ id: String, at milliseconds: Int) throws {
        try database.write { database in
            try database.execute(sql: "INSERT OR IGNORE INTO alerts VALUES (?, ?)", arguments: [id, milliseconds])
            // No period is longer than a month, and of a period nobody is told twice.
            try database.execute(
                sql: "DELETE FROM alerts WHERE sent_at < ?",
                arguments: [milliseconds - Self.memoryOfAlerts]
            )
        }
    }

    /// Two months in milliseconds.
    private static let memoryOfAlerts = 64 * 86_400_000
}
