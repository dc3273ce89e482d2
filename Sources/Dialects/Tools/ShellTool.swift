import Inference
import JSON

/// A client's tool that runs commands, and how it wants them.
struct ShellTool: Sendable {
    let name: String
    private let command: String
    private let takesList: Bool
    private let takesText: Bool
    private let workdir: String?
    private let timeout: String?

    /// What clients call such a tool, letters and digits alone, the likeliest first.
    static let names = [
        "execcommand", "shellcommand", "shell", "localshell", "bash", "containerexec", "runshellcommand",
        "runterminalcmd", "runcommand", "executecommand", "terminal",
    ]

    /// Nil for a function without a parameter for a command.
    init?(_ function: FunctionTool) {
        let properties = function.parameters?.value["properties"]
        guard let command = ShellCommand.names.first(where: { properties?[$0] != nil }),
            let schema = properties?[command]
        else { return nil }
        name = function.name
        self.command = command
        takesList = schema.allows("array")
        takesText = schema.allows("string") || !takesList
        workdir = ["workdir", "working_directory", "cwd"].first { properties?[$0] != nil }
        timeout = ["timeout_ms", "timeout"].first { properties?[$0] != nil }
    }

    /// How arguments begin, but for white space, whose form is the tool's own beyond doubt.
    var opening: [UInt8] { Array("{\"\(command)\":\(takesText ? "\"" : "[")".utf8) }

    /// Arguments with the command in the form and under the name that the tool wants; all else stays.
    func fitted(_ arguments: String) -> String {
        guard let root = (try? JSONDocument(arguments))?.root, let shell = ShellCommand(arguments) else {
            return arguments
        }
        let kind = root[command]?.kind
        if kind == .string && takesText || kind == .array && takesList { return arguments }
        var writer = JSONWriter(capacity: arguments.utf8.count)
        writer.object { writer in
            write(shell, into: &writer)
            for (name, value) in root.members where !ShellCommand.names.contains(name) { writer.member(name, value) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func write(_ shell: ShellCommand, into writer: inout JSONWriter) {
        if takesText { writer.member(command, shell.script) } else { writer.member(command, shell.list) }
    }

    /// The arguments with which the tool runs a command.
    func arguments(for shell: ShellCommand) -> String {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            write(shell, into: &writer)
            if let workdir { writer.memberIfPresent(workdir, shell.workdir) }
            if let timeout { writer.memberIfPresent(timeout, shell.timeout) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
