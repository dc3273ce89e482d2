import Inference
import Testing

@testable import Dialects

@Suite("A provider's proof of its thinking, on its way through a caller's history")
struct ReasoningSealTests {
    private func sealed(
        _ signature: String?,
        _ encrypted: String?,
        id: String? = "rs_1",
        by provider: String = "höuse.1",
        caller: Dialect
    ) -> Reasoning {
        let seal = ReasoningSeal(provider: provider, caller: caller)
        let event = seal.close(.reasoningFinished(id: id, signature: signature, encrypted: encrypted))
        guard case .reasoningFinished(let id, let signature, let encrypted) = event else { return Reasoning() }
        return Reasoning(text: "hm", signature: signature, encrypted: encrypted, id: id)
    }

    private func opened(_ reasoning: Reasoning, for provider: String) -> (parts: [ContentPart], dropped: [String]) {
        var messages = [Message(.assistant, [.reasoning(reasoning), .text("x")])]
        var dropped: [String] = []
        ReasoningSeal.open(&messages, for: provider, &dropped)
        return (Array(messages[0].content.dropLast()), dropped)
    }

    @Test("comes back to the provider that made it, in its own kind", arguments: [Dialect.responses, .messages])
    func back(_ caller: Dialect) {
        let signed = opened(sealed("S.I.G", nil, caller: caller), for: "höuse.1")
        #expect(signed.parts == [.reasoning(Reasoning(text: "hm", signature: "S.I.G", id: "rs_1"))])
        let encrypted = opened(sealed(nil, "ENC", id: nil, caller: caller), for: "höuse.1")
        #expect(encrypted.parts == [.reasoning(Reasoning(text: "hm", encrypted: "ENC"))])
        #expect(signed.dropped.isEmpty && encrypted.dropped.isEmpty)
    }

    @Test("stays where the caller's dialect has a place for it")
    func places() {
        #expect(sealed("S", nil, caller: .responses).signature == nil)
        #expect(sealed("S", nil, caller: .responses).encrypted != nil)
        #expect(sealed(nil, "E", caller: .messages).signature != nil)
        for caller in [Dialect.chat, .ollama] { #expect(sealed("S", "E", caller: caller) == Reasoning(text: "hm")) }
    }

    @Test(
        "goes to no other provider, and is named as left out",
        arguments: ["other", "h", "höuse.1.more", ""]
    )
    func others(_ provider: String) {
        let result = opened(sealed("S", nil, caller: .messages), for: provider)
        #expect(result.parts == [.reasoning(Reasoning(text: "hm"))])
        #expect(result.dropped == ["reasoning.encrypted_content"])
    }

    @Test(
        "what no provider of ours has sealed is left out",
        arguments: [
            "", "torii1", "torii1.s", "torii1.s.zz.00", "torii1....", "EqQBCgIYAhIM", "torii1.s.6.6.x", ".....",
        ]
    )
    func foreign(_ proof: String) {
        let result = opened(Reasoning(encrypted: proof, id: "rs"), for: "house")
        #expect(result.parts.isEmpty)
        #expect(result.dropped == ["reasoning.encrypted_content"])
    }

    @Test("thinking in plain words stays as it is")
    func plain() {
        let result = opened(Reasoning(text: "hm", summary: ["s"], id: "rs"), for: "house")
        #expect(result.parts == [.reasoning(Reasoning(text: "hm", summary: ["s"]))])
        #expect(result.dropped.isEmpty)
    }
}
