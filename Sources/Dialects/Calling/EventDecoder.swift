package import Inference
import JSON

/// Reads a provider's answer as events, fed with whatever arrives.
///
/// The events are the same at any chunking. A failure is thrown once the events before it have been returned; after
/// a throw the decoder is spent.
package protocol EventDecoder: Sendable {
    mutating func decode(_ bytes: RawSpan) throws(InferenceError) -> [InferenceEvent]
    /// The body has ended well as far as the transport can tell.
    ///
    /// - Throws: `interrupted` if the terminal event never came.
    mutating func finish() throws(InferenceError) -> [InferenceEvent]
}

extension EventDecoder {
    /// The same for an array of bytes.
    package mutating func decode(_ bytes: [UInt8]) throws(InferenceError) -> [InferenceEvent] {
        try decode(bytes.span.bytes)
    }
}

/// The decoders for each dialect.
package enum Decoding {
    /// A decoder for the answer to a `WireRequest`: of a stream, or of one whole body.
    package static func decoder(for dialect: Dialect, stream: Bool, limit: Int = 16 << 20) -> any EventDecoder {
        switch (dialect, stream) {
        case (.chat, true): StreamDecoder(ChatCompletions.EventReader(), limit: limit)
        case (.chat, false): BodyDecoder(ChatCompletions.EventReader(), limit: limit)
        case (.responses, true): StreamDecoder(Responses.EventReader(), limit: limit)
        case (.responses, false): BodyDecoder(Responses.EventReader(), limit: limit)
        case (.messages, true): StreamDecoder(Messages.EventReader(), limit: limit)
        case (.messages, false): BodyDecoder(Messages.EventReader(), limit: limit)
        case (.ollama, true): StreamDecoder(Ollama.EventReader(), limit: limit)
        case (.ollama, false): BodyDecoder(Ollama.EventReader(), limit: limit)
        }
    }
}

/// What one dialect makes of its events: a value that is fed with one parsed event at a time.
protocol EventReading: Sendable {
    static var framing: EventFraming { get }
    /// Whether the terminal event has come.
    var isComplete: Bool { get }

    /// Reads an event without parsing all of it, where it says nothing but what an earlier one said with other words.
    ///
    /// - Returns: Whether it was read; nothing has changed otherwise, and `read` takes it then.
    mutating func readQuickly(_ event: UnsafeRawBufferPointer, into events: inout [InferenceEvent]) -> Bool
    /// Reads one event; `name` is the frame's own, empty for most.
    mutating func read(_ event: JSONView, name: String, into events: inout [InferenceEvent]) throws(InferenceError)
    /// Reads `[DONE]`.
    mutating func readDone(into events: inout [InferenceEvent]) throws(InferenceError)
    /// Reads a whole body that was not streamed.
    mutating func readBody(_ body: JSONView, into events: inout [InferenceEvent]) throws(InferenceError)
}

extension EventReading {
    mutating func readQuickly(_ event: UnsafeRawBufferPointer, into events: inout [InferenceEvent]) -> Bool { false }
}

/// How a dialect's stream is cut into events.
enum EventFraming {
    case serverSentEvents
    case lines
}

/// A stream's bytes to events, for any dialect.
struct StreamDecoder<Reader: EventReading>: EventDecoder {
    private var reader: Reader
    private var sse: ServerSentEvents
    private var lines: NewlineDelimited
    private var failure: InferenceError?
    private var isEmpty = true

    init(_ reader: Reader, limit: Int) {
        self.reader = reader
        sse = ServerSentEvents(limit: limit)
        lines = NewlineDelimited(limit: limit)
    }

    mutating func decode(_ bytes: RawSpan) throws(InferenceError) -> [InferenceEvent] {
        if let failure { throw failure }
        var events: [InferenceEvent] = []
        do throws(InferenceError) {
            try bytes.withUnsafeBytes { (chunk) throws(InferenceError) in try scan(chunk, &events) }
        } catch {
            guard !events.isEmpty else { throw error }
            failure = error
        }
        return events
    }

    mutating func finish() throws(InferenceError) -> [InferenceEvent] {
        if let failure { throw failure }
        var events: [InferenceEvent] = []
        try scanEnd(&events)
        guard !reader.isComplete else { return events }
        let error =
            isEmpty
            ? InferenceError(
                .interrupted,
                "The provider's stream ended without a single event.",
                detail: "empty_stream"
            )
            : InferenceError(.interrupted, "The provider's stream ended before its terminal event.")
        guard !events.isEmpty else { throw error }
        failure = error
        return events
    }

    private mutating func scan(_ chunk: UnsafeRawBufferPointer, _ events: inout [InferenceEvent]) throws(InferenceError)
    {
        // Taken out so that what they hand over can change the rest.
        switch Reader.framing {
        case .serverSentEvents:
            var parser = sse
            sse = ServerSentEvents(limit: 0)
            _ = try parser.scan(chunk) { (event) throws(InferenceError) in try take(event, &events) }
            sse = parser
        case .lines:
            var parser = lines
            lines = NewlineDelimited(limit: 0)
            _ = try parser.scan(chunk) { (line) throws(InferenceError) in try take(line, name: "", &events) }
            lines = parser
        }
    }

    /// What the stream's end cut short is read if it is whole, and is an interruption otherwise.
    private mutating func scanEnd(_ events: inout [InferenceEvent]) throws(InferenceError) {
        do throws(InferenceError) {
            switch Reader.framing {
            case .serverSentEvents:
                var parser = sse
                sse = ServerSentEvents(limit: 0)
                _ = try parser.finish { (event) throws(InferenceError) in try take(event, &events) }
            case .lines:
                var parser = lines
                lines = NewlineDelimited(limit: 0)
                _ = try parser.finish { (line) throws(InferenceError) in try take(line, name: "", &events) }
            }
        } catch {
            guard error.code == .malformed else { throw error }
        }
    }

    private mutating func take(_ event: ServerSentEvent, _ events: inout [InferenceEvent]) throws(InferenceError) {
        guard !ByteScan.isWhole("[DONE]", event.data) else {
            guard !reader.isComplete else { return }
            return try reader.readDone(into: &events)
        }
        let name = event.name.isEmpty ? "" : String(decoding: event.name, as: UTF8.self)
        try take(event.data, name: name, &events)
    }

    private mutating func take(
        _ data: UnsafeRawBufferPointer,
        name: String,
        _ events: inout [InferenceEvent]
    ) throws(InferenceError) {
        guard !reader.isComplete else { return }
        isEmpty = false
        if name.isEmpty, reader.readQuickly(data, into: &events) { return }
        let event = try JSONView(received: Array(data), what: "An event of the provider's stream")
        try reader.read(event, name: name, into: &events)
    }
}

/// A whole body to events, for any dialect.
struct BodyDecoder<Reader: EventReading>: EventDecoder {
    private var reader: Reader
    private let limit: Int
    private var body: [UInt8] = []

    init(_ reader: Reader, limit: Int) {
        self.reader = reader
        self.limit = limit
    }

    mutating func decode(_ bytes: RawSpan) throws(InferenceError) -> [InferenceEvent] {
        guard body.count + bytes.byteCount <= limit else {
            throw InferenceError(
                .malformed,
                "The provider's body is larger than \(limit) bytes.",
                detail: "body_too_large"
            )
        }
        bytes.withUnsafeBytes { body.append(contentsOf: $0) }
        return []
    }

    mutating func finish() throws(InferenceError) -> [InferenceEvent] {
        guard !reader.isComplete else { return [] }
        guard !body.isEmpty else {
            throw InferenceError(.malformed, "The provider's body is empty.", detail: "empty_body")
        }
        let view = try JSONView(received: body, what: "The provider's body")
        var events: [InferenceEvent] = []
        try reader.readBody(view, into: &events)
        guard reader.isComplete else {
            throw InferenceError(.malformed, "The provider's body holds no answer.", detail: "no_answer")
        }
        return events
    }
}

extension JSONView {
    /// The elements of a member that is an array; none for anything else.
    func list(_ key: String) -> [JSONView] {
        self[key]?.elements.map { $0 } ?? []
    }

    /// A received text whose root is an object.
    fileprivate init(received bytes: [UInt8], what: String) throws(InferenceError) {
        do throws(JSONError) {
            self = try JSONDocument(bytes).root
        } catch {
            let message = "\(what) is not valid JSON: \(error.message) at byte \(error.offset)."
            throw InferenceError(.malformed, message, detail: error.code.rawValue, offset: error.offset)
        }
        guard kind == .object else {
            throw InferenceError(.malformed, "\(what) is \(kind.noun), not an object.", detail: "wrong_type", offset: 0)
        }
    }
}
