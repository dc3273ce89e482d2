import Inference
import JSON

extension CallerRequest {
    /// Whether nothing is asked but that the model be loaded, or unloaded: an Ollama request without anything to say.
    ///
    /// A provider that is not Ollama has nothing to do for it, and `Ollama.loadAnswer` is the answer.
    package var onlyLoadsModel: Bool { endpoint.dialect == .ollama && request.messages.isEmpty }
}

extension Ollama {
    /// The answer to a request that only loads the model: one object, `application/json` even if a stream was wanted.
    package static func loadAnswer(_ context: AnswerContext) -> [UInt8] {
        var encoder = BodyEncoder(context)
        var writer = JSONWriter()
        let unloads = isZero(context.caller.request.serving.keepAlive)
        encoder.encode(.finished(.other(unloads ? "unload" : "load")), into: &writer)
        return writer.bytes
    }

    /// Whether a duration such as `0`, `0s` or `0m0s` is none at all.
    private static func isZero(_ duration: String?) -> Bool {
        guard let duration else { return false }
        return duration.contains("0") && !duration.contains { ("1"..."9").contains($0) }
    }
}
