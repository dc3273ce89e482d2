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
        let providers = try Self.providers("one")
        let directory = ModelDirectory(providers: providers, defaultProvider: nil, staleAfter: .hours(1)) { _ in
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

@Suite("A model directory that follows another one")
struct SuccessorTests {
    private static let eventLoop = MultiThreadedEventLoopGroup.singleton.any()

    private static func provider(_ name: String, key: String? = nil, port: Int = 1) throws -> Provider {
        try Provider(name: name, baseURL: BaseURL("http://127.0.0.1:\(port)"), apiKey: key.map { Secret($0) })
    }

    /// Runs directories for as long as `body` runs.
    private func run(_ directories: ModelDirectory..., body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for directory in directories { group.addTask { await directory.run() } }
            try await body()
            group.cancelAll()
        }
    }

    @Test("knows what the old one knew of who stays, and asks who is new, moved or has another key")
    func asksNewcomers() async throws {
        let asked = Watched<[String]>([])
        let lister: ModelDirectory.Lister = { provider in
            asked.change { $0.append("\(provider.name)\(provider.apiKey?.reveal() ?? "")\(provider.baseURL.port)") }
            return .init(listing: .models(["\(provider.name)-model"]), dialect: .chat)
        }
        let before = try [
            Self.provider("stays"), Self.provider("moves"), Self.provider("key", key: "a"), Self.provider("goes"),
        ]
        let old = ModelDirectory(providers: before, defaultProvider: nil, lister: lister)
        old.exclude { $0.name == "self" }
        try await run(old) {
            _ = try await eventually("four answers") { old.answers.count == 4 ? true : nil }
        }
        var stays = try Self.provider("stays")
        stays.timeouts.idle = .seconds(1)
        let after = try [
            stays, Self.provider("moves", port: 2), Self.provider("key", key: "b"), Self.provider("new"),
            Self.provider("self"),
        ]
        let next = ModelDirectory(providers: after, defaultProvider: nil, lister: lister)
        next.follow(old)
        #expect(Set(next.answers.keys) == ["stays"])
        #expect(try next.table.resolve(model: "stays-model", header: nil).provider.timeouts.idle == .seconds(1))
        #expect(RoutingDocumentTests.result(of: "m", header: "self", in: next.table).0 == "400")
        asked.change { $0 = [] }
        try await run(next) {
            _ = try await eventually("all answers") { next.answers.count == 4 ? true : nil }
        }
        #expect(asked.value.sorted() == ["keyb1", "moves2", "new1"])
    }

    @Test("whoever needs a newcomer waits for its answer, though the others were asked a moment ago")
    func waitsForNewcomer() async throws {
        let gate = Watched(false)
        let lister: ModelDirectory.Lister = { provider in
            if provider.name == "new" { _ = try? await gate.wait(for: "the gate") { $0 } }
            return .init(listing: .unknown, dialect: .messages)
        }
        let old = ModelDirectory(providers: try [Self.provider("stays")], defaultProvider: nil, lister: lister)
        try await run(old) { _ = try await eventually("an answer") { old.answers["stays"] } }
        let next = ModelDirectory(
            providers: try [Self.provider("stays"), Self.provider("new")],
            defaultProvider: nil,
            lister: lister
        )
        next.follow(old)
        let answer = try #require(next.nextAnswer(of: "new", on: Self.eventLoop))
        try await run(next) {
            gate.change { $0 = true }
            try await answer.get()
            #expect(try next.table.resolve(model: "m", header: "new").dialect == .messages)
        }
    }

    @Test("one that is retired ends when who is being asked has answered, and lets go whoever waits")
    func retires() async throws {
        let (gate, asked) = (Watched(false), Watched(0))
        let old = ModelDirectory(providers: try [Self.provider("one")], defaultProvider: nil) { _ in
            asked.change { $0 += 1 }
            _ = try? await gate.wait(for: "the gate") { $0 }
            return .init(listing: .models(["m"]))
        }
        async let end: Void = old.run()
        try await asked.wait(for: "the question") { $0 == 1 }
        let waiting = try #require(old.refreshIfStale(on: Self.eventLoop))
        old.retire()
        gate.change { $0 = true }
        try await waiting.get()
        await end
        #expect(old.answers["one"]?.listing == .models(["m"]))
        let late = old.refreshIfStale(on: Self.eventLoop)
        #expect(late == nil)
    }

    @Test("callers of one region share a provider's places and breakers with all others")
    func regionalStates() throws {
        var provider = try Provider(name: "house", baseURL: BaseURL("http://127.0.0.1:1"), model: "m")
        provider.tags = ["eu"]
        let rules = RouteRules([RouteRule("r", targets: [.init("house", model: "m")])], providers: [provider])
        var rights = ModelRights.all
        rights.restrict(toRegions: ["eu"])
        for rules in [RouteRules(), rules] {
            let directory = ModelDirectory(providers: [provider], defaultProvider: nil, rules: rules) { _ in
                .init(listing: .unknown)
            }
            let all = try directory.planner.plan(RouteQuery(model: "m")).targets
            var query = RouteQuery(model: "m")
            query.rights = rights
            let bound = try directory.planner(for: rights).plan(query).targets
            #expect(all.count == 1 && bound.count == 1 && bound[0].state === all[0].state)
        }
    }
}
