import Inference
import JSON

extension Messages {
    /// What becomes of each member of a request's root at a provider of another dialect.
    ///
    /// Those of the beta API are among them; the SDKs put `betas` into a header, other clients into the body.
    static let memberRules: [MemberRule] =
        [
            MemberRule("model", .carried, sample: "m"),
            MemberRule("messages", .carried, sample: [["role": "user", "content": "Hello"]]),
            MemberRule("max_tokens", .carried, sample: 100),
            MemberRule("system", .carried, sample: "Be brief."),
            MemberRule("stream", .carried, sample: true),
            MemberRule("stop_sequences", .carried, sample: ["END"], [.responses: .refused]),
            MemberRule("temperature", .carried, sample: 0.5),
            MemberRule("top_p", .carried, sample: 0.9),
            MemberRule("top_k", .carried, sample: 40, [.responses: .hint]),
            MemberRule("tools", .carried, sample: [["name": "other", "input_schema": ["type": "object"]]]),
            MemberRule("tool_choice", .carried, sample: ["type": "any"], [.ollama: .hint]),
            MemberRule("thinking", .carried, sample: ["type": "enabled", "budget_tokens": 2048]),
            MemberRule("output_config", .carried, sample: ["effort": "high"]),
            MemberRule("output_format", .carried, sample: schemaSample),
        ] + hints + refusals

    private static let schemaSample: JSONValue = [
        "type": "json_schema", "schema": ["type": "object", "additionalProperties": false],
    ]

    /// Bookkeeping, billing, speed and caches of Anthropic's service.
    private static let hints: [MemberRule] = [
        MemberRule("metadata", .hint, sample: ["user_id": "u"], defaults: [[:]]),
        MemberRule("service_tier", .hint, sample: "standard_only", defaults: ["auto"]),
        MemberRule("speed", .hint, sample: "fast", defaults: ["standard"]),
        MemberRule("cache_control", .hint, sample: ["type": "ephemeral"]),
        // The server would leave out old results and thoughts; without it the model sees all of them.
        MemberRule("context_management", .hint, sample: ["edits": [["type": "clear_tool_uses_20250919"]]]),
        MemberRule("diagnostics", .hint, sample: ["previous_message_id": "msg_1"]),
        MemberRule("betas", .hint, sample: ["context-1m-2025-08-07"], defaults: [[]]),
        MemberRule("anthropic_beta", .hint, sample: ["context-1m-2025-08-07"], defaults: [[]]),
        MemberRule("anthropic_version", .hint, sample: "2023-06-01"),
        MemberRule("fallbacks", .hint, sample: [["model": "m2"]], defaults: [[]]),
        MemberRule("fallback_credit_token", .hint, sample: "t"),
        MemberRule("user_profile_id", .hint, sample: "p"),
        MemberRule("workspace_id", .hint, sample: "w"),
    ]

    /// What the answer, its place or its price would be different without.
    private static let refusals: [MemberRule] = [
        MemberRule("container", .refused, sample: "container_1"),
        MemberRule(
            "mcp_servers",
            .refused,
            sample: [["type": "url", "url": "https://x", "name": "x"]],
            defaults: [[]]
        ),
        MemberRule("inference_geo", .refused, sample: "us", defaults: ["global"]),
        MemberRule("compaction", .refused, sample: ["type": "enabled"]),
        MemberRule("thread", .refused, sample: ["type": "create"]),
        MemberRule(
            "billing_policy",
            .refused,
            sample: ["type": "billing_policy", "bill_to": "user_profile"],
            defaults: [["type": "billing_policy", "bill_to": "self"]]
        ),
    ]
}
