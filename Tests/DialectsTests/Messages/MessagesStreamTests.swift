import Inference
import JSON
import Testing

@testable import Dialects

private let read = ToolCall(id: "toolu_a", name: "read")
private let list = ToolCall(id: "toolu_b", name: "list")

private func finished(_ call: ToolCall, _ arguments: String) -> ToolCall {
    var call = call
    call.arguments = arguments
    return call
}

/// Events of an answer, whatever a provider may do.
private struct Answer: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var events: [InferenceEvent]

    static let all: [Answer] = [
        Answer(testDescription: "nothing", events: [.finished(.endTurn)]),
        Answer(
            testDescription: "thinking, text and usage",
            events: [
                .started(id: "chatcmpl-1", model: "x"), .reasoningDelta("h"), .reasoningDelta("m"),
                .reasoningFinished(id: nil, signature: "SIG", encrypted: nil), .textDelta("你"), .textDelta("好 \"\n"),
                .usage(Usage(input: 30, cachedInput: 20, cacheWrite: 3, output: 9, reasoning: 4)), .finished(.endTurn),
            ]
        ),
        Answer(
            testDescription: "a retelling of the thinking in parts",
            events: [
                .started(id: nil, model: nil), .reasoningSummaryDelta("one", part: 0),
                .reasoningSummaryDelta("two", part: 1), .reasoningDelta("not again"), .textDelta("x"),
                .finished(.maxOutputTokens),
            ]
        ),
        Answer(
            testDescription: "thinking that only its provider can read",
            events: [
                .reasoningFinished(id: nil, signature: nil, encrypted: "RED"),
                .reasoningFinished(id: nil, signature: "ONLY", encrypted: nil), .textDelta("x"),
                .finished(.stopSequence("END")),
            ]
        ),
        Answer(
            testDescription: "calls that overlap, with text between them and no arguments for one",
            events: [
                .textDelta("Both."), .toolCallStarted(index: 0, read), .toolCallArgumentsDelta(index: 0, "{\"p\""),
                .toolCallStarted(index: 1, list), .toolCallArgumentsDelta(index: 1, "{\"q\":"),
                .toolCallArgumentsDelta(index: 0, ":1}"), .textDelta("then"), .toolCallArgumentsDelta(index: 1, "2}"),
                .toolCallFinished(index: 0, finished(read, "{\"p\":1}")),
                .toolCallFinished(index: 1, finished(list, "{\"q\":2}")),
                .toolCallStarted(index: 2, ToolCall(id: "", name: "now")),
                .toolCallFinished(index: 2, ToolCall(id: "", name: "now")), .finished(.toolCalls),
            ]
        ),
        Answer(
            testDescription: "calls that end in another order",
            events: [
                .toolCallStarted(index: 0, read), .toolCallStarted(index: 1, list), .reasoningDelta("late"),
                .reasoningFinished(id: nil, signature: "S", encrypted: nil),
                .toolCallArgumentsDelta(index: 1, "{}"), .toolCallFinished(index: 1, finished(list, "{}")),
                .toolCallArgumentsDelta(index: 0, "{}"), .toolCallFinished(index: 0, finished(read, "{}")),
                .textDelta("after"), .finished(.endTurn),
            ]
        ),
        Answer(
            testDescription: "calls that nobody finishes",
            events: [
                .toolCallStarted(index: 0, read), .toolCallArgumentsDelta(index: 0, "{\"p\":"),
                .toolCallStarted(index: 1, list), .finished(.maxOutputTokens),
            ]
        ),
        Answer(
            testDescription: "a refusal",
            events: [.textDelta("Well. "), .refusalDelta("No."), .finished(.endTurn)]
        ),
        Answer(
            testDescription: "citations of all kinds, one of them about nothing",
            events: [
                .citation(Citation(.url("https://lost"))), .textDelta("said"), .logprobs([]),
                .citation(Citation(.url("https://a"), title: "A", quote: "q")),
                .citation(Citation(.document(index: 2), title: "D")), .citation(Citation(.file(id: "f1"))),
                .textDelta("."), .finished(.endTurn),
            ]
        ),
    ]
}

@Suite("Writing Messages streams")
struct MessagesStreamTests {
    @Test("the events come in the dialect's order", arguments: Answer.all)
    fileprivate func order(_ answer: Answer) {
        #expect(MessagesEventOrder.fault(in: MessagesWire.encode(answer.events)) == nil)
    }

    @Test("a client reads the same answer out of it at every chunking", arguments: Answer.all)
    fileprivate func readBack(_ answer: Answer) throws {
        let bytes = Array(MessagesWire.encode(answer.events).utf8)
        let whole = try MessagesWire.read([bytes])
        for chunks in [bytes.map { [$0] }] + Chunkings.all(of: bytes).suffix(8) {
            #expect(try MessagesWire.read(chunks) == whole)
        }
    }

    @Test("the whole body says what the stream says", arguments: Answer.all)
    fileprivate func body(_ answer: Answer) throws {
        let stream = try MessagesWire.read([Array(MessagesWire.encode(answer.events).utf8)])
        let text = MessagesWire.encode(answer.events, stream: false)
        #expect(MessagesEventOrder.faultOfMessage(try JSONDocument(text).root) == nil)
        let body = try MessagesWire.read([Array(text.utf8)], stream: false)
        let (one, other) = (MessagesWire.sum(stream), MessagesWire.sum(body))
        #expect(one.stopReason == other.stopReason)
        #expect(one.usage == other.usage)
        guard answer.testDescription != "calls that nobody finishes" else { return }
        #expect(one.message == other.message)
    }

    @Test("an answer of everything has these very bytes")
    func golden() {
        let events: [InferenceEvent] = [
            .started(id: "x", model: "y"), .reasoningDelta("hm"),
            .reasoningFinished(id: nil, signature: "SIG", encrypted: nil), .textDelta("a\"b"),
            .citation(Citation(.url("https://a"), title: "A", quote: "q")), .toolCallStarted(index: 0, read),
            .toolCallArgumentsDelta(index: 0, "{\"p\":1}"),
            .toolCallFinished(index: 0, finished(read, "{\"p\":1}")), .toolCallStarted(index: 1, list),
            .toolCallFinished(index: 1, list),
            .usage(Usage(input: 30, cachedInput: 20, cacheWrite: 3, output: 9, reasoning: 4)), .finished(.toolCalls),
        ]
        let frames: [(String, String)] = [
            (
                "message_start",
                #""message":{"id":"msg_r1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0,"output_tokens_details":null,"server_tool_use":null,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"service_tier":"standard","inference_geo":null}}"#
            ),
            (
                "content_block_start",
                #""index":0,"content_block":{"type":"thinking","thinking":"","signature":""}"#
            ),
            ("content_block_delta", #""index":0,"delta":{"type":"thinking_delta","thinking":"hm"}"#),
            ("content_block_delta", #""index":0,"delta":{"type":"signature_delta","signature":"SIG"}"#),
            ("content_block_stop", #""index":0"#),
            ("content_block_start", #""index":1,"content_block":{"type":"text","text":"","citations":null}"#),
            ("content_block_delta", #""index":1,"delta":{"type":"text_delta","text":"a\"b"}"#),
            (
                "content_block_delta",
                #""index":1,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","cited_text":"q","encrypted_index":"","title":"A","url":"https://a"}}"#
            ),
            ("content_block_stop", #""index":1"#),
            (
                "content_block_start",
                #""index":2,"content_block":{"type":"tool_use","id":"toolu_a","name":"read","input":{},"caller":{"type":"direct"}}"#
            ),
            ("content_block_delta", #""index":2,"delta":{"type":"input_json_delta","partial_json":"{\"p\":1}"}"#),
            ("content_block_stop", #""index":2"#),
            (
                "content_block_start",
                #""index":3,"content_block":{"type":"tool_use","id":"toolu_b","name":"list","input":{},"caller":{"type":"direct"}}"#
            ),
            ("content_block_delta", #""index":3,"delta":{"type":"input_json_delta","partial_json":"{}"}"#),
            ("content_block_stop", #""index":3"#),
            (
                "message_delta",
                #""delta":{"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null},"usage":{"input_tokens":7,"cache_creation_input_tokens":3,"cache_read_input_tokens":20,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4},"server_tool_use":null}"#
            ),
        ]
        let expected =
            frames.map { "event: \($0)\ndata: {\"type\":\"\($0)\",\($1)}\n\n" }.joined()
            + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
        #expect(MessagesWire.encode(events) == expected)
    }

    @Test("a whole message has these very bytes")
    func goldenBody() {
        let events: [InferenceEvent] = [
            .reasoningDelta("hm"), .reasoningFinished(id: nil, signature: nil, encrypted: nil), .textDelta("a"),
            .toolCallStarted(index: 0, read), .toolCallFinished(index: 0, finished(read, "{broken")),
            .usage(Usage(input: 5)), .finished(.endTurn),
        ]
        #expect(
            MessagesWire.encode(events, stream: false)
                == #"{"id":"msg_r1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"a","citations":null},{"type":"tool_use","id":"toolu_a","name":"read","input":{"arguments":"{broken"},"caller":{"type":"direct"}}],"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0,"output_tokens_details":null,"server_tool_use":null,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"service_tier":"standard","inference_geo":null}}"#
        )
    }

    @Test("what is kept for an hour is told apart from what is kept for five minutes, both ways")
    func hour() throws {
        let usage = Usage(input: 12, cacheWrite: 9, cacheWrite1h: 4, output: 1)
        let body = MessagesWire.encode([.textDelta("a"), .usage(usage), .finished(.endTurn)], stream: false)
        #expect(body.contains(#""ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":4"#))
        let read = decode([Array(body.utf8)], .messages, stream: false).events
        #expect(read.contains { if case .usage(let told) = $0 { told.cacheWrite1h == 4 } else { false } })
    }

    @Test("what message_start tells of an hour's cache holds for what message_delta says later")
    func hourOfStream() {
        let start =
            #"{"type":"message_start","message":{"id":"i","model":"m","usage":{"input_tokens":3,"cache_creation_input_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":4},"output_tokens":1}}}"#
        let end =
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":3,"cache_creation_input_tokens":9,"output_tokens":6}}"#
        var observer = StreamObserver(.messages)
        _ = observer.observe(Array("event: message_start\ndata: \(start)\n\n".utf8).span.bytes)
        _ = observer.observe(Array("event: message_delta\ndata: \(end)\n\n".utf8).span.bytes)
        #expect(observer.usage == Usage(input: 12, cacheWrite: 9, cacheWrite1h: 4, output: 6))
    }

    @Test("calls that overlap are written one after the other, and the first one at once")
    func overlap() {
        var encoder = MessagesWire.context().encoder()
        var writer = JSONWriter()
        encoder.encode(.toolCallStarted(index: 0, read), into: &writer)
        encoder.encode(.toolCallArgumentsDelta(index: 0, "{\"p\""), into: &writer)
        #expect(String(decoding: writer.take(), as: UTF8.self).contains(#""partial_json":"{\"p\"""#))
        encoder.encode(.toolCallStarted(index: 1, list), into: &writer)
        encoder.encode(.toolCallArgumentsDelta(index: 1, "{}"), into: &writer)
        encoder.encode(.textDelta("x"), into: &writer)
        #expect(writer.take().isEmpty)
        encoder.encode(.toolCallFinished(index: 0, finished(read, "{\"p\":1}")), into: &writer)
        let text = String(decoding: writer.take(), as: UTF8.self)
        #expect(text.contains("toolu_b"))
        #expect(!text.contains("text_delta"))
    }

    @Test(
        "reasons to stop keep their meaning",
        arguments: [
            (StopReason.endTurn, "end_turn", nil), (.maxOutputTokens, "max_tokens", nil),
            (.stopSequence("END"), "stop_sequence", "END"), (.toolCalls, "end_turn", nil),
            (.contentFilter, "refusal", nil), (.refusal, "refusal", nil), (.other("pause_turn"), "pause_turn", nil),
            (.other("unheard"), "end_turn", nil),
        ] as [(StopReason, String, String?)]
    )
    func stops(_ reason: StopReason, _ word: String, _ sequence: String?) throws {
        let root = try JSONDocument(MessagesWire.encode([.textDelta("x"), .finished(reason)], stream: false)).root
        #expect(root["stop_reason"]?.string == word)
        #expect(root["stop_sequence"]?.string == sequence)
        #expect((root["stop_details"]?.isNull == false) == (word == "refusal"))
    }

    @Test("F2, F6: a failure is the dialect's error event and nothing behind it")
    func failure() {
        var encoder = MessagesWire.context().encoder()
        var writer = JSONWriter()
        encoder.keepAlive(into: &writer)
        encoder.encode(.textDelta("half"), into: &writer)
        encoder.fail(InferenceError(.overloaded, "Busy."), into: &writer)
        encoder.encode(.finished(.endTurn), into: &writer)
        encoder.keepAlive(into: &writer)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(MessagesEventOrder.fault(in: text) == nil)
        #expect(text.hasPrefix("event: ping\ndata: {\"type\":\"ping\"}\n\nevent: message_start"))
        #expect(
            text.hasSuffix(
                #"data: {"type":"error","error":{"type":"overloaded_error","message":"Busy."},"request_id":"r1"}"#
                    + "\n\n"
            )
        )
    }

    @Test("a body that failed is not written at all")
    func failedBody() {
        var encoder = MessagesWire.context(stream: false).encoder()
        var writer = JSONWriter()
        encoder.encode(.textDelta("half"), into: &writer)
        encoder.fail(InferenceError(.overloaded, "Busy."), into: &writer)
        encoder.encode(.finished(.endTurn), into: &writer)
        #expect(writer.bytes.isEmpty)
    }
}
