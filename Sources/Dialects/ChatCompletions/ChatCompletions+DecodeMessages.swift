import Inference
import JSON

extension ChatCompletions {
    /// Reads a conversation; the results of one turn's calls become one message.
    static func messages(_ value: JSONView, _ dropped: inout DroppedNames) throws(InferenceError) -> [Message] {
        var reading = MessageReading(dropped: dropped)
        for element in try elements(value) { try reading.read(element) }
        dropped = reading.dropped
        return reading.messages
    }
}

/// A conversation while its messages are read one after the other.
private struct MessageReading {
    typealias Chat = ChatCompletions

    /// The members of one message that mean something, in whatever order they came.
    private struct Members {
        var content: JSONView?
        var name: JSONView?
        var refusal: JSONView?
        var reasoning: JSONView?
        var toolCalls: JSONView?
        var functionCall: JSONView?
        var toolCallID: JSONView?
    }

    var messages: [Message] = []
    var dropped: ChatCompletions.DroppedNames
    /// The calls so far that were not of functions.
    private var customCalls: Set<String> = []
    /// How many calls of the older form there were, whose ids we make.
    private var functionCalls = 0

    init(dropped: ChatCompletions.DroppedNames) {
        self.dropped = dropped
    }

    mutating func read(_ view: JSONView) throws(InferenceError) {
        var role: JSONView?
        var members = Members()
        for (key, value) in try Chat.members(view) where !value.isNull {
            switch key {
            case "role": role = value
            case "content": members.content = value
            case "name": members.name = value
            case "refusal": members.refusal = value
            case "reasoning_content": members.reasoning = value
            case "reasoning": if members.reasoning == nil { members.reasoning = value }
            case "tool_calls": members.toolCalls = value
            case "function_call": members.functionCall = value
            case "tool_call_id": members.toolCallID = value
            case "audio": throw Chat.unsupported(value, "audio")
            case "id", "type", "status", "object": break
            default: note(key, value)
            }
        }
        guard let role else { throw InferenceError(request: view.missing("role")) }
        try append(role, members, of: view)
    }

    private mutating func append(_ role: JSONView, _ members: Members, of view: JSONView) throws(InferenceError) {
        switch role.string {
        case "system": try appendPlain(.system, members, of: view)
        case "developer": try appendPlain(.developer, members, of: view)
        case "user": try appendPlain(.user, members, of: view)
        case "assistant": try appendAssistant(members)
        case "tool":
            guard let id = members.toolCallID else { throw InferenceError(request: view.missing("tool_call_id")) }
            try appendResult(of: try Chat.text(id), members, of: view)
        case "function": try appendResult(of: functionCallID(functionCalls), members, of: view)
        default:
            let known = "system, developer, user, assistant, tool, function"
            throw role.kind == .string
                ? Chat.fault(role, "must be one of \(known)", "unknown_value")
                : InferenceError(request: role.mismatch("a string"))
        }
    }

    private mutating func appendPlain(
        _ role: Message.Role,
        _ members: Members,
        of view: JSONView
    ) throws(InferenceError) {
        guard let content = members.content else { throw InferenceError(request: view.missing("content")) }
        let parts = try Chat.content(content, &dropped)
        messages.append(Message(role, parts, name: try name(members)))
    }

    private mutating func appendAssistant(_ members: Members) throws(InferenceError) {
        var parts: [ContentPart] = []
        if let text = members.reasoning?.string, !text.isEmpty { parts.append(.reasoning(Reasoning(text: text))) }
        if let content = members.content { parts += try Chat.content(content, &dropped) }
        if let refusal = members.refusal {
            let text = try Chat.text(refusal)
            if !text.isEmpty { parts.append(.refusal(text)) }
        }
        if let calls = members.toolCalls {
            for call in try Chat.elements(calls) { parts.append(.toolCall(try readCall(call))) }
        }
        if let call = members.functionCall {
            functionCalls += 1
            parts.append(.toolCall(try Chat.call(call, id: functionCallID(functionCalls), kind: .function)))
        }
        messages.append(Message(.assistant, parts, name: try name(members)))
    }

    private mutating func readCall(_ view: JSONView) throws(InferenceError) -> ToolCall {
        let id = try Chat.text(try Chat.required("id", of: view))
        let kind = try Chat.callKind(view)
        if kind == .custom { customCalls.insert(id) }
        return try Chat.call(try Chat.required(kind.rawValue, of: view), id: id, kind: kind)
    }

    private mutating func appendResult(of id: String, _ members: Members, of view: JSONView) throws(InferenceError) {
        guard let content = members.content else { throw InferenceError(request: view.missing("content")) }
        let kind: ToolCall.Kind = customCalls.contains(id) ? .custom : .function
        let result = ToolResult(callID: id, kind: kind, content: try Chat.content(content, &dropped))
        if let last = messages.indices.last, messages[last].role == .tool {
            messages[last].content.append(.toolResult(result))
        } else {
            messages.append(Message(.tool, [.toolResult(result)]))
        }
    }

    private func functionCallID(_ number: Int) -> String { "call_function_\(number)" }

    private func name(_ members: Members) throws(InferenceError) -> String? {
        guard let name = members.name else { return nil }
        return try Chat.text(name)
    }

    /// An empty list, as SDKs write back for what was not there, is not worth a word.
    private mutating func note(_ key: String, _ value: JSONView) {
        if value.kind == .array, value[0] == nil { return }
        dropped.add("messages[]", key)
    }
}
