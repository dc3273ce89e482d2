import Inference
import JSON

extension StreamObserver {
    /// Reads an event of a Messages stream.
    mutating func takeMessages(_ event: ServerSentEvent) throws(InferenceError) {
        let text = EventText(bytes: event.data)
        try checkShape(text)
        events &+= 1
        switch try MessagesEventKind(event, text) {
        case .start:
            let index = try text.index()
            guard let (message, members) = try text.index(of: "message", in: index) else { return }
            model = message.string(of: "model", in: members)
            if let found = message.view(of: "usage", in: members) { usage = Usage(messages: found) }
        case .delta:
            let index = try text.index()
            guard let found = text.view(of: "usage", in: index) else { return }
            usage = Usage(messages: found, after: usage)
        case .content:
            sawFirstToken = true
            if settings.checksEveryEvent { _ = try text.index() }
        case .stop: outcome = .completed
        case .error:
            let index = try text.index()
            outcome = .failed(ErrorClassification.inBody(text.view(of: "error", in: index), dialect: .messages))
        case .other:
            if settings.checksEveryEvent { _ = try text.index() }
        }
    }
}

/// What an event of a Messages stream is about, as far as a passer-by cares.
private enum MessagesEventKind {
    case start, content, delta, stop, error, other

    init(_ event: ServerSentEvent, _ text: EventText) throws(InferenceError) {
        self = try text.withType(of: event) { type in type.map { Self(type: $0) } } ?? .error
    }

    private init(type: UnsafeRawBufferPointer) {
        if ByteScan.isWhole("content_block_delta", type) {
            self = .content
        } else if ByteScan.isWhole("message_delta", type) {
            self = .delta
        } else if ByteScan.isWhole("message_start", type) {
            self = .start
        } else if ByteScan.isWhole("message_stop", type) {
            self = .stop
        } else {
            self = ByteScan.isWhole("error", type) ? .error : .other
        }
    }
}
