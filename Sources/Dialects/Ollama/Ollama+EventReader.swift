import Inference
import JSON

extension Ollama {
    /// Lines of `/api/chat`, or its one whole answer, to events; calls come whole.
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
            if let error = line["error"], !error.isNull { throw ErrorClassification.inBody(error, dialect: .ollama) }
            if !hasStarted {
                hasStarted = true
                createdAt = line["created_at"]?.string ?? createdAt
                events.append(.started(id: nil, model: line["model"]?.string))
            }
            if let message = line["message"] { read(message: message, into: &events) }
            if let text = line["response"]?.string, !text.isEmpty { events.append(.textDelta(text)) }
            guard line["done"]?.bool == true else { return }
            calls.finishAll(into: &events)
            if let usage = Usage(ollama: line) { events.append(.usage(usage)) }
            events.append(.finished(reason(line["done_reason"]?.string)))
            isComplete = true
        }

        mutating func readDone(into events: inout [InferenceEvent]) throws(InferenceError) {
            throw InferenceError(.malformed, "The provider's stream holds [DONE], which is not Ollama's.")
        }

        mutating func readBody(_ body: JSONView, into events: inout [InferenceEvent]) throws(InferenceError) {
            try read(body, name: "", into: &events)
        }

        private mutating func read(message: JSONView, into events: inout [InferenceEvent]) {
            if let thinking = message["thinking"]?.string, !thinking.isEmpty {
                events.append(.reasoningDelta(thinking))
            }
            if let text = message["content"]?.string, !text.isEmpty { events.append(.textDelta(text)) }
            for call in message.list("tool_calls") { readCall(call, into: &events) }
        }

        private mutating func readCall(_ item: JSONView, into events: inout [InferenceEvent]) {
            guard let function = item["function"], let name = function["name"]?.string else { return }
            let arguments = function["arguments"]
            let text = arguments.map { $0.string ?? String(decoding: $0.raw, as: UTF8.self) } ?? "{}"
            let key = calls.count
            // Older versions give no id; the time tells answers apart.
            let id = item["id"]?.string ?? "call_\(createdAt.filter(\.isNumber))_\(key)"
            calls.start(key, ToolCall(id: id, name: name, arguments: text), into: &events)
            calls.finish(key, into: &events)
        }

        private func reason(_ word: String?) -> StopReason {
            switch word {
            case nil, "stop", "": calls.isEmpty ? .endTurn : .toolCalls
            case "length": .maxOutputTokens
            case .some(let other): .other(other)
            }
        }
    }
}
