import Inference
import JSON
import Testing

@testable import Dialects

/// What tests of the Messages dialect share.
enum MessagesWire {
    /// Reads a caller's body.
    static func decode(
        _ text: String,
        endpoint: Endpoint = .messages
    ) throws(InferenceError) -> CallerRequest {
        try CallerRequest(Array(text.utf8), endpoint: endpoint)
    }

    /// Reads a body of which only some members matter.
    static func decode(members: String) throws(InferenceError) -> CallerRequest {
        try decode(#"{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]"# + members + "}")
    }

    /// Reads a body with these messages.
    static func decode(messages: String, members: String = "") throws(InferenceError) -> CallerRequest {
        try decode(#"{"model":"m","max_tokens":100,"messages":["# + messages + "]" + members + "}")
    }

    static func context(stream: Bool = true, model: String = "m") -> AnswerContext {
        let request = InferenceRequest(model: model, messages: [], stream: stream)
        return AnswerContext(
            caller: CallerRequest(endpoint: .messages, request: request),
            requestID: "r1",
            model: model,
            createdAt: 7
        )
    }

    /// What an encoder makes of events.
    static func encode(_ events: [InferenceEvent], stream: Bool = true) -> String {
        var encoder = context(stream: stream).encoder()
        var writer = JSONWriter()
        for event in events { encoder.encode(event, into: &writer) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The events that a Messages client of ours reads out of bytes.
    static func read(_ chunks: [[UInt8]], stream: Bool = true) throws(InferenceError) -> [InferenceEvent] {
        var decoder = Decoding.decoder(for: .messages, stream: stream)
        var events: [InferenceEvent] = []
        for chunk in chunks { events += try decoder.decode(chunk) }
        return events + (try decoder.finish())
    }

    /// Everything that events come to: the message, the usage and the stop reason, not their pieces.
    static func sum(_ events: [InferenceEvent]) -> InferenceAnswer {
        events.reduce(into: InferenceAnswer()) { $0.apply($1) }
    }

    /// The body of a translated request, as text.
    static func translate(_ caller: CallerRequest, to dialect: Dialect) throws(InferenceError) -> String {
        let translation = try Translation(caller, to: dialect, provider: "p", model: "upstream")
        return String(decoding: translation.wire.body, as: UTF8.self)
    }
}

/// Checks the order of a Messages stream's events, as the dialect's documentation tells it.
struct MessagesEventOrder {
    private var hasStarted = false
    private var open: (index: Int, type: String)?
    private var next = 0
    private var hasDelta = false
    private(set) var isEnded = false

    /// What is wrong with a stream; nil if nothing is.
    static func fault(in text: String) -> String? {
        guard text.hasSuffix("\n\n") else { return "it does not end with a blank line" }
        var order = MessagesEventOrder()
        for frame in text.split(separator: "\n\n") {
            let lines = frame.split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: ") else {
                return "no frame of two lines: \(frame)"
            }
            guard let root = (try? JSONDocument(String(lines[1].dropFirst(6))))?.root else {
                return "no JSON: \(frame)"
            }
            guard root["type"]?.string == String(lines[0].dropFirst(7)) else { return "two names: \(frame)" }
            if let fault = order.take(root) { return "\(fault): \(frame)" }
        }
        return order.isEnded ? nil : "it has no end"
    }

    private mutating func take(_ event: JSONView) -> String? {
        let type = event["type"]?.string ?? ""
        if type == "ping" { return nil }
        if isEnded { return "behind the end" }
        if type == "error" {
            isEnded = true
            return event["error"]?["message"]?.string == nil ? "no message" : nil
        }
        if type == "message_start" {
            defer { hasStarted = true }
            return hasStarted ? "a second start" : Self.faultOfMessage(event["message"])
        }
        guard hasStarted else { return "before the start" }
        if hasDelta, type != "message_stop" { return "behind message_delta" }
        return takeBlock(event, type)
    }

    private mutating func takeBlock(_ event: JSONView, _ type: String) -> String? {
        switch type {
        case "content_block_start":
            guard open == nil, event["index"]?.int == next, let kind = event["content_block"]?["type"]?.string else {
                return "a block where none can begin"
            }
            open = (next, kind)
        case "content_block_delta":
            guard let open, event["index"]?.int == open.index else { return "a delta outside of its block" }
            let kinds = [
                "text": ["text_delta", "citations_delta"], "thinking": ["thinking_delta", "signature_delta"],
                "tool_use": ["input_json_delta"],
            ]
            guard let kind = event["delta"]?["type"]?.string, kinds[open.type]?.contains(kind) == true else {
                return "a delta of another kind than its block"
            }
        case "content_block_stop":
            guard let open, event["index"]?.int == open.index else { return "an end outside of its block" }
            self.open = nil
            next += 1
        case "message_delta":
            guard open == nil else { return "an open block at the end" }
            guard event["delta"]?["stop_reason"]?.string != nil, event["usage"]?["output_tokens"]?.int != nil else {
                return "no stop_reason or no usage"
            }
            hasDelta = true
        case "message_stop":
            isEnded = true
            return hasDelta ? nil : "no message_delta"
        default: return "an unknown event"
        }
        return nil
    }

    /// What a whole message, or the one that begins a stream, lacks.
    static func faultOfMessage(_ message: JSONView?) -> String? {
        let members = [
            "id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "container",
            "usage",
        ]
        let numbers = ["input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"]
        let kept = ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]
        if let missing = members.first(where: { message?[$0] == nil }) { return "no \(missing)" }
        if let missing = numbers.first(where: { message?["usage"]?[$0]?.int == nil }) { return "no usage.\(missing)" }
        if let missing = kept.first(where: { message?["usage"]?["cache_creation"]?[$0]?.int == nil }) {
            return "no usage.cache_creation.\(missing)"
        }
        return message?["usage"]?["service_tier"]?.string == nil ? "no usage.service_tier" : nil
    }
}
