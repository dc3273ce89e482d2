import Inference
import JSON

extension ChatCompletions {
    static func tools(_ value: JSONView, _ dropped: inout DroppedNames) throws(InferenceError) -> [Tool] {
        var tools: [Tool] = []
        for element in try elements(value) {
            let type = try required("type", of: element)
            switch try text(type) {
            case "function": tools.append(.function(try function(try required("function", of: element), &dropped)))
            case "custom": tools.append(.custom(try custom(try required("custom", of: element), &dropped)))
            default: throw unsupported(type, "a tool of this type")
            }
            note(element, except: ["type", "function", "custom"], &dropped)
        }
        return tools
    }

    /// The older `functions`.
    static func functions(_ value: JSONView, _ dropped: inout DroppedNames) throws(InferenceError) -> [Tool] {
        var tools: [Tool] = []
        for element in try elements(value) { tools.append(.function(try function(element, &dropped))) }
        return tools
    }

    private static func function(
        _ view: JSONView,
        _ dropped: inout DroppedNames
    ) throws(InferenceError) -> FunctionTool {
        var function = FunctionTool(name: try text(try required("name", of: view)))
        for (key, value) in view.members where !value.isNull {
            switch key {
            case "name": break
            case "description": function.description = try text(value)
            case "parameters":
                guard value.kind == .object else { throw InferenceError(request: value.mismatch("an object")) }
                function.parameters = JSONFragment(value)
            case "strict": function.strict = try flag(value)
            default: dropped.add("tools[].function", key)
            }
        }
        return function
    }

    private static func custom(_ view: JSONView, _ dropped: inout DroppedNames) throws(InferenceError) -> CustomTool {
        var tool = CustomTool(name: try text(try required("name", of: view)))
        for (key, value) in view.members where !value.isNull {
            switch key {
            case "name": break
            case "description": tool.description = try text(value)
            case "format": tool.format = try format(value)
            default: dropped.add("tools[].custom", key)
            }
        }
        return tool
    }

    /// A grammar stands one level deeper here than in Responses, whose form the hub has.
    private static func format(_ value: JSONView) throws(InferenceError) -> JSONValue {
        guard value.kind == .object else { throw InferenceError(request: value.mismatch("an object")) }
        guard let grammar = value["grammar"], grammar.kind == .object else { return JSONValue(value) }
        var flat: JSONValue = ["type": "grammar"]
        for (key, member) in grammar.members { flat[key] = JSONValue(member) }
        return flat
    }

    private static func note(_ view: JSONView, except known: Set<String>, _ dropped: inout DroppedNames) {
        for (key, value) in view.members where !value.isNull && !known.contains(key) { dropped.add("tools[]", key) }
    }
}

extension ChatCompletions {
    /// The older `function_call`.
    static func functionChoice(_ value: JSONView) throws(InferenceError) -> ToolChoice {
        switch value.string {
        case "auto": return .auto
        case "none": return ToolChoice.none
        case .some: throw fault(value, "must be auto, none or an object with a name", "unknown_value")
        case nil: return .tool(try text(try required("name", of: value)))
        }
    }

    /// `tool_choice`; a choice among some of the tools takes the others out, which comes to the same.
    static func readToolChoice(_ value: JSONView, into request: inout InferenceRequest) throws(InferenceError) {
        switch value.string {
        case "auto": return request.toolChoice = .auto
        case "none": return request.toolChoice = ToolChoice.none
        case "required", "any": return request.toolChoice = .required
        case .some: throw fault(value, "must be auto, none, required or an object", "unknown_value")
        case nil: break
        }
        let type = try required("type", of: value)
        switch try text(type) {
        case "function": request.toolChoice = .tool(try name(of: value, "function"))
        case "custom": request.toolChoice = .tool(try name(of: value, "custom"), kind: .custom)
        case "allowed_tools": try readAllowedTools(value["allowed_tools"] ?? value, into: &request)
        default: throw unsupported(type, "a choice of this type")
        }
    }

    private static func readAllowedTools(
        _ value: JSONView,
        into request: inout InferenceRequest
    ) throws(InferenceError) {
        var names: Set<String> = []
        for tool in try elements(try required("tools", of: value)) {
            names.insert(try name(of: tool, try text(try required("type", of: tool))))
        }
        request.tools.removeAll { !names.contains($0.name) }
        request.toolChoice = try optionalText("mode", of: value) == "required" ? .required : .auto
    }

    /// The name stands in an object of the tool's kind, or beside its type as Responses has it.
    private static func name(of value: JSONView, _ kind: String) throws(InferenceError) -> String {
        let holder = value[kind].flatMap { $0.kind == .object ? $0 : nil } ?? value
        return try text(try required("name", of: holder))
    }
}
