import GRDB
import Logging
import Providers
import Synchronization

/// Keeps tenants, teams, users, keys and policies, and the log of who changed them.
///
/// All of it blocks, so that it is asked off the event loops; requests are answered from an `IdentitySnapshot`. Another
/// process may change the same file at any time.
package final class IdentityStore: Sendable {
    private let database: DatabaseQueue
    let hasher: KeyHasher
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int
    /// What tenants, teams, users and keys spend, for every snapshot.
    let budgets: BudgetAccounts
    private let turn = Mutex(())

    /// Opens the store, or makes it.
    ///
    /// - Throws: where it cannot be used, and where its hashes were made with another key than the one beside it.
    package convenience init(
        _ place: Place,
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) throws {
        try self.init(place, budgets: BudgetAccounts(), clock: clock)
    }

    /// The same with the accounts of this process; they live on from one snapshot to the next.
    init(
        _ place: Place,
        budgets: BudgetAccounts,
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) throws {
        self.clock = clock
        self.budgets = budgets
        switch place {
        case .memory:
            database = try StoreFile.database(.memory, IdentitySchema.migrator, isDurable: true)
            hasher = KeyHasher(.fresh())
        case .folder(let folder):
            database = try StoreFile.database(
                .file("\(folder)/\(Self.fileName)"),
                IdentitySchema.migrator,
                isDurable: true
            )
            hasher = KeyHasher(try SealingKey(file: "\(folder)/identity.key"))
        }
        let (database, hasher) = (database, hasher)
        let isOurs = try database.write { try Self.recognise(hasher, in: $0) }
        guard isOurs else { throw StoreFileProblem.otherKey }
    }

    /// Where identities are kept.
    package enum Place: Sendable, Hashable {
        /// In the process, until it ends.
        case memory
        /// In a folder of this absolute path, as `identity.sqlite` and `identity.key`.
        case folder(String)

        /// Beside the responses.
        package init(_ place: StoreSettings.Place) {
            guard case .file(let path) = place, let slash = path.lastIndex(of: "/") else {
                self = .memory
                return
            }
            self = .folder(String(path[..<slash]))
        }
    }

    static let fileName = "identity.sqlite"

    /// Whether the key is the one that the hashes were made with; the first one is noted.
    private static func recognise(_ hasher: KeyHasher, in database: Database) throws -> Bool {
        let mark = IdentityTables.blob(hasher.hash("torii identity store"))
        try database.execute(sql: "INSERT OR IGNORE INTO facts VALUES ('key', ?)", arguments: [mark])
        return try DatabaseValue.fetchOne(database, sql: "SELECT value FROM facts WHERE name = 'key'") == mark
    }

    // MARK: Administration

    func read<Result>(
        _ body: (IdentityTables) throws(AdministrationProblem) -> Result
    ) throws(AdministrationProblem) -> Result {
        do {
            return try database.read { try body(tables($0)) }
        } catch {
            throw AdministrationProblem(error)
        }
    }

    func write<Result>(
        _ body: (IdentityTables) throws(AdministrationProblem) -> Result
    ) throws(AdministrationProblem) -> Result {
        do {
            return try database.write { try body(tables($0)) }
        } catch {
            throw AdministrationProblem(error)
        }
    }

    private func tables(_ database: Database) -> IdentityTables {
        IdentityTables(database: database, hasher: hasher, now: clock())
    }

    // MARK: The gateway's part

    /// A number that differs after each change that another connection made to the file.
    func dataVersion() throws -> Int {
        try database.read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
    }

    /// Everything that a request is answered from, read at one moment.
    func snapshot(after last: IdentitySnapshot? = nil) throws -> IdentitySnapshot {
        let next = try database.read { database in
            let scopes = try IdentityScopes(in: database, budgets, after: last?.scopes)
            return IdentitySnapshot(
                revision: try Int.fetchOne(database, sql: "SELECT coalesce(max(number), 0) FROM audit") ?? 0,
                isInUse: try Self.wasUsed(database),
                keys: try IssuedKey.all(in: database, scopes, budgets, after: last),
                scopes: scopes,
                prices: try PriceOverrides.all(in: database, after: last?.prices),
                hasher: hasher,
                clock: clock
            )
        }
        if let last { forgetAccounts(of: last, without: next) }
        return next
    }

    /// Drops the accounts of what is deleted or revoked for good.
    private func forgetAccounts(of last: IdentitySnapshot, without next: IdentitySnapshot) {
        budgets.forget(.key, last.keys.keys.filter { next.keys[$0] == nil })
        budgets.forget(.user, last.scopes.users.keys.filter { next.scopes.users[$0] == nil })
        budgets.forget(.team, last.scopes.teams.keys.filter { next.scopes.teams[$0] == nil })
        budgets.forget(.tenant, last.scopes.tenants.keys.filter { next.scopes.tenants[$0] == nil })
    }

    /// Has those who bring snapshots into use wait for each other.
    func inTurn<Result: Sendable>(_ body: () throws -> Result) throws -> Result {
        try turn.withLock { _ in try body() }
    }

    /// Whether there ever was a tenant or a key: deleting the last one must not open the gateway.
    private static func wasUsed(_ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: "SELECT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name IN ('tenants', 'keys') AND seq > 0)"
        ) ?? false
    }

    /// Notes when keys were used; that is no administrative act.
    func noteUses(of keys: [String]) throws {
        let now = clock()
        try database.write { database in
            let statement = try database.makeStatement(sql: "UPDATE keys SET last_used_at = ? WHERE id = ?")
            for key in keys { try statement.execute(arguments: [now, key]) }
        }
    }
}

extension IdentityStore {
    /// Opens the store beside the responses.
    ///
    /// Where no file can be there, one in memory takes its place. A file that is there and cannot be read is another
    /// matter: without it everybody might be let in.
    ///
    /// - Throws: `StartProblem` for such a file.
    convenience init(
        opening settings: StoreSettings,
        logger: Logger,
        budgets: BudgetAccounts = BudgetAccounts(),
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) throws {
        let place = Place(settings.place)
        do { try self.init(place, budgets: budgets, clock: clock) } catch {
            guard case .folder(let folder) = place else { throw error }
            let path = "\(folder)/\(Self.fileName)"
            guard StoreFile.isAbsent(path) else {
                throw StartProblem(description: "\(path) cannot be used: \(error). It says who may use this gateway.")
            }
            logger.warning(
                "\(path) cannot be used: \(error). Tenants and keys are kept in memory until the gateway ends."
            )
            try self.init(.memory, budgets: budgets)
        }
    }
}
