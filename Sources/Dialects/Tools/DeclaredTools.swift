import Inference

/// The tools that a provider was told of, found by whatever a model calls them.
struct DeclaredTools: Sendable {
    /// What a call's name means.
    enum Meaning: Sendable {
        /// The tool of this name.
        case tool(String)
        /// A tool of the model's training, which others stand in for.
        case trained(TrainedTool)
        /// Nothing; the client refuses it.
        case unknown
    }

    private let tools: [Tool]
    private let originals: [String: FoldedNames.Original]

    init(_ tools: [Tool] = [], originals: [String: FoldedNames.Original] = [:]) {
        (self.tools, self.originals) = (tools, originals)
    }

    /// What a name means: a tool's own name before all, then one that is nearly it, then one of the model's training.
    func meaning(of name: String) -> Meaning {
        if has(name) { return .tool(name) }
        let bare = Self.bare(name)
        if has(bare) { return .tool(bare) }
        if let tool = only(where: { Self.key($0.name) == Self.key(bare) }) { return .tool(tool) }
        if let trained = TrainedTool(called: bare) {
            // A custom tool's patch can be told while it comes.
            if trained == .applyPatch, let patch = patchTool, originals[patch.name]?.kind == .custom {
                return .tool(patch.name)
            }
            if shell != nil || trained == .applyPatch && patchTool != nil { return .trained(trained) }
            // Another tool called `exec` runs something else.
            if Self.key(bare) == Self.key(TrainedTool.exec.rawValue) { return .unknown }
        }
        return tool(endingWith: bare).map { .tool($0) } ?? .unknown
    }

    /// The one tool that is called like the last part of a name, with its namespace left out or not.
    private func tool(endingWith name: String) -> String? {
        let start = name.utf8.lastIndex { ".:/".utf8.contains($0) }.map { name.utf8.index(after: $0) }
        let key = Self.key(start.map { String(name[$0...]) } ?? name)
        if start != nil, let tool = only(where: { Self.key($0.name) == key }) { return tool }
        return only { tool in
            originals[tool.name].map { $0.namespace != nil && Self.key($0.name) == key } ?? false
        }
    }

    /// All of them but a Responses provider's custom ones.
    var functions: [FunctionTool] {
        tools.compactMap { if case .function(let function) = $0 { function } else { nil } }
    }

    /// What the caller calls the tool of a name.
    func original(_ name: String) -> FoldedNames.Original {
        originals[name] ?? FoldedNames.Original(name: name, namespace: nil, kind: .function)
    }

    /// The function of a name.
    func function(_ name: String) -> FunctionTool? {
        for case .function(let function) in tools where function.name == name { return function }
        return nil
    }

    /// The tool of a name, if it is one that runs commands.
    func shell(_ name: String) -> ShellTool? {
        ShellTool.names.contains(Self.key(name)) ? function(name).flatMap { ShellTool($0) } : nil
    }

    /// The tool that runs commands.
    var shell: ShellTool? {
        for key in ShellTool.names {
            for case .function(let function) in tools where Self.key(function.name) == key {
                if let shell = ShellTool(function) { return shell }
            }
        }
        return nil
    }

    /// The call that applies a patch.
    func patching(_ patch: String) -> (name: String, arguments: String)? {
        guard let function = patchTool else { return nil }
        let parameter = function.loneParameter.flatMap { $0.isList ? nil : $0.name } ?? "input"
        return (function.name, FunctionForm.arguments(of: patch, as: parameter))
    }

    private var patchTool: FunctionTool? {
        for case .function(let function) in tools where Self.key(function.name) == "applypatch" { return function }
        return nil
    }

    private func has(_ name: String) -> Bool { tools.contains { $0.name == name } }

    /// The name of the one tool that fits; nil if there is none or more than one.
    private func only(where fits: (Tool) -> Bool) -> String? {
        var found: String?
        for tool in tools where fits(tool) {
            guard found == nil else { return nil }
            found = tool.name
        }
        return found
    }

    /// A name without what models put around it: marks of their own format, and the word for where functions live.
    private static func bare(_ name: String) -> String {
        var bare = name.utf8.firstRange(of: "<|".utf8).map { name[..<$0.lowerBound] } ?? name[...]
        for prefix in ["functions.", "function.", "tools."] where bare.hasPrefix(prefix) {
            bare = bare.dropFirst(prefix.utf8.count)
        }
        return String(bare.filter { !$0.isWhitespace })
    }

    /// What is the same in names that differ in case and in what joins their words alone.
    static func key(_ name: String) -> String {
        String(name.lowercased().unicodeScalars.filter { !"-_.:/ ".unicodeScalars.contains($0) })
    }
}
