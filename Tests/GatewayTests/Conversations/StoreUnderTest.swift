import GRDB
import Logging
import NIOCore
import NIOPosix
import Providers

@testable import Gateway

/// A store with a clock that stands still until it is moved.
final class StoreUnderTest: Sendable {
    let store: ResponseStore
    private let time: Watched<Int>

    init(
        _ settings: StoreSettings = StoreSettings(),
        logger: Logger = .silent,
        timers: any LoopClock = MachineClock()
    ) throws {
        let time = Watched(1_800_000_000_000)
        store = try ResponseStore(settings, logger: logger, timers: timers) { time.value }
        self.time = time
    }

    var loop: any EventLoop { MultiThreadedEventLoopGroup.singleton.any() }

    /// Lets time pass when all that was kept before has been written.
    func pass(_ duration: Duration) async throws {
        try await flush()
        time.change { $0 += Int(duration.components.seconds) * 1_000 }
    }

    func flush() async throws { try await store.perform(on: loop) { _ in }.get() }

    /// Keeps a response of which the input and the output say its id.
    func keep(
        _ id: String,
        behind previous: String? = nil,
        of owner: Owner = .anonymous,
        padding: Int = 0,
        startsAnew: Bool = false,
        history: History = History()
    ) {
        let pad = String(repeating: "x", count: padding)
        let content = KeptResponse.Turn(
            history: history,
            input: ByteBuffer(string: #"{"in":"\#(id)\#(pad)"}"#),
            object: ByteBuffer(string: #"{"id":"\#(id)","output":[{"out":"\#(id)"}]}"#),
            startsAnew: startsAnew
        )
        store.keep(
            KeptResponse(
                id: id,
                owner: owner,
                createdAt: 1,
                model: "m",
                provider: "house",
                previous: previous,
                content: .here(content)
            )
        )
    }

    /// The history as text, or why there is none.
    func history(
        of id: String,
        _ owner: Owner = .anonymous,
        limit: Int = 1 << 20
    ) async throws -> Result<String, StoreError> {
        do {
            let past = try await store.past(of: id, owner, limit: limit, on: loop).get()
            guard case .here(let history) = past else { return .success("\(past)") }
            return .success(String(buffer: history.joined.contiguous))
        } catch let error as StoreError {
            return .failure(error)
        }
    }

    /// From now on the file may have so many pages, or as many as it has if those are more.
    func limitFile(pages: Int) async throws {
        try await store.perform(on: loop) { try $0.database.execute(sql: "PRAGMA max_page_count = \(pages)") }.get()
    }

    /// Whether a response can be continued.
    func isKept(_ id: String) async throws -> Bool {
        if case .success = try await history(of: id) { true } else { false }
    }

    /// Waits until everything before this has been done, and old things have been deleted.
    func settle() async throws {
        try await flush()
        store.clean(recounts: true)
        try await flush()
        while store.isCleaning { try await flush() }
    }

    func close() async { await store.close(on: loop) }
}

/// Runs something with a store and closes it.
func withStore<Result: Sendable>(
    _ settings: StoreSettings = StoreSettings(),
    timers: any LoopClock = MachineClock(),
    _ body: (StoreUnderTest) async throws -> Result
) async throws -> Result {
    let store = try StoreUnderTest(settings, timers: timers)
    do {
        let result = try await body(store)
        await store.close()
        return result
    } catch {
        await store.close()
        throw error
    }
}

extension Logger {
    /// One that says nothing.
    static let silent = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }
}
