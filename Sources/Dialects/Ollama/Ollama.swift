/// Ollama's native API, which has what its OpenAI routes lack: the context's length, keep-alive, and errors in streams.
package enum Ollama {
    /// The version of Ollama whose API is spoken here, for `/api/version`; clients use what is new only if it is.
    package static let version = "0.33.0"
}
