import Inference
import JSON

extension Responses {
    /// What becomes of each member of a request's root at a provider of another dialect.
    ///
    /// `truncation: auto` lets a provider cut an input that is too long. Nothing is cut here, and such a request fails
    /// instead: it is a hint, because no request that fits is answered otherwise. `store` and `previous_response_id` are
    /// the gateway's own business, whatever the provider.
    static let memberRules: [MemberRule] = conversation + sampling + answer + bookkeeping

    private static let conversation: [MemberRule] = [
        MemberRule("model", .carried, sample: "m"),
        MemberRule("instructions", .carried, sample: "Be brief."),
        MemberRule("input", .carried, sample: "Hello"),
        MemberRule("previous_response_id", .carried, sample: "resp_1"),
        MemberRule("conversation", .refused, sample: "conv_1"),
        MemberRule("prompt", .refused, sample: ["id": "pmpt_1"]),
        MemberRule("tools", .carried, sample: [["type": "function", "name": "f", "parameters": ["type": "object"]]]),
        MemberRule(
            "tool_choice",
            .carried,
            sample: ["type": "function", "name": "f"],
            defaults: ["auto"],
            [.ollama: .hint]
        ),
        MemberRule("parallel_tool_calls", .carried, sample: false, [.ollama: .hint]),
        MemberRule("max_tool_calls", .hint, sample: 3),
        MemberRule("context_management", .hint, sample: [["type": "compaction", "compact_threshold": 1000]]),
        MemberRule("truncation", .hint, sample: "auto", defaults: ["disabled"]),
        MemberRule("image", .hint, sample: ["context_compression": "auto"]),
        MemberRule("personality", .hint, sample: "friendly"),
    ]

    private static let sampling: [MemberRule] = [
        MemberRule("temperature", .carried, sample: 0.5),
        MemberRule("top_p", .carried, sample: 0.5),
        MemberRule("presence_penalty", .carried, sample: 0.5, defaults: [0], [.messages: .hint]),
        MemberRule("frequency_penalty", .carried, sample: 0.5, defaults: [0], [.messages: .hint]),
        MemberRule("max_output_tokens", .carried, sample: 4096),
        MemberRule("reasoning", .carried, sample: ["effort": "low"]),
    ]

    private static let answer: [MemberRule] = [
        MemberRule(
            "text",
            .carried,
            sample: ["format": ["type": "json_schema", "name": "s", "schema": ["type": "object"]]]
        ),
        MemberRule("top_logprobs", .carried, sample: 2, [.messages: .refused]),
        MemberRule("include", .hint, sample: ["reasoning.encrypted_content"]),
        MemberRule("stream", .carried, sample: true),
        MemberRule("stream_options", .hint, sample: ["include_obfuscation": true], defaults: noOptions),
        MemberRule("background", .refused, sample: true, defaults: [false]),
        MemberRule("background_options", .hint, sample: ["completion_window": "soonest"]),
        MemberRule("moderation", .refused, sample: ["model": "omni-moderation-latest"]),
        MemberRule("access_programs", .refused, sample: ["cyber": "standard"]),
    ]

    private static let bookkeeping: [MemberRule] = [
        MemberRule("store", .carried, sample: true),
        MemberRule("metadata", .hint, sample: ["a": "b"], defaults: [[:]], [.chat: .carried]),
        MemberRule("client_metadata", .hint, sample: ["a": "b"], defaults: [[:]]),
        MemberRule("user", .hint, sample: "u", [.chat: .carried]),
        MemberRule("safety_identifier", .hint, sample: "u", [.chat: .carried]),
        MemberRule("prompt_cache_key", .hint, sample: "k", [.chat: .carried]),
        MemberRule("prompt_cache_retention", .hint, sample: "24h", [.chat: .carried]),
        MemberRule("prompt_cache_options", .hint, sample: ["mode": "implicit"], [.chat: .carried]),
        MemberRule("service_tier", .hint, sample: "flex", [.chat: .carried]),
    ]

    /// There is no obfuscation that could be left out.
    private static let noOptions: [JSONValue] = [[:], ["include_obfuscation": false]]
}
