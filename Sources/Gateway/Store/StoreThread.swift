import Logging
import NIOCore
import NIOPosix
import Providers
import Synchronization

/// The one thread that does all the work of a store, in the order of asking: who asks for something right after it was
/// kept gets it.
///
/// Nobody waits for it on an event loop: what is kept waits in a bounded backlog, and whoever asks gets a future with a
/// deadline. What goes wrong is said once in a while.
final class StoreThread<Item: Weighted & Sendable>: Sendable {
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let words: StoreWords
    private let logger: Logger
    private let patience: TimeAmount
    /// By which patience ends.
    private let timers: any LoopClock
    private let backlog: Mutex<Backlog<Item>>
    private let state = Mutex(State())

    private struct State {
        var isCleaning = false
        /// Questions that wait for the thread.
        var questions = 0
        var lost = 0
        var complainedAt: NIODeadline?
    }

    /// `limit` is the bytes of items that may wait; `patience` is how long somebody who asks waits.
    init(
        _ words: StoreWords,
        backlog limit: Int,
        patience: Duration,
        logger: Logger,
        timers: any LoopClock
    ) {
        self.words = words
        self.logger = logger
        self.patience = patience.timeAmount
        self.timers = timers
        backlog = Mutex(Backlog(limit: limit))
        pool.start()
    }

    // MARK: Keeping

    /// Puts an item behind those that wait; `write` is done soon where it is the first of them.
    ///
    /// It is lost, and a log line says so, where there is no room for it.
    func keep(_ item: Item, _ write: @escaping @Sendable () -> Void) {
        switch backlog.withLock({ $0.add(item) }) {
        case .behindOthers: break
        case .refused: lose(1, "more of them wait to be written than may")
        case .first:
            pool.submit {
                guard $0 == .active else { return }
                write()
            }
        }
    }

    /// Takes out all that waits, so many at a time; only the thread calls this.
    func forEachBatch(of most: Int, _ write: ([Item]) -> Void) {
        while true {
            let batch = backlog.withLock { $0.take(most) }
            guard !batch.isEmpty else { return }
            write(batch)
        }
    }

    // MARK: Asking

    /// Has `body` give an answer, behind all that was asked before, and hands it over on `loop`.
    ///
    /// What is asked for too late is not done. The future fails with a `StoreError` and nothing else.
    func ask<Value: Sendable>(
        on loop: any EventLoop,
        _ body: @escaping @Sendable (StoreAnswer<Value>) -> Void
    ) -> EventLoopFuture<Value> {
        let answer = StoreAnswer<Value>(on: loop, patience: patience, by: timers)
        let isFull = state.withLock { state in
            guard state.questions < Self.mostQuestions else { return true }
            state.questions += 1
            return false
        }
        guard !isFull else {
            answer.complete(.failure(.unavailable))
            return answer.future
        }
        pool.submit { [self] work in
            state.withLock { $0.questions -= 1 }
            guard work == .active, !answer.isLate else { return answer.complete(.failure(.unavailable)) }
            body(answer)
        }
        return answer.future
    }

    /// What comes of `body`; what goes wrong but for a `StoreError` is said behind `words`, and there is no answer then.
    func attempt<Value>(_ words: String, _ body: () throws -> Value) -> Result<Value, StoreError> {
        do {
            return .success(try body())
        } catch let error as StoreError {
            return .failure(error)
        } catch {
            complain("\(words): \(error)")
            return .failure(.unavailable)
        }
    }

    // MARK: Forgetting

    /// Begins to clean up, where nobody does yet: one piece after the other, each behind whatever waits by then.
    ///
    /// `piece` says whether there may be more.
    func clean(_ piece: @escaping @Sendable (_ isFirst: Bool) -> Bool) {
        let isFirst = state.withLock { state in
            defer { state.isCleaning = true }
            return !state.isCleaning
        }
        if isFirst { submit(piece, isFirst: true) }
    }

    private func submit(_ piece: @escaping @Sendable (_ isFirst: Bool) -> Bool, isFirst: Bool) {
        pool.submit { [self] work in
            guard work == .active, piece(isFirst) else { return state.withLock { $0.isCleaning = false } }
            submit(piece, isFirst: false)
        }
    }

    /// Whether somebody cleans up.
    var isCleaning: Bool { state.withLock { $0.isCleaning } }

    // MARK: Trouble and the end

    /// Says that so many more items are lost, once in a while.
    func lose(_ count: Int, _ reason: String) {
        let lost = state.withLock { state in
            state.lost += count
            return state.lost
        }
        complain("\(lost) \(words.loss) so far: \(reason)")
    }

    /// Says what is wrong, once in a while.
    func complain(_ words: String) {
        let isTime = state.withLock { state in
            let now = NIODeadline.now()
            if let last = state.complainedAt, now - last < Self.silence { return false }
            state.complainedAt = now
            return true
        }
        if isTime { logger.warning("\(words)") }
    }

    /// Waits for `rest`, which is the last that was asked, closes the store, and ends; nothing is done from then on.
    func close(after rest: EventLoopFuture<Void>, _ close: () throws -> Void) async {
        do {
            try await rest.get()
            try close()
        } catch {
            logger.warning("\(words.store) was not closed in order: \(error)")
        }
        // A thread that hangs in the system must not keep the process.
        pool.shutdownGracefully { _ in }
    }

    static var mostQuestions: Int { 1_024 }
    private static var silence: TimeAmount { .seconds(60) }
}

/// How log lines speak of a store.
struct StoreWords: Sendable {
    /// The store itself, such as `the store of responses`.
    let store: String
    /// What is said behind a number of lost items, such as `responses were not kept`.
    let loss: String
}
