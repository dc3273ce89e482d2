import GRDB
import Logging
import NIOCore
import Providers
import Synchronization

/// Keeps Responses conversations, so that `previous_response_id` works with providers that keep none.
///
/// A thread of its own does all work on the database; nothing is cached here.
final class ResponseStore: Sendable {
    private let database: DatabaseQueue
    private let thread: StoreThread<KeptResponse>
    private let settings: StoreSettings
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> Int
    private let size: Mutex<Int>

    /// Patience ends by `timers`.
    ///
    /// - Throws: what keeps the place from being used.
    init(
        _ settings: StoreSettings,
        logger: Logger,
        timers: any LoopClock = MachineClock(),
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) throws {
        let database = try StoreFile.database(settings.place)
        let bytes = try database.read { try Retention.bytes(in: $0) }
        self.database = database
        size = Mutex(bytes)
        var settings = settings
        settings.maximumBytes = settings.place.room(for: settings.maximumBytes)
        self.settings = settings
        self.clock = clock
        thread = StoreThread(
            StoreWords(store: "the store of responses", loss: "responses were not kept"),
            backlog: settings.backlog,
            patience: settings.patience,
            logger: logger,
            timers: timers
        )
        clean()
    }

    // MARK: Keeping

    /// Keeps a response, soon.
    ///
    /// It is lost, and a log line says so, where the store is broken or too slow.
    func keep(_ response: KeptResponse) {
        guard response.weight <= settings.maximumBytes else {
            return thread.lose(1, "it is larger than server.state.max_bytes")
        }
        thread.keep(response) { [self] in
            writeBacklog()
            clean()
        }
    }

    /// Writes all that waits, one transaction after the other; only the thread calls this.
    private func writeBacklog() {
        thread.forEachBatch(of: Self.batch) { batch in
            do { try write(batch) } catch {
                // One that cannot be written must not take the others with it.
                let failures =
                    batch.count == 1 ? [error] : batch.compactMap { response in failure { try write([response]) } }
                if let last = failures.last { thread.lose(failures.count, "\(last)") }
            }
        }
    }

    private func failure(_ body: () throws -> Void) -> (any Error)? {
        do { try body() } catch { return error }
        return nil
    }

    private func write(_ batch: [KeptResponse]) throws {
        let bytes = try database.write { database in
            let table = table(database)
            return try batch.reduce(0) { try $0 + table.insert($1) }
        }
        size.withLock { $0 += bytes }
    }

    private func table(_ database: Database) -> ResponseTable {
        let now = clock()
        return ResponseTable(
            database: database,
            now: now,
            expired: now - Int(settings.ttl.components.seconds) * 1_000
        )
    }

    // MARK: Asking

    /// Does something with the tables, behind all that was kept before, and hands over what came of it on `loop`.
    ///
    /// What is asked for too late is not done. The future fails with a `StoreError` and nothing else.
    func perform<Result: Sendable>(
        on loop: any EventLoop,
        writes: Bool = false,
        _ body: @escaping @Sendable (ResponseTable) throws -> Result
    ) -> EventLoopFuture<Result> {
        thread.ask(on: loop) { [self] answer in
            writeBacklog()
            let uses = ResponseTable.Uses()
            answer.complete(attempt(writes: writes, uses, body))
            note(uses)
        }
    }

    private func attempt<Result>(
        writes: Bool,
        _ uses: ResponseTable.Uses,
        _ body: @escaping (ResponseTable) throws -> Result
    ) -> Swift.Result<Result, StoreError> {
        let access = { (database: Database) in
            var table = self.table(database)
            table.uses = uses
            return try body(table)
        }
        return thread.attempt("a stored response could not be read") {
            try writes ? database.write(access) : database.read(access)
        }
    }

    private func note(_ uses: ResponseTable.Uses) {
        guard !uses.conversations.isEmpty else { return }
        do {
            try database.write { database in
                for conversation in uses.conversations { try table(database).touch(conversation) }
            }
        } catch {
            thread.complain("the use of a response could not be noted: \(error)")
        }
    }

    // MARK: Forgetting

    /// Begins to forget what has to go, where nobody does yet; looks at everything anew if `recounts`.
    func clean(recounts: Bool = false) {
        thread.clean { [self] isFirst in cleanOnce(recounts: recounts && isFirst) }
    }

    private func cleanOnce(recounts: Bool) -> Bool {
        do {
            let (isMore, bytes) = try database.write { database in
                let known = try recounts ? Retention.bytes(in: database) : self.bytes
                var retention = Retention(table: table(database), maximumBytes: settings.maximumBytes, bytes: known)
                return (try retention.step(), retention.bytes)
            }
            size.withLock { $0 = bytes }
            return isMore
        } catch {
            thread.complain("old responses could not be deleted: \(error)")
            return false
        }
    }

    /// Notes that bytes were given back by somebody's wish.
    func didFree(_ bytes: Int) { size.withLock { $0 -= bytes } }

    /// Whether old responses are being deleted.
    var isCleaning: Bool { thread.isCleaning }

    /// About how many bytes are kept.
    var bytes: Int { size.withLock { $0 } }

    // MARK: The end

    /// Writes what waits, if that is done in time, and ends; nothing is kept or found from then on.
    func close(on loop: any EventLoop) async {
        await thread.close(after: perform(on: loop) { _ in }) { try database.close() }
    }

    /// Looks at everything anew once a minute, until it is cancelled.
    func run() async {
        while (try? await Task.sleep(for: .seconds(60))) != nil { clean(recounts: true) }  // Only cancellation throws.
    }

    /// Responses in one transaction.
    private static let batch = 32
}
