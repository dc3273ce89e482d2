import Inference
import JSON

extension Ollama {
    /// Lines of `/api/chat` or `/api/generate`, or their one whole answer, to events; calls come whole.
    struct EventReader: EventReading {
        static let framing = EventFraming.lines
        private(set) var isComplete = false
        private var hasStarted = false
        private var calls = OpenCalls()
        private var createdAt = "torii"

        mutating func read(
            _ line: JSONView,
            name: String,
            into events: inout [InferenceEvent]
        ) throws(InferenceError) {
            var body = Body()
            for member in line.members { try body.read(member.key, member.value) }
            if !hasStarted {
                hasStarted = true
                createdAt = body.createdAt?.string ?? createdAt
                events.append(.started(id: nil, model: body.model?.string))
            }
            if let thinking = body.thinking?.string, !thinking.isEmpty { events.append(.reasoningDelta(thinking)) }
            if let text = body.text?.string, !text.isEmpty { events.append(.textDelta(text)) }
            if let list = body.logprobs { readLogprobs(list, into: &events) }
            if let list = body.calls { for call in list.elements { try read(call: call, into: &events) } }
            guard body.isDone else { return }
            calls.finishAll(into: &events)
            if let usage = Usage(ollama: line) { events.append(.usage(usage)) }
            events.append(.finished(Ollama.stopReason(body.reason?.string, callsTools: !calls.isEmpty)))
            isComplete = true
        }

        mutating func readDone(into events: inout [InferenceEvent]) throws(InferenceError) {
            throw InferenceError(.malformed, "The provider's stream holds [DONE], which is not Ollama's.")
        }

        mutating func readBody(_ body: JSONView, into events: inout [InferenceEvent]) throws(InferenceError) {
            try read(body, name: "", into: &events)
        }

        private mutating func read(call item: JSONView, into events: inout [InferenceEvent]) throws(InferenceError) {
            guard let function = item["function"], let name = function["name"]?.string else {
                throw InferenceError(
                    .malformed,
                    "The provider's tool call names no function.",
                    detail: "wrong_type",
                    offset: item.offset
                )
            }
            let arguments = function["arguments"].flatMap { $0.isNull ? nil : $0 }
            let text = arguments.map { $0.string ?? String(decoding: $0.raw, as: UTF8.self) } ?? "{}"
            let key = calls.count
            // Older versions give no id; the time tells answers apart.
            let given = item["id"]?.string ?? ""
            let id = !given.isEmpty ? given : "call_\(createdAt.filter(\.isNumber))_\(key)"
            calls.start(key, ToolCall(id: id, name: name, arguments: text), into: &events)
            calls.finish(key, into: &events)
        }

        private func readLogprobs(_ list: JSONView, into events: inout [InferenceEvent]) {
            let tokens = list.elements.compactMap { item -> TokenLogprob? in
                guard let chosen = TokenLogprob.Candidate(ollama: item) else { return nil }
                return TokenLogprob(chosen, top: item.list("top_logprobs").compactMap { .init(ollama: $0) })
            }
            if !tokens.isEmpty { events.append(.logprobs(tokens)) }
        }
    }

    /// What one line says, whichever endpoint's it is.
    private struct Body {
        var model: JSONView?
        var createdAt: JSONView?
        var text: JSONView?
        var thinking: JSONView?
        var calls: JSONView?
        var logprobs: JSONView?
        var reason: JSONView?
        var isDone = false

        mutating func read(_ key: String, _ value: JSONView) throws(InferenceError) {
            switch key {
            case "error":
                guard !value.isNull else { return }
                var error = ErrorClassification.inBody(value, dialect: .ollama)
                error.cause = value.string.flatMap(UnparsableCall.arguments)
                throw error
            case "model": model = value
            case "created_at": createdAt = value
            case "message":
                for member in value.members { readMessage(member.key, member.value) }
            case "response": text = value
            case "thinking": thinking = value
            case "tool_calls": calls = value
            case "logprobs": logprobs = value
            case "done": isDone = value.bool == true
            case "done_reason": reason = value
            default: break
            }
        }

        private mutating func readMessage(_ key: String, _ value: JSONView) {
            switch key {
            case "content": text = value
            case "thinking": thinking = value
            case "tool_calls": calls = value
            default: break
            }
        }
    }
}

extension TokenLogprob.Candidate {
    /// A token as Ollama tells of it; nil for anything else.
    fileprivate init?(ollama view: JSONView) {
        guard let token = view["token"]?.string, let logprob = view["logprob"]?.double else { return nil }
        let bytes = view["bytes"]?.elements.compactMap { $0.int.flatMap(UInt8.init(exactly:)) }
        self.init(token: token, logprob: logprob, bytes: bytes.flatMap { $0.isEmpty ? nil : $0 })
    }
}
