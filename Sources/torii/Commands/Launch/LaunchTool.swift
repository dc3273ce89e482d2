/// A program of others that `torii launch` starts on the gateway.
enum LaunchTool: String, CaseIterable, Sendable {
    case codex, claude, aider, opencode

    /// What people call it.
    var title: String {
        switch self {
        case .codex: "Codex CLI"
        case .claude: "Claude Code"
        case .aider, .opencode: rawValue
        }
    }

    /// How it gets onto a machine.
    var installation: String {
        switch self {
        case .codex: "npm install -g @openai/codex, or pip install openai-codex-cli-bin"
        case .claude: "npm install -g @anthropic-ai/claude-code, or curl -fsSL https://claude.ai/install.sh | bash"
        case .aider: "pip install aider-chat, or uv tool install aider-chat"
        case .opencode: "npm install -g opencode-ai, or curl -fsSL https://opencode.ai/install | bash"
        }
    }

    static let names = allCases.map(\.rawValue)

    /// What to say of a name that is none of theirs.
    static func unknown(_ name: String) -> String {
        let near = Spelling.nearest(to: name, among: names).map { " Did you mean \($0)?" } ?? ""
        return "\(name) is no tool that torii can launch.\(near) There are \(names.joined(separator: ", "))."
    }
}
