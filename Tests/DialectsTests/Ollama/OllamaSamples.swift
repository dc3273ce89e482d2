import Inference
import JSON

@testable import Dialects

/// What the tests of Ollama's dialect have in common.
enum OllamaSamples {
    /// The first bytes of a PNG.
    static let png = "iVBORw0KGgo="

    static func caller(_ body: String, _ endpoint: Endpoint = .ollamaChat) throws(InferenceError) -> CallerRequest {
        try CallerRequest(Array(body.utf8), endpoint: endpoint)
    }

    /// A context for an answer to a caller of this endpoint.
    static func context(_ endpoint: Endpoint = .ollamaChat, stream: Bool = true) -> AnswerContext {
        let request = InferenceRequest(model: "m", messages: [Message(.user, "hi")], stream: stream)
        return AnswerContext(
            caller: CallerRequest(endpoint: endpoint, request: request),
            requestID: "r1",
            model: "m",
            createdAt: 1_785_542_400
        )
    }

    static func encoded(_ events: [InferenceEvent], _ context: AnswerContext) -> String {
        var encoder = context.encoder()
        var writer = JSONWriter()
        for event in events { encoder.encode(event, into: &writer) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// All events of an answer in Ollama's dialect, and the failure that it ended in.
    static func decoded(_ chunks: [[UInt8]], stream: Bool = true) -> ([InferenceEvent], InferenceError?) {
        decode(chunks, .ollama, stream: stream)
    }

    /// An answer with everything that Ollama can say.
    static let events: [InferenceEvent] = [
        .started(id: nil, model: "m"), .reasoningDelta("hm"), .textDelta("Caf\u{e9} \u{1F44B}\u{1F3FD}"),
        .logprobs([
            TokenLogprob(
                .init(token: "Caf", logprob: -0.5, bytes: [67, 97, 102]),
                top: [.init(token: "Caf", logprob: -0.5), .init(token: "Tea", logprob: -1.25)]
            )
        ]),
        .textDelta("a\u{2028}b\u{2029}c\u{85}d\n\"e\"\\"),
        .toolCallStarted(index: 0, ToolCall(id: "a", name: "read")),
        .toolCallArgumentsDelta(index: 0, #"{"p":"x\u2028y","n":[1,2]}"#),
        .toolCallFinished(index: 0, ToolCall(id: "a", name: "read", arguments: #"{"p":"x\u2028y","n":[1,2]}"#)),
        .toolCallStarted(index: 1, ToolCall(id: "b", name: "list")),
        .toolCallArgumentsDelta(index: 1, "{}"),
        .toolCallFinished(index: 1, ToolCall(id: "b", name: "list", arguments: "{}")),
        .usage(Usage(input: 11, output: 22)), .finished(.toolCalls),
    ]
}
