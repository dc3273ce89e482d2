import Inference
import JSON

extension Ollama {
    /// Writes a message; one of tool results becomes as many messages as there are results.
    ///
    /// `callNames` maps a call's id to its tool's name, which a result has to repeat here.
    static func write(
        _ message: Message,
        callNames: inout [String: String],
        into writer: inout JSONWriter
    ) throws(InferenceError) {
        if message.role == .tool {
            for part in message.content { try writeResult(part, callNames, into: &writer) }
            return
        }
        var pieces = Pieces()
        for part in message.content { try pieces.add(part) }
        for call in pieces.calls { callNames[call.id] = call.name }
        writer.object { writer in
            writer.member("role", message.role == .developer ? "system" : message.role.rawValue)
            writer.member("content", pieces.text)
            if !pieces.thinking.isEmpty { writer.member("thinking", pieces.thinking) }
            if !pieces.images.isEmpty { writer.member("images", pieces.images) }
            writeCalls(pieces.calls, into: &writer)
            writer.rest(message.rest)
        }
    }

    /// Names what a message says that there is no place for and that does not change its meaning.
    static func noteDropped(_ message: Message, _ dropped: inout DroppedNames) {
        if message.name != nil { dropped.insert("messages[].name") }
        for part in message.content {
            switch part {
            case .image(let image): noteDropped(image, &dropped)
            case .toolResult(let result):
                if result.isError { dropped.insert("messages[].content[].is_error") }
                for case .image(let image) in result.content { noteDropped(image, &dropped) }
            case .text, .file, .refusal, .reasoning, .toolCall: break
            }
        }
    }

    private static func noteDropped(_ image: Image, _ dropped: inout DroppedNames) {
        if let detail = image.detail, detail != "auto" { dropped.insert("detail") }
    }

    private static func writeResult(
        _ part: ContentPart,
        _ callNames: [String: String],
        into writer: inout JSONWriter
    ) throws(InferenceError) {
        guard case .toolResult(let result) = part else {
            throw .cannotCarry("Something other than a result in a tool's message", .ollama, field: "messages")
        }
        var pieces = Pieces()
        for part in result.content { try pieces.add(part) }
        writer.object { writer in
            writer.member("role", "tool")
            writer.member("content", pieces.text)
            if !pieces.images.isEmpty { writer.member("images", pieces.images) }
            writer.memberIfPresent("tool_name", callNames[result.callID])
            writer.member("tool_call_id", result.callID)
        }
    }

    private static func writeCalls(_ calls: [ToolCall], into writer: inout JSONWriter) {
        guard !calls.isEmpty else { return }
        writer.key("tool_calls")
        writer.array { writer in
            for call in calls {
                writer.object { writer in
                    writer.member("id", call.id)
                    writer.key("function")
                    writer.object { writer in
                        writer.member("name", call.name)
                        writer.key("arguments")
                        writer.argumentObject(call.arguments)
                    }
                }
            }
        }
    }

    /// A message's parts by Ollama's members.
    private struct Pieces {
        var text = ""
        var thinking = ""
        var images: [String] = []
        var calls: [ToolCall] = []

        mutating func add(_ part: ContentPart) throws(InferenceError) {
            switch part {
            case .text(let text), .refusal(let text): self.text += (self.text.isEmpty ? "" : "\n") + text
            case .reasoning(let reasoning): add(reasoning)
            case .image(let image):
                guard let data = image.source.inlineData else {
                    throw .cannotCarry("An image that is not in the request itself", .ollama, field: "messages")
                }
                images.append(data)
            case .toolCall(let call):
                guard call.kind == .function, call.namespace == nil else {
                    throw .cannotCarry("The call of \(call.name)", .ollama, field: "messages")
                }
                calls.append(call)
            case .file(let file):
                throw .cannotCarry("The file \(file.name ?? "in a message")", .ollama, field: "messages")
            case .toolResult:
                throw .cannotCarry("A tool's result in another's message", .ollama, field: "messages")
            }
        }

        /// The thought itself goes back; where only its retelling is known, that does.
        private mutating func add(_ reasoning: Reasoning) {
            let words = reasoning.text.isEmpty ? reasoning.summary.joined(separator: "\n\n") : reasoning.text
            guard !words.isEmpty else { return }
            thinking += (thinking.isEmpty ? "" : "\n\n") + words
        }
    }
}

extension MediaSource {
    /// Base64 that stands in the message itself, `data:` URLs included.
    var inlineData: String? {
        switch self {
        case .base64(_, let data): return data
        case .upload: return nil
        case .url(let url):
            guard url.hasPrefix("data:"), let marker = url.firstRange(of: ";base64,") else { return nil }
            return String(url[marker.upperBound...])
        }
    }
}
