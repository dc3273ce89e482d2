/// The model that a tool is started with.
struct LaunchModel: Sendable, Hashable {
    /// As the gateway takes it.
    var name: String
    /// Tokens of the prompt; nil where nobody knows.
    var window: Int?
    /// Tokens of the answer.
    var outputLimit: Int?
    /// Whether the gateway lists it.
    var isListed = true

    /// Agents send ten thousand tokens before they have done anything.
    static let wantedWindow = 65_536

    /// What a person should know before the tool takes the terminal.
    var remarks: [String] {
        var lines: [String] = []
        if !isListed {
            lines.append("torii: \(name) is on no provider's list; if it is Ollama's: torii models pull \(name)")
        }
        if let window, window < Self.wantedWindow {
            lines.append(
                "torii: the context of \(name) is \(window) tokens, and agents want \(Self.wantedWindow) or more"
            )
            lines.append("  For Ollama: num_ctx in the configuration sets it.")
        }
        return lines
    }
}
