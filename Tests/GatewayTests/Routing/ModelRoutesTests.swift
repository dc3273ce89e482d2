import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Models in every dialect's shape")
struct ModelRoutesTests {
    private static let anthropic = [("anthropic-version", "2023-06-01")]

    /// Runs a gateway whose one provider lists these models.
    private func withModels(
        _ names: [String],
        dialect: Dialect? = nil,
        answers: [[Step]] = [[.stall]],
        _ change: (inout GatewaySettings) -> Void = { _ in },
        body: (GatewayUnderTest, ScriptedUpstream) async throws -> Void
    ) async throws {
        let upstream = try await ScriptedUpstream.start(answers: answers)
        let lister: ModelDirectory.Lister = { _ in
            var model = CatalogModel(name: names.first ?? "")
            (model.family, model.size, model.contextLength) = ("llama", 42, 8192)
            return .init(listing: .models(names), dialect: dialect, catalog: [model])
        }
        try await withGateway([try .scripted(upstream)], lister: lister, change) { gateway in
            _ = try await eventually("the list") {
                let list = try await gateway.send(RawRequest.get("/v1/models")).bodyText
                return names.isEmpty || list.contains(names[0]) ? true : nil
            }
            try await body(gateway, upstream)
        }
        await upstream.shutdown()
    }

    @Test("Anthropic's clients get pages of their own shape")
    func pages() async throws {
        try await withModels(["a", "b", "c", "d", "e"]) { gateway, _ in
            for (query, ids, hasMore) in [
                ("", ["a", "b", "c", "d", "e"], false), ("?limit=2", ["a", "b"], true),
                ("?limit=2&after_id=b", ["c", "d"], true), ("?limit=2&after_id=d", ["e"], false),
                ("?limit=2&before_id=d", ["b", "c"], true), ("?before_id=c&limit=2", ["a", "b"], false),
                ("?limit=x&after_id=e", [], false),
            ] as [(String, [String], Bool)] {
                let answer = try await gateway.send(RawRequest.get("/v1/models\(query)", fields: Self.anthropic))
                let list = try JSONDocument(answer.body).root
                #expect(list["data"]?.elements.map { $0["id"]?.string } ?? [] == ids, "\(query)")
                #expect(list["has_more"]?.bool == hasMore, "\(query)")
                #expect(list["first_id"]?.string == ids.first && list["last_id"]?.string == ids.last)
                #expect(list.members.map(\.key) == ["data", "has_more", "first_id", "last_id"])
            }
            let first = try await gateway.send(RawRequest.get("/v1/models?limit=1", fields: Self.anthropic))
            let model = try JSONDocument(first.body).root["data"]?[0]
            #expect(
                model?.members.map(\.key) == [
                    "type", "id", "display_name", "created_at", "lifecycle", "max_input_tokens", "max_tokens",
                    "capabilities", "line", "deprecated_at", "retires_at",
                ]
            )
            #expect(model?["max_input_tokens"]?.int == 8192)
        }
    }

    @Test("one model is found by its name, with slashes and with its provider in front")
    func oneModel() async throws {
        try await withModels(["org/a:b", "plain"]) { gateway, _ in
            for path in ["org/a:b", "org%2Fa%3Ab", "house/org/a:b", "plain", "house%2Fplain"] {
                let answer = try await gateway.send(RawRequest.get("/v1/models/\(path)"))
                #expect(answer.status == 200, "\(path)")
                let model = try JSONDocument(answer.body).root
                #expect(model["object"]?.string == "model" && model["owned_by"]?.string == "house")
                #expect(model["id"]?.string == path.replacing("%2F", with: "/").replacing("%3A", with: ":"))
            }
            let other = try await gateway.send(RawRequest.get("/v1/models/plain", fields: Self.anthropic))
            #expect(try JSONDocument(other.body).root["type"]?.string == "model")
            #expect(!other.bodyText.contains("owned_by"))
            let missing = try await gateway.send(RawRequest.get("/v1/models/plane"))
            #expect(missing.status == 404 && missing.bodyText.contains("Near: plain"))
            let lines = try await gateway.log.lines(8)
            #expect(lines.contains { $0.contains(#""route":"GET /v1/models/{id}""#) })
            #expect(!lines.joined().contains("org/a"))
        }
    }

    @Test("Ollama's clients find somebody there, without a key")
    func root() async throws {
        try await withModels([], { $0.clientKeys = [Secret("key-one")] }) { gateway, _ in
            let answer = try await gateway.send(RawRequest.get("/"))
            #expect(answer.status == 200 && answer.bodyText == "Ollama is running")
            let client = try await gateway.connect()
            try await client.send(RawRequest.head("HEAD", "/", [("Host", "localhost")]))
            let head = try await client.answer(toHead: true)
            #expect(head.status == 200)
            #expect(try await gateway.send(RawRequest.get("/api/tags")).status == 401)
        }
    }

    @Test("Ollama's lists tell of all providers' models")
    func tags() async throws {
        try await withModels(["a", "b"]) { gateway, _ in
            let tags = try JSONDocument(try await gateway.send(RawRequest.get("/api/tags")).body).root
            let models = try #require(tags["models"]).elements.map { $0 }
            #expect(models.map { $0["name"]?.string } == ["a", "b"])
            #expect(models.map { $0["model"]?.string } == ["a", "b"])
            #expect(models[0]["size"]?.int == 42)
            #expect(models.allSatisfy { $0["modified_at"]?.string != nil && $0["digest"]?.string != nil })
            let version = try await gateway.send(RawRequest.get("/api/version"))
            #expect(try JSONDocument(version.body).root["version"]?.string != nil)
            let none = try await gateway.send(RawRequest.get("/api/nothing"))
            #expect(none.status == 404 && Side.ollama.isError(none.bodyText))
        }
    }

    @Test("what is known of a model is shown where its provider is no Ollama")
    func show() async throws {
        try await withModels(["a"], dialect: .chat) { gateway, upstream in
            for body in [#"{"model":"a"}"#, #"{"name":"a"}"#] {
                let answer = try await gateway.send(RawRequest.post("/api/show", body, contentType: nil))
                let shown = try JSONDocument(answer.body).root
                #expect(answer.status == 200)
                #expect(shown["capabilities"]?.elements.map(\.string) == ["completion", "tools"])
                #expect(shown["model_info"]?.members.contains { $0.value.int == 8192 } == true)
            }
            #expect(try await gateway.send(RawRequest.post("/api/show", #"{"model":"z"}"#)).status == 404)
            #expect(try await gateway.send(RawRequest.post("/api/show", "{}")).status == 400)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("an Ollama shows its own models, by the names that it has for them")
    func showAtOllama() async throws {
        let shown = #"{"license":"l","model_info":{"x":1}}"#
        try await withModels(["a"], dialect: .ollama, answers: [Answer.json(shown)]) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post("/api/show", #"{"name":"house/a","verbose":true}"#))
            #expect(answer.bodyText == shown)
            let request = try await upstream.request()
            #expect(request.target == "/api/show" && request.bodyText == #"{"model":"a","verbose":true}"#)
            _ = try await gateway.send(RawRequest.get("/api/ps"))
            #expect(try await upstream.request(1).target == "/api/ps")
            #expect(try await upstream.request(1).method == "GET")
        }
    }

    @Test("without an Ollama nothing is loaded")
    func noProcesses() async throws {
        try await withModels(["a"], dialect: .chat) { gateway, _ in
            let answer = try await gateway.send(RawRequest.get("/api/ps"))
            #expect(answer.bodyText == #"{"models":[]}"#)
        }
    }

    @Test("a pull is refused unless the operator allows it, before its body is read")
    func pullIsRefused() async throws {
        try await withModels(["a"], dialect: .ollama) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post("/api/pull", #"{"model":"b"}"#))
            #expect(answer.status == 403)
            #expect(try JSONDocument(answer.body).root["error"]?.string?.contains("allow_pull") == true)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("a pull that is allowed passes line by line, and one that breaks off says so")
    func pull() async throws {
        let lines = [#"{"status":"pulling manifest"}"# + "\n", #"{"status":"pulling 6a","total":5}"# + "\n"]
        let end = #"{"status":"success"}"# + "\n"
        let type = "application/x-ndjson"
        let answers = [
            Answer.stream(lines + [end], contentType: type),
            [Answer.chunkedHead(contentType: type)] + lines.map(Answer.chunk) + [Answer.chunk(#"{"sta"#), .close],
            Answer.json(#"{"error":"pull model manifest: file does not exist"}"#, status: 500),
        ]
        try await withModels(["a"], dialect: .ollama, answers: answers, { $0.allowsPull = true }) { gateway, upstream in
            let request = RawRequest.post("/api/pull", #"{"name":"house/b"}"#, contentType: nil)
            let good = try await gateway.send(request)
            #expect(good.bodyText == (lines + [end]).joined())
            #expect(try await upstream.request().bodyText == #"{"model":"b"}"#)
            let cut = try await gateway.send(request)
            #expect(cut.bodyText.hasPrefix(lines.joined() + #"{"error":""#) && cut.bodyText.hasSuffix("\n"))
            let failed = try await gateway.send(request)
            #expect(failed.status == 500 && failed.bodyText.contains("does not exist"))
        }
    }
}
