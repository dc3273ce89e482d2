import GRDB

/// The tables of the ledger, as a list of steps from the first version on; a step that was released is never changed.
///
/// Texts that come again and again stand once in `words`, so that a row is short. `subjects` are those who ask together with
/// what they ask for, as far as reports tell them apart. A column that is 0 where a word could be says that there is none.
///
/// `packs` has the sums of each of them by the hour, by the day and by the month in UTC, apart by the day of the tenant's own
/// time zone: many in one row (`UsagePack`), because a report adds up millions. `rollups` has what earlier versions summed
/// up, a row for each (`grain`, `slot`, `day`, `subject`), until it is in packs too; nothing is added to it.
///
/// `usage.id` is a record's place in the journal. `blocks` has the times of runs of such ids: records of one writer follow
/// each other in time, so that no index by time is needed.
enum LedgerSchema {
    static var migrator: DatabaseMigrator {
        DatabaseMigrator(steps: [
            "1 usage": first,
            "2 cache writes of an hour": "ALTER TABLE usage ADD COLUMN cache_write_1h INTEGER",
            "3 parts of requests": "ALTER TABLE usage ADD COLUMN part INTEGER NOT NULL DEFAULT 0",
            "4 packs of sums": "CREATE TABLE packs (id INTEGER PRIMARY KEY, sums BLOB NOT NULL)",
        ])
    }

    private static let first = """
        CREATE TABLE words (
            id INTEGER PRIMARY KEY,
            text TEXT NOT NULL UNIQUE
        );
        CREATE TABLE subjects (
            id INTEGER PRIMARY KEY,
            tenant INTEGER NOT NULL,
            team INTEGER NOT NULL,
            user INTEGER NOT NULL,
            key INTEGER NOT NULL,
            provider INTEGER NOT NULL,
            model INTEGER NOT NULL,
            client INTEGER NOT NULL,
            dialect INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            rule INTEGER NOT NULL,
            UNIQUE (tenant, team, user, key, provider, model, client, dialect, outcome, rule)
        );
        CREATE TABLE rollups (
            grain INTEGER NOT NULL,
            slot INTEGER NOT NULL,
            day INTEGER NOT NULL,
            subject INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            estimated INTEGER NOT NULL,
            input INTEGER NOT NULL,
            cached_input INTEGER NOT NULL,
            cache_write INTEGER NOT NULL,
            output INTEGER NOT NULL,
            reasoning INTEGER NOT NULL,
            cost INTEGER NOT NULL,
            total_us INTEGER NOT NULL,
            PRIMARY KEY (grain, slot, day, subject)
        ) WITHOUT ROWID;
        CREATE TABLE usage (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            day INTEGER NOT NULL,
            request_id TEXT NOT NULL,
            tenant INTEGER,
            team INTEGER,
            user INTEGER,
            key INTEGER,
            client INTEGER,
            route INTEGER,
            dialect INTEGER,
            upstream_dialect INTEGER,
            rule INTEGER,
            provider INTEGER,
            model INTEGER,
            upstream_model INTEGER,
            is_stream INTEGER NOT NULL,
            status INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            code INTEGER,
            attempts INTEGER NOT NULL,
            tried TEXT,
            input INTEGER,
            cached_input INTEGER,
            cache_write INTEGER,
            output INTEGER,
            reasoning INTEGER,
            images INTEGER NOT NULL,
            is_estimated INTEGER NOT NULL,
            cost INTEGER NOT NULL,
            price INTEGER,
            waited_us INTEGER NOT NULL,
            first_byte_us INTEGER,
            first_token_us INTEGER,
            total_us INTEGER NOT NULL
        );
        CREATE TABLE blocks (
            first INTEGER PRIMARY KEY,
            last INTEGER NOT NULL,
            records INTEGER NOT NULL,
            least_at INTEGER NOT NULL,
            most_at INTEGER NOT NULL
        );
        CREATE TABLE positions (
            segment INTEGER PRIMARY KEY,
            offset INTEGER NOT NULL
        );
        CREATE TABLE alerts (
            id TEXT PRIMARY KEY,
            sent_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        """
}
