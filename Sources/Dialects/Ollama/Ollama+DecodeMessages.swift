import Inference
import JSON

extension Ollama {
    /// A conversation as it is read, message by message.
    struct History {
        private(set) var messages: [Message] = []
        private var calls = CallPairing()

        /// Reads the next message.
        mutating func add(_ item: JSONView, _ dropped: inout DroppedNames) throws(InferenceError) {
            guard item.kind == .object else { throw InferenceError(request: item.mismatch("an object")) }
            var parts = MessageParts()
            for member in item.members { try parts.read(member.key, member.value, &dropped) }
            switch parts.role?.lowercased() {
            case "system": messages.append(Message(.system, try parts.content(item, &dropped)))
            case "developer": messages.append(Message(.developer, try parts.content(item, &dropped)))
            case "user": messages.append(Message(.user, try parts.content(item, &dropped)))
            case "assistant": messages.append(Message(.assistant, try answer(parts)))
            case "tool": messages.append(Message(.tool, [try result(parts, item, &dropped)]))
            case nil: throw InferenceError(request: item.missing("role"))
            default: throw refusal(of: item["role"] ?? item, "is none that can be sent on")
            }
        }

        private mutating func answer(_ parts: MessageParts) throws(InferenceError) -> [ContentPart] {
            var content: [ContentPart] = []
            if !parts.thinking.isEmpty { content.append(.reasoning(Reasoning(text: parts.thinking))) }
            content += parts.said
            guard let list = parts.calls, list.elements.contains(where: { _ in true }) else { return content }
            calls.beginTurn()
            for item in list.elements { content.append(.toolCall(try call(item))) }
            return content
        }

        private mutating func call(_ item: JSONView) throws(InferenceError) -> ToolCall {
            guard item.kind == .object else { throw InferenceError(request: item.mismatch("an object")) }
            guard let found = item["function"], let function = try object(found) else {
                throw InferenceError(request: item.missing("function"))
            }
            guard let name = try function["name"].flatMap({ (name) throws(InferenceError) in try text(name) }) else {
                throw InferenceError(request: function.missing("name"))
            }
            var arguments = "{}"
            if let found = function["arguments"], let value = try object(found) {
                arguments = String(decoding: value.raw, as: UTF8.self)
            }
            let given = try item["id"].flatMap { (id) throws(InferenceError) in try text(id) }
            return ToolCall(id: calls.open(given, name: name), name: name, arguments: arguments)
        }

        private mutating func result(
            _ parts: MessageParts,
            _ item: JSONView,
            _ dropped: inout DroppedNames
        ) throws(InferenceError) -> ContentPart {
            guard let id = calls.answer(parts.callID, name: parts.toolName) else {
                throw refusal(of: item, "answers no tool call that stands before it")
            }
            return .toolResult(ToolResult(callID: id, content: try parts.content(item, &dropped, isResult: true)))
        }
    }

    /// The members of one message.
    private struct MessageParts {
        var role: String?
        var thinking = ""
        var calls: JSONView?
        var toolName: String?
        var callID: String?
        private var text = ""
        private var images: [ContentPart] = []

        mutating func read(
            _ key: String,
            _ value: JSONView,
            _ dropped: inout DroppedNames
        ) throws(InferenceError) {
            switch key {
            case "role": role = try Ollama.text(value)
            case "content": text = try Ollama.text(value) ?? ""
            case "thinking": thinking = try Ollama.text(value) ?? ""
            case "images": images = try Ollama.images(value)
            case "tool_calls": calls = try Ollama.array(value)
            case "tool_name": toolName = try Ollama.text(value) ?? toolName
            case "name":
                // As older clients call it.
                let name = try Ollama.text(value)
                toolName = toolName ?? name
            case "tool_call_id": callID = try Ollama.text(value)
            default: if !value.isNull { dropped.insert("messages[].\(key)") }
            }
        }

        /// What is said and shown.
        var said: [ContentPart] { (text.isEmpty ? [] : [.text(text)]) + images }

        /// The same for a message that cannot hold thoughts or calls.
        func content(
            _ item: JSONView,
            _ dropped: inout DroppedNames,
            isResult: Bool = false
        ) throws(InferenceError) -> [ContentPart] {
            if !thinking.isEmpty { dropped.insert("messages[].thinking") }
            if toolName?.isEmpty == false, !isResult { dropped.insert("messages[].name") }
            guard let calls, calls.elements.contains(where: { _ in true }) else { return said }
            throw refusal(of: calls, "can only be an assistant's")
        }
    }
}
