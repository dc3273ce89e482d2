/// A wire language between a client and a model server.
package enum Dialect: String, Sendable, Hashable, CaseIterable {
    /// OpenAI's `POST /v1/chat/completions`, with the older `/v1/completions` and `/v1/embeddings` beside it.
    case chat
    /// OpenAI's `POST /v1/responses`, as the Open Responses specification describes it.
    case responses
    /// Anthropic's `POST /v1/messages`.
    case messages
    /// Ollama's native `/api/*`.
    case ollama
}
