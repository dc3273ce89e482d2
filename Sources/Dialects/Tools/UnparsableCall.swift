import Inference
import JSON

/// Ollama's way to say that a model wrote a call whose arguments are no JSON: `error parsing tool call: raw='…', err=…`.
///
/// It tells the arguments and not the tool, which has to be found by them.
enum UnparsableCall {
    /// The word for it in an error.
    static let detail = "tool_call_unparsable"
    private static let opening = "error parsing tool call: raw='"

    /// The arguments as the model wrote them; nil for any other error.
    static func arguments(in error: String) -> String? {
        guard error.hasPrefix(opening) else { return nil }
        let rest = error.utf8.dropFirst(opening.utf8.count)
        let mark = Array("', err=".utf8)
        var end = rest.endIndex
        while let place = rest[..<end].lastIndex(of: mark[0]) {
            if rest[place...].starts(with: mark) { return String(Substring(rest[..<place])) }
            end = place
        }
        return nil
    }

    /// The same for a whole error body.
    static func arguments(inBody body: [UInt8]) -> String? {
        guard let error = (try? JSONDocument(body))?.root["error"] else { return nil }
        return (error.string ?? error["message"]?.string).flatMap(arguments)
    }
}

extension DeclaredTools {
    /// The name of the tool that arguments without one are meant for; nil if they fit none, or several.
    func name(forArguments text: String) -> String? {
        if PatchText.bare(text) != nil, let patch = patching("") { return patch.name }
        guard let object = ArgumentMender.mend(FunctionArguments.unwrapped(text)),
            let root = (try? JSONDocument(object))?.root, root.kind == .object
        else { return nil }
        let names = Set(root.members.map(\.key))
        let fitting = functions.filter { $0.takes(names) }
        if fitting.count == 1 { return fitting[0].name }
        if let shell, fitting.contains(where: { $0.name == shell.name }) { return shell.name }
        guard fitting.isEmpty else { return nil }
        return TrainedTool(taking: names).flatMap { shell == nil ? nil : $0.rawValue }
    }
}

extension TrainedTool {
    /// The tool that takes these arguments.
    fileprivate init?(taking names: Set<String>) {
        if !names.isDisjoint(with: ShellCommand.names) {
            self = .exec
        } else if names.contains("query") {
            self = .search
        } else if names.contains("line_start") || names.contains("line_end") {
            self = .openFile
        } else if names.contains("depth") {
            self = .printTree
        } else {
            return nil
        }
    }
}

extension FunctionTool {
    /// Whether these are arguments that the function takes, with none missing.
    fileprivate func takes(_ names: Set<String>) -> Bool {
        let schema = parameters?.value
        let known = schema?["properties"]?.object?.keys ?? []
        let required = schema?["required"]?.array?.compactMap(\.string) ?? []
        return !names.isEmpty && names.isSubset(of: known) && names.isSuperset(of: required)
    }
}
