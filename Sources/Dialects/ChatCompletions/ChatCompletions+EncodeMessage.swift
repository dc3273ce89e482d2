import Inference
import JSON

extension ChatCompletions {
    /// Writes a conversation so that the templates of common model servers take it.
    ///
    /// Most of these know one `system` message at the very start and no `developer`. So the instructions at the start
    /// become one message, and later ones speak as the user: they stay in their place, which keeps what came before a
    /// prefix. Neighbouring messages of the assistant become one, because results have to follow their calls at once.
    static func write(_ messages: [Message], into writer: inout JSONWriter) throws(InferenceError) {
        let instructions = messages.prefix { $0.role.isInstruction }
        try writeInstructions(instructions, into: &writer)
        var rest = messages.dropFirst(instructions.count)
        while let message = rest.first {
            switch message.role {
            case .assistant:
                let run = rest.prefix { $0.role == .assistant }
                rest = rest.dropFirst(run.count)
                try writeAssistant(run, into: &writer)
            case .tool:
                let run = rest.prefix { $0.role == .tool }
                rest = rest.dropFirst(run.count)
                try writeResults(run, into: &writer)
            case .user, .system, .developer:
                rest = rest.dropFirst()
                try write("user", message, into: &writer)
            }
        }
    }

    /// Whether an instruction stands where it can only be told as the user's.
    static func hasLateInstruction(_ messages: [Message]) -> Bool {
        messages.drop { $0.role.isInstruction }.contains { $0.role.isInstruction }
    }

    private static func writeInstructions(
        _ messages: ArraySlice<Message>,
        into writer: inout JSONWriter
    ) throws(InferenceError) {
        guard let first = messages.first else { return }
        let parts = messages.flatMap(\.content)
        var texts: [String] = []
        for part in parts { if case .text(let text) = part { texts.append(text) } }
        guard texts.count == parts.count else {
            throw .cannotCarry("Something other than text in an instruction", .chat, field: "messages")
        }
        writer.object { writer in
            writer.member("role", "system")
            if messages.count == 1 { writer.memberIfPresent("name", first.name) }
            writer.member("content", texts.count == 1 ? texts[0] : texts.joined(separator: "\n\n"))
        }
    }

    private static func write(
        _ role: String,
        _ message: Message,
        into writer: inout JSONWriter
    ) throws(InferenceError) {
        try writer.object { (writer) throws(InferenceError) in
            writer.member("role", role)
            writer.memberIfPresent("name", message.name)
            writer.key("content")
            try writeContent(message.content, into: &writer)
            writer.rest(message.rest)
        }
    }

    private static func writeAssistant(
        _ messages: ArraySlice<Message>,
        into writer: inout JSONWriter
    ) throws(InferenceError) {
        var spoken = Spoken()
        for message in messages {
            for part in message.content { spoken.add(part) }
        }
        try writer.object { (writer) throws(InferenceError) in
            writer.member("role", "assistant")
            writer.memberIfPresent("name", messages.first?.name)
            if !spoken.reasoning.isEmpty { writer.member("reasoning_content", spoken.reasoning) }
            writer.key("content")
            if spoken.texts.isEmpty, !spoken.calls.isEmpty {
                writer.null()
            } else {
                try writeContent(spoken.texts, into: &writer)
            }
            try writeCalls(spoken.calls, into: &writer)
            for message in messages { writer.rest(message.rest) }
        }
    }

    /// What an assistant said, by the members that it goes into.
    private struct Spoken {
        var texts: [ContentPart] = []
        var calls: [ToolCall] = []
        var reasoning = ""

        mutating func add(_ part: ContentPart) {
            switch part {
            case .toolCall(let call): calls.append(call)
            case .reasoning(let thought):
                // A retelling is the model's thinking too, where nothing else of it was told.
                let text = thought.text.isEmpty ? thought.summary.joined(separator: "\n\n") : thought.text
                if !text.isEmpty { reasoning += (reasoning.isEmpty ? "" : "\n\n") + text }
            // Templates look at the content alone.
            case .refusal(let text): texts.append(.text(text))
            default: texts.append(part)
            }
        }
    }

    private static func writeCalls(_ calls: [ToolCall], into writer: inout JSONWriter) throws(InferenceError) {
        guard !calls.isEmpty else { return }
        if let call = calls.first(where: { $0.namespace != nil }) {
            throw .cannotCarry("The namespaced call of \(call.name)", .chat, field: "messages")
        }
        writer.key("tool_calls")
        writer.array { writer in
            for call in calls {
                writer.object { writer in
                    writer.member("id", call.id)
                    writer.member("type", call.kind.rawValue)
                    writer.key(call.kind.rawValue)
                    writer.object { $0.chatCall(call, arguments: readable(call)) }
                }
            }
        }
    }
}

extension ChatCompletions {
    /// A call's arguments so that servers that parse them again can: an object, whatever the model wrote.
    private static func readable(_ call: ToolCall) -> String {
        guard call.kind == .function else { return call.arguments }
        if call.arguments.isEmpty { return "{}" }
        var text = call.arguments
        let isObject = text.withUTF8 { (try? JSONIndex(scanning: UnsafeRawBufferPointer($0).bytes)) != nil }
        return isObject ? text : FunctionForm.arguments(of: text, as: "arguments")
    }
}

extension Message.Role {
    /// Whether it is an operator's or a developer's word.
    fileprivate var isInstruction: Bool { self == .system || self == .developer }
}
