import JSON

/// The `action` of a `local_shell_call`, and the arguments of the function that stands for the tool.
enum LocalShellAction {
    /// An action for a function's arguments; a command that is one text is run by a shell.
    ///
    /// Without a command it is empty, which the client refuses in words that reach the model.
    static func action(of arguments: String) -> String {
        let command = ShellCommand(arguments)
        let root = (try? JSONDocument(arguments))?.root
        return text { writer in
            writer.member("type", "exec")
            writer.member("command", command?.list ?? [])
            if let timeout = command?.timeout { writer.member("timeout_ms", timeout) }
            writer.memberIfPresent("working_directory", command?.workdir)
            writer.key("env")
            if let env = root?["env"], env.kind == .object { writer.view(env) } else { writer.object { _ in } }
        }
    }

    /// The function's arguments for an action of the history.
    static func arguments(of action: String) -> String {
        guard let root = (try? JSONDocument(action))?.root, root.kind == .object else { return action }
        return text { writer in
            for (name, value) in root.members where !value.isNull {
                switch name {
                case "type": break
                case "working_directory": writer.member("workdir", value)
                case "env" where value.members.first(where: { _ in true }) == nil: break
                default: writer.member(name, value)
                }
            }
        }
    }

    private static func text(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(capacity: 256)
        writer.object(body)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
