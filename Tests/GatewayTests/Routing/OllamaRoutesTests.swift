import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Ollama's own routes")
struct OllamaRoutesTests {
    private static let pair = Pair(caller: .ollama, provider: .ollama)

    @Test("between two Ollamas bytes pass, streamed and whole, and a stream is what is meant by silence")
    func bytes() async throws {
        let odd = #"{ "model":"m", "messages":[{"role":"user","content":"hi"}], "x_odd": 1.50 }"#
        try await withPair(Self.pair, answers: [Side.ollama.answer(stream: true)]) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post("/api/chat", odd, contentType: nil))
            #expect(answer.bodyText == Side.ollama.events().joined())
            #expect(answer.field("content-type") == "application/x-ndjson")
            #expect(try await upstream.request().bodyText == odd)
            let record = try await gateway.log.record()
            #expect(record.view["stream"]?.bool == true)
            #expect(record.number("input_tokens") == 3 && record.number("output_tokens") == 2)
        }
    }

    @Test(
        "no Content-Type is needed, as curl sends a form's",
        arguments: [nil, "application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8"]
    )
    func anyType(_ type: String?) async throws {
        try await withPair(Self.pair, answers: [Side.ollama.answer(stream: false)]) { gateway, upstream in
            let request = RawRequest.post("/api/chat", Side.ollama.body(stream: false), contentType: type)
            let answer = try await gateway.send(request)
            #expect(answer.status == 200)
            #expect(try await upstream.request().field("content-type") == "application/json")
        }
    }

    @Test(
        "B17: a web page gets in by no type of its body",
        arguments: ["/api/chat", "/api/generate", "/api/show", "/api/pull"]
    )
    func pages(_ path: String) async throws {
        try await withPair(Self.pair, answers: [[.stall]], { $0.allowsPull = true }) { gateway, upstream in
            for fields in [
                [("Origin", "http://evil.example")], [("Origin", "null")], [("Sec-Fetch-Site", "cross-site")],
                [("Sec-Fetch-Site", "same-site")],
            ] {
                let answer = try await gateway.send(
                    RawRequest.post(path, Side.ollama.body(stream: false), fields: fields, contentType: "text/plain")
                )
                #expect(answer.status == 403, "\(fields)")
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("other routes still want JSON's type")
    func otherRoutes() async throws {
        try await withPair(Pair(caller: .chat, provider: .chat), answers: [[.stall]]) { gateway, _ in
            let request = RawRequest.post(
                "/v1/chat/completions",
                Side.chat.body(stream: false),
                contentType: "text/plain"
            )
            let answer = try await gateway.send(request)
            #expect(answer.status == 415)
        }
    }

    @Test("a prompt without messages is generated from, over any provider", arguments: Side.allCases)
    func generate(_ provider: Side) async throws {
        let pair = Pair(caller: .ollama, provider: provider)
        guard provider != .ollama else { return }
        for stream in [true, false] {
            try await withPair(pair, answers: [provider.answer(stream: stream)]) { gateway, _ in
                let body = #"{"model":"m","prompt":"hi","stream":\#(stream)}"#
                let answer = try await gateway.send(RawRequest.post("/api/generate", body, contentType: nil))
                #expect(answer.status == 200, "\(answer.bodyText)")
                let lines = Side.ollama.events(of: answer.bodyText)
                #expect(lines.compactMap { $0["response"]?.string }.joined() == "Hello", "\(answer.bodyText)")
                #expect(lines.last?["done"]?.bool == true)
            }
        }
    }

    @Test("a request that only loads a model is answered without a provider that has nothing to load")
    func load() async throws {
        try await withPair(Pair(caller: .ollama, provider: .chat), answers: [[.stall]]) { gateway, upstream in
            for path in ["/api/chat", "/api/generate"] {
                let answer = try await gateway.send(RawRequest.post(path, #"{"model":"m"}"#, contentType: nil))
                let root = try JSONDocument(answer.body).root
                #expect(answer.status == 200 && root["done_reason"]?.string == "load" && root["done"]?.bool == true)
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("vectors come in the caller's shape from either kind of provider")
    func embeddings() async throws {
        let openAI =
            #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,1]}],"model":"m","usage":{"prompt_tokens":4,"total_tokens":4}}"#
        let ollama = #"{"model":"m","embeddings":[[0.5,1]],"total_duration":1,"load_duration":1,"prompt_eval_count":4}"#
        try await withPair(Pair(caller: .chat, provider: .ollama), answers: [Answer.json(ollama)]) {
            gateway,
            upstream in
            let answer = try await gateway.send(
                RawRequest.post("/v1/embeddings", #"{"model":"m","input":"hi","user":"u"}"#)
            )
            let root = try JSONDocument(answer.body).root
            #expect(root["data"]?[0]?["embedding"]?[1]?.double == 1)
            #expect(root["usage"]?["prompt_tokens"]?.int == 4)
            #expect(try await upstream.request().target == "/api/embed")
            #expect(answer.field("x-torii-dropped") == "user")
            let record = try await gateway.log.record()
            #expect(record.number("input_tokens") == 4 && record["upstream_dialect"] == "ollama")
        }
        let chat = Pair(caller: .ollama, provider: .chat)
        try await withPair(chat, answers: [Answer.json(openAI)]) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post("/api/embed", #"{"model":"m","input":["hi"]}"#))
            #expect(try JSONDocument(answer.body).root["embeddings"]?[0]?[0]?.double == 0.5)
            #expect(try await upstream.request().target == "/v1/embeddings")
            let former = try await gateway.send(RawRequest.post("/api/embeddings", #"{"model":"m","prompt":"hi"}"#))
            #expect(try JSONDocument(former.body).root["embedding"]?[0]?.double == 0.5)
        }
        try await withPair(chat, answers: [Answer.json("{"), Answer.json(#"{"error":{"message":"no"}}"#, status: 500)])
        { gateway, _ in
            for _ in 0..<2 {
                let answer = try await gateway.send(RawRequest.post("/api/embed", #"{"model":"m","input":["hi"]}"#))
                #expect(answer.status == 502 && Side.ollama.isError(answer.bodyText))
            }
        }
    }
}
