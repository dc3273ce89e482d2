package import Inference

/// A route that a model server answers, and what its bodies look like.
package enum Endpoint: String, Sendable, Hashable, CaseIterable {
    case chatCompletions = "/v1/chat/completions"
    case completions = "/v1/completions"
    case embeddings = "/v1/embeddings"
    case responses = "/v1/responses"
    case inputTokens = "/v1/responses/input_tokens"
    case messages = "/v1/messages"
    case countTokens = "/v1/messages/count_tokens"
    case ollamaChat = "/api/chat"
    case ollamaGenerate = "/api/generate"
    case ollamaEmbed = "/api/embed"
    /// The former route for one text at a time.
    case ollamaEmbeddings = "/api/embeddings"

    /// The path below a provider's base URL, such as `/chat/completions`; Ollama's own are from its root.
    package var route: String { dialect == .ollama ? rawValue : String(rawValue.dropFirst(3)) }

    /// The language of its bodies, streams and errors.
    package var dialect: Dialect {
        switch self {
        case .chatCompletions, .completions, .embeddings: .chat
        case .responses, .inputTokens: .responses
        case .messages, .countTokens: .messages
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings: .ollama
        }
    }

    /// Whether a body that does not say so asks for a stream.
    package var streamsByDefault: Bool { self == .ollamaChat || self == .ollamaGenerate }
}
