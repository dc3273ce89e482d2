import Inference
import Testing

@testable import Providers

@Suite struct ScriptedProviderTests {
    private func withProvider(_ body: (BaseURL, UpstreamClient) async throws -> Void) async throws {
        let scripted = ScriptedProvider(pause: .zero)
        let url = try await scripted.start()
        let client = UpstreamClient()
        do {
            try await body(url, client)
        } catch {
            Issue.record(error)
        }
        await client.shutdown()
        await scripted.shutdown()
    }

    @Test("it answers in every dialect with the same words, streamed or whole", arguments: Dialect.allCases)
    func dialects(dialect: Dialect) async throws {
        try await withProvider { (url, client) async throws in
            let provider = Provider(name: "scripted", baseURL: url, model: "scripted", dialect: dialect)
            let asking = ProviderClient(provider: provider, client: client)
            for stream in [true, false] {
                let request = InferenceRequest(
                    model: "",
                    messages: [Message(.user, "What is “this”?\nReally?")],
                    stream: stream
                )
                var answer = InferenceAnswer()
                for try await event in try await asking.stream(request) { answer.apply(event) }
                #expect(answer.text.hasPrefix("You said “What is “this”?\nReally?”. I am torii's scripted provider"))
                #expect(answer.stopReason == .endTurn)
                #expect(answer.usage?.input == 4)
                #expect(answer.usage?.output == answer.text.split(whereSeparator: \.isWhitespace).count)
            }
        }
    }

    @Test("it is taken for Chat Completions, and lists its one model for every dialect")
    func discovery() async throws {
        try await withProvider { (url, client) async throws in
            let provider = Provider(name: "scripted", baseURL: url)
            #expect(try await DialectDetection().dialect(of: provider, client: client) == .chat)
            let catalog = ModelCatalog(provider: provider, client: client)
            for dialect in Dialect.allCases {
                #expect(try await catalog.models(of: dialect).map(\.name) == ["scripted"])
            }
            #expect(try await catalog.ollamaVersion() == nil)
        }
    }

    @Test("B1 what is no JSON is refused with its place, and an unknown path is not found")
    func refusals() throws {
        let broken = ScriptedReply(method: "POST", path: "/v1/chat/completions", body: Array("{\"a\":".utf8))
        #expect(broken.status == 400)
        #expect(String(decoding: broken.steps.joined(), as: UTF8.self).contains("at byte 5"))
        #expect(ScriptedReply(method: "GET", path: "/api/version", body: []).status == 404)
    }

    @Test("a long prompt is quoted in part")
    func longPrompt() throws {
        let body = Array("{\"input\":\"\(String(repeating: "x", count: 500))\"}".utf8)
        let answer = ScriptedAnswer(try ScriptedPrompt(body: body, streams: false))
        #expect(answer.text.hasPrefix("You said “\(String(repeating: "x", count: 200))…”."))
    }
}
