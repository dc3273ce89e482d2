import Inference
import JSON

extension Ollama {
    /// Writes an answer as the one object of a request with `stream: false`.
    struct BodyEncoder: AnswerEncoder {
        let contentType = "application/json"
        private let context: AnswerContext
        private var text = ""
        private var thinking = ""
        private var calls: [ToolCall] = []
        private var logprobs: [TokenLogprob] = []
        private var usage: Usage?
        private var summary = SummaryParts()

        init(_ context: AnswerContext) { self.context = context }

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {
            switch event {
            case .started, .citation, .reasoningFinished, .toolCallStarted, .toolCallArgumentsDelta: break
            case .textDelta(let delta), .refusalDelta(let delta): text += delta
            case .reasoningDelta(let delta): thinking += delta
            case .reasoningSummaryDelta(let delta, let part): thinking += summary.take(delta, part: part)
            case .toolCallFinished(_, let call): calls.append(call)
            case .logprobs(let tokens): logprobs += tokens
            case .usage(let usage): self.usage = usage
            case .finished(let reason): write(reason, into: &output)
            }
        }

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {}

        mutating func keepAlive(into output: inout JSONWriter) {}

        private func write(_ reason: StopReason, into output: inout JSONWriter) {
            output.object { writer in
                writer.member("model", context.model)
                writer.member("created_at", Ollama.timestamp(context.createdAt))
                if context.caller.endpoint == .ollamaGenerate {
                    writer.member("response", text)
                    writeThoughtsAndCalls(into: &writer)
                } else {
                    writer.key("message")
                    writer.object { writer in
                        writer.member("role", "assistant")
                        writer.member("content", text)
                        writeThoughtsAndCalls(into: &writer)
                    }
                }
                Ollama.writeEnd(reason, usage, into: &writer)
                guard !logprobs.isEmpty else { return }
                writer.key("logprobs")
                Ollama.write(logprobs, into: &writer)
            }
        }

        private func writeThoughtsAndCalls(into writer: inout JSONWriter) {
            if !thinking.isEmpty { writer.member("thinking", thinking) }
            guard !calls.isEmpty else { return }
            writer.key("tool_calls")
            writer.array { writer in
                for (index, call) in calls.enumerated() { Ollama.write(call, index: index, into: &writer) }
            }
        }
    }
}
