import Inference
import JSON

/// A tool that gpt-oss was trained with and calls whether it was told of it or not.
enum TrainedTool: String, Sendable, CaseIterable {
    case exec = "container.exec"
    case printTree = "repo_browser.print_tree"
    case search = "repo_browser.search"
    case openFile = "repo_browser.open_file"
    case applyPatch = "repo_browser.apply_patch"

    /// The tool of a name, which models also write with `_` for the dot; other names of a shell are one, too.
    init?(called name: String) {
        let key = DeclaredTools.key(name)
        if let tool = Self.allCases.first(where: { DeclaredTools.key($0.rawValue) == key }) {
            self = tool
        } else if ShellTool.names.contains(key) {
            self = .exec
        } else if key == "applypatch" {
            self = .applyPatch
        } else {
            return nil
        }
    }

    /// The call of a declared tool that does what a call of this one was meant to do.
    ///
    /// Nil if there is no tool that could, or if the arguments tell nothing.
    func call(_ arguments: String, with tools: DeclaredTools) -> (name: String, arguments: String)? {
        let object = FunctionArguments.object(of: arguments, for: Self.bareExec)
        if self == .applyPatch, let call = PatchText.bare(arguments).flatMap({ tools.patching($0) }) { return call }
        guard let shell = tools.shell, let root = (try? JSONDocument(object))?.root else { return nil }
        let command: ShellCommand?
        switch self {
        case .exec:
            command = ShellCommand(object)
            if let call = command?.patch.flatMap({ tools.patching($0) }) { return call }
        case .printTree: command = Self.printTree(root)
        case .search: command = Self.search(root)
        case .openFile: command = Self.openFile(root)
        case .applyPatch:
            // Codex has a program of this name for its shell.
            command = PatchText.bare(arguments).map { ShellCommand(script: "apply_patch <<'EOF'\n\($0)\nEOF") }
        }
        return command.map { (shell.name, shell.arguments(for: $0)) }
    }

    /// For arguments that are a bare text or list.
    private static let bareExec = FunctionTool(
        name: "",
        parameters: ["properties": ["command": ["type": ["string", "array"]]], "required": ["command"]]
    )

    private static func printTree(_ root: JSONView) -> ShellCommand {
        let depth = max(1, root["depth"]?.int ?? 3)
        return ShellCommand(script: "find \(path(root)) -maxdepth \(depth) -not -path '*/.git/*' | sort")
    }

    private static func search(_ root: JSONView) -> ShellCommand? {
        guard let query = root["query"]?.string, !query.isEmpty else { return nil }
        let most = max(1, root["max_results"]?.int ?? 50)
        let pattern = ShellCommand.quoted(query)
        return ShellCommand(
            script: "grep -rnIE --exclude-dir=.git -e \(pattern) -- \(path(root)) | head -n \(most)"
        )
    }

    private static func openFile(_ root: JSONView) -> ShellCommand? {
        guard root["path"]?.string?.isEmpty == false else { return nil }
        let first = max(1, root["line_start"]?.int ?? 1)
        let last = root["line_end"]?.int.flatMap { $0 >= first ? String($0) : nil } ?? "$"
        return ShellCommand(script: "sed -n '\(first),\(last)p' -- \(path(root))")
    }

    /// A path that no program takes for an option.
    private static func path(_ root: JSONView) -> String {
        let path = root["path"]?.string ?? ""
        if path.isEmpty { return "." }
        return ShellCommand.quoted(path.hasPrefix("-") ? "./" + path : path)
    }
}
