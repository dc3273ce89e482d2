import Inference
import JSON
import Testing

@testable import Dialects

@Suite("One exchange across dialects")
struct TranslationTests {
    private func translate(_ members: String, to dialect: Dialect = .responses) throws(InferenceError) -> Translation {
        let text = #"{"model":"m","messages":[{"role":"user","content":"hi"}],\#(members)}"#
        let caller = try CallerRequest(Array(text.utf8), endpoint: .chatCompletions)
        return try Translation(caller, to: dialect, provider: "p", model: "other")
    }

    @Test("members of the same name are carried, hints are named, defaults say nothing")
    func rest() throws {
        let members = #""user":"u","verbosity":"low","n":1,"service_tier":"auto","logit_bias":{},"store":null"#
        let translation = try translate(members)
        let root = try JSONDocument(translation.wire.body).root
        #expect(root["model"]?.string == "other")
        #expect(root["user"]?.string == "u")
        #expect(
            root["n"] == nil && root["logit_bias"] == nil && root["verbosity"] == nil && root["service_tier"] == nil
        )
        #expect(translation.dropped == ["verbosity"])
        #expect(try translate(members, to: .ollama).dropped.contains("user"))
    }

    @Test("what nobody knows and what must not be left out is refused by name", arguments: ["future", "n", "audio"])
    func refused(_ name: String) {
        let error = #expect(throws: InferenceError.self) { try translate(#""\#(name)":5"#) }
        #expect(error?.field == name)
        #expect(error?.detail == "unsupported_by_provider")
        #expect(error?.message.contains(name) == true)
    }

    @Test("what an encoder refuses is named in the caller's words")
    func words() throws {
        let error = #expect(throws: InferenceError.self) { try translate(#""stop":"x""#) }
        #expect(error?.field == "stop")
        #expect(CallerWords.name("messages[2].role", for: .responses) == "input[2].role")
        #expect(CallerWords.name("stop", for: .messages) == "stop_sequences")
        #expect(CallerWords.name("unheard_of[].x", for: .messages) == "unheard_of[].x")
    }

    @Test("names that the caller wrote cannot end a header, and are not endless")
    func names() {
        let long = String(repeating: "x", count: 200)
        let request = InferenceRequest(model: "m", messages: [])
        let caller = CallerRequest(endpoint: .chatCompletions, request: request)
        let list = CallerWords.list(["a\r\nx: y", "b,c", "é", long, "a\r\nx: y"], for: caller)
        #expect(list == ["a??x:?y", "b?c", "?", String(long.prefix(80))])
        #expect(CallerWords.list((0..<100).map { "n\($0)" }, for: caller).count == 41)
    }

    @Test("a Chat answer goes down as it comes")
    func answer() throws {
        var answer = try translate(#""stream":true"#, to: .chat).answer(requestID: "r", createdAt: 1, limit: 1 << 20)
        let stream = encoded(ChatAnswerTests.rich, chatContext())
        var text = ""
        #expect(!answer.hasBegun)
        for chunk in Array(stream.utf8).map({ [$0] }) {
            text += String(decoding: try answer.take(chunk.span.bytes), as: UTF8.self)
        }
        #expect(answer.contentType == "text/event-stream")
        #expect(answer.hasBegun && answer.isComplete)
        #expect(answer.usage?.input == 10)
        #expect(text.hasSuffix("data: [DONE]\n\n"))
        #expect(text.contains(#""model":"m""#))
    }
}
