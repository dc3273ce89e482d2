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
            guard item.has("role") else { throw item.unsupported("A reference to a stored item") }
            try readMessage(&item)
        case "agent_message": try readAgentMessage(&item)
        case "additional_tools":
            for tool in try item.required("tools").elements() { try readLateTool(tool) }
        case "item_reference": throw item.unsupported("A reference to a stored item")
        case "compaction_trigger": throw item.unsupported("A compaction")
        // What a provider did by itself, and what came of it stands in the text that follows; or what only it can read;
        // or what nobody knows yet.
        case .some(let type): if try !readCall(type, &item) { note("input[\(type)]") }
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
    ///
    /// Other dialects want them right behind the calls, so that one that comes late, after someone else has spoken, goes
    /// back there.
    mutating func appendResult(_ result: ToolResult) {
        let isLate = request.messages.last.map { $0.role != .assistant && $0.role != .tool } ?? false
        guard isLate, let call = request.messages.lastIndex(where: { $0.calls(result.callID) }) else {
            return join(.toolResult(result), .tool)
        }
        let place = call + 1
        if place < request.messages.count, request.messages[place].role == .tool {
            request.messages[place].content.append(.toolResult(result))
        } else {
            request.messages.insert(Message(.tool, [.toolResult(result)]), at: place)
        }
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

extension Message {
    /// Whether a call of this id is in it.
    fileprivate func calls(_ id: String) -> Bool {
        content.contains { if case .toolCall(let call) = $0 { call.id == id } else { false } }
    }
}
