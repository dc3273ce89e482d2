import Inference
import JSON

extension Messages.RequestDecoder {
    /// The root's `system`, which stands before all messages.
    mutating func instructions(_ root: Messages.RequestObject) throws(InferenceError) -> [Message] {
        guard let system = try root.textOrArray("system") else { return [] }
        if let text = system.string { return text.isEmpty ? [] : [Message(.system, text)] }
        var content: [ContentPart] = []
        for view in system.elements {
            let block = try Messages.RequestObject(view)
            guard try block.required("type", block.text) == "text" else {
                throw .unknownWord(block["type"] ?? view, wanted: "text")
            }
            content.append(.text(try text(block, "system[]")))
        }
        return content.isEmpty ? [] : [Message(.system, content)]
    }

    /// All messages; one that holds results and other things becomes several, in the order of its blocks.
    mutating func messages(_ list: JSONView) throws(InferenceError) -> [Message] {
        var messages: [Message] = []
        // Found once, and only for a conversation that needs it.
        var lastUser: Int?
        for (place, view) in list.elements.enumerated() {
            let message = try Messages.RequestObject(view)
            switch try message.required("role", message.text) {
            case "user": try appendUser(message, to: &messages)
            case "assistant": try appendAssistant(message, to: &messages)
            case "system":
                let last = lastUser ?? Self.lastUser(of: list)
                lastUser = last
                try appendInstruction(message, isPast: place < last, to: &messages)
            default: throw .unknownWord(view["role"] ?? view, wanted: "user, assistant or system")
            }
        }
        return messages
    }

    /// The place of the last message that is the user's; 0 if there is none.
    private static func lastUser(of list: JSONView) -> Int {
        var last = 0
        for (place, view) in list.elements.enumerated() where view["role"]?.isString("user") == true { last = place }
        return last
    }

    private mutating func appendUser(
        _ message: Messages.RequestObject,
        to messages: inout [Message]
    ) throws(InferenceError) {
        let content = try message.required("content", message.textOrArray)
        if let text = content.string { return messages.append(Message(.user, text)) }
        var run = Message(.user, [])
        for view in content.elements {
            let block = try Messages.RequestObject(view)
            let isResult = block["type"]?.isString("tool_result") == true
            let role: Message.Role = isResult ? .tool : .user
            if role != run.role {
                if !run.content.isEmpty { messages.append(run) }
                run = Message(role, [])
            }
            if isResult { run.content.append(try result(block)) } else { run.content += try userParts(block) }
        }
        if !run.content.isEmpty { messages.append(run) }
    }

    /// What is left of the turn; a turn of which nothing is left says nothing.
    private mutating func appendAssistant(
        _ message: Messages.RequestObject,
        to messages: inout [Message]
    ) throws(InferenceError) {
        let content = try message.required("content", message.textOrArray)
        if let text = content.string {
            if !text.isEmpty { messages.append(Message(.assistant, text)) }
            return
        }
        var parts: [ContentPart] = []
        for view in content.elements { parts += try assistantParts(Messages.RequestObject(view)) }
        if !parts.isEmpty { messages.append(Message(.assistant, parts)) }
    }

    /// Instructions between the turns; some hold for one turn only and are not shown any more behind it.
    private mutating func appendInstruction(
        _ message: Messages.RequestObject,
        isPast: Bool,
        to messages: inout [Message]
    ) throws(InferenceError) {
        dropUnread(message, "messages[]", read: ["role", "content", "clear_at"])
        let isForOneTurn = try message.text("clear_at") == "next_user_message"
        guard let content = try message.textOrArray("content") else { return }
        var parts: [ContentPart] = []
        if let text = content.string { parts = [.text(text)] }
        for view in content.elements { parts += try instructionParts(Messages.RequestObject(view)) }
        if !(isPast && isForOneTurn), !parts.isEmpty { messages.append(Message(.system, parts)) }
    }
}
