import Inference
import JSON
import Testing

@testable import Dialects

@Suite("Answering an Ollama client")
struct OllamaAnswerTests {
    private static let line = #"{"model":"m","created_at":"2026-08-01T00:00:00Z","#

    @Test("a stream has these very lines")
    func stream() {
        let end =
            #""total_duration":0,"load_duration":0,"prompt_eval_count":11,"prompt_eval_duration":0,"eval_count":22,"eval_duration":0}"#
        let events: [InferenceEvent] = [
            .started(id: "x", model: "other"), .reasoningDelta("hm"), .textDelta("Hi\n"),
            .toolCallStarted(index: 0, ToolCall(id: "a", name: "f")),
            .toolCallFinished(index: 0, ToolCall(id: "a", name: "f", arguments: "{\"p\":\n1}")),
            .usage(Usage(input: 11, output: 22)), .finished(.toolCalls),
        ]
        let call = #"[{"id":"a","function":{"index":0,"name":"f","arguments":{"p": 1}}}]"#
        let chat = [
            #""message":{"role":"assistant","content":"","thinking":"hm"},"done":false}"#,
            #""message":{"role":"assistant","content":"Hi\n"},"done":false}"#,
            #""message":{"role":"assistant","content":"","tool_calls":\#(call)},"done":false}"#,
            #""message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",\#(end)"#,
        ]
        #expect(OllamaSamples.encoded(events, OllamaSamples.context()) == chat.map { Self.line + $0 + "\n" }.joined())
        let generate = [
            #""response":"","thinking":"hm","done":false}"#, #""response":"Hi\n","done":false}"#,
            #""response":"","tool_calls":\#(call),"done":false}"#,
            #""response":"","done":true,"done_reason":"stop",\#(end)"#,
        ]
        let written = OllamaSamples.encoded(events, OllamaSamples.context(.ollamaGenerate))
        #expect(written == generate.map { Self.line + $0 + "\n" }.joined())
    }

    @Test("a whole answer has these very bytes")
    func body() {
        let events: [InferenceEvent] = [
            .reasoningSummaryDelta("one", part: 0), .reasoningSummaryDelta("two", part: 1), .textDelta("a"),
            .refusalDelta("b"), .finished(.maxOutputTokens),
        ]
        let end =
            #""done":true,"done_reason":"length","total_duration":0,"load_duration":0,"prompt_eval_duration":0,"eval_duration":0}"#
        let chat = #""message":{"role":"assistant","content":"ab","thinking":"one\n\ntwo"},\#(end)"#
        #expect(OllamaSamples.encoded(events, OllamaSamples.context(stream: false)) == Self.line + chat)
        let generate = #""response":"ab","thinking":"one\n\ntwo",\#(end)"#
        #expect(
            OllamaSamples.encoded(events, OllamaSamples.context(.ollamaGenerate, stream: false)) == Self.line + generate
        )
    }

    @Test("every line is one line for every client, and JSON", arguments: [Endpoint.ollamaChat, .ollamaGenerate])
    func lines(_ endpoint: Endpoint) throws {
        var context = OllamaSamples.context(endpoint)
        context.model = "m\u{2028}n"
        var encoder = context.encoder()
        var writer = JSONWriter()
        encoder.keepAlive(into: &writer)
        for event in OllamaSamples.events.dropLast() { encoder.encode(event, into: &writer) }
        encoder.keepAlive(into: &writer)
        encoder.fail(InferenceError(.upstreamFailed, "It\u{2029}broke."), into: &writer)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(!text.unicodeScalars.contains { ["\u{85}", "\u{2028}", "\u{2029}"].contains($0) })
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.last == "")
        for line in lines.dropLast() { #expect(try JSONDocument(String(line)).root.kind == .object) }
        #expect(lines.dropLast().last == #"{"error":"It\u2029broke."}"#)
        #expect(encoder.contentType == "application/x-ndjson")
    }

    @Test(
        "arguments that are no object are wrapped in one, so that nothing is lost",
        arguments: [
            ("", "{}"), ("{broken", #"{"arguments":"{broken"}"#), ("[1]", #"{"arguments":"[1]"}"#),
            (#"{"a":1,"a":2}"#, #"{"arguments":"{\"a\":1,\"a\":2}"}"#), (#"{"a":1}"#, #"{"a":1}"#),
        ]
    )
    func arguments(_ written: String, _ expected: String) {
        let call = ToolCall(id: "a", name: "f", arguments: written)
        let text = OllamaSamples.encoded([.toolCallFinished(index: 0, call)], OllamaSamples.context())
        #expect(text.contains("\"arguments\":\(expected)}}]"))
    }

    @Test("a failure is a line of its own and never a done one")
    func failure() {
        var encoder = OllamaSamples.context().encoder()
        var writer = JSONWriter()
        encoder.encode(.textDelta("a"), into: &writer)
        encoder.fail(InferenceError(.overloaded, "server busy"), into: &writer)
        let (events, failure) = OllamaSamples.decoded([writer.bytes])
        #expect(events == [.started(id: nil, model: "m"), .textDelta("a")])
        #expect(failure?.message == "server busy")
    }

    @Test(
        "times are RFC 3339",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_785_542_399, "2026-07-31T23:59:59Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"), (-5, "1970-01-01T00:00:00Z"), (.max, "9999-12-31T23:59:59Z"),
        ]
    )
    func times(_ seconds: Int, _ expected: String) {
        #expect(Ollama.timestamp(seconds) == expected)
    }
}
