package import Inference
import JSON

/// How a stream that has begun tells its caller that it failed: the dialect's own last words, never a made-up success.
package enum TerminalEvent {
    /// What a `response.failed` repeats of the response it ends.
    package struct Response: Sendable, Hashable {
        package var id: String?
        package var model: String?
        /// Seconds since 1970.
        package var createdAt: Int?
        package var nextSequenceNumber: Int

        package init(id: String? = nil, model: String? = nil, createdAt: Int? = nil, nextSequenceNumber: Int = 0) {
            self.id = id
            self.model = model
            self.createdAt = createdAt
            self.nextSequenceNumber = nextSequenceNumber
        }
    }

    /// The bytes that end a stream; the connection's own framing still has to end the body behind them.
    ///
    /// `response` counts for Responses alone; what it lacks is made from the request's id.
    package static func bytes(
        for endpoint: Endpoint,
        _ error: InferenceError,
        requestID: String,
        response: Response = Response()
    ) -> [UInt8] {
        let body = ErrorBody(error)
        var writer = JSONWriter(capacity: 512)
        switch endpoint {
        case .chatCompletions, .completions, .embeddings:
            return Array("data: ".utf8) + body.bytes(for: .chat, requestID: requestID) + Array("\n\n".utf8)
        case .messages, .countTokens:
            body.writeMessages(into: &writer, requestID: requestID)
            return Array("event: error\ndata: ".utf8) + writer.bytes + Array("\n\n".utf8)
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings:
            return body.bytes(for: .ollama, requestID: requestID) + Array("\n".utf8)
        case .responses, .inputTokens:
            let object = Responses.ResponseObject(
                id: response.id ?? "resp_\(requestID)",
                model: response.model ?? "",
                createdAt: response.createdAt ?? 0,
                // Nothing is known of the request here, so that it repeats a silent one.
                caller: CallerRequest(endpoint: endpoint, request: InferenceRequest(model: "", messages: []))
            )
            Responses.writeFailed(object, error, number: response.nextSequenceNumber, into: &writer)
            return writer.bytes
        }
    }

    /// Codex stops at the codes it knows and retries at all others, so that these words are not ours to choose.
    static func responsesCode(_ error: InferenceError) -> String {
        switch error.code {
        case .invalidRequest, .contentPolicy, .toolsUnsupported, .modelNotFound, .credentials: "invalid_prompt"
        case .budgetExceeded: InferenceError.Code.quota.rawValue
        case .contextTooLong, .quota, .rateLimited, .overloaded: error.code.rawValue
        default: error.detail ?? error.code.rawValue
        }
    }
}
