import GRDB

/// The tables of the store, as a list of steps from the first version on; a step that was released is never changed.
///
/// A conversation is what is used, and what is forgotten, as one: its responses form a tree by `previous`. Content stands in
/// a table of its own, so that nothing rewrites it.
enum ResponseSchema {
    static var migrator: DatabaseMigrator { DatabaseMigrator(steps: ["1 responses": first]) }

    /// `previous` is the number of a response that may be gone; numbers are never used twice.
    private static let first = """
        CREATE TABLE conversation (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            used_at INTEGER NOT NULL,
            bytes INTEGER NOT NULL
        );
        CREATE INDEX conversation_by_use ON conversation (used_at, number);
        CREATE TABLE response (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation INTEGER NOT NULL REFERENCES conversation (number),
            previous INTEGER,
            owner TEXT NOT NULL,
            id TEXT,
            created_at INTEGER NOT NULL,
            model TEXT NOT NULL,
            provider TEXT NOT NULL,
            is_at_provider INTEGER NOT NULL,
            starts_anew INTEGER NOT NULL,
            bytes INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX response_by_id ON response (owner, id);
        CREATE INDEX response_by_conversation ON response (conversation, number);
        CREATE TABLE content (
            response INTEGER PRIMARY KEY,
            input BLOB,
            object BLOB
        );
        """
}
