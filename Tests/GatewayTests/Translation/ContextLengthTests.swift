import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("The context that an Ollama is asked to allocate")
struct ContextLengthTests {
    @Test("it is the provider's own, one for all callers", arguments: Pair.translated)
    func numCtx(_ pair: Pair) async throws {
        guard pair.provider == .ollama else { return }
        let answer = pair.provider.answer(stream: false)
        try await withPair(pair, answers: [answer], provider: { $0.contextLength = 65_536 }) { gateway, upstream in
            #expect(try await gateway.send(pair.caller.request(stream: false)).status == 200)
            let options = try JSONDocument(try await upstream.request().body).root["options"]
            #expect(options?["num_ctx"]?.int == 65_536)
        }
    }
}
