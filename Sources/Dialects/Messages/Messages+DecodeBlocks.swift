import Inference
import JSON

extension Messages.RequestDecoder {
    private static let path = "messages[].content[]"

    /// A user's block other than a result.
    mutating func userParts(_ block: Messages.RequestObject) throws(InferenceError) -> [ContentPart] {
        switch try block.required("type", block.text) {
        case "text": return [.text(try text(block, Self.path))]
        case "image": return [try image(block, Self.path)]
        case "document": return try document(block, Self.path)
        case "search_result": return [try searchResult(block, Self.path)]
        case "compaction": return try compaction(block)
        case let type: throw .onlyMessages("a block of the type \(type.prefix(64))", at: block.view)
        }
    }

    /// A block of the model's own turn; what the provider's own tools did is left out, what the model said of it stays.
    mutating func assistantParts(_ block: Messages.RequestObject) throws(InferenceError) -> [ContentPart] {
        switch try block.required("type", block.text) {
        case "text": return [.text(try text(block, Self.path))]
        case "thinking":
            let signature = try block.text("signature")
            let thinking = try block.text("thinking") ?? ""
            return [.reasoning(Reasoning(text: thinking, signature: signature == "" ? nil : signature))]
        case "redacted_thinking":
            return [.reasoning(Reasoning(encrypted: try block.required("data", block.text)))]
        case "tool_use": return [.toolCall(try call(block))]
        case "image": return [try image(block, Self.path)]
        case "compaction": return try compaction(block)
        // It marks where another model took over, and nobody shows it to one.
        case "fallback": return []
        case let type where Self.isOfHostedTool(type):
            drop("\(Self.path).\(type)", at: block.view)
            return []
        case let type: throw .onlyMessages("a block of the type \(type.prefix(64))", at: block.view)
        }
    }

    /// A block of an instruction between the turns.
    mutating func instructionParts(_ block: Messages.RequestObject) throws(InferenceError) -> [ContentPart] {
        switch try block.required("type", block.text) {
        case "text": return [.text(try text(block, Self.path))]
        case "tool_addition": return [.text(try changes.add(block))]
        case "tool_removal": return [.text(try changes.remove(block))]
        case let type: throw .onlyMessages("a block of the type \(type.prefix(64))", at: block.view)
        }
    }

    /// The text of a text block.
    mutating func text(_ block: Messages.RequestObject, _ path: String) throws(InferenceError) -> String {
        dropUnread(block, path, read: ["type", "text"])
        return try block.required("text", block.text)
    }

    /// What a tool answered.
    mutating func result(_ block: Messages.RequestObject) throws(InferenceError) -> ContentPart {
        dropUnread(block, Self.path, read: ["type", "tool_use_id", "content", "is_error", "toolset_name"])
        let id = try block.required("tool_use_id", block.text)
        let isError = try block.flag("is_error") ?? false
        let content = try block.textOrArray("content")
        var parts: [ContentPart] = []
        if let text = content?.string { parts = [.text(text)] }
        for view in Messages.elements(of: content) {
            parts += try resultParts(Messages.RequestObject(view))
        }
        return .toolResult(ToolResult(callID: id, content: parts, isError: isError))
    }

    private mutating func resultParts(_ block: Messages.RequestObject) throws(InferenceError) -> [ContentPart] {
        guard block["type"]?.isString("tool_reference") == true else { return try userParts(block) }
        return [.text(changes.load(try block.required("tool_name", block.text)))]
    }

    private mutating func call(_ block: Messages.RequestObject) throws(InferenceError) -> ToolCall {
        dropUnread(block, Self.path, read: ["type", "id", "name", "input", "caller", "toolset_name"])
        let input = try block.object("input")
        return ToolCall(
            id: try block.required("id", block.text),
            name: try block.required("name", block.text),
            arguments: input.map { String(decoding: $0.view.raw, as: UTF8.self) } ?? "{}"
        )
    }

    /// The provider's own summary of turns that are no longer there; without words it means nothing.
    private mutating func compaction(_ block: Messages.RequestObject) throws(InferenceError) -> [ContentPart] {
        dropUnread(block, Self.path, read: ["type", "content", "encrypted_content", "signature", "tool_changes"])
        for view in Messages.elements(of: try block.array("tool_changes")) {
            _ = try instructionParts(Messages.RequestObject(view))
        }
        guard let summary = try block.text("content") else { return [] }
        return [.text(summary)]
    }

    private static func isOfHostedTool(_ type: String) -> Bool {
        ["server_tool_use", "mcp_tool_use", "mcp_tool_listing"].contains(type) || type.hasSuffix("_tool_result")
    }
}
