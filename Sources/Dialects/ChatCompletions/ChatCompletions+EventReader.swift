import Inference
import JSON

extension ChatCompletions {
    /// Chat chunks, or one whole completion, to events; only the first choice is read.
    struct EventReader: EventReading {
        static let framing = EventFraming.serverSentEvents
        private(set) var isComplete = false
        private var id: String?
        private var hasStarted = false
        private var usage: Usage?
        private var stop: StopReason?
        private var calls = OpenCalls()
        /// Calls whose name has not come yet.
        private var nameless: [Int: ToolCall] = [:]

        mutating func read(
            _ chunk: JSONView,
            name: String,
            into events: inout [InferenceEvent]
        ) throws(InferenceError) {
            try readHead(chunk, name: name, into: &events)
            for choice in chunk.list("choices") where (choice["index"]?.int ?? 0) == 0 {
                try read(choice, choice["delta"] ?? choice["message"], into: &events)
            }
        }

        mutating func readDone(into events: inout [InferenceEvent]) throws(InferenceError) {
            guard hasStarted else {
                throw InferenceError(
                    .malformed,
                    "The provider's stream holds nothing but [DONE].",
                    detail: "empty_stream"
                )
            }
            finish(into: &events)
        }

        mutating func readBody(_ body: JSONView, into events: inout [InferenceEvent]) throws(InferenceError) {
            try read(body, name: "", into: &events)
            guard !body.list("choices").isEmpty else { return }
            finish(into: &events)
        }

        private mutating func readHead(
            _ chunk: JSONView,
            name: String,
            into events: inout [InferenceEvent]
        ) throws(InferenceError) {
            if let error = chunk["error"], !error.isNull { throw ErrorClassification.inBody(error, dialect: .chat) }
            if name == "error" || chunk["object"]?.isString("error") == true {
                throw ErrorClassification.inBody(chunk, dialect: .chat)
            }
            if !hasStarted {
                hasStarted = true
                id = chunk["id"]?.string
                events.append(.started(id: id, model: chunk["model"]?.string))
            }
            if let found = chunk["usage"], found.kind == .object, Usage(chat: found) != usage {
                let numbers = Usage(chat: found)
                usage = numbers
                events.append(.usage(numbers))
            }
        }

        private mutating func read(
            _ choice: JSONView,
            _ delta: JSONView?,
            into events: inout [InferenceEvent]
        ) throws(InferenceError) {
            if let delta {
                readReasoning(delta, into: &events)
                readContent(delta["content"], into: &events)
                if let refusal = delta["refusal"]?.string, !refusal.isEmpty { events.append(.refusalDelta(refusal)) }
                for call in delta.list("tool_calls") { readCall(call, into: &events) }
            }
            guard let reason = choice["finish_reason"]?.string else { return }
            guard reason != "error" else {
                throw InferenceError(.upstreamFailed, "The provider stopped with an error and did not say which.")
            }
            stop = StopReason(chat: reason)
        }

        private func readReasoning(_ delta: JSONView, into events: inout [InferenceEvent]) {
            // Some servers send both spellings with the same text.
            for name in ["reasoning_content", "reasoning"] {
                guard let text = delta[name]?.string, !text.isEmpty else { continue }
                return events.append(.reasoningDelta(text))
            }
        }

        /// A string with most servers, parts with some.
        private func readContent(_ content: JSONView?, into events: inout [InferenceEvent]) {
            guard let content else { return }
            if let text = content.string {
                if !text.isEmpty { events.append(.textDelta(text)) }
                return
            }
            for part in content.elements {
                if let text = part["text"]?.string, !text.isEmpty { events.append(.textDelta(text)) }
                for thought in part.list("thinking") {
                    if let text = thought["text"]?.string, !text.isEmpty { events.append(.reasoningDelta(text)) }
                }
            }
        }

        private mutating func finish(into events: inout [InferenceEvent]) {
            calls.finishAll(into: &events)
            let implied: StopReason = calls.isEmpty ? .endTurn : .toolCalls
            // Some servers say "stop" although they ended with calls.
            events.append(.finished(stop.map { $0 == .endTurn ? implied : $0 } ?? implied))
            isComplete = true
        }
    }
}

extension ChatCompletions.EventReader {
    /// A piece of a call: told apart by its index, by its id where a server leaves the index out.
    private mutating func readCall(_ piece: JSONView, into events: inout [InferenceEvent]) {
        let id = piece["id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let kind: ToolCall.Kind = piece["custom"]?.kind == .object ? .custom : .function
        let body = piece[kind.rawValue]
        let key = piece["index"]?.int ?? id.map { calls.key(id: $0) ?? calls.count } ?? calls.lastKey ?? 0
        let argument = body?[kind == .custom ? "input" : "arguments"]
        let arguments = argument.map { $0.string ?? ($0.isNull ? "" : String(decoding: $0.raw, as: UTF8.self)) } ?? ""
        guard !calls.has(key) else { return calls.append(key, arguments, into: &events) }
        var call = nameless.removeValue(forKey: key) ?? ToolCall(id: "", name: "", kind: kind)
        if let id { call.id = id }
        if let name = body?["name"]?.string { call.name += name }
        call.arguments += arguments
        guard !call.name.isEmpty else { return nameless[key] = call }
        if call.id.isEmpty { call.id = "call_\(self.id ?? "torii")_\(key)" }
        calls.start(key, call, into: &events)
    }
}

extension StopReason {
    /// Chat's `finish_reason`.
    init(chat reason: String) {
        switch reason {
        case "stop": self = .endTurn
        case "length": self = .maxOutputTokens
        case "tool_calls", "function_call": self = .toolCalls
        case "content_filter": self = .contentFilter
        default: self = .other(reason)
        }
    }
}
