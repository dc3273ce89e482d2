/// Anthropic's Messages.
enum Messages {
    /// The answer's limit where a request has none; the dialect wants one always.
    ///
    /// Claude writes long answers since version 4; of others nothing is known, and some count the limit against a small
    /// window.
    static func defaultMaxTokens(for model: String) -> Int {
        (ClaudeVersion(model)?.number ?? 0) >= 400 ? 32000 : 8192
    }
}
