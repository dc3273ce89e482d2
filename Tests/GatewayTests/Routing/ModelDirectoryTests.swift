import Inference
import NIOCore
import NIOPosix
import Providers
import Testing

@testable import Gateway

@Suite("The model directory")
struct ModelDirectoryTests {
    private static let eventLoop = MultiThreadedEventLoopGroup.singleton.any()

    private static func providers(_ names: String...) throws -> [Provider] {
        try names.map { try Provider(name: $0, baseURL: BaseURL("http://127.0.0.1:1")) }
    }

    /// Runs a directory for as long as `body` runs.
    private func run(_ directory: ModelDirectory, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await directory.run() }
            try await body()
            group.cancelAll()
        }
    }

    @Test("one provider that does not answer keeps nobody from the others' models")
    func slowProvider() async throws {
        let gate = Watched(false)
        let directory = ModelDirectory(providers: try Self.providers("slow", "fast"), defaultProvider: nil) {
            provider in
            if provider.name == "slow" { _ = try? await gate.wait(for: "the gate") { $0 } }
            return .init(listing: .models(["\(provider.name)-model"]))
        }
        try await run(directory) {
            _ = try await eventually("the fast one's models") {
                RoutingDocumentTests.result(of: "fast-model", header: nil, in: directory.table).0 == "fast" ? true : nil
            }
            #expect(directory.answers["slow"] == nil)
            gate.change { $0 = true }
            _ = try await eventually("the slow one's models") { directory.answers["slow"].map { _ in true } }
        }
    }

    @Test("a refresh that is wanted before the first one has ended ends with it, and then nothing is stale")
    func refreshes() async throws {
        let gate = Watched(false)
        let asked = Watched(0)
        let directory = ModelDirectory(providers: try Self.providers("one"), defaultProvider: nil) { _ in
            asked.change { $0 += 1 }
            _ = try? await gate.wait(for: "the gate") { $0 }
            return .init(listing: .models(["m"]))
        }
        try await run(directory) {
            try await asked.wait(for: "the first question") { $0 == 1 }
            let waiting = (0..<20).compactMap { _ in directory.refreshIfStale(on: Self.eventLoop) }
            #expect(waiting.count == 20)
            gate.change { $0 = true }
            for future in waiting { try await future.get() }
            #expect(asked.value <= 2)
            let again = directory.refreshIfStale(on: Self.eventLoop)
            #expect(again == nil)
        }
    }

    @Test("whoever waits when the directory ends is let go, and later ones do not wait")
    func endsWaiting() async throws {
        let directory = ModelDirectory(providers: try Self.providers("one"), defaultProvider: nil) { _ in
            // Ends by the cancellation alone.
            try? await Task.sleep(for: .seconds(60))
            return .init(listing: .unknown)
        }
        let future = try #require(directory.refreshIfStale(on: Self.eventLoop))
        try await run(directory) {}
        try await future.get()
        let late = directory.refreshIfStale(on: Self.eventLoop)
        #expect(late == nil)
    }

    @Test("who waits for one provider's answer waits for no other's, and not for one that has just been asked")
    func oneAnswer() async throws {
        let (first, second) = (Watched(false), Watched(false))
        let directory = ModelDirectory(providers: try Self.providers("one", "two"), defaultProvider: nil) { provider in
            let gate = provider.name == "one" ? first : second
            _ = try? await gate.wait(for: "the gate") { $0 }
            return .init(listing: .unknown, dialect: .messages)
        }
        // Before anything was asked, the wish alone makes it ask.
        let early = try #require(directory.nextAnswer(of: "one", on: Self.eventLoop))
        try await run(directory) {
            first.change { $0 = true }
            try await early.get()
            #expect(try directory.table.resolve(model: "m", header: "one").dialect == .messages)
            #expect(try directory.table.resolve(model: "m", header: "two").dialect == nil)
            let late = try #require(directory.nextAnswer(of: "two", on: Self.eventLoop))
            second.change { $0 = true }
            try await late.get()
        }
    }

    @Test("a provider that fails to answer keeps the models that it had, and its problem is known")
    func keepsModels() async throws {
        let asked = Watched(0)
        let directory = ModelDirectory(providers: try Self.providers("one"), defaultProvider: nil) { _ in
            asked.change { $0 += 1 }
            guard asked.value > 1 else { return .init(listing: .models(["m"]), dialect: .ollama) }
            return .init(listing: .unknown, failure: "down")
        }
        _ = directory.refreshIfStale(on: Self.eventLoop)
        try await run(directory) {
            // The wish stands from before the first answer, so that a second question follows it.
            let answer = try await eventually("the second answer") {
                directory.answers["one"].flatMap { $0.failure == nil ? nil : $0 }
            }
            #expect(answer.listing == .models(["m"]))
            #expect(answer.dialect == .ollama)
            #expect(answer.failure == "down")
        }
    }

    @Test("a provider that is the gateway itself is never asked")
    func selfIsNotAsked() async throws {
        let asked = Watched<[String]>([])
        let directory = ModelDirectory(providers: try Self.providers("one", "self"), defaultProvider: nil) { provider in
            asked.change { $0.append(provider.name) }
            return .init(listing: .models(["m"]))
        }
        directory.exclude { $0.name == "self" }
        try await run(directory) {
            _ = try await eventually("an answer") { directory.answers["one"].map { _ in true } }
        }
        #expect(asked.value == ["one"])
        #expect(RoutingDocumentTests.result(of: "m", header: "self", in: directory.table).0 == "400")
    }
}
