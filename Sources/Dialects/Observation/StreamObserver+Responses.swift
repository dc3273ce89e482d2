import Inference
import JSON

extension StreamObserver {
    /// Reads an event of a Responses stream.
    mutating func takeResponses(_ event: ServerSentEvent) throws(InferenceError) {
        // The marker that follows the terminal event; before it, it is no terminal event itself.
        if ByteScan.isWhole("[DONE]", event.data) { return }
        let text = EventText(bytes: event.data)
        try checkShape(text)
        events &+= 1
        switch try ResponsesEventKind(event, text) {
        case .delta:
            sawFirstToken = true
            try noteSequence(text)
        case .item:
            sawFirstToken = true
            if settings.keepsResponse { try keepItem(text) }
            try noteSequence(text)
        case .other: try noteSequence(text)
        case .begun: try noteResponse(text)
        case .completed, .incomplete: try noteEnd(text)
        case .failed:
            let index = try text.index()
            let body = try text.index(of: "response", in: index)
            let usage = body.flatMap { $0.0.view(of: "usage", in: $0.1) }
            if let usage { self.usage = Usage(responses: usage) }
            let error = body.flatMap { $0.0.view(of: "error", in: $0.1) } ?? text.view(of: "error", in: index)
            outcome = .failed(ErrorClassification.inBody(error, dialect: .responses))
        case .error:
            let whole = (try? JSONDocument(Array(event.data)))?.root
            outcome = .failed(ErrorClassification.inBody(whole?["error"] ?? whole, dialect: .responses))
        }
    }

    private mutating func noteResponse(_ text: EventText) throws(InferenceError) {
        let index = try text.index()
        count(text, index)
        guard response.id == nil, let (body, members) = try text.index(of: "response", in: index) else { return }
        response.id = body.string(of: "id", in: members)
        response.model = body.string(of: "model", in: members)
        response.createdAt = body.integer(of: "created_at", in: members)
        model = response.model
    }

    private mutating func noteSequence(_ text: EventText) throws(InferenceError) {
        guard settings.checksEveryEvent else {
            response.nextSequenceNumber &+= 1
            return
        }
        count(text, try text.index())
    }

    /// The next number is one above the last; an upstream that does not number gets counted.
    private mutating func count(_ text: EventText, _ index: JSONIndex) {
        response.nextSequenceNumber =
            (text.integer(of: "sequence_number", in: index) ?? response.nextSequenceNumber) &+ 1
    }

    private mutating func noteEnd(_ text: EventText) throws(InferenceError) {
        let index = try text.index()
        guard let (body, members) = try text.index(of: "response", in: index) else {
            throw InferenceError(.malformed, "The upstream's terminal event holds no response.")
        }
        if let found = body.view(of: "usage", in: members) { usage = Usage(responses: found) }
        if model == nil { model = body.string(of: "model", in: members) }
        if let error = body.view(of: "error", in: members) {
            outcome = .failed(ErrorClassification.inBody(error, dialect: .responses))
        } else {
            outcome = .completed
            if settings.keepsResponse { keep(body, members) }
        }
    }

    private mutating func keepItem(_ text: EventText) throws(InferenceError) {
        let index = try text.index()
        guard let item = index.member("item", in: text.bytes.bytes), item.kind == .object else { return }
        keptItems.append(Array(text.bytes[item.value]))
    }

    /// Keeps the response that the last event holds, with its items even if they are not in there.
    private mutating func keep(_ body: EventText, _ members: JSONIndex) {
        var edits = JSONEdits(members)
        let output = members.member("output", in: body.bytes.bytes)
        let isEmpty = output.map { member in
            body.bytes[member.value].dropFirst().dropLast().allSatisfy { $0 <= 0x20 }
        }
        if isEmpty ?? true, !keptItems.isEmpty {
            let items = Array("[".utf8) + keptItems.joined(separator: Array(",".utf8)) + Array("]".utf8)
            if let output { edits.replace(output, raw: items) } else { edits.insert("output", raw: items) }
        }
        keptItems = []
        keptResponse = edits.apply(to: body.bytes.bytes)
    }
}

/// What an event of a Responses stream is about, as far as a passer-by cares.
private enum ResponsesEventKind {
    case begun, delta, item, completed, incomplete, failed, error, other

    init(_ event: ServerSentEvent, _ text: EventText) throws(InferenceError) {
        self = try text.withType(of: event) { type in type.map { Self(type: $0) } } ?? .error
    }

    private init(type: UnsafeRawBufferPointer) {
        if ByteScan.has(".delta", in: type, at: type.count &- 6) {
            self = .delta
        } else if ByteScan.isWhole("response.output_item.done", type) {
            self = .item
        } else if ByteScan.isWhole("response.created", type) || ByteScan.isWhole("response.in_progress", type)
            || ByteScan.isWhole("response.queued", type)
        {
            self = .begun
        } else if ByteScan.isWhole("response.completed", type) {
            self = .completed
        } else if ByteScan.isWhole("response.incomplete", type) {
            self = .incomplete
        } else if ByteScan.isWhole("response.failed", type) {
            self = .failed
        } else {
            self = ByteScan.isWhole("error", type) ? .error : .other
        }
    }
}
