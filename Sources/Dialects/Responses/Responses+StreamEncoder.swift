import Inference
import JSON

extension Responses {
    /// NOT BUILT YET
    struct StreamEncoder: AnswerEncoder {
        let contentType = "text/plain"

        init(_ context: AnswerContext) {}

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {}

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {}

        mutating func keepAlive(into output: inout JSONWriter) {}
    }
}
