import Dialects
import GRDB
import JSON
import Logging
import NIOCore
import NIOPosix
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("The store of captures")
struct CaptureStoreTests {
    /// An exchange that somebody of a tenant had.
    static func exchange(
        tenant: String = "ten_a",
        user: String? = "user_a",
        key: String? = "key_a",
        request: String = #"{"messages":[{"role":"user","content":"I am ada@example.com"}]}"#,
        answer: String = #"{"text":"Hello ada@example.com"}"#,
        streamed: Bool = false,
        days: Int? = nil,
        isCut: Bool = false,
        endpoint: Endpoint = .chatCompletions
    ) -> CapturedExchange {
        var record = ExchangeRecord(requestID: "r1", route: "POST /v1/chat/completions")
        (record.status, record.streamed, record.model) = (200, streamed, "m")
        return CapturedExchange(
            tenant: tenant,
            team: nil,
            user: user,
            subject: user == nil ? "ada" : nil,
            key: key,
            record: record,
            endpoint: endpoint,
            days: days,
            rules: MaskRules(),
            request: CapturedExchange.Text(bytes: ByteBuffer(string: request), isCut: isCut),
            answer: CapturedExchange.Text(bytes: ByteBuffer(string: answer), isCut: isCut)
        )
    }

    private static var loop: any EventLoop { MultiThreadedEventLoopGroup.singleton.any() }

    private static func lines(_ store: CaptureStore, _ filter: CaptureFilter = CaptureFilter()) async throws -> [String]
    {
        let page = try await store.page(filter, after: 0, limit: 100, withContent: true, on: loop).get()
        return page.rows.map { row in
            var writer = JSONWriter()
            row.write(to: &writer)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }

    private static func with(
        _ settings: CaptureSettings = CaptureSettings(),
        place: StoreSettings.Place = .memory,
        time: Watched<Int> = Watched(Office.start),
        _ body: (CaptureStore) async throws -> Void
    ) async throws {
        let store = CaptureStore(beside: place, settings, logger: .silent) { time.value }
        try await body(store)
        await store.close(on: loop)
    }

    @Test("holds nothing that was not masked, and one placeholder for a value in request and answer")
    func masks() async throws {
        try await Self.with { store in
            store.keep(Self.exchange())
            let lines = try await Self.lines(store)
            #expect(lines.count == 1)
            let root = try JSONDocument(lines[0]).root
            #expect(root["request"]?["messages"]?[0]?["content"]?.string == "I am [EMAIL_1]")
            #expect(root["answer"]?["text"]?.string == "Hello [EMAIL_1]")
            #expect(!lines[0].contains("ada@") && !lines[0].contains("\n"))
            #expect(root["user"]?.string == "user_a" && root["cut"]?.bool == false)
        }
    }

    @Test("keeps of a stream what it came to, so that nothing hides between two events")
    func streams() async throws {
        try await Self.with { store in
            let words = ["Hello a", "da@exam", "ple.com", " and 41", "11111111111111"]
            store.keep(Self.exchange(answer: ModelAnswers.chat(words).joined(), streamed: true))
            store.keep(Self.exchange(answer: ModelAnswers.chat(words).prefix(3).joined(), streamed: true))
            let answers = try await Self.lines(store).map { try JSONDocument($0).root["answer"] }
            #expect(answers[0]?["text"]?.string == "Hello [EMAIL_1] and [CARD_1]")
            #expect(answers[0]?["complete"]?.bool == true)
            #expect(answers[1]?["complete"]?.bool == false)
            #expect(answers[1]?["text"]?.string?.contains("@") == false)
        }
    }

    @Test("keeps the texts of /v1/completions, masked over the bounds of its events and as far as they came")
    func completions() async throws {
        try await Self.with { store in
            let events = Sample.completions.events(["Hello a", "da@exam", "ple.com", "."])
            store.keep(Self.exchange(answer: events.joined(), streamed: true, endpoint: .completions))
            store.keep(Self.exchange(answer: events.prefix(3).joined(), streamed: true, endpoint: .completions))
            store.keep(
                Self.exchange(
                    answer: Sample.completions.whole.replacing("Hello", with: "Hello ada@example.com"),
                    endpoint: .completions
                )
            )
            let answers = try await Self.lines(store).map { try JSONDocument($0).root["answer"] }
            #expect(answers[0]?["text"]?.string == "Hello [EMAIL_1]." && answers[0]?["complete"]?.bool == true)
            #expect(answers[1]?["text"]?.string?.hasPrefix("Hello") == true && answers[1]?["complete"]?.bool == false)
            #expect(answers[1]?["text"]?.string?.contains("@") == false)
            #expect(answers[2]?["choices"]?[0]?["text"]?.string == "Hello [EMAIL_1]")
        }
    }

    @Test("calls no stream complete that told of more than is kept")
    func otherStreams() async throws {
        try await Self.with { store in
            var events = ModelAnswers.chat(["A"])
            events.insert(#"data: {"choices":[{"index":1,"delta":{"content":"B"}}]}"# + "\n\n", at: 1)
            store.keep(Self.exchange(answer: events.joined(), streamed: true))
            var texts = Sample.completions.events(["C"])
            texts.insert(#"data: {"choices":[{"index":1,"text":"D"}]}"# + "\n\n", at: 1)
            store.keep(Self.exchange(answer: texts.joined(), streamed: true, endpoint: .completions))
            let answers = try await Self.lines(store).map { try JSONDocument($0).root["answer"] }
            #expect(answers.map { $0?["text"]?.string } == ["A", "C"])
            #expect(answers.map { $0?["complete"]?.bool } == [false, false])
        }
    }

    @Test("says that something is left of what was erased, while another reader keeps the file's log")
    func busy() async throws {
        let scratch = try Scratch()
        let log = try CapturedLog()
        let logger = Logger(label: "test") { _ in SinkLogHandler(sink: log.sink, format: .json) }
        let place = StoreSettings.Place.file(scratch.path + "/torii.sqlite")
        let store = CaptureStore(beside: place, CaptureSettings(), logger: logger) { Office.start }
        store.keep(Self.exchange())
        #expect(try await Self.lines(store).count == 1)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: scratch.path + "/capture.sqlite", configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN; SELECT count(*) FROM captures") }
        #expect(try await store.erase(CaptureFilter(tenant: "ten_a"), on: Self.loop).get() == 1)
        let lines = try await log.lines(1)
        #expect(lines[0].contains("what was erased stays in its log"))
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try other.close()
        await store.close(on: Self.loop)
    }

    @Test("says of what was cut that it was, and leaves out what the cut may have gone through")
    func cuts() async throws {
        try await Self.with { store in
            store.keep(Self.exchange(request: #"{"a":"mail ada@exam"#, answer: #"{"b":"41111111"#, isCut: true))
            let root = try JSONDocument(try #require(try await Self.lines(store).first)).root
            #expect(root["request"]?.string == #"{"a":"mail "#)
            #expect(root["answer"]?.string == #"{"b":""#)
            #expect(root["cut"]?.bool == true)
        }
    }

    @Test("erases by user, by key and by tenant, and what waits to be written as well")
    func erases() async throws {
        try await Self.with { store in
            let filters = [
                CaptureFilter(tenant: "ten_a", user: "user_a"), CaptureFilter(tenant: "ten_a", user: "ada"),
                CaptureFilter(key: "key_b"), CaptureFilter(tenant: "ten_c"),
            ]
            func fill() {
                store.keep(Self.exchange())
                store.keep(Self.exchange(user: nil))
                store.keep(Self.exchange(user: "user_b", key: "key_b"))
                store.keep(Self.exchange(tenant: "ten_c"))
            }
            for filter in filters {
                fill()
                let erased = try await store.erase(filter, on: Self.loop).get()
                #expect(erased == 1)
                #expect(try await Self.lines(store, filter).isEmpty)
                #expect(try await Self.lines(store).count == 3)
                #expect(try await store.erase(CaptureFilter(), on: Self.loop).get() == 3)
            }
            #expect(store.bytes == 0)
        }
    }

    @Test("forgets what is too old, each in its own time, and the oldest of what is too much")
    func retention() async throws {
        let time = Watched(Office.start)
        try await Self.with(CaptureSettings(days: 2), time: time) { store in
            store.keep(Self.exchange(days: 1))
            store.keep(Self.exchange())
            #expect(try await Self.lines(store).count == 2)
            time.change { $0 += 86_400_000 }
            // What is over is not told, whether or not it is gone already.
            #expect(try await Self.lines(store).count == 1)
            time.change { $0 += 86_400_000 }
            store.clean()
            _ = try await eventually("nothing left") { store.bytes == 0 ? true : nil }
        }
        try await Self.with(CaptureSettings(maximumBytes: 2_000)) { store in
            for _ in 0..<10 { store.keep(Self.exchange()) }
            _ = try await Self.lines(store)
            store.clean()
            _ = try await eventually("the oldest gone") { (1...2_000).contains(store.bytes) ? true : nil }
            #expect(try await Self.lines(store).count < 4)
        }
    }

    @Test("makes no file before there is something to keep, and leaves nothing readable of what was erased")
    func files() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/capture.sqlite"
        let place = StoreSettings.Place.file(scratch.path + "/torii.sqlite")
        try await Self.with(place: place) { store in
            let nothing = try await Self.lines(store)
            #expect(nothing.isEmpty)
            store.clean()
            #expect(try await store.erase(CaptureFilter(), on: Self.loop).get() == 0)
            #expect(StoreFile.isAbsent(path))
            store.keep(Self.exchange(request: #"{"a":"unmistakable words"}"#))
            #expect(try await Self.lines(store).count == 1)
            #expect(!StoreFile.isAbsent(path))
            #expect(try await store.erase(CaptureFilter(tenant: "ten_a"), on: Self.loop).get() == 1)
        }
        for name in ["capture.sqlite", "capture.sqlite-wal"] where !StoreFile.isAbsent("\(scratch.path)/\(name)") {
            #expect(!scratch.bytes(name).contains(Array("unmistakable".utf8)))
        }
        try await Self.with(place: place) { store in
            store.keep(Self.exchange())
            _ = try await Self.lines(store)
        }
        try await Self.with(place: place) { store in
            let kept = try await Self.lines(store)
            #expect(kept.count == 1)
        }
    }
}
