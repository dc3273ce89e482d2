import GRDB

/// The table of what was captured, as a list of steps from the first version on; a step that was released is never changed.
enum CaptureSchema {
    static var migrator: DatabaseMigrator { DatabaseMigrator(steps: ["1 captures": first]) }

    /// `number` orders the rows and is never used twice; times are milliseconds since 1970; `request` and `answer` are JSON.
    private static let first = """
        CREATE TABLE captures (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            team TEXT,
            user TEXT,
            subject TEXT,
            key TEXT,
            request_id TEXT NOT NULL,
            route TEXT NOT NULL,
            provider TEXT,
            model TEXT,
            status INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            is_cut INTEGER NOT NULL,
            request BLOB NOT NULL,
            answer BLOB NOT NULL,
            bytes INTEGER NOT NULL
        );
        CREATE INDEX captures_by_tenant ON captures (tenant, number);
        CREATE INDEX captures_by_user ON captures (tenant, user, number);
        CREATE INDEX captures_by_key ON captures (tenant, key, number);
        CREATE INDEX captures_by_expiry ON captures (expires_at);
        """
}
