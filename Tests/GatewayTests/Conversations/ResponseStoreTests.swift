import Dispatch
import GRDB
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Gateway

@Suite("The store of responses")
struct ResponseStoreTests {
    private static let other = Owner(name: "other")

    @Test("a history is every turn up to a response, the oldest first, and a branch has only its own")
    func chains() async throws {
        try await withStore { (store) async throws in
            store.keep("a")
            store.keep("b", behind: "a")
            store.keep("c", behind: "b")
            store.keep("d", behind: "a")
            let a = #"{"in":"a"},{"out":"a"}"#
            #expect(try await store.history(of: "a") == .success(a))
            #expect(
                try await store.history(of: "c") == .success(a + #",{"in":"b"},{"out":"b"},{"in":"c"},{"out":"c"}"#)
            )
            #expect(try await store.history(of: "d") == .success(a + #",{"in":"d"},{"out":"d"}"#))
            #expect(try await store.history(of: "e") == .failure(.notFound))
            #expect(try await store.history(of: "c", limit: 60) == .failure(.tooLarge))
        }
    }

    @Test("T3: a foreign response looks like one that never was, whatever is asked")
    func owners() async throws {
        try await withStore { (store) async throws in
            store.keep("a")
            store.keep("a", of: Self.other)
            store.keep("b", behind: "a", of: Self.other)
            #expect(try await store.history(of: "b") == .failure(.notFound))
            #expect(
                try await store.history(of: "b", Self.other)
                    == .success(#"{"in":"a"},{"out":"a"},{"in":"b"},{"out":"b"}"#)
            )
            for owner in [Owner.anonymous, Owner(name: "third")] {
                await #expect(throws: StoreError.notFound) {
                    _ = try await store.store.object(of: "b", owner, on: store.loop).get()
                }
                await #expect(throws: StoreError.notFound) {
                    try await store.store.delete("b", owner, on: store.loop).get()
                }
                await #expect(throws: StoreError.notFound) {
                    _ = try await store.store.items(of: "b", owner, ItemPage(query: ""), limit: 99, on: store.loop)
                        .get()
                }
            }
            store.keep("c", behind: "b")
            #expect(try await store.history(of: "c") == .success(#"{"in":"c"},{"out":"c"}"#))
        }
    }

    @Test("a response that is deleted is gone, and what continues it can be read but not continued")
    func deletion() async throws {
        try await withStore { (store) async throws in
            store.keep("a")
            store.keep("b", behind: "a")
            try await store.store.delete("a", .anonymous, on: store.loop).get()
            #expect(try await store.history(of: "a") == .failure(.notFound))
            #expect(try await store.history(of: "b") == .failure(.notFound))
            #expect(try await store.store.object(of: "b", .anonymous, on: store.loop).get().object != nil)
            await #expect(throws: StoreError.notFound) {
                try await store.store.delete("a", .anonymous, on: store.loop).get()
            }
        }
    }

    @Test("a provider that gives every response one id breaks no conversation")
    func sameID() async throws {
        try await withStore { (store) async throws in
            store.keep("a")
            store.keep("a", behind: "a")
            store.keep("a", behind: "a")
            let turn = #"{"in":"a"},{"out":"a"}"#
            #expect(try await store.history(of: "a") == .success([turn, turn, turn].joined(separator: ",")))
        }
    }

    @Test("a response that says all in short begins its conversation anew")
    func startsAnew() async throws {
        try await withStore { (store) async throws in
            store.keep("a")
            store.keep("b", behind: "a", startsAnew: true)
            store.keep("c", behind: "b")
            #expect(try await store.history(of: "b") == .success(#"{"out":"b"}"#))
            #expect(try await store.history(of: "c") == .success(#"{"out":"b"},{"in":"c"},{"out":"c"}"#))
        }
    }

    @Test("what came before is written with a turn where the store does not have it")
    func unknownPast() async throws {
        try await withStore { (store) async throws in
            var history = History()
            history.append(input: ByteBuffer(string: "1"), output: ByteBuffer(string: "2"))
            store.keep("a", behind: "elsewhere", history: history)
            store.keep("b", behind: "a", history: history)
            #expect(try await store.history(of: "b") == .success(#"1,2,{"in":"a"},{"out":"a"},{"in":"b"},{"out":"b"}"#))
        }
    }

    @Test("a conversation that was not used for its time is gone; each use gives it the whole time again")
    func age() async throws {
        try await withStore(StoreSettings(ttl: .seconds(100))) { (store) async throws in
            store.keep("a")
            store.keep("z")
            try await store.pass(.seconds(60))
            store.keep("b", behind: "a")
            try await store.pass(.seconds(60))
            #expect(try await store.isKept("b"))
            #expect(try await store.history(of: "z") == .failure(.notFound))
            try await store.pass(.seconds(100))
            #expect(try await store.isKept("a"))
            try await store.pass(.seconds(101))
            #expect(try await store.history(of: "a") == .failure(.notFound))
            try await store.settle()
            #expect(store.store.bytes == 0)
        }
    }

    @Test("the size cap takes the conversation that was not used for longest, and never one turn out of the middle")
    func leastRecentlyUsed() async throws {
        try await withStore(StoreSettings(maximumBytes: 40_000)) { (store) async throws in
            store.keep("a", padding: 8_000)
            try await store.pass(.seconds(1))
            store.keep("b", padding: 8_000)
            try await store.pass(.seconds(1))
            store.keep("a2", behind: "a", padding: 8_000)
            try await store.pass(.seconds(1))
            store.keep("c", padding: 8_000)
            try await store.pass(.seconds(1))
            try await store.settle()
            #expect(try await store.isKept("b"))
            try await store.pass(.seconds(1))
            #expect(try await store.isKept("a"))
            try await store.pass(.seconds(1))
            store.keep("d", padding: 8_000)
            try await store.settle()
            for id in ["a", "a2", "b", "d"] { #expect(try await store.isKept(id)) }
            #expect(try await store.history(of: "c") == .failure(.notFound))
            #expect(store.store.bytes <= 40_000)
        }
    }

    @Test("a response larger than the store is not kept, nor what finds the backlog full, and neither harms the rest")
    func refused() async throws {
        try await withStore(StoreSettings(maximumBytes: 50_000, backlog: 1_000)) { (store) async throws in
            let gate = DispatchSemaphore(value: 0)
            let standing = Watched(false)
            // The thread stands still meanwhile, so that the rest has to wait.
            let blocked = store.store.perform(on: store.loop) { _ in
                standing.change { $0 = true }
                gate.wait()
            }
            try await standing.wait(for: "the thread") { $0 }
            store.keep("large", padding: 60_000)
            store.keep("first", padding: 2_000)
            store.keep("second", padding: 2_000)
            gate.signal()
            try await blocked.get()
            #expect(try await store.history(of: "large") == .failure(.notFound))
            #expect(try await store.isKept("first"))
            #expect(try await store.history(of: "second") == .failure(.notFound))
        }
    }

    @Test(
        "F15: on a disk that is full what is there can be read and continued, what is new is lost and told, until there is room"
    )
    func full() async throws {
        let scratch = try Scratch()
        let log = try CapturedLog()
        let logger = Logger(label: "test") { _ in SinkLogHandler(sink: log.sink, format: .json) }
        let settings = StoreSettings(place: .file(scratch.path + "/torii.sqlite"))
        let store = try StoreUnderTest(settings, logger: logger)
        store.keep("before")
        try await store.flush()
        // SQLite fails as it does where the file system has no room: SQLITE_FULL, in the middle of a transaction.
        try await store.limitFile(pages: 1)
        for round in 0..<100 { store.keep("while-\(round)", behind: "before", padding: 100_000) }
        #expect(try await store.isKept("before"))
        #expect(try await store.history(of: "while-99") == .failure(.notFound))
        #expect(store.store.bytes < 50_000)

        try await store.limitFile(pages: 1_000_000)
        store.keep("after", behind: "before", padding: 100_000)
        #expect(try await store.isKept("after"))
        #expect(try await store.isKept("before"))
        await store.close()
        await log.sink.close()
        #expect(log.lines.contains { $0.contains("responses were not kept so far") && $0.contains("is full") })
    }

    @Test("F18: a store that is slow is no answer, not the answer that there is nothing")
    func slow() async throws {
        let clock = SteppedClock()
        try await withStore(StoreSettings(patience: .milliseconds(500)), timers: clock) { (store) async throws in
            store.keep("a")
            let gate = DispatchSemaphore(value: 0)
            // Whatever becomes of the test, the store's thread goes on.
            defer { gate.signal() }
            let blocked = store.store.perform(on: store.loop) { _ in gate.wait() }
            let asked = store.store.perform(on: store.loop) { _ in }
            let failures = Watched(0)
            for future in [blocked, asked] { future.whenFailure { _ in failures.change { $0 += 1 } } }
            try await clock.waits(for: .milliseconds(500))
            try await clock.advance(by: .milliseconds(499))
            #expect(failures.value == 0)
            try await clock.advance(by: .milliseconds(1), until: "the end of patience") { failures.value == 2 }
            gate.signal()
            for future in [blocked, asked] {
                await #expect(throws: StoreError.unavailable) { try await future.get() }
            }
            // It waits for nobody any more, and has lost nothing.
            #expect(try await store.isKept("a"))
        }
    }

    @Test("a file is its user's alone, and what was kept is there after the process is gone")
    func reopened() async throws {
        let scratch = try Scratch()
        let settings = StoreSettings(place: .file(scratch.path + "/state/torii/torii.sqlite"))
        // Never closed, as after a kill.
        let first = try StoreUnderTest(settings)
        first.keep("a", padding: 10_000)
        _ = try await first.history(of: "a")
        try await withStore(settings) { (store) async throws in
            #expect(try await store.isKept("a"))
            store.keep("b", behind: "a")
            try await store.flush()
            #expect(try await first.isKept("b"))
            #expect(store.store.bytes > 10_000)
        }
        await first.close()
        #expect(try scratch.mode("state/torii") == 0o700)
        #expect(try scratch.mode("state/torii/torii.sqlite") == 0o600)
    }

    @Test("what was deleted makes the file shorter")
    func vacuum() async throws {
        let scratch = try Scratch()
        let settings = StoreSettings(place: .file(scratch.path + "/torii.sqlite"), ttl: .seconds(10))
        try await withStore(settings) { (store) async throws in
            for number in 0..<16 { store.keep("\(number)", padding: 1 << 20) }
            try await store.settle()
            try await store.pass(.seconds(11))
            try await store.settle()
            #expect(store.store.bytes == 0)
        }
        #expect(try scratch.size("torii.sqlite") < 6 << 20)
    }

    @Test("a file that cannot be used is told, and everything is kept in memory")
    func unusable() async throws {
        let scratch = try Scratch()
        try scratch.write("this is no database, and it is long enough for one to be read", to: "torii.sqlite")
        try scratch.write("", to: "file")
        for path in ["/torii.sqlite", "/file/below/torii.sqlite"] {
            let settings = StoreSettings(place: .file(scratch.path + path))
            #expect(throws: (any Error).self) { try ResponseStore(settings, logger: .silent) }
            let state = try GatewayState(settings, logger: .silent)
            let store = state.responses
            #expect(state.seal.open(state.seal.close("s", for: .anonymous), for: .anonymous) == "s")
            await store.close(on: MultiThreadedEventLoopGroup.singleton.any())
        }
    }

    @Test("a file of a later version is left alone")
    func newer() async throws {
        let scratch = try Scratch()
        let settings = StoreSettings(place: .file(scratch.path + "/torii.sqlite"))
        try await withStore(settings) { (store) async throws in
            try await store.store.perform(on: store.loop, writes: true) { table in
                try table.database.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 later')")
            }.get()
        }
        #expect(throws: StoreFileProblem.self) { try ResponseStore(settings, logger: .silent) }
    }

    @Test("the tables are those of every version before, brought up to date")
    func migrations() async throws {
        try await withStore { (store) async throws in
            let tables = try await store.store.perform(on: store.loop) { table in
                try String.fetchAll(
                    table.database,
                    sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1"
                )
            }.get()
            #expect(tables == ["content", "conversation", "grdb_migrations", "response", "sqlite_sequence"])
        }
    }
}
