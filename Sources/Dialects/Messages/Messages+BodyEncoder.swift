import Inference
import JSON

extension Messages {
    /// Writes an answer as one message object.
    struct BodyEncoder: AnswerEncoder {
        let contentType = "application/json"
        private let context: AnswerContext
        private var answer = AnswerBlocks()
        private var usage = Usage()
        private var hasRefused = false
        private var isSpent = false

        init(_ context: AnswerContext) {
            self.context = context
        }

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {
            guard !isSpent else { return }
            switch event {
            case .usage(let numbers): usage = numbers
            case .finished(let reason): finish(reason, into: &output)
            default:
                if case .refusalDelta = event { hasRefused = true }
                answer.take(event)
            }
        }

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {
            isSpent = true
        }

        mutating func keepAlive(into output: inout JSONWriter) {}

        private mutating func finish(_ reason: StopReason, into output: inout JSONWriter) {
            isSpent = true
            let blocks = answer.blocks
            let hasCalls = blocks.contains { if case .call = $0.kind { true } else { false } }
            let stop = AnswerStop(reason, hasCalls: hasCalls, hasRefused: hasRefused)
            let requestID = context.requestID
            Messages.writeMessage(context, stop: stop, usage: usage, into: &output) { writer in
                for block in blocks { Messages.write(block, requestID: requestID, into: &writer) }
            }
        }
    }

    /// A whole block.
    private static func write(_ block: AnswerBlock, requestID: String, into writer: inout JSONWriter) {
        writer.object { writer in
            switch block.kind {
            case .text:
                writer.member("type", "text")
                writer.member("text", block.text)
                writer.key("citations")
                if block.citations.isEmpty { return writer.null() }
                writer.array { for citation in block.citations { writeCitation(citation, into: &$0) } }
            case .thinking:
                writer.member("type", "thinking")
                writer.member("thinking", block.text)
                writer.member("signature", block.signature)
            case .redacted:
                writer.member("type", "redacted_thinking")
                writer.member("data", block.text)
            case .call(let index, let call):
                writer.member("type", "tool_use")
                writer.member("id", callID(call, index: index, requestID: requestID))
                writer.member("name", call.name)
                writer.key("input")
                writer.argumentObject(block.text)
                // The model called it by itself, and not a program of its own.
                writer.member("caller", ["type": "direct"] as JSONValue)
            }
        }
    }
}
