import Inference
import JSON
import Testing

@testable import Dialects

/// An encoder for a caller that sent `body`.
func responsesContext(_ body: String = #"{"model":"m","input":"hi","stream":true}"#) throws -> AnswerContext {
    let caller = try CallerRequest(Array(body.utf8), endpoint: .responses)
    return AnswerContext(caller: caller, requestID: "q1", model: "m", createdAt: 42)
}

private func stream(_ events: [InferenceEvent], _ context: AnswerContext) -> [UInt8] {
    var encoder = context.encoder()
    var writer = JSONWriter()
    for event in events { encoder.encode(event, into: &writer) }
    return writer.bytes
}

/// Everything that an answer can hold.
private let everything: [InferenceEvent] = [
    .started(id: "up", model: "other"),
    .reasoningSummaryDelta("Plan", part: 0), .reasoningSummaryDelta("ning", part: 0),
    .reasoningSummaryDelta("Then \"so\"", part: 1), .reasoningDelta("hm"), .reasoningDelta("…"),
    .reasoningFinished(id: nil, signature: nil, encrypted: "ENC"),
    .reasoningFinished(id: nil, signature: nil, encrypted: "RED"),
    .textDelta("Dé"), .textDelta("jà\n👋🏽"),
    .citation(Citation(.url("https://x/y"), title: "Y")),
    .textDelta(" more"), .citation(Citation(.file(id: "f1"), title: "a.txt")),
    .citation(Citation(.document(index: 2), range: 1..<3)),
    .toolCallStarted(index: 0, ToolCall(id: "a", name: "read", namespace: "fs")),
    .toolCallArgumentsDelta(index: 0, "{\"p\":"),
    .toolCallStarted(index: 1, ToolCall(id: "b", name: "patch", kind: .custom)),
    .toolCallArgumentsDelta(index: 1, "*** "), .toolCallArgumentsDelta(index: 0, "1}"),
    .toolCallFinished(index: 0, ToolCall(id: "a", name: "read", namespace: "fs", arguments: "{\"p\":1}")),
    .toolCallArgumentsDelta(index: 1, "End"),
    .toolCallFinished(index: 1, ToolCall(id: "b", name: "patch", kind: .custom, arguments: "*** End")),
    .refusalDelta("I will "), .refusalDelta("not."),
    .usage(Usage(input: 10, cachedInput: 4, cacheWrite: 2, output: 7, reasoning: 3)), .finished(.toolCalls),
]

@Suite("Answers as Responses")
struct ResponsesStreamTests {
    @Test("the smallest stream has these very bytes")
    func golden() throws {
        let events: [InferenceEvent] = [
            .started(id: "c1", model: "x"), .textDelta("Hi"), .textDelta(" \"you\""),
            .usage(Usage(input: 3, output: 2)), .finished(.endTurn),
        ]
        let text = String(decoding: stream(events, try responsesContext()), as: UTF8.self)
        let rest =
            #""background":false,"instructions":null,"max_tool_calls":null,"previous_response_id":null,"prompt_cache_key":null,"max_output_tokens":null,"metadata":{},"parallel_tool_calls":true,"prompt_cache_retention":null,"reasoning":{"effort":null,"summary":null},"safety_identifier":null,"service_tier":"default","store":true,"temperature":1.0,"top_p":1.0,"presence_penalty":0.0,"frequency_penalty":0.0,"text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"top_logprobs":0,"truncation":"disabled","user":null"#
        let begun =
            #"{"id":"resp_q1","object":"response","created_at":42,"completed_at":null,"status":"in_progress","error":null,"incomplete_details":null,"model":"m","output":[],"usage":null,"#
        let item =
            #"{"id":"msg_q1_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi \"you\"","annotations":[],"logprobs":[]}]}"#
        let ended =
            #"{"id":"resp_q1","object":"response","created_at":42,"completed_at":42,"status":"completed","error":null,"incomplete_details":null,"model":"m","output":[\#(item)],"usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":5},"#
        #expect(
            text == """
                event: response.created
                data: {"type":"response.created","sequence_number":0,"response":\(begun)\(rest)}}

                event: response.in_progress
                data: {"type":"response.in_progress","sequence_number":1,"response":\(begun)\(rest)}}

                event: response.output_item.added
                data: {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_q1_0","type":"message","status":"in_progress","role":"assistant","content":[]}}

                event: response.content_part.added
                data: {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_q1_0","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}

                event: response.output_text.delta
                data: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_q1_0","output_index":0,"content_index":0,"delta":"Hi","logprobs":[]}

                event: response.output_text.delta
                data: {"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_q1_0","output_index":0,"content_index":0,"delta":" \\"you\\"","logprobs":[]}

                event: response.output_text.done
                data: {"type":"response.output_text.done","sequence_number":6,"item_id":"msg_q1_0","output_index":0,"content_index":0,"text":"Hi \\"you\\"","logprobs":[]}

                event: response.content_part.done
                data: {"type":"response.content_part.done","sequence_number":7,"item_id":"msg_q1_0","output_index":0,"content_index":0,"part":{"type":"output_text","text":"Hi \\"you\\"","annotations":[],"logprobs":[]}}

                event: response.output_item.done
                data: {"type":"response.output_item.done","sequence_number":8,"output_index":0,"item":\(item)}

                event: response.completed
                data: {"type":"response.completed","sequence_number":9,"response":\(ended)\(rest)}}

                data: [DONE]


                """
        )
    }

    @Test("a stream of everything keeps the specification's rules and means what it was made of")
    func rules() throws {
        let bytes = stream(everything, try responsesContext())
        let checker = ResponsesStreamChecker(bytes)
        #expect(checker.faults == [])
        #expect(
            checker.done.sorted { $0.key < $1.key }.map { $0.value["type"]?.string }
                == [
                    "reasoning", "reasoning", "message", "function_call", "custom_tool_call", "message",
                ]
        )
        #expect(checker.done[3]?["namespace"]?.string == "fs")
        #expect(checker.done[0]?["encrypted_content"]?.string == "ENC")
        let read = try Self.read(bytes)
        #expect(Self.answer(read) == Self.answer(everything))
        #expect(
            read.compactMap { if case .citation(let citation) = $0 { citation } else { nil } } == [
                Citation(.url("https://x/y"), title: "Y", range: 0..<7), Citation(.file(id: "f1"), title: "a.txt"),
                Citation(.file(id: "document_2")),
            ]
        )
    }

    @Test("the body is the response that the stream ends with")
    func body() throws {
        let streamed = ResponsesStreamChecker(stream(everything, try responsesContext())).response
        let body = stream(everything, try responsesContext(#"{"model":"m","input":"hi"}"#))
        #expect(try JSONValue(parsing: body) == streamed)
    }

    @Test("logprobs come with the piece of text that they are about, to a caller who asked")
    func logprobs() throws {
        let logprob = TokenLogprob(
            .init(token: "H", logprob: -0.5, bytes: [72]),
            top: [.init(token: "J", logprob: -2, bytes: nil)]
        )
        let events: [InferenceEvent] = [
            .started(id: nil, model: nil), .textDelta("H"), .logprobs([logprob]), .textDelta("i"), .finished(.endTurn),
        ]
        let body = #"{"model":"m","input":"hi","stream":true,"include":["message.output_text.logprobs"]}"#
        let bytes = stream(events, try responsesContext(body))
        let checker = ResponsesStreamChecker(bytes)
        #expect(checker.faults == [])
        let written: JSONValue = [
            [
                "token": "H", "logprob": -0.5, "bytes": [72],
                "top_logprobs": [["token": "J", "logprob": -2.0, "bytes": [74]]],
            ]
        ]
        #expect(checker.done[0]?["content"]?[0]?["logprobs"] == written)
        #expect(try Self.read(bytes).count { if case .logprobs = $0 { true } else { false } } == 1)
        #expect(!String(decoding: stream(events, try responsesContext()), as: UTF8.self).contains("top_logprobs\":["))
    }

    @Test(
        "how an answer ended is how it is read",
        arguments: [
            (.endTurn, "completed", nil, .endTurn), (.stopSequence("x"), "completed", nil, .endTurn),
            (.maxOutputTokens, "incomplete", "max_output_tokens", .maxOutputTokens),
            (.contentFilter, "incomplete", "content_filter", .contentFilter),
            (.refusal, "incomplete", "content_filter", .contentFilter),
            (.other("pause"), "incomplete", "pause", .other("pause")),
        ] as [(StopReason, String, String?, StopReason)]
    )
    func endings(_ reason: StopReason, _ status: String, _ why: String?, _ read: StopReason) throws {
        let bytes = stream([.textDelta("Half"), .finished(reason)], try responsesContext())
        let checker = ResponsesStreamChecker(bytes)
        #expect(checker.faults == [])
        #expect(checker.response?["status"]?.string == status)
        #expect(checker.response?["incomplete_details"]?["reason"]?.string == why)
        #expect(checker.done[0]?["status"]?.string == status)
        #expect(try Self.read(bytes).last == .finished(read))
    }

    @Test("a call that a limit may have cut off is not told as whole; one before it is")
    func cutCall() throws {
        var events: [InferenceEvent] = []
        for index in 0..<2 {
            let call = ToolCall(id: "c\(index)", name: "f", arguments: "{\"a")
            events.append(.toolCallStarted(index: index, ToolCall(id: call.id, name: call.name)))
            events.append(.toolCallFinished(index: index, call))
        }
        let cut = ResponsesStreamChecker(stream(events + [.finished(.maxOutputTokens)], try responsesContext()))
        #expect(cut.faults == [])
        #expect(cut.done[0]?["status"]?.string == "completed")
        #expect(cut.done[1]?["status"]?.string == "incomplete")
        let whole = ResponsesStreamChecker(stream(events + [.finished(.toolCalls)], try responsesContext()))
        #expect(whole.done[1]?["status"]?.string == "completed")
    }

    @Test("a call without arguments has an empty object, and a refusal in words is an answer")
    func small() throws {
        let call = ToolCall(id: "a", name: "now")
        let bytes = stream(
            [
                .refusalDelta("No."), .toolCallStarted(index: 0, call), .toolCallFinished(index: 0, call),
                .finished(.toolCalls),
            ],
            try responsesContext()
        )
        #expect(ResponsesStreamChecker(bytes).done[1]?["arguments"] == "{}")
        let refused = stream([.refusalDelta("No."), .finished(.refusal)], try responsesContext())
        #expect(ResponsesStreamChecker(refused).response?["status"] == "completed")
        #expect(try Self.read(refused).last == .finished(.refusal))
    }

    @Test("F2: a failure ends the stream in words of its own, wherever it comes", arguments: 0..<everything.count)
    func failures(_ count: Int) throws {
        var encoder = try responsesContext().encoder()
        var writer = JSONWriter()
        for event in everything.prefix(count) { encoder.encode(event, into: &writer) }
        encoder.fail(InferenceError(.interrupted, "The stream ended early."), into: &writer)
        let checker = ResponsesStreamChecker(writer.bytes)
        #expect(checker.faults == [])
        #expect(checker.types.last == "response.failed")
        #expect(
            checker.response?["error"] == ["code": "upstream_interrupted", "message": "The stream ended early."]
        )
    }

    @Test("a stream with nothing to say yet is kept alive by events that count", arguments: 0..<everything.count)
    func keepAlive(_ count: Int) throws {
        var encoder = try responsesContext().encoder()
        var writer = JSONWriter()
        for (place, event) in everything.enumerated() {
            if place == count {
                encoder.keepAlive(into: &writer)
                encoder.keepAlive(into: &writer)
            }
            encoder.encode(event, into: &writer)
        }
        let checker = ResponsesStreamChecker(writer.bytes)
        #expect(checker.faults == [])
        #expect(checker.types.count { $0 == "ping" } == (count == 0 ? 1 : 2))
        #expect(Self.answer(try Self.read(writer.bytes)) == Self.answer(everything))
    }

    @Test("the count of a request's tokens has its own body")
    func inputTokens() {
        #expect(
            String(decoding: InputTokens.body(17), as: UTF8.self)
                == #"{"object":"response.input_tokens","input_tokens":17}"#
        )
    }

    /// What a client of our own makes of a stream.
    private static func read(_ bytes: [UInt8]) throws -> [InferenceEvent] {
        var decoder = Decoding.decoder(for: .responses, stream: true)
        return try decoder.decode(bytes) + decoder.finish()
    }

    private static func answer(_ events: [InferenceEvent]) -> [ContentPart] {
        var answer = InferenceAnswer()
        for event in events {
            // The ids of items are the encoder's own.
            if case .reasoningFinished(_, let signature, let encrypted) = event {
                answer.apply(.reasoningFinished(id: nil, signature: signature, encrypted: encrypted))
            } else {
                answer.apply(event)
            }
        }
        return answer.message.content
    }
}
