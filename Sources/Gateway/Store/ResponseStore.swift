import GRDB
import Logging
import NIOCore
import NIOPosix
import Providers
import Synchronization

/// Keeps Responses conversations, so that `previous_response_id` works with providers that keep none.
///
/// One thread of its own does all work on the database, in the order of asking: who asks for a response right after it was
/// kept gets it. Nothing is cached here, and nobody waits on an event loop: what is kept waits in a bounded backlog, and
/// whoever asks gets a future with a deadline.
final class ResponseStore: Sendable {
    private let database: DatabaseQueue
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let settings: StoreSettings
    private let logger: Logger
    /// By which patience ends.
    private let timers: any LoopClock
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> Int
    private let backlog: Mutex<Backlog<KeptResponse>>
    private let state = Mutex(State())

    private struct State {
        var bytes = 0
        var isCleaning = false
        /// Lookups that wait for the thread.
        var lookups = 0
        var lost = 0
        var complainedAt: NIODeadline?
    }

    /// - Throws: what keeps the place from being used.
    init(
        _ settings: StoreSettings,
        logger: Logger,
        timers: any LoopClock = MachineClock(),
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) throws {
        database = try StoreFile.database(settings.place)
        var settings = settings
        if settings.place == .memory { settings.maximumBytes = min(settings.maximumBytes, Self.mostInMemory) }
        self.settings = settings
        self.logger = logger
        self.timers = timers
        self.clock = clock
        backlog = Mutex(Backlog(limit: settings.backlog))
        let bytes = try database.read { try Retention.bytes(in: $0) }
        state.withLock { $0.bytes = bytes }
        thread.start()
        clean()
    }

    // MARK: Keeping

    /// Keeps a response, soon.
    ///
    /// It is lost, and a log line says so, where the store is broken or too slow.
    func keep(_ response: KeptResponse) {
        guard response.weight <= settings.maximumBytes else {
            return lose(1, "it is larger than server.state.max_bytes")
        }
        switch backlog.withLock({ $0.add(response) }) {
        case .behindOthers: break
        case .refused: lose(1, "more of them wait to be written than may")
        case .first:
            thread.submit { [self] in
                guard $0 == .active else { return }
                writeBacklog()
                clean()
            }
        }
    }

    /// Writes all that waits, one transaction after the other; only the thread calls this.
    private func writeBacklog() {
        while true {
            let batch = backlog.withLock { $0.take(Self.batch) }
            guard !batch.isEmpty else { return }
            do { try write(batch) } catch {
                // One that cannot be written must not take the others with it.
                let failures =
                    batch.count == 1 ? [error] : batch.compactMap { response in failure { try write([response]) } }
                if let last = failures.last { lose(failures.count, "\(last)") }
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
        state.withLock { $0.bytes += bytes }
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
        let answer = StoreAnswer<Result>(on: loop, patience: settings.patience.timeAmount, by: timers)
        let isFull = state.withLock { state in
            guard state.lookups < Self.mostLookups else { return true }
            state.lookups += 1
            return false
        }
        guard !isFull else {
            answer.complete(.failure(.unavailable))
            return answer.future
        }
        thread.submit { [self] state in
            self.state.withLock { $0.lookups -= 1 }
            guard state == .active, !answer.isLate else { return answer.complete(.failure(.unavailable)) }
            writeBacklog()
            let uses = ResponseTable.Uses()
            answer.complete(attempt(writes: writes, uses, body))
            note(uses)
        }
        return answer.future
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
        do {
            return .success(try writes ? database.write(access) : database.read(access))
        } catch let error as StoreError {
            return .failure(error)
        } catch {
            complain("a stored response could not be read: \(error)")
            return .failure(.unavailable)
        }
    }

    private func note(_ uses: ResponseTable.Uses) {
        guard !uses.conversations.isEmpty else { return }
        do {
            try database.write { database in
                for conversation in uses.conversations { try table(database).touch(conversation) }
            }
        } catch {
            complain("the use of a response could not be noted: \(error)")
        }
    }

    // MARK: Forgetting

    /// Begins to forget what has to go, where nobody does yet; looks at everything anew if `recounts`.
    func clean(recounts: Bool = false) {
        let isFirst = state.withLock { state in
            defer { state.isCleaning = true }
            return !state.isCleaning
        }
        if isFirst { submitCleaning(recounts: recounts) }
    }

    /// One piece goes behind whatever waits by now.
    private func submitCleaning(recounts: Bool) {
        thread.submit { [self] in
            guard $0 == .active, cleanOnce(recounts: recounts) else { return state.withLock { $0.isCleaning = false } }
            submitCleaning(recounts: false)
        }
    }

    private func cleanOnce(recounts: Bool) -> Bool {
        do {
            let (isMore, bytes) = try database.write { database in
                let known = try recounts ? Retention.bytes(in: database) : state.withLock { $0.bytes }
                var retention = Retention(table: table(database), maximumBytes: settings.maximumBytes, bytes: known)
                return (try retention.step(), retention.bytes)
            }
            state.withLock { $0.bytes = bytes }
            return isMore
        } catch {
            complain("old responses could not be deleted: \(error)")
            return false
        }
    }

    /// Notes that bytes were given back by somebody's wish.
    func didFree(_ bytes: Int) { state.withLock { $0.bytes -= bytes } }

    /// Whether old responses are being deleted.
    var isCleaning: Bool { state.withLock { $0.isCleaning } }

    /// About how many bytes are kept.
    var bytes: Int { state.withLock { $0.bytes } }

    // MARK: Trouble and the end

    private func lose(_ count: Int, _ reason: String) {
        let lost = state.withLock { state in
            state.lost += count
            return state.lost
        }
        complain("\(lost) responses were not kept so far: \(reason)")
    }

    /// Says what is wrong, once in a while.
    private func complain(_ words: String) {
        let isTime = state.withLock { state in
            let now = NIODeadline.now()
            if let last = state.complainedAt, now - last < Self.silence { return false }
            state.complainedAt = now
            return true
        }
        if isTime { logger.warning("\(words)") }
    }

    /// Writes what waits, if that is done in time, and ends; nothing is kept or found from then on.
    func close(on loop: any EventLoop) async {
        do {
            try await perform(on: loop) { _ in }.get()
            try database.close()
        } catch {
            logger.warning("the store of responses was not closed in order: \(error)")
        }
        // A thread that hangs in the system must not keep the process.
        thread.shutdownGracefully { _ in }
    }

    /// Looks at everything anew once a minute, until it is cancelled.
    func run() async {
        while (try? await Task.sleep(for: .seconds(60))) != nil { clean(recounts: true) }  // Only cancellation throws.
    }

    /// Responses in one transaction.
    private static let batch = 32
    private static let mostLookups = 1_024
    private static let mostInMemory = 64 << 20
    private static let silence = TimeAmount.seconds(60)
}
