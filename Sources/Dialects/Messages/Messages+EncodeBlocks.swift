import Inference
import JSON

extension Messages {
    static func writeBlocks(_ parts: [ContentPart], into writer: inout JSONWriter) throws(InferenceError) {
        try writer.array { (writer) throws(InferenceError) in
            for part in parts where part.saysSomething { try write(part, into: &writer) }
        }
    }

    private static func write(_ part: ContentPart, into writer: inout JSONWriter) throws(InferenceError) {
        switch part {
        case .text(let text), .refusal(let text):
            writer.object { writer in
                writer.member("type", "text")
                writer.member("text", text)
            }
        case .image(let image): write(image, into: &writer)
        case .file(let file): write(file, into: &writer)
        case .reasoning(let reasoning): write(reasoning, into: &writer)
        case .toolCall(let call): try write(call, into: &writer)
        case .toolResult(let result):
            try writer.object { (writer) throws(InferenceError) in
                writer.member("type", "tool_result")
                writer.member("tool_use_id", wireID(result.callID))
                writer.key("content")
                try writeBlocks(result.content, into: &writer)
                if result.isError { writer.member("is_error", true) }
            }
        }
    }

    private static func write(_ reasoning: Reasoning, into writer: inout JSONWriter) {
        writer.object { writer in
            if let signature = reasoning.signature {
                writer.member("type", "thinking")
                // A caller may have got it as a summary of itself.
                let words = reasoning.text.isEmpty ? reasoning.summary.joined(separator: "\n\n") : reasoning.text
                writer.member("thinking", words)
                writer.member("signature", signature)
            } else {
                writer.member("type", "redacted_thinking")
                writer.member("data", reasoning.encrypted ?? "")
            }
        }
    }

    private static func write(_ call: ToolCall, into writer: inout JSONWriter) throws(InferenceError) {
        guard call.kind == .function, call.namespace == nil else {
            throw .cannotCarry("The call of \(call.name)", .messages, field: "messages")
        }
        writer.object { writer in
            writer.member("type", "tool_use")
            writer.member("id", wireID(call.id))
            writer.member("name", call.name)
            writer.key("input")
            writer.argumentObject(call.arguments)
        }
    }

    /// A call's id in the letters that the dialect takes; others become their code, the same in the call and its result.
    private static func wireID(_ id: String) -> String {
        let isPlain = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard !id.isEmpty, !id.utf8.allSatisfy(isPlain) else { return id.isEmpty ? "_" : id }
        return id.utf8.reduce(into: "") { text, byte in
            text += isPlain(byte) ? String(Unicode.Scalar(byte)) : "_\(String(byte, radix: 16))"
        }
    }
}
