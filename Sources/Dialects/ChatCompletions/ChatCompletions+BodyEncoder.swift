import Inference
import JSON

extension ChatCompletions {
    /// An answer as one body, written when it is whole.
    struct BodyEncoder: AnswerEncoder {
        let contentType = "application/json"
        private let context: AnswerContext
        private var text = ""
        private var refusal: String?
        private var reasoning = ""
        private var thoughts = StreamedThoughts()
        private var calls: [ToolCall] = []
        private var logprobs: [TokenLogprob] = []
        private var citations: [Citation] = []
        private var usage: Usage?
        private var isSpent = false

        init(_ context: AnswerContext) {
            self.context = context
        }

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {
            guard !isSpent else { return }
            switch event {
            case .started, .toolCallStarted, .toolCallArgumentsDelta: break
            case .textDelta(let delta): text += delta
            case .refusalDelta(let delta): refusal = (refusal ?? "") + delta
            case .logprobs(let more): logprobs += more
            case .citation(var citation):
                let end = text.unicodeScalars.count
                citation.range = citation.range ?? end..<end
                citations.append(citation)
            case .reasoningDelta(let delta): reasoning += thoughts.text(delta)
            case .reasoningSummaryDelta(let delta, let part): reasoning += thoughts.summary(delta, part: part)
            case .reasoningFinished: thoughts.close()
            case .toolCallFinished(_, let call): calls.append(call)
            case .usage(let usage): self.usage = usage
            case .finished(let reason):
                isSpent = true
                write(reason, into: &output)
            }
        }

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {
            isSpent = true
        }

        mutating func keepAlive(into output: inout JSONWriter) {}

        private func write(_ reason: StopReason, into output: inout JSONWriter) {
            output.object { writer in
                ChatCompletions.writeHead(context, isChunk: false, into: &writer)
                writer.key("choices")
                writer.array { writer in
                    writer.object { writeChoice(reason, into: &$0) }
                }
                if let usage {
                    writer.key("usage")
                    writer.chatUsage(usage)
                }
            }
        }

        private func writeChoice(_ reason: StopReason, into writer: inout JSONWriter) {
            let isChat = context.caller.endpoint != .completions
            writer.member("index", 0)
            if isChat {
                writer.key("message")
                writer.object { writeMessage(into: &$0) }
            } else {
                writer.member("text", text + (refusal ?? ""))
            }
            writer.key("logprobs")
            writer.chatLogprobs(isChat ? logprobs : [])
            let word = ChatCompletions.finishReason(reason, toldRefusal: refusal != nil, isLegacy: isLegacy)
            writer.member("finish_reason", isChat || word != "tool_calls" ? word : "stop")
        }

        private func writeMessage(into writer: inout JSONWriter) {
            writer.member("role", "assistant")
            writer.key("content")
            if text.isEmpty, !calls.isEmpty || refusal != nil { writer.null() } else { writer.string(text) }
            writer.key("refusal")
            if let refusal { writer.string(refusal) } else { writer.null() }
            writer.key("annotations")
            writer.chatAnnotations(citations, end: 0)
            if !reasoning.isEmpty { writer.member("reasoning_content", reasoning) }
            guard !calls.isEmpty else { return }
            if isLegacy {
                writer.key("function_call")
                writer.object { $0.chatCall(calls[0], arguments: calls[0].arguments) }
            } else {
                writer.key("tool_calls")
                writer.array { writeCalls(into: &$0) }
            }
        }

        private func writeCalls(into writer: inout JSONWriter) {
            for (index, call) in calls.enumerated() {
                writer.object { writer in
                    writer.member("id", ChatCompletions.id(of: call, index, context.requestID))
                    writer.member("type", call.kind.rawValue)
                    writer.key(call.kind.rawValue)
                    writer.object { $0.chatCall(call, arguments: call.arguments) }
                }
            }
        }

        /// Whether the caller knows the older `functions` alone, with room for one call.
        private var isLegacy: Bool { context.caller.members["functions"] != nil }
    }
}
