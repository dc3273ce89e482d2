import Inference
import JSON

extension Responses.RequestDecoder {
    /// Reads an item that is a call or its result; false for one that is neither.
    ///
    /// Calls of tools that the provider of the time ran, or that have items of their own, become calls of functions by
    /// the tool's name, so that the history stays whole where the tool itself is not offered.
    mutating func readCall(_ type: String, _ item: inout Responses.Members) throws(InferenceError) -> Bool {
        switch type {
        case "function_call_output": try readResult(&item, .function)
        case "function_call": try readCall(&item, .function, argument: "arguments")
        case "custom_tool_call": try readCall(&item, .custom, argument: "input")
        case "custom_tool_call_output": try readResult(&item, .custom)
        case "local_shell_call": try readClientCall(&item, .localShell, argument: "action")
        case "shell_call": try readCall(&item, .function, name: "shell", argument: "action")
        case "apply_patch_call": try readCall(&item, .function, name: "apply_patch", argument: "operation")
        case "tool_search_call": try readClientCall(&item, .toolSearch, argument: "arguments")
        case "local_shell_call_output": try readResult(&item, .function)
        case "shell_call_output": try readResult(&item, .function, isRaw: true)
        case "apply_patch_call_output": try readResult(&item, .function, mayBeSilent: true)
        case "tool_search_output": try readFoundTools(&item)
        case "mcp_call": try readServerCall(&item)
        default: return false
        }
        return true
    }

    private mutating func readCall(
        _ item: inout Responses.Members,
        _ kind: ToolCall.Kind,
        name: String? = nil,
        argument: String
    ) throws(InferenceError) {
        let id = try callID(&item)
        let name = if let name { name } else { try item.required("name").string() }
        let namespace = try item.take("namespace")?.string()
        let argument = try item.required(argument)
        let arguments = kind == .custom ? try argument.string() : argument.text
        note(left: item, at: "input[]")
        appendToAnswer(
            .toolCall(ToolCall(id: id, name: name, namespace: namespace, kind: kind, arguments: arguments))
        )
    }

    /// A call of a tool that has an item of its own; one that no result can answer is left out.
    private mutating func readClientCall(
        _ item: inout Responses.Members,
        _ kind: ToolCall.Kind,
        argument: String
    ) throws(InferenceError) {
        let isServers = try item.take("execution")?.string() == "server"
        guard !isServers, item.has("call_id") || item.has("id") else { return note("input[\(kind.rawValue)_call]") }
        try readCall(&item, kind, name: kind.rawValue, argument: argument)
    }

    private mutating func readResult(
        _ item: inout Responses.Members,
        _ kind: ToolCall.Kind,
        isRaw: Bool = false,
        mayBeSilent: Bool = false
    ) throws(InferenceError) {
        let id = try callID(&item)
        // The call has them already.
        (_, _) = (item.take("name"), item.take("namespace"))
        let output = mayBeSilent ? item.take("output") : try item.required("output")
        note(left: item, at: "input[]")
        var result = ToolResult(callID: id, kind: kind, content: [])
        if let output {
            result.content = isRaw ? [.text(output.text)] : try readContent(output, at: "input[].output[]")
        }
        appendResult(result)
    }

    /// The tools that a search has found may be called from here on.
    private mutating func readFoundTools(_ item: inout Responses.Members) throws(InferenceError) {
        let tools = try item.required("tools")
        for tool in try tools.elements() { try readLateTool(tool) }
        // A search that the provider ran has no call to answer.
        guard let id = try item.take("call_id")?.string() else { return }
        appendResult(ToolResult(callID: id, kind: .toolSearch, content: [.text(tools.text)]))
    }

    /// A call with its result in one.
    private mutating func readServerCall(_ item: inout Responses.Members) throws(InferenceError) {
        let id = try item.required("id").string()
        let name = try item.required("name").string()
        let call = ToolCall(
            id: id,
            name: name,
            namespace: try item.take("server_label")?.string(),
            arguments: try item.take("arguments")?.string() ?? ""
        )
        appendToAnswer(.toolCall(call))
        let error = item.take("error")
        let output = item.take("output")
        note(left: item, at: "input[]")
        appendResult(
            ToolResult(callID: id, content: [.text((output ?? error)?.text ?? "")], isError: error != nil)
        )
    }

    private func callID(_ item: inout Responses.Members) throws(InferenceError) -> String {
        if let id = item.take("call_id") { return try id.string() }
        if let id = item.take("id") { return try id.string() }
        return try item.required("call_id").string()
    }
}
