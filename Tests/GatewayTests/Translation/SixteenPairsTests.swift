import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Every client with every provider")
struct SixteenPairsTests {
    @Test("a whole answer reaches the client in its own dialect", arguments: Pair.all)
    func whole(_ pair: Pair) async throws {
        try await withPair(pair, answers: [pair.provider.answer(stream: false)]) { gateway, upstream in
            let answer = try await gateway.send(pair.caller.request(model: "house/m", stream: false))
            #expect(answer.status == 200, "\(answer.bodyText)")
            #expect(pair.caller.text(ofWhole: answer.bodyText) == "Hello", "\(answer.bodyText)")
            #expect(answer.field("content-type")?.hasPrefix("application/json") == true)
            let request = try await upstream.request()
            #expect(request.target == pair.provider.providerPath)
            #expect(request.bodyText.contains(#""model":"m""#))
            try await expectRecord(pair, gateway)
        }
    }

    @Test("a streamed answer reaches the client in its own dialect", arguments: Pair.all)
    func stream(_ pair: Pair) async throws {
        try await withPair(pair, answers: [pair.provider.answer(stream: true)]) { gateway, upstream in
            let answer = try await gateway.send(pair.caller.request(stream: true))
            #expect(answer.status == 200, "\(answer.bodyText)")
            #expect(pair.caller.text(ofStream: answer.bodyText) == "Hello", "\(answer.bodyText)")
            #expect(pair.caller.hasEndedWell(answer.bodyText), "\(answer.bodyText)")
            #expect(!pair.caller.hasFailed(answer.bodyText))
            #expect(answer.field("content-type")?.hasPrefix(pair.caller.streamType) == true)
            #expect(try await upstream.request().target == pair.provider.providerPath)
            try await expectRecord(pair, gateway)
        }
    }

    private func expectRecord(_ pair: Pair, _ gateway: GatewayUnderTest) async throws {
        let record = try await gateway.log.record()
        #expect(record["outcome"] == "ok")
        #expect(record["dialect"] == pair.caller.rawValue)
        #expect(record["upstream_dialect"] == (pair.isTranslated ? pair.provider.rawValue : nil))
        #expect(record.number("input_tokens") == 3 && record.number("output_tokens") == 2, "\(record.line)")
    }

    @Test(
        "a provider that cannot stream answers in one body, and the client has its stream",
        arguments: Pair.translated
    )
    func bodyForStream(_ pair: Pair) async throws {
        try await withPair(pair, answers: [Answer.json(pair.provider.whole())]) { gateway, _ in
            let answer = try await gateway.send(pair.caller.request(stream: true))
            #expect(answer.status == 200)
            #expect(pair.caller.text(ofStream: answer.bodyText) == "Hello", "\(answer.bodyText)")
            #expect(pair.caller.hasEndedWell(answer.bodyText), "\(answer.bodyText)")
        }
    }

    @Test("a provider that always streams answers a client that wants one body", arguments: Pair.translated)
    func streamForBody(_ pair: Pair) async throws {
        try await withPair(pair, answers: [pair.provider.answer(stream: true)]) { gateway, _ in
            let answer = try await gateway.send(pair.caller.request(stream: false))
            #expect(answer.status == 200)
            #expect(pair.caller.text(ofWhole: answer.bodyText) == "Hello", "\(answer.bodyText)")
        }
    }

    @Test("the same request makes the same bytes, whatever its id", arguments: Pair.translated)
    func deterministic(_ pair: Pair) async throws {
        try await withPair(pair, answers: [pair.provider.answer(stream: false)]) { gateway, upstream in
            for _ in 0..<2 { _ = try await gateway.send(pair.caller.request(stream: false)) }
            #expect(try await upstream.request(0).body == upstream.request(1).body)
        }
    }

    @Test(
        "the caller's own fields stay behind, and the provider has what its dialect needs",
        arguments: Pair.translated
    )
    func fields(_ pair: Pair) async throws {
        try await withPair(pair, answers: [pair.provider.answer(stream: false)]) { gateway, upstream in
            let fields = [
                ("anthropic-beta", "x"), ("openai-beta", "y"), ("originator", "codex"), ("User-Agent", "me/1"),
                ("Authorization", "Bearer mine"),
            ]
            _ = try await gateway.send(pair.caller.request(stream: false, fields: fields))
            let request = try await upstream.request()
            #expect(request.field("anthropic-beta") == nil && request.field("openai-beta") == nil)
            #expect(request.field("originator") == nil)
            #expect(request.field("user-agent") == "me/1")
            #expect(request.field("authorization") == "Bearer provider-key")
            #expect(request.field("content-type") == "application/json")
            #expect(request.field("anthropic-version") == (pair.provider == .messages ? "2023-06-01" : nil))
            #expect(request.field("x-request-id")?.hasPrefix("req_") == true)
        }
    }
}
