import Dialects
import ScriptedUpstream
import Testing

/// A route of the gateway with a request and an answer that are plain and whole, for tests that hold for all dialects.
enum Sample: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case chat
    case completions
    case responses
    case messages

    var testDescription: String { rawValue }

    var endpoint: Endpoint {
        switch self {
        case .chat: .chatCompletions
        case .completions: .completions
        case .responses: .responses
        case .messages: .messages
        }
    }

    var path: String { endpoint.rawValue }

    /// A request's body; `extra` is more members in JSON, each with a comma behind it.
    func body(model: String = "m", stream: Bool = false, extra: String = "") -> String {
        let rest =
            switch self {
            case .chat: #""messages":[{"role":"user","content":"hi"}]"#
            case .completions: #""prompt":"hi""#
            case .responses: #""input":"hi""#
            case .messages: #""max_tokens":16,"messages":[{"role":"user","content":"hi"}]"#
            }
        return #"{"model":"\#(model)",\#(extra)\#(stream ? #""stream":true,"# : "")\#(rest)}"#
    }

    func request(
        model: String = "m",
        stream: Bool = false,
        extra: String = "",
        fields: [(String, String)] = []
    ) -> String {
        RawRequest.post(path, body(model: model, stream: stream, extra: extra), fields: fields)
    }

    /// The events of a short answer, the usage that the gateway asks for among them.
    func events(_ words: [String] = ["Hel", "lo"]) -> [String] {
        switch self {
        case .chat: return ModelAnswers.chat(words)
        case .responses: return ModelAnswers.responses(words)
        case .messages: return ModelAnswers.messages(words)
        case .completions:
            let base = #""id":"cmpl-1","object":"text_completion","created":1,"model":"m""#
            func chunk(_ text: String, _ finish: String) -> String {
                "data: {\(base),\"choices\":[{\"index\":0,\"text\":\"\(text)\",\"finish_reason\":\(finish)}]}\n\n"
            }
            let usage = #"{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"#
            return words.map { chunk($0, "null") }
                + [chunk("", #""stop""#), "data: {\(base),\"choices\":[],\"usage\":\(usage)}\n\n", "data: [DONE]\n\n"]
        }
    }

    /// What the client gets of `events`: the usage chunk that it did not ask for is gone.
    func passedEvents(_ words: [String] = ["Hel", "lo"]) -> [String] {
        events(words).filter { !$0.contains(#""choices":[]"#) }
    }

    /// An answer in one piece; 3 tokens in and 2 out.
    var whole: String {
        switch self {
        case .chat:
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#
        case .completions:
            #"{"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"Hello","finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#
        case .responses:
            #"{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed","output":[],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}"#
        case .messages:
            #"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}"#
        }
    }

    /// The answer to a request, streamed or not.
    func answer(stream: Bool) -> [Step] { stream ? Answer.stream(events()) : Answer.json(whole) }

    /// The mark of the event that tells of a failure in a stream that has begun.
    var terminalMark: String {
        switch self {
        case .chat, .completions: "data: {\"error\":"
        case .responses: "event: response.failed\n"
        case .messages: "event: error\n"
        }
    }

    /// The mark of an error body.
    var errorMark: String { self == .messages ? #"{"type":"error","error":{"# : #"{"error":{"# }
}
