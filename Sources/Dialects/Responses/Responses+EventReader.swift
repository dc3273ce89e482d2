import Inference
import JSON

extension Responses {
    /// Responses events, or one whole response, to events.
    ///
    /// An item counts whether it came in deltas or only whole, in `output_item.done` or in the terminal event.
    struct EventReader: EventReading {
        static let framing = EventFraming.serverSentEvents
        private(set) var isComplete = false
        private var hasStarted = false
        private var calls = OpenCalls()
        /// Items, by their place in the output, of which deltas have come.
        private var told: Set<Int> = []
        /// How many sources of an item have been told.
        private var sources: [Int: Int] = [:]
        private var hasRefused = false
        /// Items that are done.
        private var done: Set<Int> = []

        mutating func read(
            _ event: JSONView,
            name: String,
            into events: inout [InferenceEvent]
        ) throws(InferenceError) {
            let type = event["type"]?.string ?? name
            switch type {
            case "response.created", "response.in_progress", "response.queued": start(event["response"], into: &events)
            case "response.output_item.added": add(event, into: &events)
            case "response.output_item.done": readDone(item: event["item"], at: place(event), into: &events)
            case "response.output_text.annotation.added": addSource(event, into: &events)
            case "response.completed", "response.incomplete": try finish(event["response"], into: &events)
            case "response.failed":
                throw ErrorClassification.inBody(event["response"]?["error"] ?? event["error"], dialect: .responses)
            case "error": throw ErrorClassification.inBody(event, dialect: .responses)
            default:
                if let error = event["error"], !error.isNull {
                    throw ErrorClassification.inBody(error, dialect: .responses)
                }
                if type.hasSuffix(".delta") { readDelta(type, event, into: &events) }
            }
        }

        /// The marker follows the terminal event; without that it proves nothing.
        mutating func readDone(into events: inout [InferenceEvent]) throws(InferenceError) {
            throw InferenceError(.interrupted, "The provider's stream ended before its terminal event.")
        }

        mutating func readBody(_ body: JSONView, into events: inout [InferenceEvent]) throws(InferenceError) {
            if let error = body["error"], !error.isNull { throw ErrorClassification.inBody(error, dialect: .responses) }
            guard body["output"]?.kind == .array else { return }
            try finish(body, into: &events)
        }

        private mutating func start(_ response: JSONView?, into events: inout [InferenceEvent]) {
            guard !hasStarted else { return }
            hasStarted = true
            events.append(.started(id: response?["id"]?.string, model: response?["model"]?.string))
        }

        private func place(_ event: JSONView) -> Int { event["output_index"]?.int ?? -1 }

        private mutating func finish(
            _ response: JSONView?,
            into events: inout [InferenceEvent]
        ) throws(InferenceError) {
            start(response, into: &events)
            if let error = response?["error"], !error.isNull {
                throw ErrorClassification.inBody(error, dialect: .responses)
            }
            for (place, item) in (response?.list("output") ?? []).enumerated() {
                readDone(item: item, at: place, into: &events)
            }
            calls.finishAll(into: &events)
            if let usage = response?["usage"], usage.kind == .object { events.append(.usage(Usage(responses: usage))) }
            events.append(.finished(reason(response)))
            isComplete = true
        }

        private func reason(_ response: JSONView?) -> StopReason {
            let status = response?["status"]?.string
            guard status == "incomplete" else {
                return calls.isEmpty ? (hasRefused ? .refusal : .endTurn) : .toolCalls
            }
            switch response?["incomplete_details"]?["reason"]?.string {
            case "max_output_tokens", "max_tokens": return .maxOutputTokens
            case "content_filter": return .contentFilter
            case let other: return .other(other ?? "incomplete")
            }
        }
    }
}

extension Responses.EventReader {
    private mutating func add(_ event: JSONView, into events: inout [InferenceEvent]) {
        guard let item = event["item"], let call = ToolCall(item: item) else { return }
        calls.start(place(event), call, into: &events)
    }

    private mutating func readDelta(_ type: String, _ event: JSONView, into events: inout [InferenceEvent]) {
        guard let delta = event["delta"]?.string else { return }
        let place = place(event)
        switch type {
        case "response.output_text.delta": readText(delta, event, into: &events)
        case _ where delta.isEmpty: return
        case "response.refusal.delta": refuse(delta, into: &events)
        case "response.reasoning_text.delta", "response.reasoning.delta": events.append(.reasoningDelta(delta))
        case "response.reasoning_summary_text.delta":
            events.append(.reasoningSummaryDelta(delta, part: max(0, event["summary_index"]?.int ?? 0)))
        case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
            calls.append(place, delta, into: &events)
        default: break
        }
        if !delta.isEmpty { told.insert(place) }
    }

    /// A piece of text, or a whole one, with the logprobs of its tokens.
    private func readText(_ text: String, _ holder: JSONView, into events: inout [InferenceEvent]) {
        if !text.isEmpty { events.append(.textDelta(text)) }
        let logprobs = holder.list("logprobs").compactMap { TokenLogprob(responses: $0) }
        if !logprobs.isEmpty { events.append(.logprobs(logprobs)) }
    }

    private mutating func refuse(_ words: String, into events: inout [InferenceEvent]) {
        hasRefused = true
        events.append(.refusalDelta(words))
    }

    private mutating func addSource(_ event: JSONView, into events: inout [InferenceEvent]) {
        guard let citation = event["annotation"].flatMap({ Citation(responses: $0) }) else { return }
        sources[place(event), default: 0] += 1
        events.append(.citation(citation))
    }

    private mutating func readDone(item: JSONView?, at place: Int, into events: inout [InferenceEvent]) {
        guard let item, place < 0 || done.insert(place).inserted else { return }
        let isNew = !told.contains(place)
        switch item["type"]?.string {
        case "message": readMessage(item, at: place, isNew: isNew, into: &events)
        case "reasoning": readReasoning(item, isNew: isNew, into: &events)
        default:
            guard let call = ToolCall(item: item) else { return }
            if !calls.has(place) {
                var bare = call
                bare.arguments = ""
                calls.start(place, bare, into: &events)
            }
            calls.finish(place, arguments: call.arguments, into: &events)
        }
    }

    /// An item whose deltas have come adds nothing but the sources that some servers tell only here.
    private mutating func readMessage(
        _ item: JSONView,
        at place: Int,
        isNew: Bool,
        into events: inout [InferenceEvent]
    ) {
        var citations: [InferenceEvent] = []
        for part in item.list("content") {
            if isNew {
                if let text = part["text"]?.string { readText(text, part, into: &events) }
                if let words = part["refusal"]?.string, !words.isEmpty { refuse(words, into: &events) }
            }
            citations += part.list("annotations").compactMap { Citation(responses: $0).map { .citation($0) } }
        }
        events += citations.dropFirst(sources[place] ?? 0)
    }

    private func readReasoning(_ item: JSONView, isNew: Bool, into events: inout [InferenceEvent]) {
        if isNew {
            for (index, part) in item.list("summary").enumerated() {
                guard let text = part["text"]?.string, !text.isEmpty else { continue }
                events.append(.reasoningSummaryDelta(text, part: index))
            }
            for part in item.list("content") {
                if let text = part["text"]?.string, !text.isEmpty { events.append(.reasoningDelta(text)) }
            }
        }
        let encrypted = item["encrypted_content"]?.string
        events.append(.reasoningFinished(id: item["id"]?.string, signature: nil, encrypted: encrypted))
    }
}

extension ToolCall {
    /// An output item that is a call; nil for any other.
    fileprivate init?(item: JSONView) {
        let kind: Kind
        switch item["type"]?.string {
        case "function_call": kind = .function
        case "custom_tool_call": kind = .custom
        default: return nil
        }
        let argument = item[kind == .function ? "arguments" : "input"]
        self.init(
            id: item["call_id"]?.string ?? item["id"]?.string ?? "",
            name: item["name"]?.string ?? "",
            namespace: item["namespace"]?.string,
            kind: kind,
            arguments: argument.map { $0.string ?? ($0.isNull ? "" : String(decoding: $0.raw, as: UTF8.self)) } ?? ""
        )
    }
}
