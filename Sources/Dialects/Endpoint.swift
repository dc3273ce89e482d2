package import Inference

/// A route that the gateway serves by passing bytes on, and what its bodies look like.
package enum Endpoint: String, Sendable, Hashable, CaseIterable {
    case chatCompletions = "/v1/chat/completions"
    case completions = "/v1/completions"
    case embeddings = "/v1/embeddings"
    case responses = "/v1/responses"
    case messages = "/v1/messages"
    case countTokens = "/v1/messages/count_tokens"

    /// The path below a provider's base URL, such as `/chat/completions`.
    package var route: String { String(rawValue.dropFirst(3)) }

    /// The language of its bodies, streams and errors.
    package var dialect: Dialect {
        switch self {
        case .chatCompletions, .completions, .embeddings: .chat
        case .responses: .responses
        case .messages, .countTokens: .messages
        }
    }
}
