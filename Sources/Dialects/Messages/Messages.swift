/// Anthropic's Messages.
enum Messages {
    /// The answer's limit where a request has none; the dialect wants one always.
    static let defaultMaxTokens = 8192
}
