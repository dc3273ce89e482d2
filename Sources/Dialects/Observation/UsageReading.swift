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
        let counts = view.tokens([
            "prompt_tokens", "input_tokens", "completion_tokens", "output_tokens", "prompt_cache_hit_tokens",
        ])
        let prompt = view["prompt_tokens_details"]?.tokens(["cached_tokens", "cache_write_tokens"])
        let completion = view["completion_tokens_details"]?.tokens(["reasoning_tokens"])
        self.init(
            input: counts[0] ?? counts[1],
            cachedInput: prompt?[0] ?? counts[4],
            cacheWrite: prompt?[1],
            output: counts[2] ?? counts[3],
            reasoning: completion?[0]
        )
    }

    /// Responses' `usage`.
    package init(responses view: JSONView) {
        let counts = view.tokens(["input_tokens", "prompt_tokens", "output_tokens", "completion_tokens"])
        let input = view["input_tokens_details"]?.tokens(["cached_tokens", "cache_write_tokens"])
        let output = view["output_tokens_details"]?.tokens(["reasoning_tokens"])
        self.init(
            input: counts[0] ?? counts[1],
            cachedInput: input?[0],
            cacheWrite: input?[1],
            output: counts[2] ?? counts[3],
            reasoning: output?[0]
        )
    }

    /// Messages' `usage`, whose `input_tokens` are only those that no cache served or took.
    package init(messages view: JSONView) {
        let counts = view.tokens([
            "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens",
        ])
        let hour: Int? = view["cache_creation"]?.tokens(["ephemeral_1h_input_tokens"])[0]
        self.init(
            input: counts[0].map { $0 &+ (counts[1] ?? 0) &+ (counts[2] ?? 0) },
            cachedInput: counts[1],
            cacheWrite: counts[2],
            // It is told with every answer, and hardly anybody asks for it.
            cacheWrite1h: hour == 0 ? nil : hour,
            output: counts[3],
            reasoning: view["output_tokens_details"]?.tokens(["thinking_tokens"])[0]
        )
    }

    /// Messages' `usage` from a `message_delta`, whose numbers replace those of `message_start` as far as they go.
    init(messages view: JSONView, after earlier: Usage?) {
        self = Usage(messages: view).completed(by: earlier)
        let counts = view.tokens(["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"])
        guard let plain = counts[0], counts[1] == nil, counts[2] == nil else { return }
        input = plain &+ (cachedInput ?? 0) &+ (cacheWrite ?? 0)
    }

    /// The counts in the last line of Ollama's native answer; nil if it has none.
    package init?(ollama view: JSONView) {
        let counts = view.tokens(["prompt_eval_count", "eval_count"])
        guard counts[0] != nil || counts[1] != nil else { return nil }
        self.init(input: counts[0], output: counts[1])
    }

    /// These numbers, and an earlier report's where these are silent.
    func completed(by earlier: Usage?) -> Usage {
        guard let earlier else { return self }
        return Usage(
            input: input ?? earlier.input,
            cachedInput: cachedInput ?? earlier.cachedInput,
            cacheWrite: cacheWrite ?? earlier.cacheWrite,
            cacheWrite1h: cacheWrite1h ?? earlier.cacheWrite1h,
            output: output ?? earlier.output,
            reasoning: reasoning ?? earlier.reasoning
        )
    }
}

extension JSONView {
    /// The counts of tokens among an object's members, found in one walk; anything that cannot be one is nil.
    fileprivate func tokens<let count: Int>(_ names: InlineArray<count, StaticString>) -> InlineArray<count, Int?> {
        var counts = InlineArray<count, Int?>(repeating: nil)
        forEachMember { name, value in
            for place in names.indices where ByteScan.isWhole(names[place], name) {
                guard let number = value.int, (0...1 << 53).contains(number) else { continue }
                counts[place] = number
            }
        }
        return counts
    }
}
