import Inference
import JSON
import Testing

@testable import Dialects

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite("The shape of failures")
struct ErrorShapeTests {
    @Test("an error body has the caller's shape")
    func bodies() {
        let error = InferenceError(.invalidRequest, "n must be an \"integer\".", field: "n", detail: "out_of_range")
        let body = ErrorBody(error)
        #expect(
            text(body.bytes(for: .chat, requestID: "q1"))
                == #"{"error":{"message":"n must be an \"integer\".","type":"invalid_request_error","param":"n","code":"out_of_range"}}"#
        )
        #expect(body.bytes(for: .responses, requestID: "q1") == body.bytes(for: .chat, requestID: "q1"))
        #expect(
            text(body.bytes(for: .messages, requestID: "q1"))
                == #"{"type":"error","error":{"type":"invalid_request_error","message":"n must be an \"integer\"."},"request_id":"q1"}"#
        )
        #expect(text(body.bytes(for: .ollama, requestID: "q1")) == #"{"error":"n must be an \"integer\"."}"#)
        let plain = ErrorBody(RequestFault.routeNotFound).bytes(for: .chat, requestID: "q1")
        #expect(text(plain).contains(#""param":null,"code":"route_not_found""#))
    }

    @Test(
        "each code has one status and the words of each dialect",
        arguments: [
            (.invalidRequest, 400, "invalid_request_error", "invalid_request_error"),
            (.modelNotFound, 404, "invalid_request_error", "not_found_error"),
            (.contextTooLong, 400, "invalid_request_error", "invalid_request_error"),
            (.credentials, 502, "server_error", "api_error"),
            (.quota, 429, "insufficient_quota", "rate_limit_error"),
            (.budgetExceeded, 402, "insufficient_quota", "billing_error"),
            (.rateLimited, 429, "rate_limit_error", "rate_limit_error"),
            (.outOfMemory, 503, "server_error", "overloaded_error"),
            (.overloaded, 503, "server_error", "overloaded_error"),
            (.contentPolicy, 400, "invalid_request_error", "invalid_request_error"),
            (.toolsUnsupported, 400, "invalid_request_error", "invalid_request_error"),
            (.unreachable, 502, "server_error", "api_error"),
            (.timedOut, 504, "server_error", "timeout_error"),
            (.interrupted, 502, "server_error", "api_error"),
            (.malformed, 502, "server_error", "api_error"),
            (.upstreamFailed, 502, "server_error", "api_error"),
            (.cancelled, 499, "invalid_request_error", "invalid_request_error"),
        ] as [(InferenceError.Code, Int, String, String)]
    )
    func statuses(_ code: InferenceError.Code, _ status: Int, _ openAI: String, _ anthropic: String) {
        let body = ErrorBody(InferenceError(code, "x", retryAfter: 3))
        #expect(body.status == status)
        #expect(body.status(for: .messages) == (status == 503 ? 529 : status))
        #expect(body.openAIType == openAI)
        #expect(body.messagesType == anthropic)
        #expect(body.retryAfter == 3)
    }

    @Test("B14: the provider's refusal of our key is not the caller's")
    func credentials() {
        let body = ErrorBody(InferenceError(.credentials, "x", upstreamStatus: 401))
        #expect(body.code == "upstream_credentials")
        #expect(ErrorBody(RequestFault.unauthenticated).status == 401)
        #expect(Set(RequestFault.allCases.map(\.message)).count == RequestFault.allCases.count)
    }

    @Test("F2: a cut stream ends in its dialect's own last words")
    func terminalEvents() throws {
        let error = InferenceError(.interrupted, "The stream ended early.")
        for endpoint in [Endpoint.chatCompletions, .completions] {
            #expect(
                text(TerminalEvent.bytes(for: endpoint, error, requestID: "q"))
                    == "data: {\"error\":{\"message\":\"The stream ended early.\",\"type\":\"server_error\",\"param\":null,\"code\":\"upstream_interrupted\"}}\n\n"
            )
        }
        #expect(
            text(TerminalEvent.bytes(for: .messages, error, requestID: "q"))
                == "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"The stream ended early.\"},\"request_id\":\"q\"}\n\n"
        )
    }

    @Test("F2: a failed response is whole, carries the next number and is followed by [DONE]")
    func failedResponse() throws {
        let known = TerminalEvent.Response(id: "r1", model: "m", createdAt: 42, nextSequenceNumber: 9)
        let error = InferenceError(.interrupted, "The stream ended early.")
        let bytes = TerminalEvent.bytes(for: .responses, error, requestID: "q", response: known)
        let parts = text(bytes).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(parts[0] == "event: response.failed")
        #expect(parts[2...] == ["", "data: [DONE]", "", ""])
        let root = try JSONDocument(Array(parts[1].dropFirst(6).utf8)).root
        #expect(root["type"]?.string == "response.failed")
        #expect(root["sequence_number"]?.int == 9)
        let response = try #require(root["response"])
        #expect(response["id"]?.string == "r1")
        #expect(response["created_at"]?.int == 42)
        #expect(response["status"]?.string == "failed")
        #expect(response["error"]?["code"]?.string == "upstream_interrupted")
        for name in ["output", "tools", "incomplete_details", "usage", "text", "metadata", "parallel_tool_calls"] {
            #expect(response[name] != nil)
        }
        #expect(decodesAsFailure(bytes))
    }

    @Test("what no retry can cure has a code at which Codex stops")
    func codexCodes() {
        let stops: Set = ["context_length_exceeded", "insufficient_quota", "invalid_prompt", "server_is_overloaded"]
        for code in [
            InferenceError.Code.invalidRequest, .modelNotFound, .contextTooLong, .credentials, .quota, .budgetExceeded,
        ] {
            #expect(stops.contains(TerminalEvent.responsesCode(InferenceError(code, "x"))))
        }
        #expect(TerminalEvent.responsesCode(InferenceError(.interrupted, "x")) == "upstream_interrupted")
    }

    /// Our own last words have to be a failure to our own decoder.
    private func decodesAsFailure(_ bytes: [UInt8]) -> Bool {
        var decoder = Decoding.decoder(for: .responses, stream: true)
        do {
            _ = try decoder.decode(bytes)
            return false
        } catch {
            return error.code == .interrupted
        }
    }
}
