import Dialects
import Inference
import JSON
import ScriptedUpstream
import Testing

/// One dialect, seen from either end: what its clients send and want to see, and what its providers answer.
enum Side: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case chat
    case responses
    case messages
    case ollama

    var testDescription: String { rawValue }
    var dialect: Dialect { Dialect(rawValue: rawValue) ?? .chat }

    // MARK: The client

    var path: String {
        switch self {
        case .chat: "/v1/chat/completions"
        case .responses: "/v1/responses"
        case .messages: "/v1/messages"
        case .ollama: "/api/chat"
        }
    }

    /// A request's body; `extra` is more members in JSON, each with a comma behind it.
    func body(model: String = "m", text: String = "hi", stream: Bool, extra: String = "") -> String {
        let rest =
            switch self {
            case .chat, .ollama: #""messages":[{"role":"user","content":"\#(text)"}]"#
            case .responses: #""input":"\#(text)""#
            case .messages: #""max_tokens":16,"messages":[{"role":"user","content":"\#(text)"}]"#
            }
        return #"{"model":"\#(model)",\#(extra)"stream":\#(stream),\#(rest)}"#
    }

    func request(
        model: String = "m",
        text: String = "hi",
        stream: Bool,
        extra: String = "",
        fields: [(String, String)] = []
    ) -> String {
        RawRequest.post(path, body(model: model, text: text, stream: stream, extra: extra), fields: fields)
    }

    var streamType: String { self == .ollama ? "application/x-ndjson" : "text/event-stream" }

    /// The data of each event, but for `[DONE]`.
    func events(of stream: String) -> [JSONView] {
        let lines = stream.split { $0 == "\n" || $0 == "\r\n" }
        let texts = self == .ollama ? lines : lines.filter { $0.hasPrefix("data: {") }.map { $0.dropFirst(6) }
        return texts.compactMap { try? JSONDocument(Array($0.utf8)).root }
    }

    /// What the model said, as a client puts it together.
    func text(ofStream stream: String) -> String {
        events(of: stream).reduce(into: "") { text, event in
            switch self {
            case .chat: text += event["choices"]?[0]?["delta"]?["content"]?.string ?? ""
            case .responses:
                if event["type"]?.string == "response.output_text.delta" { text += event["delta"]?.string ?? "" }
            case .messages: text += event["delta"]?["text"]?.string ?? ""
            case .ollama: text += event["message"]?["content"]?.string ?? ""
            }
        }
    }

    func text(ofWhole body: String) -> String? {
        guard let root = try? JSONDocument(Array(body.utf8)).root else { return nil }
        return switch self {
        case .chat: root["choices"]?[0]?["message"]?["content"]?.string
        case .responses: root["output"]?.elements.first { _ in true }?["content"]?[0]?["text"]?.string
        case .messages: root["content"]?[0]?["text"]?.string
        case .ollama: root["message"]?["content"]?.string
        }
    }

    /// Whether a client would take a stream for a good and whole answer.
    func hasEndedWell(_ stream: String) -> Bool {
        switch self {
        case .chat: stream.hasSuffix("data: [DONE]\n\n") && stream.contains(#""finish_reason":"stop""#)
        case .responses: stream.contains("event: response.completed\n")
        case .messages: stream.contains("event: message_stop\n")
        case .ollama: events(of: stream).last?["done"]?.bool == true
        }
    }

    /// Whether a stream tells of a failure in the dialect's own way.
    func hasFailed(_ stream: String) -> Bool {
        switch self {
        case .chat: stream.contains("data: {\"error\":{")
        case .responses: stream.contains("event: response.failed\n") || stream.contains("event: error\n")
        case .messages: stream.contains("event: error\n")
        case .ollama: events(of: stream).last?["error"]?.string != nil
        }
    }

    /// Whether a body is an error in the dialect's shape.
    func isError(_ body: String) -> Bool { ErrorBody.isError(Array(body.utf8), in: dialect) }

    // MARK: The provider

    /// Where the provider is asked.
    var providerPath: String { path }

    /// The events of a short answer; 3 tokens in and 2 out.
    func events(_ words: [String] = ["Hel", "lo"], input: Int = 3) -> [String] {
        switch self {
        case .chat: ModelAnswers.chat(words, input: input)
        case .responses: ModelAnswers.responses(words, input: input)
        case .messages: ModelAnswers.messages(words, input: input)
        case .ollama: ModelAnswers.ollama(words, input: input)
        }
    }

    /// The events up to the first word.
    var firstEvents: [String] {
        let events = events()
        let first = events.firstIndex { $0.contains("Hel") } ?? 0
        return Array(events[...first])
    }

    /// The answer in one piece.
    func whole(input: Int = 3) -> String {
        switch self {
        case .chat:
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":\#(input),"completion_tokens":2,"total_tokens":\#(input + 2)}}"#
        case .responses:
            #"{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed","output":[{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[]}]}],"usage":{"input_tokens":\#(input),"output_tokens":2,"total_tokens":\#(input + 2)}}"#
        case .messages:
            #"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":\#(input),"output_tokens":2}}"#
        case .ollama:
            #"{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"Hello"},"done":true,"done_reason":"stop","prompt_eval_count":\#(input),"eval_count":2}"#
        }
    }

    func answer(stream: Bool) -> [Step] {
        stream ? Answer.stream(events(), contentType: streamType) : Answer.json(whole())
    }

    /// An event by which the provider says that it failed.
    var errorEvent: String {
        switch self {
        case .chat: "data: {\"error\":{\"message\":\"out of luck\",\"type\":\"server_error\"}}\n\n"
        case .responses:
            "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"out of luck\"}\n\n"
        case .messages:
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"out of luck\"}}\n\n"
        case .ollama: "{\"error\":\"out of luck\"}\n"
        }
    }

    /// An error body as the provider writes it.
    func errorBody(type: String = "server_error", message: String = "out of luck") -> String {
        switch self {
        case .chat, .responses: #"{"error":{"message":"\#(message)","type":"\#(type)","param":null,"code":null}}"#
        case .messages: #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"}}"#
        case .ollama: #"{"error":"\#(message)"}"#
        }
    }

    /// An event that is no JSON.
    var brokenEvent: String { self == .ollama ? "{\"a\":\n" : "data: {\"a\":\n\n" }

    /// The beginning of an event that never ends.
    var endlessEvent: String { self == .ollama ? "{\"a\":\"" : "data: {\"a\":\"" }
}

/// A client of one dialect and a provider of another, or of the same.
struct Pair: Sendable, CustomTestStringConvertible {
    let caller: Side
    let provider: Side

    var testDescription: String { "\(caller.rawValue) → \(provider.rawValue)" }
    var isTranslated: Bool { caller != provider }

    static let all = Side.allCases.flatMap { caller in Side.allCases.map { Pair(caller: caller, provider: $0) } }
    static let translated = all.filter(\.isTranslated)
}
