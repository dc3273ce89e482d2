import Inference
import JSON

extension ChatCompletions {
    /// Writes the results of one turn, a message each.
    ///
    /// Most servers take text alone here, so images and files follow all of the results in a message of the user's.
    static func writeResults(_ messages: ArraySlice<Message>, into writer: inout JSONWriter) throws(InferenceError) {
        var media: [ContentPart] = []
        for part in messages.lazy.flatMap(\.content) {
            guard case .toolResult(let result) = part else {
                throw .cannotCarry("Something other than a result in a tool's message", .chat, field: "messages")
            }
            try write(result, &media, into: &writer)
        }
        guard !media.isEmpty else { return }
        try writer.object { (writer) throws(InferenceError) in
            writer.member("role", "user")
            writer.key("content")
            try writeContent(media, into: &writer)
        }
    }

    private static func write(
        _ result: ToolResult,
        _ media: inout [ContentPart],
        into writer: inout JSONWriter
    ) throws(InferenceError) {
        let seen = result.content.filter(\.isMedia)
        var content = result.content.filter { !$0.isMedia }
        if !seen.isEmpty {
            media.append(.text("This is what the tool call \(result.callID) returned:"))
            media += seen
            if content.isEmpty { content = [.text("The result follows in the next message of the user.")] }
        }
        let texts = content
        try writer.object { (writer) throws(InferenceError) in
            writer.member("role", "tool")
            writer.member("tool_call_id", result.callID)
            writer.key("content")
            try writeContent(texts, into: &writer)
        }
    }

    /// One text goes as a string, which every server takes; anything else as parts.
    static func writeContent(_ parts: [ContentPart], into writer: inout JSONWriter) throws(InferenceError) {
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

extension ContentPart {
    fileprivate var isMedia: Bool {
        switch self {
        case .image, .file: true
        case .text, .refusal, .reasoning, .toolCall, .toolResult: false
        }
    }
}
