package import Inference
import JSON

/// What a complete body that was not streamed tells about its exchange.
package struct BodyObserver: Sendable {
    package private(set) var usage: Usage?
    /// The model as the upstream names it.
    package private(set) var model: String?
    /// The failure that the body tells of in spite of a good status; F7.
    package private(set) var failure: InferenceError?

    /// Reads a whole body that came with a good status.
    ///
    /// - Throws: `malformed` for a body that is no whole JSON object, with the byte offset.
    package init(_ bytes: RawSpan, endpoint: Endpoint) throws(InferenceError) {
        self = try bytes.withUnsafeBytes { (raw) throws(InferenceError) in
            try BodyObserver(raw, endpoint: endpoint)
        }
    }

    /// The same for bytes lent as a buffer pointer.
    package init(_ bytes: UnsafeRawBufferPointer, endpoint: Endpoint) throws(InferenceError) {
        let text = EventText(bytes: bytes)
        let index: JSONIndex
        do throws(JSONError) {
            index = try JSONIndex(scanning: bytes.bytes)
        } catch {
            throw Self.malformed(error)
        }
        model = text.string(of: "model", in: index)
        if endpoint.dialect == .ollama {
            usage = text.ollamaUsage(in: index)
        } else if let found = text.view(of: "usage", in: index) {
            usage = Usage(found, endpoint: endpoint)
        }
        if let error = text.view(of: "error", in: index) {
            failure = ErrorClassification.inBody(error, dialect: endpoint.dialect)
        }
    }

    private static func malformed(_ error: JSONError) -> InferenceError {
        InferenceError(
            .malformed,
            "The upstream's body is not a whole JSON object: \(error.message) at byte \(error.offset).",
            detail: error.code.rawValue,
            offset: error.offset
        )
    }
}
