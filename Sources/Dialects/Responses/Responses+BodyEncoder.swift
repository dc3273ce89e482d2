import Inference
import JSON

extension Responses {
    /// Writes the response that a stream would end with as one body.
    struct BodyEncoder: AnswerEncoder {
        let contentType = "application/json"
        private var stream: StreamEncoder
        private var events = JSONWriter(capacity: 1024)

        init(_ context: AnswerContext) {
            stream = StreamEncoder(context)
        }

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {
            stream.encode(event, into: &events)
            _ = events.take()
            guard case .finished = event else { return }
            stream.response.write(stream.ending, output: stream.items, usage: stream.usage, into: &output)
        }

        var keptResponse: [UInt8]? { stream.keptResponse }

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {}

        mutating func keepAlive(into output: inout JSONWriter) {}
    }
}
