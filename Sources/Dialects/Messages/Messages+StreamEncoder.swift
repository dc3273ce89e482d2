import Inference
import JSON

extension Messages {
    /// Writes an answer as Messages events: one block after the other, whatever the provider lets overlap.
    ///
    /// While a call is open everything that belongs behind it is held back; it is written as soon as the call is whole.
    struct StreamEncoder: AnswerEncoder {
        /// The block that is being written.
        enum Open {
            case none
            case text
            case thinking
            /// The call of this index; `isBare` until a piece of its arguments is written.
            case call(index: Int, isBare: Bool)
        }

        let contentType = "text/event-stream"
        private let context: AnswerContext
        private var hasStarted = false
        private var isSpent = false
        private var usage = Usage()
        private var hasCalls = false
        private var hasRefused = false
        private var held = AnswerBlocks()
        var open = Open.none
        /// The index of the open block, or of the next one.
        var index = 0
        var thought = Thought()

        init(_ context: AnswerContext) {
            self.context = context
        }

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {
            guard !isSpent else { return }
            if case .usage(let numbers) = event { usage = numbers }
            start(into: &output)
            note(event)
            switch event {
            case .started, .usage, .logprobs: break
            case .finished(let reason): finish(reason, into: &output)
            case .toolCallArgumentsDelta(let index, let piece):
                if isOpen(call: index) { writeArguments(piece, into: &output) } else { held.take(event) }
            case .toolCallFinished(let index, let call):
                guard isOpen(call: index) else { return held.take(event) }
                finishCall(call.arguments, into: &output)
                release(into: &output)
            default: if case .call = open { held.take(event) } else { write(event, into: &output) }
            }
        }

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {
            guard !isSpent else { return }
            isSpent = true
            output.frame("event: error\ndata: ")
            ErrorBody(error).writeMessages(into: &output, requestID: context.requestID)
            output.frame("\n\n")
        }

        mutating func keepAlive(into output: inout JSONWriter) {
            guard !isSpent else { return }
            output.frame("event: ping\ndata: {\"type\":\"ping\"}\n\n")
        }

        private mutating func start(into output: inout JSONWriter) {
            guard !hasStarted else { return }
            hasStarted = true
            output.frame("event: message_start\ndata: {\"type\":\"message_start\",\"message\":")
            Messages.writeMessage(context, stop: nil, usage: usage, into: &output) { _ in }
            output.frame("}\n\n")
        }

        private mutating func note(_ event: InferenceEvent) {
            switch event {
            case .toolCallStarted: hasCalls = true
            case .refusalDelta: hasRefused = true
            default: break
            }
        }

        private func isOpen(call index: Int) -> Bool {
            if case .call(index, _) = open { true } else { false }
        }

        /// Writes what has waited, up to a call that is not whole yet.
        private mutating func release(into output: inout JSONWriter) {
            while !held.isEmpty {
                if case .call = open { return }
                write(held.removeFirst(), requestID: context.requestID, into: &output)
            }
        }

        private mutating func finish(_ reason: StopReason, into output: inout JSONWriter) {
            // A call that nobody has finished ends with the answer.
            repeat {
                close(into: &output)
                release(into: &output)
            } while !held.isEmpty
            close(into: &output)
            isSpent = true
            let stop = AnswerStop(reason, hasCalls: hasCalls, hasRefused: hasRefused)
            output.frame("event: message_delta\ndata: ")
            output.object { output in
                output.member("type", "message_delta")
                output.key("delta")
                output.object { Messages.writeStop(stop, into: &$0) }
                output.key("usage")
                Messages.writeUsage(usage, isWhole: false, into: &output)
            }
            output.frame("\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
        }

        private mutating func write(_ event: InferenceEvent, into output: inout JSONWriter) {
            switch event {
            case .textDelta(let text), .refusalDelta(let text): writeText(text, into: &output)
            case .citation(let citation): write(citation, into: &output)
            case .reasoningDelta, .reasoningSummaryDelta:
                if case .thinking = open {} else { thought = Thought() }
                writeThinking(thought.words(of: event), into: &output)
            case .reasoningFinished(_, let signature, let encrypted):
                closeThought(signature, encrypted, into: &output)
            case .toolCallStarted(let index, let call):
                openCall(call, index: index, requestID: context.requestID, into: &output)
            default: break
            }
        }
    }
}
