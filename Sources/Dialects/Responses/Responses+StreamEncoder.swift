import Inference
import JSON

extension Responses {
    /// Writes an answer as a Responses event stream.
    ///
    /// A message has one part, and an item ends where one of another kind begins; only calls may be open side by side.
    /// What grows is what `output_item.done` and the terminal event have to repeat.
    struct StreamEncoder: AnswerEncoder {
        let contentType = "text/event-stream"
        let response: ResponseObject
        /// Ends the ids of all items, before their place.
        let requestID: String
        private let tellsLogprobs: Bool
        /// Whether thinking is told as its own summary: clients who ask for one show nothing else.
        private let tellsSummary: Bool
        private var hasBegun = false
        private var nextNumber = 0
        /// Finished items by their place in the output; empty for one that is open.
        private(set) var items: [[UInt8]] = []
        private(set) var usage: Usage?
        /// How the response has ended, for whoever wants the object alone.
        private(set) var ending = ResponseObject.Status.inProgress
        var reasoning: OpenReasoning?
        var message: OpenMessage?
        var calls: [OpenCall] = []
        /// A piece of text whose logprobs may follow; held back only for a caller who wants them.
        private var heldText: String?

        init(_ context: AnswerContext) {
            requestID = context.requestID
            tellsLogprobs = context.caller.request.topLogprobs != nil
            tellsSummary = context.caller.request.reasoning?.summary != nil
            response = ResponseObject(
                id: "resp_\(context.requestID)",
                model: context.model,
                createdAt: context.createdAt,
                caller: context.caller
            )
        }

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {
            if !hasBegun { begin(into: &output) }
            settle(before: event, into: &output)
            switch event {
            case .started: break
            case .textDelta(let text) where tellsLogprobs: heldText = text
            case .textDelta(let text): addText(text, logprobs: [], into: &output)
            case .logprobs(let logprobs): releaseText(logprobs, into: &output)
            case .refusalDelta(let text): addRefusal(text, into: &output)
            case .citation(let citation): add(citation, into: &output)
            case .reasoningDelta(let text) where tellsSummary: addSummary(text, part: 0, into: &output)
            case .reasoningDelta(let text): addReasoning(text, into: &output)
            case .reasoningSummaryDelta(let text, let part): addSummary(text, part: part, into: &output)
            case .reasoningFinished(_, let signature, let encrypted):
                finishReasoning(proof: encrypted ?? signature, into: &output)
            case .toolCallStarted(let index, let call): start(call, index: index, into: &output)
            case .toolCallArgumentsDelta(let index, let piece): addArguments(piece, index: index, into: &output)
            case .toolCallFinished(let index, let call): finish(call, index: index, into: &output)
            case .usage(let numbers): usage = numbers
            case .finished(let reason): finish(reason, into: &output)
            }
        }

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {
            // A client takes nothing for a response that did not begin with `response.created`.
            if !hasBegun { begin(into: &output) }
            releaseText([], into: &output)
            let finished = items.filter { !$0.isEmpty }
            Responses.writeFailed(response, error, number: nextNumber, output: finished, into: &output)
        }

        var keepAliveBeginsStream: Bool { true }

        /// A `ping`, which resets the timers of clients that take no notice of comments; it has a number like any event.
        mutating func keepAlive(into output: inout JSONWriter) {
            guard hasBegun else { return begin(into: &output) }
            begin(EventHead.ping, into: &output)
            output.frame("}\n\n")
        }

        var keptResponse: [UInt8]? {
            switch ending {
            case .inProgress, .failed: return nil
            case .completed, .incomplete: break
            }
            var writer = JSONWriter(capacity: items.reduce(2_048) { $0 + $1.count })
            response.write(ending, output: items, usage: usage, into: &writer)
            return writer.bytes
        }

        private mutating func begin(into output: inout JSONWriter) {
            hasBegun = true
            begin(EventHead.created, into: &output)
            writeResponse(.inProgress, into: &output)
            begin(EventHead.inProgress, into: &output)
            writeResponse(.inProgress, into: &output)
        }

        /// What could not be told before the next event was known.
        private mutating func settle(before event: InferenceEvent, into output: inout JSONWriter) {
            switch event {
            case .logprobs: break
            case .usage, .finished: releaseText([], into: &output)
            default:
                releaseText([], into: &output)
                closeFinishedCalls(into: &output)
            }
        }

        private mutating func releaseText(_ logprobs: [TokenLogprob], into output: inout JSONWriter) {
            guard let text = heldText else { return }
            heldText = nil
            addText(text, logprobs: logprobs, into: &output)
        }

        // MARK: The end

        private mutating func finish(_ reason: StopReason, into output: inout JSONWriter) {
            let end = Self.end(reason, refused: message?.kind == .refusal)
            closeReasoning(into: &output)
            closeMessage(isWhole: end == nil, into: &output)
            closeCalls(isWhole: end == nil, into: &output)
            ending = end.map { .incomplete(reason: $0) } ?? .completed(at: response.createdAt)
            begin(end == nil ? EventHead.completed : EventHead.incomplete, into: &output)
            writeResponse(ending, into: &output)
            output.frame("data: [DONE]\n\n")
        }

        /// Why the answer is incomplete; nil if it is not.
        ///
        /// A refusal in words is an answer, one without is a filter's work.
        private static func end(_ reason: StopReason, refused: Bool) -> String? {
            switch reason {
            case .endTurn, .stopSequence, .toolCalls: nil
            case .maxOutputTokens: "max_output_tokens"
            case .contentFilter: "content_filter"
            case .refusal: refused ? nil : "content_filter"
            case .other(let word): word
            }
        }

        // MARK: Events

        /// Begins an event, up to and with its number.
        mutating func begin(_ head: StaticString, into output: inout JSONWriter) {
            output.frame(head)
            output.int(nextNumber)
            nextNumber += 1
        }

        private func writeResponse(_ status: ResponseObject.Status, into output: inout JSONWriter) {
            output.frame(",\"response\":")
            response.write(status, output: items, usage: usage, into: &output)
            output.frame("}\n\n")
        }

        // MARK: Items

        /// The place of the next item.
        mutating func openItem() -> Int {
            items.append([])
            return items.count - 1
        }

        /// Ends an item with its whole text.
        mutating func close(_ item: [UInt8], at place: Int, into output: inout JSONWriter) {
            items[place] = item
            begin(EventHead.itemDone, into: &output)
            output.frame(",\"output_index\":")
            output.int(place)
            output.frame(",\"item\":")
            output.frame(item)
            output.frame("}\n\n")
        }
    }

    /// The last words of a stream that failed.
    static func writeFailed(
        _ response: ResponseObject,
        _ error: InferenceError,
        number: Int,
        output items: [[UInt8]] = [],
        into output: inout JSONWriter
    ) {
        output.frame(EventHead.failed)
        output.int(number)
        output.frame(",\"response\":")
        let code = TerminalEvent.responsesCode(error)
        response.write(.failed(code: code, message: ErrorBody(error).message), output: items, into: &output)
        output.frame("}\n\ndata: [DONE]\n\n")
    }
}
