import Logging
import Providers

/// Accounts for requests: the journal that each is written to, the ledger that is filed from it, and the accounts of budgets,
/// which go on from what the ledger says.
final class Metering: Sendable {
    /// Nil where nothing is recorded.
    let journal: Journal?
    let ledger: Ledger
    let accounts: BudgetAccounts
    /// What earlier processes left and could not be filed at the start.
    private let leftovers: Leftovers?
    let filing: Filing?
    private let sender: AlertSender
    private let logger: Logger

    /// Opens everything, and files what an earlier process has left.
    ///
    /// A ledger that takes nothing now is no reason not to begin: whoever has a budget waits until it has everything.
    /// Where no file can be, all of it is kept in memory. A ledger that is there and cannot be read is another matter:
    /// without it everybody's budget would begin anew.
    ///
    /// - Throws: `StartProblem` for such a ledger, and for a journal that cannot be written.
    init(
        _ settings: GatewaySettings,
        logger: Logger,
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds,
        disk: JournalDisk = .system
    ) throws {
        self.logger = logger
        let metering = settings.metering
        guard metering.isOn else {
            (journal, filing, leftovers) = (nil, nil, nil)
            ledger = try Ledger(LedgerSettings(), logger: logger, clock: clock)
            accounts = BudgetAccounts(alerts: BudgetAlerts(settings.budgets.alerts))
            sender = Self.sender(accounts.alerts, RecentAlerts(), settings, logger)
            return
        }
        let isKept: Bool
        (ledger, isKept) = try Self.ledger(metering.ledger, logger, clock)
        let journal = try Self.journal(metering.journal, isKept: isKept, after: ledger.lastSegment, logger, disk)
        let isCaughtUp = Filing(journal: journal, ledger: ledger, logger: logger).catchUp()
        let since = clock() / 86_400_000 - SpendOfDay.days
        let alerts = BudgetAlerts(settings.budgets.alerts)
        accounts = BudgetAccounts(spends: try Self.spends(of: ledger, since: since), alerts: alerts)
        let leftovers =
            isCaughtUp ? nil : Leftovers(upTo: journal.inherited, accounts: accounts, clock: clock)
        let filing = Filing(journal: journal, ledger: ledger, logger: logger, leftovers: leftovers)
        (self.journal, self.filing, self.leftovers) = (journal, filing, leftovers)
        sender = Self.sender(accounts.alerts, ledger, settings, logger)
        if !isCaughtUp { logger.error("whoever has a budget is refused until the ledger has everything") }
    }

    /// Whether what is spent now can be written down, and compared with what is left.
    var condition: Journal.Condition {
        let condition = journal?.condition ?? .writable
        return condition == .writable && leftovers?.areFiled == false ? .failing : condition
    }

    /// Files, sends alerts and brings the journal to the disk, until it is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            if let filing { tasks.addTask { await filing.run() } }
            tasks.addTask { [sender] in await sender.run() }
            if let journal { tasks.addTask { await Self.synchronise(journal) } }
        }
    }

    /// Ends it, once all writers are closed.
    ///
    /// Whatever is not filed is filed by the next process.
    func close() {
        journal?.close()
        do { try ledger.close() } catch { logger.warning("the ledger was not closed in order: \(error)") }
    }

    private static func synchronise(_ journal: Journal) async {
        // Only cancellation throws.
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            guard (try? await IdentityWatch.blocking { journal.synchronise() }) != nil else { return }
        }
    }

    private static func spends(of ledger: Ledger, since day: Int) throws -> [SpendOfDay] {
        do { return try ledger.spends(since: day) } catch let damage as DamagedPack {
            throw StartProblem(
                description:
                    "\(LedgerSettings.fileName): \(damage). Budgets count by them. Put back a copy of the file, or delete that row of it to have budgets count without them."
            )
        }
    }

    private static func ledger(
        _ settings: LedgerSettings,
        _ logger: Logger,
        _ clock: @escaping @Sendable () -> Int
    ) throws -> (ledger: Ledger, isKept: Bool) {
        do { return (try Ledger(settings, logger: logger, clock: clock), true) } catch {
            guard case .folder(let folder) = settings.place else { throw error }
            let path = "\(folder)/\(LedgerSettings.fileName)"
            guard StoreFile.isAbsent(path) else {
                throw StartProblem(description: "\(path) cannot be used: \(error). It says what tenants have spent.")
            }
            logger.warning("\(path) cannot be used: \(error). Usage is kept in memory until the gateway ends.")
            return (try Ledger(LedgerSettings(), logger: logger, clock: clock), false)
        }
    }

    private static func journal(
        _ settings: JournalSettings,
        isKept: Bool,
        after highest: Int,
        _ logger: Logger,
        _ disk: JournalDisk
    ) throws -> Journal {
        var settings = settings
        if !isKept { settings.place = .memory }
        do { return try Journal(settings, after: highest, logger: logger, disk: disk) } catch {
            guard case .folder(let path) = settings.place else { throw error }
            throw StartProblem(description: "\(path) cannot be used: \(error). Every request is written down there.")
        }
    }

    private static func sender(
        _ alerts: BudgetAlerts,
        _ memory: any AlertMemory,
        _ settings: GatewaySettings,
        _ logger: Logger
    ) -> AlertSender {
        let post = AlertPost(settings.transport)
        return AlertSender(alerts, memory: memory, logger: logger) {
            (body, signature, alerts) async throws(TransportFailure) in
            try await post.send(body, signature: signature, alerts)
        }
    }
}
