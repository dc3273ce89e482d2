import Inference
import JSON

extension ChatCompletions {
    /// An answer as chunks, for callers of `/v1/chat/completions` and `/v1/completions`.
    struct StreamEncoder: AnswerEncoder {
        let contentType = "text/event-stream"
        private let frame: ChunkFrame
        private let context: AnswerContext
        private let isChat: Bool
        private var hasBegun = false
        private var isSpent = false
        private var toldRefusal = false
        private var usage: Usage?
        private var calls: StreamedCalls
        private var thoughts = StreamedThoughts()
        /// Unicode scalars of the text so far, for citations.
        private var length = 0

        init(_ context: AnswerContext) {
            self.context = context
            frame = ChunkFrame(context)
            isChat = context.caller.endpoint != .completions
            calls = StreamedCalls(context)
        }

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {
            guard !isSpent else { return }
            if !hasBegun { begin(into: &output) }
            switch event {
            case .started: break
            case .textDelta(let text):
                length += text.unicodeScalars.count
                write(text, frame.contentHead, into: &output)
            case .refusalDelta(let text): writeRefusal(text, into: &output)
            case .logprobs(let logprobs):
                if isChat { frame.write(into: &output, logprobs: logprobs) { $0.object { _ in } } }
            case .citation(let citation): write(citation, into: &output)
            case .reasoningDelta(let text): write(thought: thoughts.text(text), into: &output)
            case .reasoningSummaryDelta(let text, let part):
                write(thought: thoughts.summary(text, part: part), into: &output)
            case .reasoningFinished: thoughts.close()
            case .toolCallStarted, .toolCallArgumentsDelta, .toolCallFinished:
                if isChat { calls.encode(event, frame, into: &output) }
            case .usage(let usage): self.usage = usage
            case .finished(let reason): finish(reason, into: &output)
            }
        }

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {
            guard !isSpent else { return }
            isSpent = true
            output.frame(TerminalEvent.bytes(for: context.caller.endpoint, error, requestID: context.requestID))
        }

        mutating func keepAlive(into output: inout JSONWriter) {
            if !isSpent { output.frame(": keep-alive\n\n") }
        }

        /// The role comes alone in the first chunk; a completion has none.
        private mutating func begin(into output: inout JSONWriter) {
            hasBegun = true
            guard isChat else { return }
            frame.write(into: &output) { writer in
                writer.object { writer in
                    writer.member("role", "assistant")
                    writer.member("content", "")
                    writer.key("refusal")
                    writer.null()
                }
            }
        }

        /// The hot path: two copies of prepared bytes around one text.
        private func write(_ text: String, _ head: [UInt8], into output: inout JSONWriter) {
            guard !text.isEmpty else { return }
            output.frame(head)
            output.string(text)
            output.frame(frame.textTail)
        }

        private func write(thought: String, into output: inout JSONWriter) {
            if isChat { write(thought, frame.reasoningHead, into: &output) }
        }

        private mutating func writeRefusal(_ text: String, into output: inout JSONWriter) {
            toldRefusal = true
            // A completion has no other place for words.
            guard isChat else { return write(text, frame.contentHead, into: &output) }
            frame.write(into: &output) { writer in writer.object { $0.member("refusal", text) } }
        }

        private func write(_ citation: Citation, into output: inout JSONWriter) {
            guard isChat, case .url = citation.source else { return }
            frame.write(into: &output) { writer in
                writer.object { writer in
                    writer.key("annotations")
                    writer.chatAnnotations([citation], end: length)
                }
            }
        }

        private mutating func finish(_ reason: StopReason, into output: inout JSONWriter) {
            isSpent = true
            let isLegacy = calls.isLegacy
            let word = ChatCompletions.finishReason(reason, toldRefusal: toldRefusal, isLegacy: isLegacy)
            frame.write(into: &output, finishReason: isChat || word != "tool_calls" ? word : "stop") { writer in
                if isChat { writer.object { _ in } } else { writer.string("") }
            }
            if context.caller.includesUsage, let usage { frame.write(usage, into: &output) }
            output.frame("data: [DONE]\n\n")
        }
    }

    /// Which of a model's thinking is told: its own words, or their retelling where they do not come.
    struct StreamedThoughts: Sendable {
        private var tellsSummary: Bool?
        private var part = 0
        private var hasSummary = false

        /// What to write for a piece of the thinking itself.
        mutating func text(_ text: String) -> String {
            if tellsSummary == nil { tellsSummary = false }
            return tellsSummary == false ? text : ""
        }

        /// What to write for a piece of a retelling: with an empty line between its parts.
        mutating func summary(_ text: String, part: Int) -> String {
            guard !text.isEmpty else { return "" }
            if tellsSummary == nil { tellsSummary = true }
            guard tellsSummary == true else { return "" }
            defer { (self.part, hasSummary) = (part, true) }
            return hasSummary && part != self.part ? "\n\n" + text : text
        }

        /// Another piece of reasoning begins a paragraph of its own.
        mutating func close() {
            part = -1
        }
    }
}
