import GRDB
import Logging
import NIOCore
import Providers
import Synchronization

/// Keeps what was asked and answered for tenants that want it, masked, and forgets it in time.
///
/// A thread of its own masks and writes; nothing is there before it is masked. The file is made when the first exchange
/// comes, so that a gateway without such a tenant has none.
final class CaptureStore: Sendable {
    private let thread: StoreThread<CapturedExchange>
    private let place: StoreSettings.Place
    private let settings: CaptureSettings
    private let logger: Logger
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> Int
    private let state = Mutex(State())

    private struct State {
        var database: DatabaseQueue?
        var bytes = 0
    }

    /// `responses` is where responses are kept: this stands beside it, as `capture.sqlite`; patience ends by `timers`.
    init(
        beside responses: StoreSettings.Place,
        _ settings: CaptureSettings,
        logger: Logger,
        timers: any LoopClock = MachineClock(),
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) {
        place = Self.place(beside: responses)
        self.settings = settings
        self.logger = logger
        self.clock = clock
        thread = StoreThread(
            StoreWords(store: "the store of captures", loss: "exchanges were not captured"),
            backlog: settings.backlog,
            patience: settings.patience,
            logger: logger,
            timers: timers
        )
    }

    static func place(beside responses: StoreSettings.Place) -> StoreSettings.Place {
        guard case .file(let path) = responses, let slash = path.lastIndex(of: "/") else { return .memory }
        return .file(String(path[...slash]) + "capture.sqlite")
    }

    // MARK: Keeping

    /// Keeps an exchange, soon; it is lost, and a log line says so, where the store is broken or too slow.
    func keep(_ exchange: CapturedExchange) {
        thread.keep(exchange) { [self] in
            writeBacklog()
            clean()
        }
    }

    /// Writes all that waits; only the thread calls this.
    private func writeBacklog() {
        thread.forEachBatch(of: Self.batch) { batch in
            for exchange in batch {
                do {
                    let bytes = try opened().write { try table($0).insert(exchange, usualDays: settings.days) }
                    state.withLock { $0.bytes += bytes }
                } catch { thread.lose(1, "\(error)") }
            }
        }
    }

    /// The database, which is opened or made where it is not open yet; only the thread calls this.
    private func opened() throws -> DatabaseQueue {
        if let database = state.withLock({ $0.database }) { return database }
        let database = try StoreFile.database(place, CaptureSchema.migrator)
        // What is erased must not be found in the file either.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = ON") }
        let bytes = try database.read { try CaptureTable.bytes(in: $0) }
        state.withLock { ($0.database, $0.bytes) = (database, bytes) }
        return database
    }

    /// Whether there is nothing yet, and no file either.
    private var isUntouched: Bool {
        guard state.withLock({ $0.database == nil }) else { return false }
        if case .file(let path) = place { return StoreFile.isAbsent(path) }
        return true
    }

    private func table(_ database: Database) -> CaptureTable { CaptureTable(database: database, now: clock()) }

    // MARK: Asking

    /// A page of what is kept, behind all that was said before; the future fails with a `StoreError` and nothing else.
    func page(
        _ filter: CaptureFilter,
        after number: Int,
        limit: Int,
        withContent: Bool,
        on loop: any EventLoop
    ) -> EventLoopFuture<(rows: [CaptureRow], isMore: Bool)> {
        perform(on: loop, otherwise: ([], false)) { [self] database in
            try database.read {
                try table($0)
                    .page(filter, after: number, limit: limit, withContent: withContent, most: Self.longestPage)
            }
        }
    }

    /// Deletes what a filter names for good, and says how many exchanges that were.
    func erase(_ filter: CaptureFilter, on loop: any EventLoop) -> EventLoopFuture<Int> {
        perform(on: loop, otherwise: 0) { [self] database in
            let erased = try database.write { try table($0).erase(filter) }
            state.withLock { $0.bytes -= erased.bytes }
            try emptyLog(of: database)
            return erased.rows
        }
    }

    /// Empties the log of the file, which still has the pages of what was erased.
    private func emptyLog(of database: DatabaseQueue) throws {
        let isBusy = try database.writeWithoutTransaction {
            try Bool.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") ?? false
        }
        guard isBusy else { return }
        logger.warning(
            "somebody else reads the store of captures: what was erased stays in its log until the next erasure or the end"
        )
    }

    private func perform<Result: Sendable>(
        on loop: any EventLoop,
        otherwise nothing: Result,
        _ body: @escaping @Sendable (DatabaseQueue) throws -> Result
    ) -> EventLoopFuture<Result> {
        thread.ask(on: loop) { [self] answer in
            writeBacklog()
            answer.complete(
                thread.attempt("what was captured cannot be read or erased") {
                    try isUntouched ? nothing : body(opened())
                }
            )
        }
    }

    // MARK: Forgetting

    /// Begins to forget what has to go, where nobody does yet.
    func clean() { thread.clean { [self] _ in cleanOnce() } }

    private func cleanOnce() -> Bool {
        guard !isUntouched else { return false }
        do {
            let database = try opened()
            let bytes = state.withLock { $0.bytes }
            let freed = try database.write { database in
                let freed = try table(database).forget(over: place.room(for: settings.maximumBytes), of: bytes)
                if freed > 0 { try database.execute(sql: "PRAGMA incremental_vacuum(512)") }
                return freed
            }
            state.withLock { $0.bytes -= freed }
            return freed > 0
        } catch {
            thread.complain("what was captured and is too old could not be deleted: \(error)")
            return false
        }
    }

    /// About how many bytes are kept.
    var bytes: Int { state.withLock { $0.bytes } }

    /// Looks once a minute for what has to go, until it is cancelled.
    func run() async {
        repeat { clean() } while (try? await Task.sleep(for: .seconds(60))) != nil  // Only cancellation throws.
    }

    /// Writes what waits, if that is done in time, and ends; nothing is kept from then on.
    func close(on loop: any EventLoop) async {
        await thread.close(after: perform(on: loop, otherwise: ()) { _ in }) {
            try state.withLock { $0.database }?.close()
        }
    }

    private static let batch = 16
    private static let longestPage = 8 << 20
}
