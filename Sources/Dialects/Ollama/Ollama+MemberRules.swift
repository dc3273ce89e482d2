import Inference
import JSON

extension Ollama {
    /// What becomes of each member of a request's root at a provider of another dialect.
    ///
    /// A name with a dot is that of a member of `options`. Ollama itself is reached as `/api/chat` here, which has no
    /// place for a prompt's own template.
    static let memberRules: [MemberRule] = rootRules + generateRules + samplingRules + machineRules + formerRules

    private static let rootRules: [MemberRule] = [
        MemberRule("model", .carried, sample: "m"),
        MemberRule("messages", .carried, sample: [["role": "user", "content": "hello"]]),
        MemberRule("tools", .carried, sample: [["type": "function", "function": ["name": "read"]]]),
        MemberRule("stream", .carried, sample: false),
        MemberRule("format", .carried, sample: ["type": "object"]),
        MemberRule("options", .carried, sample: ["temperature": 0.5]),
        MemberRule("think", .carried, sample: "high"),
        MemberRule("keep_alive", .hint, sample: "5m", [.ollama: .carried]),
        // A prompt that does not fit is an error everywhere else.
        MemberRule("truncate", .hint, sample: true, defaults: [false], [.ollama: .carried]),
        MemberRule("shift", .hint, sample: true, defaults: [false], [.ollama: .carried]),
        MemberRule("logprobs", .carried, sample: true, defaults: [false], [.messages: .refused]),
        // Means nothing without the one before.
        MemberRule("top_logprobs", .carried, sample: 2, defaults: [0], [.messages: .refused]),
        MemberRule("_debug_render_only", .refused, sample: true, defaults: [false]),
    ]

    private static let generateRules: [MemberRule] = [
        MemberRule("prompt", .carried, sample: "hi"),
        MemberRule("system", .carried, sample: "Be brief.", defaults: [""]),
        MemberRule("images", .carried, sample: ["iVBORw0KGgo="], defaults: [.array([])]),
        MemberRule("suffix", .refused, sample: "}", defaults: [""]),
        MemberRule("template", .refused, sample: "{{ .Prompt }}", defaults: [""]),
        MemberRule("context", .refused, sample: [1, 2], defaults: [.array([])]),
        MemberRule("raw", .refused, sample: true, defaults: [false]),
        MemberRule("width", .refused, sample: 512, defaults: [0]),
        MemberRule("height", .refused, sample: 512, defaults: [0]),
        MemberRule("steps", .refused, sample: 20, defaults: [0]),
    ]

    /// Options that change how a token is chosen.
    private static let samplingRules: [MemberRule] = [
        MemberRule("options.temperature", .carried, sample: 0.5),
        MemberRule("options.top_p", .carried, sample: 0.9),
        MemberRule("options.num_predict", .carried, sample: 64, defaults: [-1, -2, 0]),
        MemberRule("options.stop", .carried, sample: ["END"], defaults: [.array([]), ""], [.responses: .refused]),
        MemberRule("options.seed", .carried, sample: 7, [.responses: .hint, .messages: .hint]),
        MemberRule("options.top_k", .carried, sample: 20, [.responses: .hint]),
        MemberRule("options.frequency_penalty", .hint, sample: 0.5, [.chat: .carried, .ollama: .carried]),
        MemberRule("options.presence_penalty", .hint, sample: 0.5, [.chat: .carried, .ollama: .carried]),
        MemberRule("options.min_p", .hint, sample: 0.1, defaults: [0, 0.0], [.ollama: .carried]),
        MemberRule("options.typical_p", .hint, sample: 0.7, defaults: [1, 1.0], [.ollama: .carried]),
        MemberRule("options.repeat_penalty", .hint, sample: 1.1, defaults: [1, 1.0], [.ollama: .carried]),
        MemberRule("options.repeat_last_n", .hint, sample: 33, defaults: [64], [.ollama: .carried]),
    ]

    /// Options about the machine that runs the model.
    private static let machineRules: [MemberRule] = [
        MemberRule("options.num_ctx", .hint, sample: 8192, [.ollama: .carried]),
        MemberRule("options.num_batch", .hint, sample: 256, [.ollama: .carried]),
        MemberRule("options.num_gpu", .hint, sample: 1, [.ollama: .carried]),
        MemberRule("options.main_gpu", .hint, sample: 0, [.ollama: .carried]),
        MemberRule("options.num_thread", .hint, sample: 8, [.ollama: .carried]),
        MemberRule("options.use_mmap", .hint, sample: true, [.ollama: .carried]),
        MemberRule("options.draft_num_predict", .hint, sample: 4, [.ollama: .carried]),
        // What stays when the context is shifted, which it never is elsewhere.
        MemberRule("options.num_keep", .hint, sample: 5, [.ollama: .carried]),
    ]

    /// Options that clients still send and that Ollama itself passes over by now.
    private static let formerRules: [MemberRule] = [
        MemberRule("options.numa", .hint, sample: true),
        MemberRule("options.low_vram", .hint, sample: true),
        MemberRule("options.f16_kv", .hint, sample: true),
        MemberRule("options.logits_all", .hint, sample: true),
        MemberRule("options.vocab_only", .hint, sample: true),
        MemberRule("options.use_mlock", .hint, sample: true),
        MemberRule("options.embedding_only", .hint, sample: true),
        MemberRule("options.tfs_z", .hint, sample: 0.5),
        MemberRule("options.mirostat", .hint, sample: 1),
        MemberRule("options.mirostat_tau", .hint, sample: 5.0),
        MemberRule("options.mirostat_eta", .hint, sample: 0.1),
        MemberRule("options.penalize_newline", .hint, sample: true),
    ]
}
