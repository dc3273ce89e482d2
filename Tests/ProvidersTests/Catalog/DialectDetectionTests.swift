import Inference
import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct DialectDetectionTests {
    private static let anthropicPage =
        #"{"data":[{"type":"model","id":"c"}],"has_more":false,"first_id":"c","last_id":"c"}"#

    @Test(
        "a provider's dialect is known by what it answers",
        arguments: [
            (["/api/version": Answer.json(#"{"version":"0.12.0"}"#)], Dialect.ollama),
            (["/v1/models": Answer.json(anthropicPage)], .messages),
            (["/v1/models": Answer.json(#"{"object":"list","data":[]}"#)], .chat),
            (["/api/version": Answer.json(#"{"version":3}"#)], .chat),
            (["/api/version": Answer.json("<html>")], .chat),
            ([:], .chat),
        ]
    )
    func answers(answers: [String: [Step]], expected: Dialect) async throws {
        let missing = Answer.json(#"{"error":"not found"}"#, status: 404)
        try await withClient(answering: { answers[$0.target] ?? missing }) { (upstream, client) async throws in
            let detection = DialectDetection()
            for path in ["/v1", "", "/v1"] {
                let provider = try Provider.at(upstream, dialect: nil, path: path)
                let dialect = try await detection.dialect(of: provider, client: client)
                #expect(dialect == expected)
            }
            #expect(upstream.requests.allSatisfy { $0.method == "GET" })
            // The third time it was remembered.
            let asked = upstream.requests.count
            _ = try await detection.dialect(of: try .at(upstream, dialect: nil), client: client)
            #expect(upstream.requests.count == asked)
        }
    }

    @Test("a configured dialect and a well-known host are not asked about")
    func known() async throws {
        let client = UpstreamClient()
        let detection = DialectDetection()
        var provider = Provider(name: "p", baseURL: try BaseURL("https://api.openai.com/v1"))
        #expect(try await detection.dialect(of: provider, client: client) == .responses)
        provider.baseURL = try BaseURL("https://api.anthropic.com")
        #expect(try await detection.dialect(of: provider, client: client) == .messages)
        provider.dialect = .chat
        #expect(try await detection.dialect(of: provider, client: client) == .chat)
        await client.shutdown()
    }

    @Test(
        "OpenAI's models are at its own host and at Azure's",
        arguments: [
            ("https://api.openai.com/v1", true), ("https://mine.openai.azure.com/openai/v1", true),
            ("https://api.openai.com.example/v1", false), ("https://api.anthropic.com", false),
        ]
    )
    func openAI(_ url: String, _ expected: Bool) throws {
        #expect(try DialectDetection.isOpenAI(BaseURL(url)) == expected)
    }

    @Test("F1 a provider that cannot be reached is an error, not a dialect")
    func unreachable() async throws {
        try await withClient(answers: [[.stall]]) { (upstream, client) async throws in
            await upstream.shutdown()
            let provider = try Provider.at(upstream, dialect: nil)
            let error = await #expect(throws: InferenceError.self) {
                try await DialectDetection().dialect(of: provider, client: client)
            }
            #expect(error?.code == .unreachable)
        }
    }

    @Test(
        "what a busy or silent server did not answer is not remembered",
        arguments: [
            Answer.json("{}", status: 503), [Step.stall],
        ]
    )
    func uncertain(answer: [Step]) async throws {
        try await withClient(answering: { _ in answer }) { (upstream, client) async throws in
            var provider = try Provider.at(upstream, dialect: nil)
            provider.timeouts.firstByte = .milliseconds(20)
            let detection = DialectDetection()
            #expect(try await detection.dialect(of: provider, client: client) == .chat)
            #expect(try await detection.dialect(of: provider, client: client) == .chat)
            // Two questions, and the same two again.
            _ = try await upstream.request(3)
        }
    }
}
