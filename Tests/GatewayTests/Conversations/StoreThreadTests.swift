import Dispatch
import Logging
import NIOCore
import NIOPosix
import Providers
import Testing

@testable import Gateway

@Suite("A store's thread")
struct StoreThreadTests {
    private struct Note: Weighted, Sendable {
        let text: String
        var weight: Int { text.utf8.count }
    }

    private static var loop: any EventLoop { MultiThreadedEventLoopGroup.singleton.any() }

    /// Runs something while a thread stands still, until `go` is called; `notes` is for what is done then.
    private static func with(
        backlog: Int = 1_000,
        _ body: (_ thread: StoreThread<Note>, _ notes: Watched<[String]>, _ go: () -> Void) async throws -> Void
    ) async throws {
        let thread = StoreThread<Note>(
            StoreWords(store: "the store of notes", loss: "notes were not kept"),
            backlog: backlog,
            patience: .seconds(60),
            logger: .silent,
            timers: MachineClock()
        )
        let notes = Watched<[String]>([])
        let gate = DispatchSemaphore(value: 0)
        // Whatever becomes of the test, the thread goes on.
        defer { gate.signal() }
        let standing = Watched(false)
        let blocked = thread.ask(on: loop) { (answer: StoreAnswer<Void>) in
            standing.change { $0 = true }
            gate.wait()
            answer.complete(.success(()))
        }
        try await standing.wait(for: "the thread") { $0 }
        try await body(thread, notes) { gate.signal() }
        try await blocked.get()
        await thread.close(after: loop.makeSucceededVoidFuture()) {}
    }

    @Test("what is kept while it is busy waits in its order, and what there is no room for is lost")
    func backlog() async throws {
        try await Self.with(backlog: 4) { thread, notes, go in
            for text in ["one", "2", "three", "4"] {
                thread.keep(Note(text: text)) {
                    thread.forEachBatch(of: 1) { batch in notes.change { $0 += batch.map(\.text) } }
                }
            }
            let asked = thread.ask(on: Self.loop) { (answer: StoreAnswer<[String]>) in
                answer.complete(.success(notes.value))
            }
            go()
            let answers = try await asked.get()
            #expect(answers == ["one", "2"])
        }
    }

    @Test("work in pieces is done once, and puts nobody off who asks meanwhile")
    func pieces() async throws {
        try await Self.with { thread, notes, go in
            thread.clean { isFirst in
                notes.change { $0.append(isFirst ? "first" : "second") }
                return isFirst
            }
            thread.clean { _ in
                notes.change { $0.append("another") }
                return false
            }
            let asked = thread.ask(on: Self.loop) { (answer: StoreAnswer<[String]>) in
                answer.complete(.success(notes.value))
            }
            #expect(thread.isCleaning)
            go()
            #expect(try await asked.get() == ["first"])
            try await notes.wait(for: "the second piece") { $0 == ["first", "second"] }
            _ = try await eventually("the end") { thread.isCleaning ? nil : true }
        }
    }

    @Test("F18: whoever asks when too many do is told at once that there is no answer")
    func questions() async throws {
        try await Self.with { thread, _, go in
            let asked = (0..<StoreThread<Note>.mostQuestions).map { number in
                thread.ask(on: Self.loop) { (answer: StoreAnswer<Int>) in answer.complete(.success(number)) }
            }
            await #expect(throws: StoreError.unavailable) {
                _ = try await thread.ask(on: Self.loop) { (answer: StoreAnswer<Int>) in answer.complete(.success(0)) }
                    .get()
            }
            go()
            for (number, future) in asked.enumerated() {
                let answer = try await future.get()
                #expect(answer == number)
            }
        }
    }

    @Test("only what a store itself says of a question is told; whatever else goes wrong is no answer")
    func failures() async throws {
        try await Self.with { thread, _, go in
            let good: Result<Int, StoreError> = thread.attempt("it failed") { 1 }
            let unknown: Result<Int, StoreError> = thread.attempt("it failed") { throw StoreError.notFound }
            let broken: Result<Int, StoreError> = thread.attempt("it failed") { throw Missed(what: "it") }
            #expect([good, unknown, broken] == [.success(1), .failure(.notFound), .failure(.unavailable)])
            go()
        }
    }
}
