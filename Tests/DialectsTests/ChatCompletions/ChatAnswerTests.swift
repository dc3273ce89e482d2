import Inference
import JSON
import Testing

@testable import Dialects

/// An encoder's context for a Chat caller.
func chatContext(
    stream: Bool = true,
    includesUsage: Bool = true,
    endpoint: Endpoint = .chatCompletions,
    members: JSONObject = [:]
) -> AnswerContext {
    let request = InferenceRequest(model: "m", messages: [Message(.user, "hi")], stream: stream)
    let caller = CallerRequest(endpoint: endpoint, request: request, includesUsage: includesUsage, members: members)
    return AnswerContext(caller: caller, requestID: "r1", model: "m", createdAt: 9)
}

/// All bytes that an encoder makes of events.
func encoded(_ events: [InferenceEvent], _ context: AnswerContext) -> String {
    var encoder = context.encoder()
    var writer = JSONWriter()
    for event in events { encoder.encode(event, into: &writer) }
    return String(decoding: writer.bytes, as: UTF8.self)
}

@Suite("Writing answers for Chat callers")
struct ChatAnswerTests {
    static let rich: [InferenceEvent] = [
        .started(id: "up", model: "upstream"), .reasoningDelta("hm\n"),
        .reasoningFinished(id: nil, signature: nil, encrypted: nil), .textDelta("Hi \"👋\""),
        .logprobs([
            TokenLogprob(.init(token: "Hi", logprob: -0.5, bytes: [72, 105]), top: [.init(token: "Hi", logprob: -0.5)])
        ]),
        .citation(Citation(.url("https://x.org"), title: "X", range: 0..<2)),
        .toolCallStarted(index: 0, ToolCall(id: "a", name: "read")),
        .toolCallArgumentsDelta(index: 0, "{\"p\":"),
        .toolCallStarted(index: 1, ToolCall(id: "b", name: "patch", kind: .custom)),
        .toolCallArgumentsDelta(index: 1, "***"), .toolCallArgumentsDelta(index: 0, "1}"),
        .toolCallFinished(index: 0, ToolCall(id: "a", name: "read", arguments: "{\"p\":1}")),
        .toolCallFinished(index: 1, ToolCall(id: "b", name: "patch", kind: .custom, arguments: "***")),
        .usage(Usage(input: 10, cachedInput: 4, output: 7, reasoning: 2)), .finished(.toolCalls),
    ]

    private func chunk(_ delta: String, finish: String = "null", logprobs: String = "null") -> String {
        #"data: {"id":"chatcmpl-r1","object":"chat.completion.chunk","created":9,"model":"m","choices":[{"index":0,"delta":\#(delta),"logprobs":\#(logprobs),"finish_reason":\#(finish)}],"usage":null}"#
            + "\n\n"
    }

    private static let usage =
        #"{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#

    private static let logprobs =
        #"{"content":[{"token":"Hi","logprob":-0.5,"bytes":[72,105],"top_logprobs":[{"token":"Hi","logprob":-0.5,"bytes":null}]}],"refusal":null}"#

    private static let annotations =
        #"[{"type":"url_citation","url_citation":{"start_index":0,"end_index":2,"title":"X","url":"https://x.org"}}]"#

    @Test("a stream has these very bytes")
    func stream() {
        let expected =
            chunk(#"{"role":"assistant","content":"","refusal":null}"#)
            + chunk(#"{"reasoning_content":"hm\n"}"#) + chunk(#"{"content":"Hi \"👋\""}"#)
            + chunk("{}", logprobs: Self.logprobs) + chunk(#"{"annotations":\#(Self.annotations)}"#)
            + chunk(
                #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"read","arguments":""}}]}"#
            )
            + chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"p\":"}}]}"#)
            + chunk(#"{"tool_calls":[{"index":1,"id":"b","type":"custom","custom":{"name":"patch","input":""}}]}"#)
            + chunk(#"{"tool_calls":[{"index":1,"custom":{"input":"***"}}]}"#)
            + chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}"#)
            + chunk("{}", finish: #""tool_calls""#)
            + #"data: {"id":"chatcmpl-r1","object":"chat.completion.chunk","created":9,"model":"m","choices":[],"usage":\#(Self.usage)}"#
            + "\n\ndata: [DONE]\n\n"
        #expect(encoded(Self.rich, chatContext()) == expected)
    }

    @Test("a body has these very bytes")
    func body() {
        let message =
            #"{"role":"assistant","content":"Hi \"👋\"","refusal":null,"annotations":\#(Self.annotations),"reasoning_content":"hm\n","tool_calls":[{"id":"a","type":"function","function":{"name":"read","arguments":"{\"p\":1}"}},{"id":"b","type":"custom","custom":{"name":"patch","input":"***"}}]}"#
        #expect(
            encoded(Self.rich, chatContext(stream: false))
                == #"{"id":"chatcmpl-r1","object":"chat.completion","created":9,"model":"m","choices":[{"index":0,"message":\#(message),"logprobs":\#(Self.logprobs),"finish_reason":"tool_calls"}],"usage":\#(Self.usage)}"#
        )
    }

    @Test("without being asked no chunk speaks of usage")
    func noUsage() throws {
        let text = encoded(Self.rich, chatContext(includesUsage: false))
        #expect(!text.contains("usage"))
        #expect(!text.contains(#""choices":[]"#))
        #expect(text.hasSuffix("data: [DONE]\n\n"))
    }

    @Test("our own decoder reads the same answer back at every chunking", arguments: [true, false])
    func roundTrip(_ stream: Bool) throws {
        let bytes = Array(encoded(Self.rich, chatContext(stream: stream)).utf8)
        let chunkings =
            stream
            ? Chunkings.all(of: bytes, random: 4).enumerated().filter { $0.offset % 7 < 2 }.map(\.element) : [[bytes]]
        var first: [InferenceEvent]?
        for chunks in chunkings {
            var decoder = Decoding.decoder(for: .chat, stream: stream)
            var events: [InferenceEvent] = []
            for chunk in chunks { events += try decoder.decode(chunk) }
            if !stream { events += try decoder.finish() }
            if let first { #expect(events == first) } else { first = events }
        }
        var (answer, original) = (InferenceAnswer(), InferenceAnswer())
        for event in first ?? [] { answer.apply(event) }
        for event in Self.rich { original.apply(event) }
        #expect(answer.message == original.message)
        #expect(answer.usage == original.usage)
        #expect(answer.stopReason == original.stopReason)
        let others = first?.filter {
            if case .logprobs = $0 { true } else if case .citation = $0 { true } else { false }
        }
        #expect(others?.count == 2)
    }

    @Test(
        "why it ended",
        arguments: [
            (StopReason.endTurn, "stop"), (.maxOutputTokens, "length"), (.stopSequence("x"), "stop"),
            (.contentFilter, "content_filter"), (.refusal, "content_filter"), (.other("pause"), "stop"),
        ]
    )
    func reasons(_ reason: StopReason, _ word: String) {
        let events: [InferenceEvent] = [.started(id: nil, model: nil), .textDelta("x"), .finished(reason)]
        #expect(encoded(events, chatContext(stream: false)).contains(#""finish_reason":"\#(word)""#))
        #expect(encoded(events, chatContext()).contains(#""finish_reason":"\#(word)""#))
    }

    @Test("a refusal in words ends as it should")
    func refusal() {
        let events: [InferenceEvent] = [.started(id: nil, model: nil), .refusalDelta("No."), .finished(.refusal)]
        #expect(encoded(events, chatContext()).contains(#"{"refusal":"No."}"#))
        let body = encoded(events, chatContext(stream: false))
        #expect(body.contains(#""content":null,"refusal":"No.""#))
        #expect(body.contains(#""finish_reason":"stop""#))
    }

    @Test(
        "a failure is an error event without a reason to have finished, and nothing follows it",
        arguments: [true, false]
    )
    func failure(_ hasBegun: Bool) {
        var encoder = chatContext().encoder()
        var writer = JSONWriter()
        if hasBegun { encoder.encode(.started(id: nil, model: nil), into: &writer) }
        _ = writer.take()
        encoder.fail(InferenceError(.interrupted, "It broke."), into: &writer)
        encoder.encode(.textDelta("x"), into: &writer)
        encoder.keepAlive(into: &writer)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"data: {"error":{"message":"It broke.","type":"server_error","param":null,"code":"upstream_interrupted"}}"#
                + "\n\n"
        )
    }

    @Test("waiting is told in a comment, and in nothing where no stream is written")
    func keepAlive() {
        for (stream, expected) in [(true, ": keep-alive\n\n"), (false, "")] {
            var encoder = chatContext(stream: stream).encoder()
            var writer = JSONWriter()
            encoder.keepAlive(into: &writer)
            #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
        }
    }

    @Test("the retelling of thinking is told where the thinking itself is not")
    func summaries() {
        let summary: [InferenceEvent] = [
            .started(id: nil, model: nil), .reasoningSummaryDelta("One", part: 0), .reasoningSummaryDelta(".", part: 0),
            .reasoningSummaryDelta("Two", part: 1), .reasoningDelta("raw"), .textDelta("x"), .finished(.endTurn),
        ]
        #expect(encoded(summary, chatContext(stream: false)).contains(#""reasoning_content":"One.\n\nTwo""#))
        let raw: [InferenceEvent] = [.reasoningDelta("raw"), .reasoningSummaryDelta("S", part: 0), .finished(.endTurn)]
        #expect(encoded(raw, chatContext(stream: false)).contains(#""reasoning_content":"raw""#))
    }

    @Test("a caller of /v1/completions gets its own shape")
    func completions() {
        let events: [InferenceEvent] = [
            .started(id: nil, model: nil), .reasoningDelta("hm"), .textDelta("Hi"), .finished(.maxOutputTokens),
        ]
        let head = #"{"id":"cmpl-r1","object":"text_completion","created":9,"model":"m","choices":[{"index":0,"text":"#
        let context = chatContext(includesUsage: false, endpoint: .completions)
        #expect(
            encoded(events, context)
                == "data: " + head + #""Hi","logprobs":null,"finish_reason":null}]}"# + "\n\ndata: " + head
                + #""","logprobs":null,"finish_reason":"length"}]}"# + "\n\ndata: [DONE]\n\n"
        )
        let body = encoded(events, chatContext(stream: false, endpoint: .completions))
        #expect(body == head + #""Hi","logprobs":null,"finish_reason":"length"}]}"#)
    }

    @Test("a caller that knows only functions gets one call in the older form")
    func functions() {
        let members: JSONObject = ["functions": true]
        let body = encoded(Self.rich, chatContext(stream: false, members: members))
        #expect(body.contains(#""function_call":{"name":"read","arguments":"{\"p\":1}"}"#))
        #expect(body.contains(#""finish_reason":"function_call""#))
        let stream = encoded(Self.rich, chatContext(members: members))
        #expect(stream.contains(#"{"function_call":{"name":"read","arguments":""}}"#))
        #expect(stream.contains(#"{"function_call":{"arguments":"1}"}}"#))
        #expect(!stream.contains("tool_calls") && !stream.contains("patch"))
    }
}
