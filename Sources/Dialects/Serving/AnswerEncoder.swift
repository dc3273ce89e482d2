package import Inference
package import JSON

/// Writes an answer in a caller's dialect, fed with one event after the other.
///
/// A good answer is whole with `finished`: its terminal event, `[DONE]` or the body's last byte included. After that, or
/// after `fail`, the encoder is spent. The bytes depend on the context and the events alone.
package protocol AnswerEncoder: Sendable {
    /// For `Content-Type`.
    var contentType: String { get }
    /// Appends what an event makes, which may be nothing; a body that is no stream comes with `finished`.
    mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter)
    /// Appends the dialect's own last words on a failure, never a made-up success; nothing where no stream is written.
    mutating func fail(_ error: InferenceError, into output: inout JSONWriter)
    /// Appends what keeps this dialect's clients from giving up on a stream that has nothing to say yet.
    ///
    /// It may come before the first event and at any time until the end.
    mutating func keepAlive(into output: inout JSONWriter)
    /// Whether a sign of life is preceded by the stream's beginning.
    var keepAliveBeginsStream: Bool { get }
    /// The whole response object of an answer that has ended well, for whoever keeps it; nil before that, and in dialects
    /// that have none.
    var keptResponse: [UInt8]? { get }
}

extension AnswerEncoder {
    package var keptResponse: [UInt8]? { nil }
    package var keepAliveBeginsStream: Bool { false }
}

/// What an answer says that is not in its events.
package struct AnswerContext: Sendable {
    package var caller: CallerRequest
    /// Becomes a part of the ids that the answer needs and the provider does not give; letters, digits and `_`.
    package var requestID: String
    /// The model as the caller named it.
    package var model: String
    /// Seconds since 1970.
    package var createdAt: Int

    package init(caller: CallerRequest, requestID: String, model: String, createdAt: Int) {
        self.caller = caller
        self.requestID = requestID
        self.model = model
        self.createdAt = createdAt
    }

    /// The encoder for the caller's endpoint, of a stream or of a whole body as the caller asked.
    package func encoder() -> any AnswerEncoder {
        switch (caller.endpoint.dialect, caller.request.stream) {
        case (.chat, true): ChatCompletions.StreamEncoder(self)
        case (.chat, false): ChatCompletions.BodyEncoder(self)
        case (.responses, true): Responses.StreamEncoder(self)
        case (.responses, false): Responses.BodyEncoder(self)
        case (.messages, true): Messages.StreamEncoder(self)
        case (.messages, false): Messages.BodyEncoder(self)
        case (.ollama, true): Ollama.StreamEncoder(self)
        case (.ollama, false): Ollama.BodyEncoder(self)
        }
    }
}
