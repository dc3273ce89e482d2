import Inference
import JSON

extension Messages {
    /// NOT BUILT YET
    struct BodyEncoder: AnswerEncoder {
        let contentType = "text/plain"

        init(_ context: AnswerContext) {}

        mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {}

        mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {}

        mutating func keepAlive(into output: inout JSONWriter) {}
    }
}
