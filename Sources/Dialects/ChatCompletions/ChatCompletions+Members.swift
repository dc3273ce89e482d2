import Inference
import JSON

extension ChatCompletions {
    /// What becomes of each member of a request's root at a provider of another dialect.
    static let memberRules: [MemberRule] = conversation + sampling + answer + bookkeeping

    /// The names of all of them.
    static let memberNames = Set(memberRules.map(\.name))

    private static let conversation: [MemberRule] = [
        MemberRule("model", .carried, sample: "m"),
        MemberRule("messages", .carried, sample: [["role": "user", "content": "Hello"]]),
        MemberRule(
            "tools",
            .carried,
            sample: [["type": "function", "function": ["name": "other", "parameters": ["type": "object"]]]]
        ),
        MemberRule(
            "tool_choice",
            .carried,
            sample: ["type": "function", "function": ["name": "f"]],
            defaults: ["auto"],
            [.ollama: .hint]
        ),
        MemberRule("parallel_tool_calls", .carried, sample: false, [.ollama: .hint]),
        MemberRule("functions", .carried, sample: [["name": "other", "parameters": ["type": "object"]]]),
        MemberRule("function_call", .carried, sample: ["name": "f"], defaults: ["auto"], [.ollama: .hint]),
        MemberRule("reasoning_effort", .carried, sample: "high"),
        // An extension: `effort`, `summary`, `max_tokens`, `enabled`.
        MemberRule("reasoning", .carried, sample: ["effort": "high"]),
    ]

    private static let sampling: [MemberRule] = [
        MemberRule("temperature", .carried, sample: 0.5),
        MemberRule("top_p", .carried, sample: 0.5),
        // An extension.
        MemberRule("top_k", .carried, sample: 40, defaults: [0, -1], [.responses: .hint]),
        MemberRule("max_completion_tokens", .carried, sample: 2000),
        MemberRule("max_tokens", .carried, sample: 2000),
        MemberRule("stop", .carried, sample: ["END"], [.responses: .refused]),
        MemberRule("seed", .carried, sample: 7, [.responses: .hint, .messages: .hint]),
        MemberRule("frequency_penalty", .hint, sample: 0.5, defaults: [0], [.ollama: .carried]),
        MemberRule("presence_penalty", .hint, sample: 0.5, defaults: [0], [.ollama: .carried]),
        MemberRule("logit_bias", .refused, sample: ["50256": -100], defaults: [[:]], [.chat: .carried]),
        MemberRule("min_p", .hint, sample: 0.1, defaults: [0], [.chat: .carried]),
        MemberRule("repetition_penalty", .refused, sample: 1.1, defaults: [1], [.chat: .carried]),
    ]

    private static let answer: [MemberRule] = [
        MemberRule("stream", .carried, sample: true, defaults: [false]),
        MemberRule("stream_options", .carried, sample: ["include_usage": true]),
        MemberRule("n", .refused, sample: 2, defaults: [1]),
        MemberRule("logprobs", .carried, sample: true, defaults: [false], [.messages: .refused]),
        MemberRule("top_logprobs", .carried, sample: 3, [.messages: .refused]),
        MemberRule(
            "response_format",
            .carried,
            sample: ["type": "json_schema", "json_schema": ["name": "s", "schema": ["type": "object"]]],
            defaults: [["type": "text"]]
        ),
        MemberRule("modalities", .refused, sample: ["text", "audio"], defaults: [["text"]]),
        MemberRule("audio", .refused, sample: ["voice": "alloy", "format": "wav"]),
        MemberRule("web_search_options", .refused, sample: ["search_context_size": "low"]),
        MemberRule("moderation", .refused, sample: ["model": "omni-moderation-latest"]),
    ]

    private static let bookkeeping: [MemberRule] = [
        MemberRule("prediction", .hint, sample: ["type": "content", "content": "text"], [.chat: .carried]),
        MemberRule("verbosity", .hint, sample: "low", defaults: ["medium"], [.chat: .carried]),
        toOpenAI("store", sample: true, defaults: [false]),
        toOpenAI("metadata", sample: ["topic": "demo"], defaults: [[:]]),
        toOpenAI("user", sample: "someone"),
        toOpenAI("safety_identifier", sample: "someone"),
        toOpenAI("prompt_cache_key", sample: "key"),
        toOpenAI("prompt_cache_retention", sample: "24h"),
        toOpenAI("prompt_cache_options", sample: ["mode": "implicit"]),
        toOpenAI("service_tier", sample: "flex", defaults: ["auto", "default"]),
        // llama.cpp's; its default is true.
        MemberRule("cache_prompt", .hint, sample: false, defaults: [true], [.chat: .carried]),
    ]

    /// A hint that Responses knows under the same name.
    private static func toOpenAI(_ name: String, sample: JSONValue, defaults: [JSONValue] = []) -> MemberRule {
        MemberRule(name, .hint, sample: sample, defaults: defaults, [.chat: .carried, .responses: .carried])
    }
}
