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
        return migrator
    }

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
