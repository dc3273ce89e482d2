/// Finds out whether an Ollama answers at its usual address.
enum OllamaProbe {
    /// The models that it has; nil where nothing answers.
    static func models(environment: [String: String]) async -> [String]? { nil }
}
