import Inference
import JSON

extension Responses {
    /// Writes a message as the items that it becomes: a run of text and images is one, everything else one each.
    static func write(_ message: Message, into writer: inout JSONWriter) throws(InferenceError) {
        var run: [ContentPart] = []
        for part in message.content {
            switch part {
            case .text, .image, .file, .refusal: run.append(part)
            case .reasoning, .toolCall, .toolResult:
                try writeRun(&run, message, into: &writer)
                try writeItem(part, into: &writer)
            }
        }
        try writeRun(&run, message, into: &writer)
    }

    private static func writeRun(
        _ run: inout [ContentPart],
        _ message: Message,
        into writer: inout JSONWriter
    ) throws(InferenceError) {
        guard !run.isEmpty else { return }
        guard message.role != .tool else { throw .cannotCarry("Text in a tool's message", .responses, field: "input") }
        let parts = run
        run = []
        try writer.object { (writer) throws(InferenceError) in
            writer.member("type", "message")
            writer.member("role", message.role.rawValue)
            writer.key("content")
            try writeParts(parts, isOutput: message.role == .assistant, into: &writer)
            writer.rest(message.rest)
        }
    }

    private static func writeItem(_ part: ContentPart, into writer: inout JSONWriter) throws(InferenceError) {
        switch part {
        case .reasoning(let reasoning): write(reasoning, into: &writer)
        case .toolCall(let call): write(call, into: &writer)
        case .toolResult(let result): try write(result, into: &writer)
        case .text, .image, .file, .refusal: break
        }
    }

    private static func write(_ reasoning: Reasoning, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", "reasoning")
            writer.memberIfPresent("id", reasoning.id)
            writer.key("summary")
            writer.array { writer in
                for text in reasoning.summary {
                    writer.value(["type": "summary_text", "text": .string(text)])
                }
            }
            if !reasoning.text.isEmpty {
                let part: JSONValue = ["type": "reasoning_text", "text": .string(reasoning.text)]
                writer.member("content", JSONValue.array([part]))
            }
            writer.memberIfPresent("encrypted_content", reasoning.encrypted)
        }
    }

    private static func write(_ call: ToolCall, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", call.kind == .custom ? "custom_tool_call" : "function_call")
            writer.member("call_id", call.id)
            writer.memberIfPresent("namespace", call.namespace)
            writer.member("name", call.name)
            writer.member(call.kind == .custom ? "input" : "arguments", call.arguments)
        }
    }

    private static func write(_ result: ToolResult, into writer: inout JSONWriter) throws(InferenceError) {
        try writer.object { (writer) throws(InferenceError) in
            writer.member("type", result.kind == .custom ? "custom_tool_call_output" : "function_call_output")
            writer.member("call_id", result.callID)
            writer.key("output")
            if result.content.count == 1, case .text(let text) = result.content[0] {
                writer.string(text)
            } else if result.content.isEmpty {
                writer.string("")
            } else {
                try writeParts(result.content, isOutput: false, into: &writer)
            }
        }
    }

    private static func writeParts(
        _ parts: [ContentPart],
        isOutput: Bool,
        into writer: inout JSONWriter
    ) throws(InferenceError) {
        try writer.array { (writer) throws(InferenceError) in
            for part in parts { try write(part, isOutput: isOutput, into: &writer) }
        }
    }

    private static func write(
        _ part: ContentPart,
        isOutput: Bool,
        into writer: inout JSONWriter
    ) throws(InferenceError) {
        switch part {
        case .text(let text):
            writer.object { writer in
                writer.member("type", isOutput ? "output_text" : "input_text")
                writer.member("text", text)
            }
        case .refusal(let text) where isOutput:
            writer.value(["type": "refusal", "refusal": .string(text)])
        case .image where isOutput, .file where isOutput:
            throw .cannotCarry("An image or a file of the assistant", .responses, field: "input")
        case .image(let image):
            writer.object { writer in
                writer.member("type", "input_image")
                if case .upload(let id) = image.source { writer.member("file_id", id) }
                writer.memberIfPresent("image_url", image.source.address)
                writer.memberIfPresent("detail", image.detail)
            }
        case .file(let file): write(file, into: &writer)
        case .refusal, .reasoning, .toolCall, .toolResult:
            throw .cannotCarry("This part of a message", .responses, field: "input")
        }
    }

    private static func write(_ file: File, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", "input_file")
            switch file.source {
            case .upload(let id): writer.member("file_id", id)
            case .url(let url): writer.member("file_url", url)
            case .base64: writer.memberIfPresent("file_data", file.source.address)
            }
            writer.memberIfPresent("filename", file.name)
        }
    }
}
