import Inference
import JSON

extension Messages {
    /// One side's turn: the dialect wants user and assistant by turns, with results on the user's side.
    struct Turn {
        var isAssistant: Bool
        var content: [ContentPart]
    }

    /// Joins neighbours of the same side.
    static func turns(_ messages: some Sequence<Message>) throws(InferenceError) -> [Turn] {
        var turns: [Turn] = []
        for message in messages {
            guard message.role != .system, message.role != .developer else {
                throw .cannotCarry("An instruction within the conversation", .messages, field: "messages")
            }
            let isAssistant = message.role == .assistant
            if let last = turns.indices.last, turns[last].isAssistant == isAssistant {
                turns[last].content += message.content
            } else {
                turns.append(Turn(isAssistant: isAssistant, content: message.content))
            }
        }
        return turns
    }

    static func write(_ turn: Turn, into writer: inout JSONWriter) throws(InferenceError) {
        try writer.object { (writer) throws(InferenceError) in
            writer.member("role", turn.isAssistant ? "assistant" : "user")
            writer.key("content")
            try writeBlocks(turn.content, into: &writer)
        }
    }

    static func writeBlocks(_ parts: [ContentPart], into writer: inout JSONWriter) throws(InferenceError) {
        try writer.array { (writer) throws(InferenceError) in
            for part in parts { try write(part, into: &writer) }
        }
    }

    private static func write(_ part: ContentPart, into writer: inout JSONWriter) throws(InferenceError) {
        switch part {
        case .text(let text), .refusal(let text):
            // The dialect refuses an empty block.
            guard !text.isEmpty else { return }
            writer.object { writer in
                writer.member("type", "text")
                writer.member("text", text)
            }
        case .image(let image): writeMedia("image", image.source, name: nil, into: &writer)
        case .file(let file): writeMedia("document", file.source, name: file.name, into: &writer)
        case .reasoning(let reasoning): write(reasoning, into: &writer)
        case .toolCall(let call): try write(call, into: &writer)
        case .toolResult(let result):
            try writer.object { (writer) throws(InferenceError) in
                writer.member("type", "tool_result")
                writer.member("tool_use_id", result.callID)
                writer.key("content")
                try writeBlocks(result.content, into: &writer)
                if result.isError { writer.member("is_error", true) }
            }
        }
    }

    private static func writeMedia(
        _ type: String,
        _ source: MediaSource,
        name: String?,
        into writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("type", type)
            writer.key("source")
            writer.object { writer in
                switch source {
                case .url(let url):
                    writer.member("type", "url")
                    writer.member("url", url)
                case .base64(let mediaType, let data):
                    writer.member("type", "base64")
                    writer.member("media_type", mediaType)
                    writer.member("data", data)
                case .upload(let id):
                    writer.member("type", "file")
                    writer.member("file_id", id)
                }
            }
            writer.memberIfPresent("title", name)
        }
    }

    /// Without its signature a thought is not taken back, and leaving it out is allowed.
    private static func write(_ reasoning: Reasoning, into writer: inout JSONWriter) {
        if let signature = reasoning.signature {
            writer.object { writer in
                writer.member("type", "thinking")
                writer.member("thinking", reasoning.text)
                writer.member("signature", signature)
            }
        } else if let encrypted = reasoning.encrypted {
            writer.object { writer in
                writer.member("type", "redacted_thinking")
                writer.member("data", encrypted)
            }
        }
    }

    private static func write(_ call: ToolCall, into writer: inout JSONWriter) throws(InferenceError) {
        guard call.kind == .function, call.namespace == nil else {
            throw .cannotCarry("The call of \(call.name)", .messages, field: "messages")
        }
        let input = (try? JSONDocument(call.arguments))?.root
        writer.object { writer in
            writer.member("type", "tool_use")
            writer.member("id", call.id)
            writer.member("name", call.name)
            writer.key("input")
            if let input, input.kind == .object {
                writer.view(input)
            } else if call.arguments.isEmpty {
                writer.object { _ in }
            } else {
                writer.object { $0.member("arguments", call.arguments) }
            }
        }
    }
}
