import GRDB
package import Logging
import Providers
import Synchronization

/// The account of all requests, as SQLite has it: every record, and the sums that reports and budgets are made of.
///
/// It is filed from the journal, which is the truth. What is filed is there as a whole or not at all, with the place up to
/// which the journal has been read, so that nothing is ever counted twice. All of it blocks, so that it is asked off the
/// event loops; reports are read beside whatever is being filed.
package final class Ledger: Sendable {
    /// In memory it is one connection, and then a report waits for what is being filed.
    let database: any DatabaseWriter
    private let settings: LedgerSettings
    private let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int
    private let names = Mutex(LedgerNames())

    /// Opens the ledger, or makes it.
    ///
    /// - Throws: where it cannot be used: no folder, no right to it, no database, or one of a later version.
    package init(
        _ settings: LedgerSettings,
        logger: Logger,
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) throws {
        self.settings = settings
        self.logger = logger
        self.clock = clock
        switch settings.place {
        case .memory: database = try StoreFile.database(.memory, LedgerSchema.migrator, isDurable: true)
        case .folder(let folder):
            database = try StoreFile.pool("\(folder)/\(LedgerSettings.fileName)", LedgerSchema.migrator, readers: 3)
        }
    }

    // MARK: Filing

    /// The highest number that a segment of the journal ever had, as far as it was filed; 0 before the first.
    package var lastSegment: Int {
        get throws { try database.read { try Int.fetchOne($0, sql: "SELECT max(segment) FROM positions") ?? 0 } }
    }

    /// Up to where each segment of the journal has been filed.
    func positions() throws -> [Int: Int] { try database.read { try FilingTransaction.positions(in: $0) } }

    /// Forgets how far segments were filed that are not `present` any more.
    ///
    /// The highest one stays: its number, and those below it, belong to nobody else.
    func forgetPositions(except present: Set<Int>) throws {
        try database.write { try FilingTransaction.forgetPositions(except: present, in: $0) }
    }

    /// Files what was read of the journal: the records, the sums, and how far the journal has been read.
    ///
    /// Records of a place that was filed before change nothing.
    func file(_ batch: Journal.Batch) throws { try file(batch.records, positions: batch.positions) }

    /// The same for records by themselves; `positions` say up to which offset each segment has been read.
    package func file(_ records: [(place: JournalPlace, record: UsageRecord)], positions: [Int: Int]) throws {
        var known = names.withLock { names in
            defer { names = LedgerNames() }
            return names
        }
        // Where this fails nothing is known any more: numbers that were given out in it are nobody's.
        let damaged = try database.write { database in
            var transaction = try FilingTransaction(database, known)
            known = LedgerNames()
            try transaction.file(records, positions: positions)
            known = transaction.names
            return transaction.damaged
        }
        names.withLock { $0 = known }
        tell(damaged)
    }

    private func tell(_ damaged: [UsagePackID]) {
        for id in damaged { logger.error("\(DamagedPack(id: id)); they are set aside, and are in no report any more") }
    }

    /// Puts a piece of what an earlier version filed into packs; for the one process that files, as it keeps others from writing.
    ///
    /// - Returns: whether there may be more.
    package func packEarlierSums() throws -> Bool {
        let (count, damaged) = try database.write { try EarlierRollups.pack(limit: Self.rollupsAtOnce, in: $0) }
        tell(damaged)
        return count > 0
    }

    private static let rollupsAtOnce = 5_000

    // MARK: Budgets

    /// What was spent on each day from `day` on, of everybody who spent something.
    func spends(since day: Int) throws -> [SpendOfDay] { try database.read { try SpendOfDay.all(since: day, in: $0) } }

    // MARK: The end

    /// Deletes a piece of what is too old, so small that nobody waits long for it.
    ///
    /// - Returns: whether there may be more.
    package func retain() throws -> Bool {
        let today = clock() / 86_400_000
        let records = today - max(1, settings.retention)
        let rollups = today - max(SpendOfDay.days, settings.rollupRetention)
        let step = try database.write { database in
            try LedgerRetention(database: database, firstRecord: records, firstRollup: max(0, rollups)).step()
        }
        if step.deleted > 0 { logger.debug("\(step.deleted) rows of the ledger were too old") }
        return step.isMore
    }

    /// Nothing can be filed or asked from then on.
    package func close() throws { try database.close() }
}
