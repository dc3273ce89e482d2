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
            writeFailed(body, code: responsesCode(error), requestID, response, into: &writer)
            let head = Array("event: response.failed\ndata: ".utf8)
            return head + writer.bytes + Array("\n\ndata: [DONE]\n\n".utf8)
        }
    }

    /// Codex stops at the codes it knows and retries at all others, so that these words are not ours to choose.
    static func responsesCode(_ error: InferenceError) -> String {
        switch error.code {
        case .invalidRequest, .toolsUnsupported, .modelNotFound, .credentials: "invalid_prompt"
        case .contextTooLong, .quota, .rateLimited, .overloaded: error.code.rawValue
        default: error.detail ?? error.code.rawValue
        }
    }

    private static func writeFailed(
        _ body: ErrorBody,
        code: String,
        _ requestID: String,
        _ response: Response,
        into writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("type", "response.failed")
            writer.member("sequence_number", response.nextSequenceNumber)
            writer.key("response")
            writer.object { writer in
                writer.member("id", response.id ?? "resp_\(requestID)")
                writer.member("object", "response")
                writer.member("created_at", response.createdAt ?? 0)
                writer.member("status", "failed")
                writer.key("error")
                writer.object { writer in
                    writer.member("code", code)
                    writer.member("message", body.message)
                }
                writer.member("model", response.model ?? "")
                writeDefaults(into: &writer)
            }
        }
    }

    /// The members that a response object has to have, with nothing in them.
    private static func writeDefaults(into writer: inout JSONWriter) {
        writer.member("output", JSONValue.array([]))
        writer.member("tools", JSONValue.array([]))
        writer.member("tool_choice", "auto")
        writer.member("parallel_tool_calls", true)
        writer.member("text", ["format": ["type": "text"]] as JSONValue)
        writer.member("truncation", "disabled")
        writer.member("metadata", JSONValue.object([:]))
        let absent = [
            "completed_at", "incomplete_details", "instructions", "max_output_tokens", "max_tool_calls",
            "previous_response_id", "prompt_cache_key", "reasoning", "safety_identifier", "service_tier",
            "temperature", "top_logprobs", "top_p", "usage", "user",
        ]
        for name in absent { writer.member(name, JSONValue.null) }
        writer.member("background", false)
        writer.member("store", false)
    }
}
