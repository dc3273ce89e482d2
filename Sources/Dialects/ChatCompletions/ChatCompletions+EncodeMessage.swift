import Inference
import JSON

extension ChatCompletions {
    /// Writes a message; one of tool results becomes as many messages as there are results.
    static func write(_ message: Message, into writer: inout JSONWriter) throws(InferenceError) {
        switch message.role {
        case .tool: try writeResults(message, into: &writer)
        case .assistant: try writeAssistant(message, into: &writer)
        case .system, .developer, .user:
            try writer.object { (writer) throws(InferenceError) in
                writer.member("role", message.role.rawValue)
                writer.memberIfPresent("name", message.name)
                writer.key("content")
                try writeContent(message.content, into: &writer)
                writer.rest(message.rest)
            }
        }
    }

    private static func writeResults(_ message: Message, into writer: inout JSONWriter) throws(InferenceError) {
        for part in message.content {
            guard case .toolResult(let result) = part else {
                throw .cannotCarry("Something other than a result in a tool's message", .chat, field: "messages")
            }
            try writer.object { (writer) throws(InferenceError) in
                writer.member("role", "tool")
                writer.member("tool_call_id", result.callID)
                writer.key("content")
                try writeContent(result.content, into: &writer)
            }
        }
    }

    private static func writeAssistant(_ message: Message, into writer: inout JSONWriter) throws(InferenceError) {
        var texts: [ContentPart] = []
        var calls: [ToolCall] = []
        var reasoning = ""
        var refusal: String?
        for part in message.content {
            switch part {
            case .toolCall(let call): calls.append(call)
            case .reasoning(let thought): reasoning += thought.text
            case .refusal(let text): refusal = (refusal ?? "") + text
            default: texts.append(part)
            }
        }
        try writer.object { (writer) throws(InferenceError) in
            writer.member("role", "assistant")
            writer.memberIfPresent("name", message.name)
            if !reasoning.isEmpty { writer.member("reasoning_content", reasoning) }
            writer.key("content")
            if texts.isEmpty { writer.null() } else { try writeContent(texts, into: &writer) }
            writer.memberIfPresent("refusal", refusal)
            try writeCalls(calls, into: &writer)
            writer.rest(message.rest)
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
                    writer.object { writer in
                        writer.member("name", call.name)
                        writer.member(call.kind == .function ? "arguments" : "input", call.arguments)
                    }
                }
            }
        }
    }

    /// One text goes as a string, which every server takes; anything else as parts.
    private static func writeContent(_ parts: [ContentPart], into writer: inout JSONWriter) throws(InferenceError) {
        if parts.isEmpty { return writer.string("") }
        if parts.count == 1, case .text(let text) = parts[0] { return writer.string(text) }
        try writer.array { (writer) throws(InferenceError) in
            for part in parts { try write(part, into: &writer) }
        }
    }

    private static func write(_ part: ContentPart, into writer: inout JSONWriter) throws(InferenceError) {
        switch part {
        case .text(let text):
            writer.object { writer in
                writer.member("type", "text")
                writer.member("text", text)
            }
        case .image(let image):
            let address = try address(image.source, "An uploaded image")
            writer.object { writer in
                writer.member("type", "image_url")
                writer.key("image_url")
                writer.object { writer in
                    writer.member("url", address)
                    writer.memberIfPresent("detail", image.detail)
                }
            }
        case .file(let file): try write(file, into: &writer)
        case .refusal, .reasoning, .toolCall, .toolResult:
            throw .cannotCarry("This part of a message", .chat, field: "messages")
        }
    }

    private static func write(_ file: File, into writer: inout JSONWriter) throws(InferenceError) {
        if case .url = file.source { throw .cannotCarry("A file by its address", .chat, field: "messages") }
        let data = file.source.isUpload ? nil : try address(file.source, "An uploaded file")
        writer.object { writer in
            writer.member("type", "file")
            writer.key("file")
            writer.object { writer in
                if case .upload(let id) = file.source { writer.member("file_id", id) }
                writer.memberIfPresent("filename", file.name)
                writer.memberIfPresent("file_data", data)
            }
        }
    }

    private static func address(_ source: MediaSource, _ what: String) throws(InferenceError) -> String {
        guard let address = source.address else { throw .cannotCarry(what, .chat, field: "messages") }
        return address
    }
}

extension MediaSource {
    /// As an address, inline data as a `data:` URL; nil for an upload.
    var address: String? {
        switch self {
        case .url(let url): url
        case .base64(let mediaType, let data): "data:\(mediaType);base64,\(data)"
        case .upload: nil
        }
    }

    var isUpload: Bool {
        if case .upload = self { true } else { false }
    }
}
