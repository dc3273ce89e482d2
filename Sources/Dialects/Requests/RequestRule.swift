import JSON

/// What one member of a request's root has to be.
struct RequestRule: Sendable {
    enum Kind: Sendable {
        /// Must not be there at all.
        case refused
        case model
        /// A string without control characters.
        case text
        /// Anything without control characters.
        case metadata
        case flag
        case streamOptions
        case integer(ClosedRange<Int>)
        /// A count of tokens that bounds the answer.
        case outputLimit
        /// A count of answers that are written to one prompt.
        case answers
        case array
        case textOrArray
        /// Any of these kinds, which the words name.
        case of([JSONKind], String)
        /// Ollama's `options`, one of which bounds the answer.
        case ollamaOptions
    }

    let name: StaticString
    let kind: Kind

    init(_ name: StaticString, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// The rules of an endpoint; every member that none of them names goes on unread.
    static func rules(for endpoint: Endpoint) -> RequestRules {
        switch endpoint {
        case .chatCompletions: chat
        case .completions: completions
        case .embeddings: embeddings
        case .responses, .inputTokens: responses
        case .messages, .countTokens: messages
        case .ollamaChat: ollamaChat
        case .ollamaGenerate: ollamaGenerate
        case .ollamaEmbed: ollamaEmbed
        case .ollamaEmbeddings: ollamaEmbeddings
        }
    }

    static let shared: [RequestRule] = [
        RequestRule("model", .model),
        RequestRule("stream", .flag),
        RequestRule("user", .text),
        RequestRule("metadata", .metadata),
        RequestRule("api_base", .refused),
        RequestRule("api_key", .refused),
        RequestRule("api_type", .refused),
        RequestRule("api_version", .refused),
        RequestRule("base_url", .refused),
        RequestRule("custom_llm_provider", .refused),
        RequestRule("default_headers", .refused),
        RequestRule("extra_body", .refused),
        RequestRule("extra_headers", .refused),
        RequestRule("extra_query", .refused),
    ]

    static let count: Kind = .integer(1 ... .max)
    static let whole: Kind = .integer(0 ... .max)
    private static let any: Kind = .integer(.min ... .max)

    private static let chat = RequestRules(
        shared + [
            RequestRule("messages", .array),
            RequestRule("stream_options", .streamOptions),
            RequestRule("max_tokens", .outputLimit),
            RequestRule("max_completion_tokens", .outputLimit),
            RequestRule("n_predict", any),
            RequestRule("n", .answers),
            RequestRule("seed", any),
            RequestRule("top_logprobs", whole),
            // -1 switches it off for vLLM.
            RequestRule("top_k", .integer(-1 ... .max)),
        ]
    )

    private static let completions = RequestRules(
        shared + [
            RequestRule("prompt", .textOrArray),
            RequestRule("stream_options", .streamOptions),
            RequestRule("max_tokens", .outputLimit),
            RequestRule("n_predict", any),
            RequestRule("n", .answers),
            RequestRule("best_of", .answers),
            RequestRule("seed", any),
            RequestRule("logprobs", whole),
            RequestRule("top_k", .integer(-1 ... .max)),
        ]
    )

    private static let embeddings = RequestRules(
        shared + [
            RequestRule("input", .textOrArray),
            RequestRule("dimensions", count),
        ]
    )

    private static let responses = RequestRules(
        shared + [
            RequestRule("input", .textOrArray),
            RequestRule("max_output_tokens", .outputLimit),
            RequestRule("max_tool_calls", whole),
            RequestRule("top_logprobs", whole),
            RequestRule("seed", any),
        ]
    )

    private static let messages = RequestRules(
        shared + [
            RequestRule("messages", .array),
            RequestRule("max_tokens", .outputLimit),
            RequestRule("top_k", whole),
        ]
    )
}

/// An endpoint's rules, found by a member's name.
struct RequestRules: Sendable {
    let all: [RequestRule]
    /// The rules for names of each length, the shortest first.
    private let byLength: [[RequestRule]]

    init(_ rules: [RequestRule]) {
        all = rules
        let longest = rules.map(\.name.utf8CodeUnitCount).max() ?? 0
        byLength = (0...longest).map { length in rules.filter { $0.name.utf8CodeUnitCount == length } }
    }

    /// Those whose name has as many bytes.
    func ofLength(_ count: Int) -> [RequestRule] { count < byLength.count ? byLength[count] : [] }
}
