import Inference
import Testing

@testable import Dialects

/// A status and a body as an upstream sends them, and what they mean.
private struct Answer: Sendable, CustomTestStringConvertible {
    var status: Int
    var body: String
    var code: InferenceError.Code
    var detail: String?

    init(_ status: Int, _ body: String, _ code: InferenceError.Code, detail: String? = nil) {
        (self.status, self.body, self.code, self.detail) = (status, body, code, detail)
    }

    var testDescription: String { "\(status) \(body.prefix(60))" }
}

private let answers: [Answer] = [
    // Ollama
    Answer(404, #"{"error":"model 'gpt-oss' not found"}"#, .modelNotFound),
    Answer(404, #"{"error":"model \"gpt-oss\" not found, try pulling it first"}"#, .modelNotFound),
    Answer(
        404,
        #"{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error"}}"#,
        .modelNotFound
    ),
    Answer(400, #"{"error":"registry.ollama.ai/library/phi:latest does not support tools"}"#, .toolsUnsupported),
    Answer(503, #"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#, .overloaded),
    Answer(500, #"{"error":"CUDA out of memory. Tried to allocate 2.00 GiB"}"#, .outOfMemory),
    Answer(500, #"{"error":"llama runner process has terminated: cudaMalloc failed: out of memory"}"#, .outOfMemory),
    Answer(500, #"{"error":"unable to load: failed to allocate compute buffers"}"#, .outOfMemory),
    Answer(500, #"{"error":"model requires more system memory (12.0 GiB) than is available (7.0 GiB)"}"#, .outOfMemory),
    Answer(
        500,
        #"{"error":"error parsing tool call: raw='{\"a\":', err=unexpected end of JSON input"}"#,
        .upstreamFailed,
        detail: "tool_call_unparsable"
    ),
    Answer(400, #"{"error":"the prompt is longer than the context length currently available"}"#, .contextTooLong),
    // llama.cpp
    Answer(
        400,
        #"{"error":{"code":400,"message":"the request exceeds the available context size. try increasing it","type":"exceed_context_size_error","n_ctx":4096}}"#,
        .contextTooLong
    ),
    Answer(503, #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, .overloaded),
    Answer(
        500,
        #"{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}"#,
        .toolsUnsupported
    ),
    // vLLM
    Answer(
        400,
        #"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.","type":"BadRequestError","param":null,"code":400}"#,
        .contextTooLong
    ),
    Answer(
        404,
        #"{"object":"error","message":"The model `nope` does not exist.","type":"NotFoundError","param":null,"code":404}"#,
        .modelNotFound
    ),
    Answer(
        400,
        #"{"error":{"message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError"}}"#,
        .toolsUnsupported
    ),
    // OpenAI and those who follow it
    Answer(
        400,
        #"{"error":{"message":"Your input exceeds the context window of this model.","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}"#,
        .contextTooLong
    ),
    Answer(
        404,
        #"{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
        .modelNotFound
    ),
    Answer(
        401,
        #"{"error":{"message":"Incorrect API key provided: sk-abcdefgh12345678.","code":"invalid_api_key"}}"#,
        .credentials
    ),
    Answer(403, "", .credentials),
    Answer(
        429,
        #"{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}}"#,
        .quota
    ),
    Answer(
        429,
        #"{"error":{"message":"Rate limit reached.","type":"requests","code":"rate_limit_exceeded"}}"#,
        .rateLimited
    ),
    Answer(
        402,
        #"{"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}}"#,
        .quota
    ),
    Answer(
        400,
        #"{"error":{"message":"Model Not Exist","type":"invalid_request_error","code":"invalid_request_error"}}"#,
        .modelNotFound
    ),
    Answer(
        400,
        #"{"error":{"message":"Invalid 'temperature'.","type":"invalid_request_error","param":"temperature"}}"#,
        .invalidRequest
    ),
    Answer(503, #"{"error":{"message":"Slow down.","code":"server_is_overloaded"}}"#, .overloaded),
    // Anthropic
    Answer(529, #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, .overloaded),
    Answer(404, #"{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}"#, .modelNotFound),
    Answer(
        400,
        #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
        .contextTooLong
    ),
    Answer(
        400,
        #"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}"#,
        .quota
    ),
    // Everything else
    Answer(404, "404 page not found", .upstreamFailed, detail: "route_not_found"),
    Answer(422, #"{"detail":[{"loc":["body","messages"],"msg":"Field required","type":"missing"}]}"#, .invalidRequest),
    Answer(502, "<html><head><title>502 Bad Gateway</title></head></html>", .upstreamFailed),
    Answer(504, "", .timedOut),
    Answer(429, "not json", .rateLimited),
    Answer(
        400,
        #"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
        .credentials
    ),
    Answer(418, "\u{0}\u{1}", .invalidRequest),
]

@Suite("Classifying failures")
struct ErrorClassificationTests {
    @Test("an upstream's words and status become one code", arguments: answers)
    fileprivate func table(_ answer: Answer) {
        let error = ErrorClassification.classify(status: answer.status, body: Array(answer.body.utf8), dialect: .chat)
        #expect(error.code == answer.code)
        #expect(error.detail == answer.detail)
        #expect(error.upstreamStatus == answer.status)
        #expect(!error.message.isEmpty)
        #expect(!error.message.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test("a key in an upstream's words is masked, the rest of them is kept")
    func masking() {
        let body =
            #"{"error":{"message":"Incorrect API key provided: sk-proj-abcdef1234567890.\nGot Bearer canary-token","param":"key"}}"#
        let error = ErrorClassification.classify(status: 401, body: Array(body.utf8), dialect: .chat)
        #expect(error.message == "Incorrect API key provided: sk-***. Got Bearer ***")
        #expect(error.field == "key")
        let page = Array("<html><title>Bad Gateway</title>".utf8)
        #expect(ErrorClassification.classify(status: 502, body: page, dialect: .chat).message == "Bad Gateway")
    }

    @Test(
        "F8: the wait is honoured up to a cap, in every spelling",
        arguments: [
            (RetryHints(retryAfter: "7"), "", 7.0),
            (RetryHints(retryAfter: " 2.5 "), "", 2.5),
            (RetryHints(retryAfter: "0"), "", 0),
            (RetryHints(retryAfter: "1000000000"), "", 300),
            (RetryHints(retryAfter: "1e9", cap: 60), "", 60),
            (RetryHints(retryAfter: "-5"), "", nil),
            (RetryHints(retryAfter: "soon"), "", nil),
            (RetryHints(retryAfter: "nan"), "", nil),
            (RetryHints(retryAfter: "inf"), "", nil),
            (RetryHints(retryAfter: ""), "", nil),
            (RetryHints(retryAfter: "1.2.3"), "", nil),
            (RetryHints(retryAfter: "9", retryAfterMilliseconds: "1500"), "", 1.5),
            (RetryHints(retryAfter: "9", retryAfterMilliseconds: "x"), "", 9),
            (RetryHints(retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_770), "", 7),
            (RetryHints(retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_999), "", 0),
            (RetryHints(retryAfter: "Thu, 29 Feb 2024 00:00:00 GMT", now: 1_709_164_790), "", 10),
            (RetryHints(retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT"), "", nil),
            (RetryHints(retryAfter: "Sun, 99 Nov 1994 08:49:37 GMT", now: 0), "", nil),
            (RetryHints(), "Rate limit reached. Please try again in 1.5s. Thanks.", 1.5),
            (RetryHints(), "Please try again in 20ms.", 0.02),
            (RetryHints(), "Please try again in 6m0s.", 300),
            (RetryHints(), "please retry after 20 seconds", 20),
            (RetryHints(), "try again in 2 minutes", 120),
            (RetryHints(), "try again in a moment", nil),
            (RetryHints(retryAfter: "3"), "try again in 20ms", 3),
        ] as [(RetryHints, String, Double?)]
    )
    func retryDelay(_ hints: RetryHints, _ message: String, _ expected: Double?) {
        #expect(hints.delay(message: message) == expected)
    }

    @Test("x-should-retry is passed on as it was said")
    func advice() {
        for (text, expected) in [("true", true), ("FALSE", false), ("maybe", nil)] as [(String, Bool?)] {
            let hints = RetryHints(shouldRetry: text)
            let error = ErrorClassification.classify(status: 500, body: [], dialect: .chat, hints: hints)
            #expect(error.upstreamAdvisesRetry == expected)
        }
    }

    @Test("random damage to an error body never crashes")
    func damage() {
        var numbers = SeededNumbers(seed: 3)
        for answer in answers {
            for _ in 0..<30 {
                let body = answer.body.utf8.damaged(&numbers)
                _ = ErrorClassification.classify(status: answer.status, body: body, dialect: .ollama)
            }
        }
    }
}
