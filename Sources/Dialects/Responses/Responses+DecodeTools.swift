import Inference
import JSON

extension Responses.RequestDecoder {
    /// Reads a tool of `tools`.
    mutating func readTool(_ view: JSONView) throws(InferenceError) {
        request.tools.append(try tool(view))
    }

    /// Reads a tool that the conversation adds later; one that is there already is not there twice.
    mutating func readLateTool(_ view: JSONView) throws(InferenceError) {
        let late = try tool(view)
        guard let place = request.tools.firstIndex(where: { $0.isSame(as: late) }) else {
            return request.tools.append(late)
        }
        guard case .namespace(let name, let description, var tools) = request.tools[place],
            case .namespace(_, _, let more) = late
        else { return }
        for tool in more where !tools.contains(where: { $0.isSame(as: tool) }) { tools.append(tool) }
        request.tools[place] = .namespace(name: name, description: description, tools: tools)
    }

    private mutating func tool(_ view: JSONView) throws(InferenceError) -> Tool {
        var members = try Responses.Value(view).object()
        let type = try members.required("type").string()
        switch type {
        case "function": return .function(try function(&members))
        case "custom": return .custom(try custom(&members))
        case "namespace": return try namespace(&members)
        default:
            // Whatever else there is, a provider runs it or it is not run at all.
            return .hosted(
                type: type,
                JSONObject(members.left.map { JSONObject.Member($0.key, JSONValue($0.value)) })
            )
        }
    }

    private mutating func function(_ members: inout Responses.Members) throws(InferenceError) -> FunctionTool {
        let function = FunctionTool(
            name: try members.required("name").string(),
            description: try members.take("description")?.string(),
            parameters: try members.take("parameters").map { (value) throws(InferenceError) in
                JSONFragment(try value.object().view)
            },
            strict: try members.take("strict")?.flag()
        )
        note(left: members, at: "tools[]")
        return function
    }

    private mutating func custom(_ members: inout Responses.Members) throws(InferenceError) -> CustomTool {
        let custom = CustomTool(
            name: try members.required("name").string(),
            description: try members.take("description")?.string(),
            format: try members.take("format").map { (value) throws(InferenceError) in
                JSONValue(try value.object().view)
            }
        )
        note(left: members, at: "tools[]")
        return custom
    }

    /// A namespace's functions and custom tools; another kind of tool in it is left out by name.
    private mutating func namespace(_ members: inout Responses.Members) throws(InferenceError) -> Tool {
        let name = try members.required("name").string()
        let description = try members.take("description")?.string()
        var tools: [Tool] = []
        for element in try members.required("tools").elements() {
            var tool = try Responses.Value(element).object()
            switch try tool.required("type").string() {
            case "function": tools.append(.function(try function(&tool)))
            case "custom": tools.append(.custom(try custom(&tool)))
            default: note("tools[\(name).\(try tool.take("name")?.string() ?? "")]")
            }
        }
        note(left: members, at: "tools[]")
        return .namespace(name: name, description: description, tools: tools)
    }
}

extension Responses.RequestDecoder {
    /// Reads `tool_choice`, once all tools are known.
    mutating func readToolChoice(_ value: Responses.Value) throws(InferenceError) {
        guard value.view.kind == .object else {
            guard value.view.kind == .string else { throw value.wrong("a string or an object") }
            request.toolChoice = ToolChoice(try value.word(Mode.self))
            return
        }
        var members = try value.object()
        let type = try members.required("type").string()
        switch type {
        case "function", "custom":
            let name = try members.required("name").string()
            guard members.take("namespace") == nil else { throw members.unsupported("A tool of a namespace") }
            request.toolChoice = .tool(name, kind: type == "custom" ? .custom : .function)
        case "allowed_tools": try readAllowed(&members)
        case "mcp": throw members.unsupported("A tool of an MCP server")
        default: request.toolChoice = .tool(type, kind: ToolCall.Kind(rawValue: type) ?? .function)
        }
    }

    /// Those that are not allowed are not offered, which means the same.
    private mutating func readAllowed(_ members: inout Responses.Members) throws(InferenceError) {
        let mode = try members.required("mode").word(Mode.self)
        var allowed: [(type: String, name: String?)] = []
        for element in try members.required("tools").elements() {
            var tool = try Responses.Value(element).object()
            guard tool.take("namespace") == nil else { throw tool.unsupported("A tool of a namespace") }
            allowed.append((try tool.required("type").string(), try tool.take("name")?.string()))
        }
        request.tools.removeAll { tool in
            !allowed.contains { $0.type == tool.type && ($0.name == nil || $0.name == tool.name) }
        }
        request.toolChoice = ToolChoice(mode)
    }

    fileprivate enum Mode: String, CaseIterable {
        case auto, none, required
    }
}

extension ToolChoice {
    fileprivate init(_ mode: Responses.RequestDecoder.Mode) {
        switch mode {
        case .auto: self = .auto
        case .none: self = .none
        case .required: self = .required
        }
    }
}

extension Tool {
    /// The dialect's word for the kind of tool.
    fileprivate var type: String {
        switch self {
        case .function: "function"
        case .custom: "custom"
        case .namespace: "namespace"
        case .hosted(let type, _): type
        }
    }

    fileprivate func isSame(as other: Tool) -> Bool { type == other.type && name == other.name }
}
