import GRDB

extension DatabaseMigrator {
    /// Steps that are nothing but statements, in their order; a step that was released is never changed.
    init(steps: KeyValuePairs<String, String>) {
        self.init()
        for (name, statements) in steps {
            registerMigration(name) { database in try database.execute(sql: statements) }
        }
    }
}
