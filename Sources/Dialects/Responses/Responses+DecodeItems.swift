import Inference
import JSON

extension Responses.RequestDecoder {
    /// Reads `input`, a text or items.
    mutating func readInput(_ value: Responses.Value) throws(InferenceError) {
        if let text = value.view.string { return request.messages.append(Message(.user, text)) }
        guard value.view.kind == .array else { throw value.wrong("a string or an array") }
        for item in value.view.elements { try readItem(item) }
    }

    private mutating func readItem(_ view: JSONView) throws(InferenceError) {
        var item = try Responses.Value(view).object()
        let type = try item.take("type")?.string()
        switch type {
        // In the order of how many there are in an agent's history.
        case "function_call_output", "function_call": _ = try readCall(type ?? "", &item)
        case "message": try readMessage(&item)
        case "reasoning": try readReasoningItem(&item)
        case nil:
            guard item.left.contains(where: { $0.key == "role" }) else {
                throw item.unsupported("A reference to a stored item")
            }
            try readMessage(&item)
        case "agent_message": try readAgentMessage(&item)
        case "additional_tools":
            for tool in try item.required("tools").elements() { try readLateTool(tool) }
        case "item_reference": throw item.unsupported("A reference to a stored item")
        case "compaction", "compaction_trigger", "context_compaction", "compaction_summary":
            throw item.unsupported("A compaction")
        // What a provider did by itself, and what came of it stands in the text that follows.
        case "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_list_tools":
            note("input[\(type ?? "")]")
        case .some(let type):
            guard try readCall(type, &item) else { throw item.unsupported("An input item of the type \(type)") }
        }
    }

    // MARK: Messages

    private mutating func readMessage(_ item: inout Responses.Members) throws(InferenceError) {
        let role = try item.required("role")
        let content = try item.required("content")
        note(left: item, at: "input[]")
        switch try role.string() {
        case "user": append(.user, try readContent(content, at: "input[].content[]"))
        case "system": append(.system, try readContent(content, at: "input[].content[]"))
        case "developer": append(.developer, try readContent(content, at: "input[].content[]"))
        case "assistant":
            for part in try readContent(content, at: "input[].content[]", isAnswer: true) { appendToAnswer(part) }
        default: throw role.outside("one of user, assistant, system, developer")
        }
    }

    /// What another agent told this one, which is none of the conversation's sides.
    private mutating func readAgentMessage(_ item: inout Responses.Members) throws(InferenceError) {
        let author = try item.take("author")?.string()
        let recipient = try item.take("recipient")?.string()
        var head = "Message"
        if let author { head += " from \(author)" }
        if let recipient { head += " to \(recipient)" }
        let parts = try readContent(try item.required("content"), at: "input[].content[]")
        note(left: item, at: "input[]")
        append(.user, parts.isEmpty ? [] : [.text(head + ":")] + parts)
    }

    private mutating func append(_ role: Message.Role, _ content: [ContentPart]) {
        if !content.isEmpty { request.messages.append(Message(role, content)) }
    }

    /// Adds to the assistant's turn.
    mutating func appendToAnswer(_ part: ContentPart) {
        join(part, .assistant)
    }

    /// Adds to the results of the turn's calls.
    mutating func appendResult(_ result: ToolResult) {
        join(.toolResult(result), .tool)
    }

    private mutating func join(_ part: ContentPart, _ role: Message.Role) {
        let last = request.messages.count - 1
        guard last >= 0, request.messages[last].role == role else {
            return request.messages.append(Message(role, [part]))
        }
        request.messages[last].content.append(part)
    }

    // MARK: Reasoning

    private mutating func readReasoningItem(_ item: inout Responses.Members) throws(InferenceError) {
        var reasoning = Reasoning()
        if let summary = item.take("summary") { reasoning.summary = try readTexts(summary) }
        if let content = item.take("content") { reasoning.text = try readTexts(content).joined(separator: "\n\n") }
        reasoning.encrypted = try item.take("encrypted_content")?.string()
        // One without content says nothing, whatever its name.
        if reasoning != Reasoning() {
            reasoning.id = try item.take("id")?.string()
            appendToAnswer(.reasoning(reasoning))
        }
        note(left: item, at: "input[]")
    }

    private func readTexts(_ value: Responses.Value) throws(InferenceError) -> [String] {
        var texts: [String] = []
        for element in try value.elements() {
            var part = try Responses.Value(element).object()
            texts.append(try part.required("text").string())
        }
        return texts
    }
}
