import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Models as Codex reads them")
struct CodexModelsTests {
    /// The members of `/v1/models` of a gateway whose one provider has these models.
    private static func list(
        _ models: [CatalogModel],
        dialect: Dialect = .chat,
        target: String = "/v1/models",
        fields: [(String, String)] = [],
        _ change: (inout GatewaySettings) -> Void = { _ in }
    ) async throws -> (root: JSONView, answer: RawAnswer) {
        let answer = try await with(models, dialect: dialect, change) { gateway in
            try await gateway.send(RawRequest.get(target, fields: fields))
        }
        return (try JSONDocument(answer.body).root, answer)
    }

    private static func with<Result: Sendable>(
        _ models: [CatalogModel],
        dialect: Dialect = .chat,
        _ change: (inout GatewaySettings) -> Void = { _ in },
        body: (GatewayUnderTest) async throws -> Result
    ) async throws -> Result {
        let upstream = try await ScriptedUpstream.start(answers: [[.stall]])
        let lister: ModelDirectory.Lister = { _ in
            .init(listing: .models(models.map(\.name)), dialect: dialect, catalog: models)
        }
        let result = try await withGateway([try .scripted(upstream)], lister: lister, change) { gateway in
            _ = try await eventually("the list") {
                let list = try await gateway.send(RawRequest.get("/v1/models")).bodyText
                return list.contains(#""id":"\#(models[0].name)""#) ? true : nil
            }
            return try await body(gateway)
        }
        await upstream.shutdown()
        return result
    }

    private static func model(_ name: String, window: Int? = nil, _ capabilities: [String] = []) -> CatalogModel {
        var model = CatalogModel(name: name, capabilities: capabilities)
        model.contextLength = window
        return model
    }

    @Test("one body has OpenAI's list and Codex's, with every member that Codex wants")
    func shape() async throws {
        let (root, _) = try await Self.list([Self.model("gpt-oss:20b"), Self.model("coder")])
        #expect(root["object"]?.string == "list")
        #expect(root["data"]?[0]?["id"]?.string == "gpt-oss:20b")
        #expect(root["data"]?[0]?["context_length"]?.int == 131_072)
        #expect(root["data"]?[1]?["context_length"] == nil)
        let model = try #require(root["models"]?[0])
        let wanted = [
            "slug", "display_name", "supported_reasoning_levels", "shell_type", "visibility", "supported_in_api",
            "priority", "support_verbosity", "truncation_policy", "experimental_supported_tools", "base_instructions",
            "supports_parallel_tool_calls", "supports_reasoning_summaries",
        ]
        #expect(Set(wanted).isSubset(of: model.members.map(\.key)))
        #expect(model["slug"]?.string == "gpt-oss:20b")
        #expect(model["apply_patch_tool_type"]?.string == "freeform")
        #expect(model["shell_type"]?.string == "unified_exec")
        #expect(
            model["supported_reasoning_levels"]?.elements.map { $0["effort"]?.string } == ["low", "medium", "high"]
        )
        #expect(model["default_reasoning_level"]?.string == "medium")
        #expect(model["input_modalities"]?.elements.map(\.string) == ["text"])
        #expect(root["models"]?[1]?["supported_reasoning_levels"]?.elements.map { $0 }.isEmpty == true)
        #expect(root["models"]?[1]?["priority"]?.int == 1)
    }

    @Test("instructions stand where the version that asks looks for them")
    func instructions() async throws {
        for (query, member) in [
            ("", "base_instructions"), ("?client_version=0.133.0", "base_instructions"),
            ("?client_version=0.163.0", "model_messages"), ("?client_version=0.164.0-alpha.2", "model_messages"),
            ("?client_version=1.0.0", "model_messages"), ("?client_version=x", "base_instructions"),
        ] {
            let (root, _) = try await Self.list([Self.model("m")], target: "/v1/models\(query)")
            let model = try #require(root["models"]?[0])
            let text = model["base_instructions"]?.string ?? model["model_messages"]?["instructions_template"]?.string
            #expect(text == CodexInstructions.text, "\(query)")
            #expect(model[member] != nil, "\(query)")
        }
        let words = CodexInstructions.text.split(whereSeparator: \.isWhitespace).count
        #expect((200...700).contains(words))
        #expect(CodexInstructions.text.contains("apply_patch"))
    }

    @Test("a window leaves room for an answer, and one that nobody knows is a cautious one")
    func windows() async throws {
        let models = [Self.model("served", window: 100_000), Self.model("unknown"), Self.model("gpt-5.2")]
        let (root, _) = try await Self.list(models)
        let entries = try #require(root["models"]).elements.map { $0 }
        #expect(entries.map { $0["context_window"]?.int } == [100_000, 65_536, 272_000])
        #expect(entries.map { $0["auto_compact_token_limit"]?.int } == [75_000, 49_152, 244_800])
        #expect(entries.map { $0["max_context_window"]?.int } == [100_000, 65_536, 272_000])
    }

    @Test("an Ollama's window is what it allocates, then what num_ctx says, never what the model was trained for")
    func ollamaWindows() async throws {
        var loaded = Self.model("m", window: 131_072, ["completion", "tools", "vision"])
        loaded.loaded = CatalogModel.Loaded(contextLength: 8_192)
        let (root, _) = try await Self.list([loaded, Self.model("n", window: 131_072)], dialect: .ollama)
        #expect(root["models"]?.elements.map { $0["context_window"]?.int } == [8_192, 32_768])
        #expect(root["models"]?[0]?["input_modalities"]?.elements.map(\.string) == ["text", "image"])
        let (configured, _) = try await Self.list([loaded], dialect: .ollama) { $0.providers[0].contextLength = 65_536 }
        #expect(configured["models"]?[0]?["context_window"]?.int == 65_536)
    }

    @Test("models that do not talk are on OpenAI's list alone")
    func silent() async throws {
        let (root, _) = try await Self.list([
            Self.model("gpt-5.2"), Self.model("text-embedding-3-small"), Self.model("e", ["embedding"]),
        ])
        #expect(root["data"]?.elements.map { $0["id"]?.string } == ["gpt-5.2", "text-embedding-3-small", "e"])
        #expect(root["models"]?.elements.map { $0["slug"]?.string } == ["gpt-5.2"])
    }

    @Test("the list stays below the mebibyte that Codex reads, however many models there are")
    func size() async throws {
        let (root, answer) = try await Self.list((0..<900).map { Self.model("model-\($0)") })
        #expect(root["data"]?.elements.map { $0 }.count == 900)
        let count = try #require(root["models"]).elements.map { $0 }.count
        #expect(count > 150 && count < 900)
        #expect(answer.body.count < 1 << 20)
    }

    @Test("the same list has the same tag, and is not sent twice to who names it")
    func tag() async throws {
        try await Self.with([Self.model("m")]) { gateway in
            let tag = try #require(try await gateway.send(RawRequest.get("/v1/models")).field("etag"))
            let client = try await gateway.connect()
            try await client.send(RawRequest.get("/v1/models", fields: [("if-none-match", "\"x\", \(tag)")]))
            let same = try await client.answer(toHead: true)
            #expect(same.status == 304 && same.field("etag") == tag && same.field("transfer-encoding") == nil)
            // Nothing of a body came, so that the connection still speaks HTTP.
            try await client.send(RawRequest.get("/v1/models", fields: [("if-none-match", "\"x\"")]))
            #expect(try await client.answer().status == 200)
        }
    }

    @Test("Anthropic's list tells the limits of a prompt and of an answer")
    func anthropic() async throws {
        let fields = [("anthropic-version", "2023-06-01")]
        let (root, _) = try await Self.list([Self.model("gpt-5.2"), Self.model("coder")], fields: fields)
        #expect(root["models"] == nil)
        #expect(root["data"]?[0]?["max_input_tokens"]?.int == 272_000)
        #expect(root["data"]?[0]?["max_tokens"]?.int == 128_000)
        #expect(root["data"]?[1]?["max_input_tokens"]?.kind == .null)
    }
}
