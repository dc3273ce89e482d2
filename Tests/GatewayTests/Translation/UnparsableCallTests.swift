import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("A call whose arguments Ollama could not read")
struct UnparsableCallTests {
    private static let tools =
        #""tools":[{"type":"function","name":"shell","parameters":{"type":"object","properties":{"command":{"type":"array"}},"required":["command"]}}],"#

    private static func refusal(_ raw: String) -> [Step] {
        let error = JSONValue.string("error parsing tool call: raw='\(raw)', err=invalid character ']'")
        return Answer.json(#"{"error":\#(String(decoding: error.bytes, as: UTF8.self))}"#, status: 500)
    }

    @Test("is mended and answered as if it had been good", arguments: [true, false])
    func mended(_ streams: Bool) async throws {
        let pair = Pair(caller: .responses, provider: .ollama)
        try await withPair(pair, answers: [Self.refusal(#"{"command":["ls",]}"#)]) { gateway, _ in
            let answer = try await gateway.send(pair.caller.request(stream: streams, extra: Self.tools))
            #expect(answer.status == 200)
            #expect(answer.bodyText.contains(#""arguments":"{\"command\":[\"ls\"]}""#))
            #expect(answer.bodyText.contains("response.completed") == streams)
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "ok")
        }
    }

    @Test("stays the provider's failure where no tool can be meant")
    func hopeless() async throws {
        let pair = Pair(caller: .responses, provider: .ollama)
        try await withPair(pair, answers: [Self.refusal("what")]) { gateway, _ in
            let answer = try await gateway.send(pair.caller.request(stream: true, extra: Self.tools))
            #expect(answer.status >= 500)
        }
    }
}
