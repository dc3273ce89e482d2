import Dialects
import JSON
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("What a translated request leaves out")
struct DroppedTests {
    @Test("a hint that is left out is named in the answer and in the log", arguments: [true, false])
    func named(_ stream: Bool) async throws {
        let pair = Pair(caller: .responses, provider: .ollama)
        try await withPair(pair, answers: [pair.provider.answer(stream: stream)]) { gateway, _ in
            let extra = #""store":false,"include":["reasoning.encrypted_content"],"prompt_cache_key":"k","#
            let answer = try await gateway.send(pair.caller.request(stream: stream, extra: extra))
            #expect(answer.status == 200)
            let dropped = try #require(answer.field("x-torii-dropped"))
            #expect(dropped.split(separator: ", ").contains("prompt_cache_key"))
            #expect(try await gateway.log.record()["dropped"] == dropped)
        }
    }

    @Test("nothing is said where nothing was left out", arguments: Pair.all)
    func silent(_ pair: Pair) async throws {
        try await withPair(pair, answers: [pair.provider.answer(stream: false)]) { gateway, _ in
            let answer = try await gateway.send(pair.caller.request(stream: false))
            #expect(answer.field("x-torii-dropped") == nil, "\(answer.fields)")
        }
    }

    @Test("what may not be left out is refused by name, and nobody is asked", arguments: Pair.translated)
    func refused(_ pair: Pair) async throws {
        try await withPair(pair, answers: [[.stall]]) { gateway, upstream in
            let answer = try await gateway.send(pair.caller.request(stream: false, extra: #""x_unheard_of":[1],"#))
            #expect(answer.status == 400)
            #expect(pair.caller.isError(answer.bodyText) && answer.bodyText.contains("x_unheard_of"))
            #expect(try await gateway.log.record()["outcome"] == "refused")
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("a name cannot break the header that it stands in")
    func hostileNames() {
        #expect(DroppedNames([]).text == nil)
        #expect(DroppedNames(["a", "tools[b]"]).text == "a, tools[b]")
        #expect(DroppedNames(["a\r\nx: y,z", "é"]).text == "a??x:?y?z, ??")
        let many = DroppedNames((0..<1_000).map { "name\($0)" }).text
        #expect(many.map { $0.utf8.count < 2_100 && $0.hasSuffix(", ...") } == true)
    }

    @Test("Ollama's cut prompt is a warning", arguments: [Side.chat, .ollama], [true, false])
    func cutPrompt(_ caller: Side, _ stream: Bool) async throws {
        let pair = Pair(caller: caller, provider: .ollama)
        let long = String(repeating: "many words ", count: 2_000)
        for (read, isCut) in [(900, true), (5_000, false)] {
            let steps =
                stream
                ? Answer.stream(pair.provider.events(input: read), contentType: pair.provider.streamType)
                : Answer.json(pair.provider.whole(input: read))
            try await withPair(pair, answers: [steps]) { gateway, _ in
                let answer = try await gateway.send(caller.request(text: long, stream: stream))
                let expected = isCut ? "prompt_truncated" : nil
                #expect(answer.field("x-torii-warning") == (stream ? nil : expected))
                #expect(try await gateway.log.record()["warning"] == expected)
            }
        }
    }
}
