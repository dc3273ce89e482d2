import GRDB

/// The tables of identities, as a list of steps from the first version on; a step that was released is never changed.
///
/// A column has the name of its field in `IdentityKind.fields`. `number` orders the rows of a list and is never used twice;
/// `version` is the row's entity tag.
enum IdentitySchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 identities") { database in
            try database.execute(sql: first)
        }
        migrator.registerMigration("2 limits") { database in
            for table in ["tenants", "teams", "users", "keys"] {
                for column in limits { try database.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column)") }
            }
            try database.execute(sql: "ALTER TABLE users ADD COLUMN models TEXT")
        }
        migrator.registerMigration("3 preferences") { database in
            try database.execute(sql: "ALTER TABLE tenants ADD COLUMN preference TEXT")
        }
        migrator.registerMigration("4 models of teams") { database in
            try database.execute(sql: "ALTER TABLE teams ADD COLUMN models TEXT")
        }
        migrator.registerMigration("5 prices") { database in
            try database.execute(sql: prices)
        }
        migrator.registerMigration("6 budgets") { database in
            for (column, usual) in [("daily_budget", 50), ("monthly_budget", 500)] {
                try nullable(column, usual, in: database)
                for table in ["teams", "users", "keys"] {
                    try database.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column) REAL")
                }
            }
            for table in ["tenants", "teams", "users", "keys"] {
                for column in ["daily_token_budget", "monthly_token_budget"] {
                    try database.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column) INTEGER")
                }
            }
            try database.execute(sql: "ALTER TABLE tenants ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC'")
        }
        migrator.registerMigration("7 capture") { database in
            for column in capture { try database.execute(sql: "ALTER TABLE tenants ADD COLUMN \(column)") }
        }
        migrator.registerMigration("8 prices of an hour in a cache") { database in
            try database.execute(sql: "ALTER TABLE prices ADD COLUMN cache_write_1h REAL")
        }
        return migrator
    }

    /// Prices are in USD, for a million tokens, a picture or a request.
    private static let prices = """
        CREATE TABLE prices (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            version INTEGER NOT NULL DEFAULT 1,
            id TEXT NOT NULL UNIQUE,
            provider TEXT,
            model TEXT NOT NULL,
            "from" INTEGER,
            input REAL NOT NULL,
            cached_input REAL,
            cache_write REAL,
            output REAL NOT NULL,
            reasoning REAL,
            image REAL,
            request REAL,
            created_at INTEGER NOT NULL
        );
        """
    /// Has a tenant's column take null, which is no budget.
    ///
    /// The column is put in the place of the old one; a table that is made anew would forget that there ever was a tenant,
    /// by which a gateway knows that it is not open to everybody.
    private static func nullable(_ column: String, _ usual: Int, in database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE tenants RENAME COLUMN \(column) TO old_\(column);
                ALTER TABLE tenants ADD COLUMN \(column) REAL DEFAULT \(usual);
                UPDATE tenants SET \(column) = old_\(column);
                ALTER TABLE tenants DROP COLUMN old_\(column);
                """
        )
    }

    private static let capture = [
        "capture TEXT NOT NULL DEFAULT 'off'", "capture_days INTEGER", "mask_upstream TEXT NOT NULL DEFAULT 'off'",
    ]

    private static let limits = [
        "requests_per_minute INTEGER", "input_tokens_per_minute INTEGER", "output_tokens_per_minute INTEGER",
        "concurrent_requests INTEGER", "tokens_per_day INTEGER", "max_output_tokens INTEGER", "regions TEXT",
    ]

    /// Budgets are in USD, for the metering of what is asked; texts are compared by their bytes (T12).
    private static let first = """
        CREATE TABLE tenants (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            version INTEGER NOT NULL DEFAULT 1,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL UNIQUE,
            status TEXT NOT NULL,
            daily_budget REAL NOT NULL DEFAULT 50,
            monthly_budget REAL NOT NULL DEFAULT 500,
            created_at INTEGER NOT NULL
        );
        CREATE TABLE teams (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            version INTEGER NOT NULL DEFAULT 1,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL REFERENCES tenants (id),
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (tenant, name)
        );
        CREATE TABLE users (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            version INTEGER NOT NULL DEFAULT 1,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL REFERENCES tenants (id),
            team TEXT REFERENCES teams (id),
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (tenant, name)
        );
        CREATE INDEX users_by_team ON users (team);
        CREATE TABLE keys (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            version INTEGER NOT NULL DEFAULT 1,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT REFERENCES tenants (id),
            user TEXT REFERENCES users (id),
            label TEXT NOT NULL,
            role TEXT NOT NULL,
            scopes TEXT NOT NULL,
            models TEXT,
            addresses TEXT,
            hash BLOB NOT NULL,
            previous_hash BLOB,
            expires_at INTEGER,
            revoked_at INTEGER,
            overlap_until INTEGER,
            last_used_at INTEGER,
            created_at INTEGER NOT NULL
        );
        CREATE INDEX keys_by_tenant ON keys (tenant, number);
        CREATE INDEX keys_by_user ON keys (user);
        CREATE TABLE policies (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            version INTEGER NOT NULL DEFAULT 1,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL REFERENCES tenants (id),
            team TEXT REFERENCES teams (id),
            label TEXT NOT NULL,
            models TEXT NOT NULL,
            max_tokens INTEGER,
            created_at INTEGER NOT NULL
        );
        CREATE INDEX policies_by_tenant ON policies (tenant, number);
        CREATE INDEX policies_by_team ON policies (team);
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            address TEXT,
            act TEXT NOT NULL,
            subject TEXT NOT NULL,
            tenant TEXT,
            old TEXT,
            new TEXT,
            hash BLOB NOT NULL
        );
        CREATE TABLE replies (
            scope TEXT NOT NULL,
            token TEXT NOT NULL,
            request BLOB NOT NULL,
            status INTEGER NOT NULL,
            body BLOB NOT NULL,
            tag TEXT,
            at INTEGER NOT NULL,
            PRIMARY KEY (scope, token)
        );
        CREATE TABLE facts (
            name TEXT PRIMARY KEY,
            value BLOB NOT NULL
        );
        """
}
