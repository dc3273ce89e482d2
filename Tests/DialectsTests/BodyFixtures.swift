import Inference
import Testing

/// One whole body of one dialect and the events that it means, or the failure that it is.
struct BodyFixture: Sendable, CustomTestStringConvertible {
    var dialect: Dialect
    var text: String
    var events: [InferenceEvent]
    var failure: InferenceError.Code?

    var testDescription: String { "\(dialect.rawValue): \(text.prefix(60))" }

    init(_ dialect: Dialect, _ text: String, _ events: [InferenceEvent], failure: InferenceError.Code? = nil) {
        (self.dialect, self.text, self.events, self.failure) = (dialect, text, events, failure)
    }

    static let all: [BodyFixture] = [
        BodyFixture(
            .chat,
            #"{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","reasoning":"hm","content":[{"type":"text","text":"Hi"},{"type":"thinking","thinking":[{"type":"text","text":"so"}]}],"refusal":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"[]"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            [
                .started(id: "c", model: "m"), .usage(Usage(input: 1, output: 2)), .reasoningDelta("hm"),
                .textDelta("Hi"), .reasoningDelta("so"), .toolCallStarted(index: 0, ToolCall(id: "a", name: "f")),
                .toolCallArgumentsDelta(index: 0, "{}"), .toolCallStarted(index: 1, ToolCall(id: "b", name: "f")),
                .toolCallArgumentsDelta(index: 1, "[]"),
                .toolCallFinished(index: 0, ToolCall(id: "a", name: "f", arguments: "{}")),
                .toolCallFinished(index: 1, ToolCall(id: "b", name: "f", arguments: "[]")), .finished(.toolCalls),
            ]
        ),
        BodyFixture(.chat, #"{"id":"c","choices":[]}"#, [], failure: .malformed),
        BodyFixture(.chat, #"{"error":{"message":"model 'x' not found"}}"#, [], failure: .modelNotFound),
        BodyFixture(.chat, "", [], failure: .malformed),
        BodyFixture(.chat, #"{"id":"c","choices":[{"message":{"content":"Hi"#, [], failure: .malformed),
        BodyFixture(.chat, "[]", [], failure: .malformed),
        BodyFixture(
            .responses,
            #"{"id":"r","model":"m","status":"completed","error":null,"output":[{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"E"},{"type":"message","content":[{"type":"output_text","text":"Hi"}]},{"type":"function_call","call_id":"a","name":"f","arguments":"{}"},{"type":"web_search_call","id":"w"}],"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}"#,
            [
                .started(id: "r", model: "m"), .reasoningSummaryDelta("s", part: 0),
                .reasoningFinished(id: "rs", signature: nil, encrypted: "E"), .textDelta("Hi"),
                .toolCallStarted(index: 0, ToolCall(id: "a", name: "f")), .toolCallArgumentsDelta(index: 0, "{}"),
                .toolCallFinished(index: 0, ToolCall(id: "a", name: "f", arguments: "{}")),
                .usage(Usage(input: 1, output: 2)), .finished(.toolCalls),
            ]
        ),
        BodyFixture(
            .responses,
            #"{"id":"r","status":"failed","output":[],"error":{"code":"server_error","message":"boom"}}"#,
            [],
            failure: .upstreamFailed
        ),
        BodyFixture(
            .messages,
            #"{"id":"m","type":"message","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"S"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"t","name":"f","input":{"a": 1}}],"stop_reason":"stop_sequence","stop_sequence":"END","usage":{"input_tokens":1,"output_tokens":2}}"#,
            [
                .started(id: "m", model: "m"), .reasoningDelta("hm"),
                .reasoningFinished(id: nil, signature: "S", encrypted: nil), .textDelta("Hi"),
                .toolCallStarted(index: 0, ToolCall(id: "t", name: "f")),
                .toolCallArgumentsDelta(index: 0, "{\"a\": 1}"),
                .toolCallFinished(index: 0, ToolCall(id: "t", name: "f", arguments: "{\"a\": 1}")),
                .usage(Usage(input: 1, output: 2)), .finished(.stopSequence("END")),
            ]
        ),
        BodyFixture(
            .messages,
            #"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#,
            [],
            failure: .rateLimited
        ),
        BodyFixture(
            .ollama,
            #"{"model":"m","message":{"role":"assistant","content":"Hi"},"done":true,"done_reason":"length","prompt_eval_count":1,"eval_count":2}"#,
            [
                .started(id: nil, model: "m"), .textDelta("Hi"), .usage(Usage(input: 1, output: 2)),
                .finished(.maxOutputTokens),
            ]
        ),
        BodyFixture(.ollama, #"{"error":"model requires more system memory"}"#, [], failure: .outOfMemory),
        BodyFixture(.ollama, #"{"model":"m","message":{"content":"Hi"},"done":false}"#, [], failure: .malformed),
    ]
}
