import Inference
import JSON

extension Messages {
    /// Messages events, or one whole message, to events.
    struct EventReader: EventReading {
        static let framing = EventFraming.serverSentEvents
        private(set) var isComplete = false
        private var usage: Usage?
        private var stop: StopReason?
        private var calls = OpenCalls()
        /// What the open thinking block has been signed with so far.
        private var signature: String?
        private var openThinking: Int?

        mutating func read(
            _ event: JSONView,
            name: String,
            into events: inout [InferenceEvent]
        ) throws(InferenceError) {
            switch event["type"]?.string ?? name {
            case "message_start":
                guard let message = event["message"] else { return }
                events.append(.started(id: message["id"]?.string, model: message["model"]?.string))
                usage = message["usage"].map { Usage(messages: $0) }
            case "content_block_start": start(event["content_block"], at: place(event), into: &events)
            case "content_block_delta": readDelta(event["delta"], at: place(event), into: &events)
            case "content_block_stop": close(place(event), into: &events)
            case "message_delta":
                if let reason = event["delta"]?["stop_reason"]?.string {
                    stop = StopReason(messages: reason, sequence: event["delta"]?["stop_sequence"]?.string)
                }
                if let numbers = event["usage"], numbers.kind == .object {
                    usage = Usage(messages: numbers, after: usage)
                }
            case "message_stop": finish(into: &events)
            case "error": throw ErrorClassification.inBody(event["error"] ?? event, dialect: .messages)
            default:
                guard let error = event["error"], !error.isNull else { return }
                throw ErrorClassification.inBody(error, dialect: .messages)
            }
        }

        mutating func readDone(into events: inout [InferenceEvent]) throws(InferenceError) {
            throw InferenceError(.malformed, "The provider's stream holds [DONE], which is not Anthropic's.")
        }

        mutating func readBody(_ body: JSONView, into events: inout [InferenceEvent]) throws(InferenceError) {
            if let error = body["error"], !error.isNull { throw ErrorClassification.inBody(error, dialect: .messages) }
            guard let content = body["content"], content.kind == .array else { return }
            events.append(.started(id: body["id"]?.string, model: body["model"]?.string))
            for (place, block) in content.elements.enumerated() {
                start(block, at: place, into: &events)
                close(place, into: &events)
            }
            usage = body["usage"].map { Usage(messages: $0) }
            stop = body["stop_reason"]?.string.map { StopReason(messages: $0, sequence: body["stop_sequence"]?.string) }
            finish(into: &events)
        }

        private func place(_ event: JSONView) -> Int { event["index"]?.int ?? 0 }

        private mutating func finish(into events: inout [InferenceEvent]) {
            calls.finishAll(into: &events)
            if let usage { events.append(.usage(usage)) }
            events.append(.finished(stop ?? (calls.isEmpty ? .endTurn : .toolCalls)))
            isComplete = true
        }
    }
}

extension Messages.EventReader {
    /// A block's start may already hold its first piece, or in a whole message all of it.
    private mutating func start(_ block: JSONView?, at place: Int, into events: inout [InferenceEvent]) {
        guard let block else { return }
        switch block["type"]?.string {
        case "text":
            if let text = block["text"]?.string, !text.isEmpty { events.append(.textDelta(text)) }
            for view in block.list("citations") { cite(view, into: &events) }
        case "thinking":
            openThinking = place
            if let text = block["thinking"]?.string, !text.isEmpty { events.append(.reasoningDelta(text)) }
            if let proof = block["signature"]?.string, !proof.isEmpty { signature = proof }
        case "redacted_thinking":
            events.append(.reasoningFinished(id: nil, signature: nil, encrypted: block["data"]?.string))
        case "tool_use":
            let input = block["input"].flatMap { $0.members.first { _ in true } == nil ? nil : $0 }
            let call = ToolCall(
                id: block["id"]?.string ?? "",
                name: block["name"]?.string ?? "",
                arguments: input.map { String(decoding: $0.raw, as: UTF8.self) } ?? ""
            )
            calls.start(place, call, into: &events)
        default: break
        }
    }

    private mutating func readDelta(_ delta: JSONView?, at place: Int, into events: inout [InferenceEvent]) {
        guard let delta else { return }
        switch delta["type"]?.string {
        case "text_delta": if let text = delta["text"]?.string, !text.isEmpty { events.append(.textDelta(text)) }
        case "thinking_delta":
            openThinking = place
            if let text = delta["thinking"]?.string, !text.isEmpty { events.append(.reasoningDelta(text)) }
        case "citations_delta": if let citation = delta["citation"] { cite(citation, into: &events) }
        case "signature_delta": signature = (signature ?? "") + (delta["signature"]?.string ?? "")
        case "input_json_delta": calls.append(place, delta["partial_json"]?.string ?? "", into: &events)
        default: break
        }
    }

    private func cite(_ view: JSONView, into events: inout [InferenceEvent]) {
        if let citation = Citation(messages: view) { events.append(.citation(citation)) }
    }

    private mutating func close(_ place: Int, into events: inout [InferenceEvent]) {
        if openThinking == place {
            events.append(.reasoningFinished(id: nil, signature: signature, encrypted: nil))
            openThinking = nil
            signature = nil
        }
        // A call without arguments has sent no piece of them.
        calls.finish(place, arguments: "{}", into: &events)
    }
}

extension StopReason {
    /// Messages' `stop_reason`.
    init(messages reason: String, sequence: String?) {
        switch reason {
        case "end_turn": self = .endTurn
        case "max_tokens", "model_context_window_exceeded": self = .maxOutputTokens
        case "stop_sequence": self = .stopSequence(sequence)
        case "tool_use": self = .toolCalls
        case "refusal": self = .refusal
        default: self = .other(reason)
        }
    }
}
