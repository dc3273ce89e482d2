package import Inference

/// One exchange for embeddings across dialects: a caller's body turned into a provider's, and the way back.
package struct EmbeddingTranslation: Sendable {
    package let caller: EmbeddingRequest
    package let endpoint: Endpoint
    /// The request as it goes onto the provider's wire.
    package let wire: WireRequest

    /// Turns a caller's body into one for a provider of `dialect`, which is asked for `model`.
    ///
    /// `serving` is what the provider's own settings say; the caller's word goes before it.
    ///
    /// - Throws: `invalidRequest` with the field or the byte offset, or naming what the provider cannot be told.
    package init(
        _ body: [UInt8],
        endpoint: Endpoint,
        to dialect: Dialect,
        model: String,
        serving: ServingOptions = ServingOptions()
    ) throws(InferenceError) {
        let caller = try EmbeddingRequest(body, endpoint: endpoint)
        self.caller = caller
        self.endpoint = endpoint
        var request = caller
        request.model = model
        if dialect == .ollama {
            request.serving.contextLength = request.serving.contextLength ?? serving.contextLength
            request.serving.keepAlive = request.serving.keepAlive ?? serving.keepAlive
        }
        wire = try request.encoded(for: dialect)
    }

    /// What was left out, by the caller's names, for `x-torii-dropped`.
    package var dropped: [String] { wire.dropped }

    /// The answer to an Ollama caller that gives no text and only wants the model loaded; nil for everyone else.
    ///
    /// A provider that is not Ollama would refuse such a request.
    package var ownAnswer: [UInt8]? {
        guard caller.inputs.isEmpty else { return nil }
        return EmbeddingAnswer(vectors: []).bytes(for: endpoint, model: caller.model, encoding: caller.encoding)
    }

    /// Turns a provider's whole body, which came with a good status, into the caller's.
    ///
    /// - Throws: The provider's own failure, or `malformed`.
    package func answer(_ body: [UInt8]) throws(InferenceError) -> (body: [UInt8], usage: Usage?) {
        let answer = try EmbeddingAnswer(body, dialect: wire.dialect, count: caller.inputs.count)
        return (answer.bytes(for: endpoint, model: caller.model, encoding: caller.encoding), answer.usage)
    }
}
