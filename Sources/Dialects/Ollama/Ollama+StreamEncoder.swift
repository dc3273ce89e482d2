import Inference
import JSON

extension Ollama {
    /// Writes an answer as lines for `/api/chat` or `/api/generate`.
    ///
    /// A call comes whole, in a line of its own. What Ollama has no place for is left out: citations, and the proof of
    /// a thought; a refusal is text.
    struct StreamEncoder: AnswerEncoder {
        let contentType = "application/x-ndjson"
        private let isGenerate: Bool
        /// Up to the text of a line.
        private let head: [UInt8]
        private var usage: Usage?
        private var summary = SummaryParts()

        init(_ context: AnswerContext) {
            isGenerate = context.caller.endpoint == .ollamaGenerate
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("model", context.model)
                writer.member("created_at", Ollama.timestamp(context.createdAt))
            }
            let opening = isGenerate ? #","response":"# : #","message":{"role":"assistant","content":"#
            head = LineSafety.safe(writer.bytes).dropLast() + Array(opening.utf8)
        }

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {
            switch event {
            case .started, .citation, .reasoningFinished, .toolCallStarted, .toolCallArgumentsDelta: break
            case .textDelta(let text), .refusalDelta(let text):
                begin(&output)
                output.lineString(text)
                end(&output)
            case .reasoningDelta(let text): think(text, &output)
            case .reasoningSummaryDelta(let text, let part): think(summary.take(text, part: part), &output)
            case .toolCallFinished(let index, let call): write(call, index, &output)
            case .logprobs(let tokens): write(tokens, &output)
            case .usage(let usage): self.usage = usage
            case .finished(let reason): finish(reason, &output)
            }
        }

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {
            output.raw(LineSafety.safe(ErrorBody(error).bytes(for: .ollama, requestID: "")))
            output.frame("\n")
        }

        /// A line without text: the clients parse every line, an empty one included.
        mutating func keepAlive(into output: inout JSONWriter) {
            begin(&output)
            output.frame("\"\"")
            end(&output)
        }

        private func begin(_ output: inout JSONWriter) {
            output.raw(head)
            output.frame("")
        }

        private func end(_ output: inout JSONWriter) {
            output.frame(isGenerate ? ",\"done\":false}\n" : "},\"done\":false}\n")
        }

        private func think(_ text: String, _ output: inout JSONWriter) {
            begin(&output)
            output.frame("\"\",\"thinking\":")
            output.lineString(text)
            end(&output)
        }

        private func write(_ call: ToolCall, _ index: Int, _ output: inout JSONWriter) {
            begin(&output)
            output.frame("\"\",\"tool_calls\":[")
            output.lineValue { Ollama.write(call, index: index, into: &$0) }
            output.frame("]")
            end(&output)
        }

        private func write(_ tokens: [TokenLogprob], _ output: inout JSONWriter) {
            begin(&output)
            output.frame(isGenerate ? "\"\",\"logprobs\":" : "\"\"},\"logprobs\":")
            output.lineValue { Ollama.write(tokens, into: &$0) }
            output.frame(",\"done\":false}\n")
        }

        private func finish(_ reason: StopReason, _ output: inout JSONWriter) {
            var end = JSONWriter()
            end.object { Ollama.writeEnd(reason, usage, into: &$0) }
            begin(&output)
            output.frame(isGenerate ? "\"\"," : "\"\"},")
            output.raw(LineSafety.safe(end.bytes).dropFirst())
            output.frame("\n")
        }
    }

    /// Puts an empty line between the parts of a summary, which are one text here.
    struct SummaryParts {
        private var last: Int?

        mutating func take(_ text: String, part: Int) -> String {
            defer { last = part }
            return last == nil || last == part ? text : "\n\n" + text
        }
    }
}
