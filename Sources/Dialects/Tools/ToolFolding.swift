import Inference
import JSON

/// Makes plain functions of tools that only some dialects know, and remembers what they were.
///
/// A custom tool becomes a function with one string, `input`; the functions of a namespace get its name in front of
/// theirs; the client's own `local_shell` and `tool_search` become functions, too; a function whose name the provider's
/// dialect would refuse gets another one. Tools that a provider runs by itself are another provider's and are left out.
struct ToolFolding: Sendable {
    private var names: FoldedNames
    private var tools: [Tool] = []
    private let keepsCustom: Bool

    /// The way back for the answer; `requestID` ends the ids of calls that the provider gives none.
    func unfolding(requestID: String) -> ToolUnfolding {
        ToolUnfolding(DeclaredTools(tools, originals: names.originals), requestID: requestID)
    }

    /// Folds the tools of a request and the calls in its history.
    ///
    /// - Throws: `invalidRequest` if the one tool that has to be called cannot be offered.
    init(
        folding request: inout InferenceRequest,
        for dialect: Dialect,
        _ dropped: inout [String]
    ) throws(InferenceError) {
        keepsCustom = dialect == .responses
        names = FoldedNames(for: dialect, room: request.tools.reduce(0) { $0 + $1.foldedCount })
        for tool in request.tools {
            if case .function(let function) = tool, names.stays(function.name) { names.keep(function.name) }
        }
        var hosted: Set<String> = []
        for tool in request.tools {
            let folded = fold(tool)
            tools += folded
            guard case .hosted(let type, _) = tool, folded.isEmpty else { continue }
            hosted.insert(type)
            dropped.append("tools[\(type)]")
        }
        request.tools = tools
        for place in request.messages.indices {
            request.messages[place].content = request.messages[place].content.map { fold($0) }
        }
        try foldChoice(&request, hosted: hosted, dialect)
    }

    private func foldChoice(
        _ request: inout InferenceRequest,
        hosted: Set<String>,
        _ dialect: Dialect
    ) throws(InferenceError) {
        guard case .tool(let name, let kind) = request.toolChoice else {
            guard tools.isEmpty else { return }
            guard request.toolChoice != .required || hosted.isEmpty else {
                let what = "A call that only the provider's own tools can answer"
                throw .cannotCarry(what, dialect, field: "tool_choice")
            }
            if request.toolChoice != .required { request.toolChoice = nil }
            return
        }
        guard !hosted.contains(name) else { throw .cannotCarry("The tool \(name)", dialect, field: "tool_choice") }
        let original = FoldedNames.Original(name: name, namespace: nil, kind: kind)
        if let folded = names.known(original) { request.toolChoice = .tool(folded) }
    }

    // MARK: Tools

    private mutating func fold(_ tool: Tool) -> [Tool] {
        switch tool {
        case .hosted("local_shell", _):
            return [.function(FunctionForm.localShell(named: name("local_shell", .localShell)))]
        case .hosted("tool_search", let members) where members["execution"]?.string == "client":
            return [.function(FunctionForm.toolSearch(members, named: name("tool_search", .toolSearch)))]
        case .hosted: return []
        case .function(var function):
            guard !names.stays(function.name) else { return [tool] }
            function.name = name(function.name, .function)
            return [.function(function)]
        case .custom(let custom):
            guard !keepsCustom else { return [tool] }
            return [.function(FunctionForm.custom(custom, named: name(custom.name, .custom)))]
        case .namespace(let space, let description, let tools):
            return tools.compactMap { fold($0, in: space, description) }
        }
    }

    /// A namespace's tool, with what is said of all of them.
    private mutating func fold(_ tool: Tool, in space: String, _ description: String?) -> Tool? {
        var function: FunctionTool
        switch tool {
        case .function(let own):
            function = own
            function.name = name(own.name, .function, in: space)
        case .custom(let custom): function = FunctionForm.custom(custom, named: name(custom.name, .custom, in: space))
        case .namespace, .hosted: return nil
        }
        let words = [description, function.description].compactMap(\.self).filter { !$0.isEmpty }
        function.description = words.isEmpty ? nil : words.joined(separator: "\n\n")
        return .function(function)
    }

    private mutating func name(_ name: String, _ kind: ToolCall.Kind, in namespace: String? = nil) -> String {
        names.name(for: FoldedNames.Original(name: name, namespace: namespace, kind: kind))
    }

    // MARK: History

    private mutating func fold(_ part: ContentPart) -> ContentPart {
        switch part {
        case .toolCall(let call): return .toolCall(fold(call))
        case .toolResult(var result):
            if result.kind == .toolSearch { result.content = result.content.map { listFound($0) } }
            if result.kind != .custom || !keepsCustom { result.kind = .function }
            return .toolResult(result)
        default: return part
        }
    }

    private mutating func fold(_ call: ToolCall) -> ToolCall {
        var folded = call
        switch call.kind {
        case .custom:
            guard !keepsCustom || call.namespace != nil else { return call }
            folded.arguments = FunctionForm.arguments(of: call.arguments)
        case .localShell: folded.arguments = LocalShellAction.arguments(of: call.arguments)
        case .toolSearch: break
        case .function: guard call.namespace != nil || !names.stays(call.name) else { return call }
        }
        folded.name = name(call.name, call.kind, in: call.namespace)
        (folded.namespace, folded.kind) = (nil, .function)
        return folded
    }

    /// What a search has found, by the names under which it is offered; the tools themselves stand among the others.
    private mutating func listFound(_ part: ContentPart) -> ContentPart {
        guard case .text(let text) = part, let list = (try? JSONDocument(text))?.root, list.kind == .array else {
            return part
        }
        var found: [String] = []
        for tool in list.elements {
            guard let name = tool["name"]?.string else { continue }
            switch tool["type"]?.string {
            case "namespace":
                for member in tool.list("tools") {
                    let kind: ToolCall.Kind = member["type"]?.string == "custom" ? .custom : .function
                    if let own = member["name"]?.string { found.append(self.name(own, kind, in: name)) }
                }
            case "custom": found.append(keepsCustom ? name : self.name(name, .custom))
            default: found.append(names.stays(name) ? name : self.name(name, .function))
            }
        }
        guard !found.isEmpty else { return .text("No tool was found.") }
        return .text("These tools can be called now:\n" + found.joined(separator: "\n"))
    }
}

extension Tool {
    /// How many functions without a name that may stay are made of it.
    fileprivate var foldedCount: Int {
        switch self {
        case .namespace(_, _, let tools): tools.count
        case .custom: 1
        case .hosted, .function: 0
        }
    }
}
