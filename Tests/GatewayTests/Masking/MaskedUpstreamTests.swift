import JSON
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Requests that providers see masked")
struct MaskedUpstreamTests {
    /// A gateway with a tenant whose content is handled so, and a key of it that is in force.
    private static func with(
        _ content: String,
        answers: [[Step]],
        body: (GatewayUnderTest, String, ScriptedUpstream, Office) async throws -> Void
    ) async throws {
        try await IdentityOverWireTests.with(answers: answers) { gateway, office, upstream in
            try office.make(.tenants, #"{"name":"t",\#(content)}"#)
            let key = try office.key(#"{"tenant":"t","label":"k"}"#)
            _ = try await IdentityOverWireTests.wait(gateway, key, for: 200)
            try await body(gateway, key, upstream, office)
        }
    }

    private static let extra = #""metadata":{"user_id":"ada@example.com"},"#
    private static let words = ["Dear [EMA", "IL_1], it is [CARD_1", "]."]

    /// The text of a caller's stream, whatever the dialect cuts it into.
    private static func text(_ stream: String) -> String {
        stream.split(separator: "\n").filter { $0.hasPrefix("data: {") }.compactMap { line in
            let root = try? JSONDocument(Array(line.dropFirst(6).utf8)).root
            return root?["choices"]?[0]?["delta"]?["content"]?.string
                ?? root?["choices"]?[0]?["text"]?.string
                ?? (root?["type"]?.isString("response.output_text.delta") == true ? root?["delta"]?.string : nil)
                ?? root?["delta"]?["text"]?.string
        }
        .joined()
    }

    @Test(
        "see placeholders, and callers the originals, also where both speak one dialect",
        arguments: Sample.allCases,
        [false, true]
    )
    func roundTrip(_ sample: Sample, _ stream: Bool) async throws {
        let whole = sample.whole.replacing("Hello", with: "Dear [EMAIL_1], it is [CARD_1].")
        let steps = stream ? Answer.stream(sample.events(Self.words)) : Answer.json(whole)
        try await Self.with(#""mask_upstream":"on""#, answers: [steps]) { gateway, key, upstream, _ in
            let body = sample.body(stream: stream, extra: sample == .messages ? Self.extra : "")
                .replacing(#""hi""#, with: #""ada@example.com paid with 4111 1111 1111 1111""#)
            let request = RawRequest.post(sample.path, body, fields: IdentityOverWireTests.bearer(key))
            let answer = try await gateway.send(request)
            #expect(answer.status == 200, "\(answer.bodyText)")
            let asked = try #require(upstream.requests.last).bodyText
            #expect(asked.contains("[EMAIL_1] paid with [CARD_1]"), "\(asked)")
            #expect(!asked.contains("ada@") && !asked.contains("4111"), "\(asked)")
            if sample != .responses || stream {
                let text = stream ? Self.text(answer.bodyText) : answer.bodyText
                #expect(text.contains("Dear ada@example.com, it is 4111 1111 1111 1111."), "\(answer.bodyText)")
            }
        }
    }

    @Test("go without the query and the header fields of their callers, copies of them too")
    func surroundings() async throws {
        let rule = RouteRule("all", targets: [.init("house")], shadow: RouteRule.Share("cloud", percent: 100))
        let answers = [Sample.completions.answer(stream: false)]
        try await LimitWorld.run(
            answers,
            answers,
            settings: {
                $0.routes = [rule]
                $0.prices.unknown = .standard(Price(input: 1_000_000, output: 2_000_000))
            }
        ) { world in
            try await world.change("tenants/t", #"{"mask_upstream":"on"}"#)
            let key = try world.key()
            try await world.settled()
            let fields = key + [("X-User", "ada@example.com"), ("User-Agent", "curl/8.5.0")]
            let body = Sample.completions.body()
            let request = RawRequest.post("/v1/completions?user=lovelace", body, fields: fields)
            #expect(try await world.gateway.send(request).status == 200)
            let copy = try await eventually("the copy") { world.upstreams[1].requests.first }
            let asked = try #require(world.upstreams[0].requests.first)
            for one in [asked, copy] {
                #expect(!one.headText.contains("ada@") && !one.headText.contains("lovelace"), "\(one.headText)")
                #expect(one.field("user-agent") == "curl/8.5.0" && one.field("authorization") == "Bearer provider-key")
            }
        }
    }

    @Test("are refused where there is no way to mask them, and counted without anybody being asked")
    func refusals() async throws {
        try await Self.with(#""mask_upstream":"on""#, answers: [[.stall]]) { gateway, key, upstream, _ in
            let fields = IdentityOverWireTests.bearer(key)
            let tokens = RawRequest.post("/v1/completions", #"{"model":"m","prompt":[[1,2]]}"#, fields: fields)
            let answer = try await gateway.send(tokens)
            #expect(answer.status == 400 && answer.bodyText.contains("dialect_unsupported"))
            let body = #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#
            let count = try await gateway.send(RawRequest.post("/v1/messages/count_tokens", body, fields: fields))
            #expect(count.status == 200 && count.field("x-torii-estimate") == "true")
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("go without names that have to be masked, and a JSON answer has the originals as JSON needs them")
    func namesAndJSON() async throws {
        let pem = "-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA1234567890abcdef\n-----END PRIVATE KEY-----"
        let said = Sample.chat.whole.replacing("Hello", with: #"{\"a\":\"[SECRET_1]\"}"#)
        try await Self.with(#""mask_upstream":"on""#, answers: [Answer.json(said)]) { gateway, key, upstream, _ in
            let message = #"{"role":"user","name":"ada@example.com","content":"\#(pem.replacing("\n", with: "\\n"))"}"#
            let body = #"{"model":"m","response_format":{"type":"json_object"},"messages":[\#(message)]}"#
            let request = RawRequest.post(Sample.chat.path, body, fields: IdentityOverWireTests.bearer(key))
            let answer = try await gateway.send(request)
            #expect(answer.field("x-torii-dropped")?.contains("messages[].name") == true)
            let asked = try #require(upstream.requests.last).bodyText
            #expect(!asked.contains("ada@") && !asked.contains("PRIVATE"), "\(asked)")
            let root = try JSONDocument(answer.bodyText).root
            let text = try #require(root["choices"]?[0]?["message"]?["content"]?.string)
            #expect(try JSONDocument(text).root["a"]?.string == pem)
        }
    }

    @Test("are embedded masked")
    func embeddings() async throws {
        let vectors =
            #"{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[1.5]}],"usage":{"prompt_tokens":2,"total_tokens":2}}"#
        try await Self.with(#""mask_upstream":"on""#, answers: [Answer.json(vectors)]) { gateway, key, upstream, _ in
            let body = #"{"model":"m","input":"ada@example.com"}"#
            let request = RawRequest.post("/v1/embeddings", body, fields: IdentityOverWireTests.bearer(key))
            let answer = try await gateway.send(request)
            #expect(answer.status == 200)
            #expect(try #require(upstream.requests.last).bodyText.contains(#""[EMAIL_1]""#))
        }
    }

    @Test("pass as they are for all other tenants")
    func others() async throws {
        try await Self.with(#""mask_upstream":"off""#, answers: [Sample.chat.answer(stream: false)]) {
            gateway,
            key,
            upstream,
            _ in
            let body = Sample.chat.body().replacing(#""hi""#, with: #""ada@example.com""#)
            let request = RawRequest.post(Sample.chat.path, body, fields: IdentityOverWireTests.bearer(key))
            let answer = try await gateway.send(request)
            #expect(answer.status == 200)
            #expect(try #require(upstream.requests.last).bodyText == body)
        }
    }

    @Test("are kept for a tenant that wants it, masked, and can be erased", arguments: [false, true])
    func captures(_ stream: Bool) async throws {
        let answer =
            stream ? Answer.stream(Sample.chat.events(["Hi ada@", "example.com"])) : Answer.json(Sample.chat.whole)
        try await Self.with(#""capture":"on","capture_days":3"#, answers: [answer]) { gateway, key, _, office in
            let body = Sample.chat.body(stream: stream).replacing(#""hi""#, with: #""I am ada@example.com""#)
            let request = RawRequest.post(Sample.chat.path, body, fields: IdentityOverWireTests.bearer(key))
            let answer = try await gateway.send(request)
            #expect(answer.status == 200)
            let admin = try office.key(#"{"tenant":"t","label":"a","role":"tenant-admin"}"#)
            _ = try await IdentityOverWireTests.wait(gateway, admin, for: 200)
            let export = try await gateway.administer("GET", "captures/export?format=jsonl", key: admin)
            #expect(export.status == 200 && export.field("content-type") == "application/x-ndjson")
            let lines = export.bodyText.split(separator: "\n")
            #expect(lines.count == 1)
            let root = try JSONDocument(Array(try #require(lines.first).utf8)).root
            #expect(root["request"]?["messages"]?[0]?["content"]?.string == "I am [EMAIL_1]")
            if stream { #expect(root["answer"]?["text"]?.string == "Hi [EMAIL_1]") }
            #expect(!export.bodyText.contains("ada@"))
            let erased = try await gateway.administer("DELETE", "captures?key=\(root["key"]?.string ?? "")", key: admin)
            #expect(erased.bodyText == #"{"erased":1}"#)
            #expect(try await gateway.administer("GET", "captures/export?format=jsonl", key: admin).body.isEmpty)
        }
    }
}
