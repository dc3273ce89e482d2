import Providers

/// What is set for a tool and how it is called: all that `torii launch` does, before it is done.
struct LaunchPlan: Sendable {
    /// What becomes of an environment variable.
    enum Value: Sendable, Hashable {
        case text(String)
        case secret(Secret)
        /// It is taken out, so that what stands there cannot get in the way.
        case absent
    }

    /// What every tool has to be told.
    struct Target: Sendable {
        /// The gateway without a path, such as `http://127.0.0.1:8787`.
        var address: String
        var key: Secret
        var model: LaunchModel
        /// A folder that is torii's own.
        var folder: String
        /// The models as a file, for a Codex that is too old to ask for them.
        var catalogue: String?
    }

    var tool: LaunchTool
    var variables: [(name: String, value: Value)] = []
    var arguments: [String] = []
    /// Files below torii's own folder, by path; one that exists stays as it is unless it is to be renewed.
    var files: [(path: String, text: String, renews: Bool)] = []
    /// Folders that have to be there.
    var folders: [String] = []

    init(_ tool: LaunchTool, _ target: Target, arguments: [String]) {
        self.tool = tool
        switch tool {
        case .codex: planCodex(target)
        case .claude: planClaude(target)
        case .aider: planAider(target)
        case .opencode: planOpenCode(target)
        }
        self.arguments += arguments
    }

    /// The whole environment of the tool: the caller's with the plan's variables in it.
    func environment(from environment: [String: String]) -> [String: String] {
        var result = environment
        for (name, value) in variables {
            switch value {
            case .text(let text): result[name] = text
            case .secret(let secret): result[name] = secret.reveal()
            case .absent: result[name] = nil
            }
        }
        return result
    }

    /// The plan as lines for a shell, with secrets masked.
    var text: String {
        var lines = files.flatMap { file in
            ["# \(file.path)"] + file.text.split(separator: "\n").map { "#   \($0)" }
        }
        for (name, value) in variables {
            switch value {
            case .text(let text): lines.append("export \(name)=\(ShellWord.quoted(text))")
            case .secret(let secret): lines.append("export \(name)=\(secret)")
            case .absent: lines.append("unset \(name)")
            }
        }
        lines.append(([tool.rawValue] + arguments).map(ShellWord.quoted).joined(separator: " "))
        return lines.map { $0 + "\n" }.joined()
    }

    /// Writes the files and makes the folders.
    func prepare() throws(ConfigurationError) {
        for folder in folders { try PrivateFile.makeFolder(folder) }
        for file in files where file.renews || !FilePath.exists(file.path) {
            try PrivateFile.write(file.text, to: file.path, overwrites: true)
        }
    }
}

/// A word as a POSIX shell reads it back.
enum ShellWord {
    static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-./:=,+@%".unicodeScalars.contains($0))
        }
        if isPlain, !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
