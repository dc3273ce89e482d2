package import Inference
package import JSON

/// Usage in every spelling that was seen; what is absent, null or not an integer stays nil.
extension Usage {
    /// The `usage` object of an endpoint's body.
    package init(_ view: JSONView, endpoint: Endpoint) {
        switch endpoint {
        case .chatCompletions, .completions, .embeddings: self.init(chat: view)
        case .responses, .inputTokens: self.init(responses: view)
        case .messages, .countTokens: self.init(messages: view)
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings: self = Usage(ollama: view) ?? Usage()
        }
    }

    /// Chat Completions' `usage`, DeepSeek's `prompt_cache_hit_tokens` included.
    package init(chat view: JSONView) {
        let details = view["prompt_tokens_details"]
        self.init(
            input: view.tokens("prompt_tokens") ?? view.tokens("input_tokens"),
            cachedInput: details?.tokens("cached_tokens") ?? view.tokens("prompt_cache_hit_tokens"),
            cacheWrite: details?.tokens("cache_write_tokens"),
            output: view.tokens("completion_tokens") ?? view.tokens("output_tokens"),
            reasoning: view["completion_tokens_details"]?.tokens("reasoning_tokens")
        )
    }

    /// Responses' `usage`.
    package init(responses view: JSONView) {
        let details = view["input_tokens_details"]
        self.init(
            input: view.tokens("input_tokens") ?? view.tokens("prompt_tokens"),
            cachedInput: details?.tokens("cached_tokens"),
            cacheWrite: details?.tokens("cache_write_tokens"),
            output: view.tokens("output_tokens") ?? view.tokens("completion_tokens"),
            reasoning: view["output_tokens_details"]?.tokens("reasoning_tokens")
        )
    }

    /// Messages' `usage`, whose `input_tokens` are only those that no cache served or took.
    package init(messages view: JSONView) {
        let cached = view.tokens("cache_read_input_tokens")
        let written = view.tokens("cache_creation_input_tokens")
        self.init(
            input: view.tokens("input_tokens").map { $0 &+ (cached ?? 0) &+ (written ?? 0) },
            cachedInput: cached,
            cacheWrite: written,
            output: view.tokens("output_tokens"),
            reasoning: view["output_tokens_details"]?.tokens("thinking_tokens")
        )
    }

    /// Messages' `usage` from a `message_delta`, whose numbers replace those of `message_start` as far as they go.
    init(messages view: JSONView, after earlier: Usage?) {
        self = Usage(messages: view).completed(by: earlier)
        let saysCached =
            view.tokens("cache_read_input_tokens") != nil || view.tokens("cache_creation_input_tokens") != nil
        guard let plain = view.tokens("input_tokens"), !saysCached else { return }
        input = plain &+ (cachedInput ?? 0) &+ (cacheWrite ?? 0)
    }

    /// The counts in the last line of Ollama's native answer; nil if it has none.
    package init?(ollama view: JSONView) {
        let input = view.tokens("prompt_eval_count")
        let output = view.tokens("eval_count")
        guard input != nil || output != nil else { return nil }
        self.init(input: input, output: output)
    }

    /// These numbers, and an earlier report's where these are silent.
    func completed(by earlier: Usage?) -> Usage {
        guard let earlier else { return self }
        return Usage(
            input: input ?? earlier.input,
            cachedInput: cachedInput ?? earlier.cachedInput,
            cacheWrite: cacheWrite ?? earlier.cacheWrite,
            output: output ?? earlier.output,
            reasoning: reasoning ?? earlier.reasoning
        )
    }
}

extension JSONView {
    /// A count of tokens; anything that cannot be one is nil.
    fileprivate func tokens(_ key: String) -> Int? {
        guard let value = self[key]?.int, (0...1 << 53).contains(value) else { return nil }
        return value
    }
}
