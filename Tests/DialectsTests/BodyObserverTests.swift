import Inference
import Testing

@testable import Dialects

@Suite("Watching a whole body")
struct BodyObserverTests {
    @Test(
        "usage and model are read in every endpoint's spelling",
        arguments: [
            (
                Endpoint.chatCompletions,
                #"{"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_cache_hit_tokens":3}}"#,
                Usage(input: 9, cachedInput: 3, output: 4)
            ),
            (
                .responses,
                #"{"model":"m","error":null,"usage":{"input_tokens":9,"output_tokens":4,"input_tokens_details":{"cached_tokens":3},"output_tokens_details":{"reasoning_tokens":1}}}"#,
                Usage(input: 9, cachedInput: 3, output: 4, reasoning: 1)
            ),
            (
                .messages,
                #"{"model":"m","usage":{"input_tokens":9,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":4}}"#,
                Usage(input: 14, cachedInput: 3, cacheWrite: 2, output: 4)
            ),
            (
                .messages,
                #"{"model":"m","usage":{"input_tokens":9,"cache_creation_input_tokens":2,"output_tokens":4,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":0}}}"#,
                Usage(input: 11, cacheWrite: 2, output: 4)
            ),
            (
                .messages,
                #"{"model":"m","usage":{"input_tokens":9,"cache_creation_input_tokens":7,"output_tokens":4,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":5}}}"#,
                Usage(input: 16, cacheWrite: 7, cacheWrite1h: 5, output: 4)
            ),
            (.completions, #"{"model":"m","usage":{"prompt_tokens":9,"completion_tokens":-4}}"#, Usage(input: 9)),
            (.embeddings, #"{"usage":{"prompt_tokens":9,"total_tokens":9},"model":"m"}"#, Usage(input: 9)),
        ]
    )
    func usage(_ endpoint: Endpoint, _ body: String, _ expected: Usage) throws {
        let observer = try BodyObserver(Array(body.utf8).span.bytes, endpoint: endpoint)
        #expect(observer.usage == expected)
        #expect(observer.model == "m")
        #expect(observer.failure == nil)
    }

    @Test("F6: a body that is cut anywhere is malformed", arguments: Endpoint.allCases)
    func truncated(_ endpoint: Endpoint) throws {
        let body = Array(#"{"id":"x","choices":[{"message":{"content":"déjà"}}],"usage":{"prompt_tokens":9}}"#.utf8)
        _ = try BodyObserver(body.span.bytes, endpoint: endpoint)
        for count in 0..<body.count {
            #expect {
                try BodyObserver(Array(body[..<count]).span.bytes, endpoint: endpoint)
            } throws: { error in
                (error as? InferenceError)?.code == .malformed
            }
        }
    }

    @Test("F7: an error object in a good status is a failure")
    func errorInside() throws {
        let body = Array(
            #"{"error":{"message":"Rate limit reached, try again in 20ms","code":"rate_limit_exceeded"}}"#.utf8
        )
        let failure = try BodyObserver(body.span.bytes, endpoint: .chatCompletions).failure
        #expect(failure?.code == .rateLimited)
        #expect(failure?.retryAfter == 0.02)
    }
}
