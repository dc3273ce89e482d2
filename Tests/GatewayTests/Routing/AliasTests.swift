import Dialects
import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Aliases")
struct AliasTests {
    private static let aliases = [
        ModelAlias("claude-*", model: "big"), ModelAlias("claude-haiku-*", model: "small"),
        ModelAlias("claude-haiku-4-5", model: "house/exact"), ModelAlias("lost-*", model: "nothing"),
        ModelAlias("loop", model: "claude-x"),
    ]

    private static func table() throws -> RoutingTable {
        let house = try Provider(name: "house", baseURL: BaseURL("http://127.0.0.1:2"), model: "coder")
        return RoutingTable(
            providers: [house],
            defaultProvider: "house",
            aliases: aliases,
            listings: ["house": .models(["big", "small", "exact", "claude-own"])]
        )
    }

    @Test(
        "the pattern that fixes most of a name counts, before any list, and is followed once",
        arguments: [
            ("claude-sonnet-5", "big"), ("claude-haiku-5-5", "small"), ("claude-haiku-4-5", "exact"),
            ("claude-own", "big"), ("big", "big"), ("Claude-Haiku-4-5", nil), ("loop", nil),
        ]
    )
    func meaning(name: String, model: String?) throws {
        let result = RoutingDocumentTests.result(of: name, header: nil, in: try Self.table())
        #expect(result == (model.map { ("house", $0) } ?? ("404", "")))
    }

    @Test("x-provider goes before aliases")
    func header() throws {
        #expect(
            RoutingDocumentTests.result(of: "claude-x", header: "house", in: try Self.table()) == ("house", "claude-x")
        )
    }

    @Test("an alias that leads nowhere says so")
    func lost() throws {
        let refusal = #expect(throws: Refusal.self) { try Self.table().resolve(model: "lost-1", header: nil) }
        #expect(refusal?.body.status == 404)
        #expect(refusal?.body.message.contains("It is what the alias lost-1 stands for.") == true)
    }

    @Test("exact names are on the list, patterns are not")
    func listed() throws {
        let table = try Self.table()
        let names = table.models.map(\.name)
        #expect(names == ["coder", "big", "small", "exact", "claude-own", "claude-haiku-4-5"])
        #expect(table.provider(ofListed: "claude-anything")?.name == "house")
    }

    @Test(
        "the provider is asked for what the alias stands for, in bytes and translated",
        arguments: [Dialect.messages, .chat]
    )
    func overTheWire(_ dialect: Dialect) async throws {
        let side: Side = dialect == .messages ? .messages : .chat
        let upstream = try await ScriptedUpstream.start(answers: [side.answer(stream: false)])
        var provider = try Provider.scripted(upstream)
        provider.dialect = dialect
        try await withGateway([provider], { $0.aliases = [ModelAlias("claude-haiku-*", model: "gpt-oss:20b")] }) {
            gateway in
            let body = #"{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#
            let answer = try await gateway.send(RawRequest.post("/v1/messages?beta=true", body))
            #expect(answer.status == 200, "\(answer.bodyText)")
            let request = try await upstream.request()
            #expect(try JSONDocument(request.body).root["model"]?.string == "gpt-oss:20b")
        }
        await upstream.shutdown()
    }
}

@Suite("What Claude Code asks beside its messages")
struct ClaudeProbeTests {
    @Test("probes of routes that are not here get an error of Anthropic's shape")
    func unknownRoutes() async throws {
        try await withGateway(answers: [[.stall]]) { gateway, upstream in
            let version = [("anthropic-version", "2023-06-01")]
            for (path, fields) in [
                ("/v1/messages/batches", []), ("/v1/organizations/me", version), ("/api/claude_cli/bootstrap", version),
            ] {
                let answer = try await gateway.send(RawRequest.get(path, fields: fields))
                #expect(answer.status == 404, "\(path)")
                let root = try JSONDocument(answer.body).root
                #expect(
                    root["type"]?.string == "error" && root["error"]?["type"]?.string == "not_found_error",
                    "\(path)"
                )
            }
            #expect(try await gateway.send(RawRequest.get("/api/nothing")).bodyText.hasPrefix(#"{"error":""#))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("beta headers and the beta query are no reason to refuse, and go up to Anthropic as they came")
    func betas() async throws {
        let upstream = try await ScriptedUpstream.start(answers: [Side.messages.answer(stream: false)])
        var provider = try Provider.scripted(upstream)
        provider.dialect = .messages
        try await withGateway([provider]) { gateway in
            let body = #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#
            let fields = [
                ("anthropic-beta", "interleaved-thinking-2025-05-14,x-2099"), ("anthropic-version", "2023-06-01"),
            ]
            let answer = try await gateway.send(RawRequest.post("/v1/messages?beta=true", body, fields: fields))
            #expect(answer.status == 200)
            let request = try await upstream.request()
            #expect(request.target == "/v1/messages?beta=true")
            #expect(request.field("anthropic-beta") == fields[0].1)
        }
        await upstream.shutdown()
    }
}
