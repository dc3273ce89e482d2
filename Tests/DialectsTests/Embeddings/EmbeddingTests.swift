import Inference
import JSON
import Testing

@testable import Dialects

private func translation(
    _ body: String,
    _ endpoint: Endpoint,
    to dialect: Dialect
) throws(InferenceError) -> EmbeddingTranslation {
    try EmbeddingTranslation(
        Array(body.utf8),
        endpoint: endpoint,
        to: dialect,
        model: "upstream",
        serving: ServingOptions(contextLength: 2048)
    )
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite("Embeddings across dialects")
struct EmbeddingTests {
    private static let openAI =
        #"{"object":"list","data":[{"object":"embedding","index":1,"embedding":[3,-1e-7]},{"object":"embedding","index":0,"embedding":[0.1,2.5]}],"model":"x","usage":{"prompt_tokens":9,"total_tokens":9}}"#
    private static let ollama =
        #"{"model":"x","embeddings":[[0.1,2.5],[3,-1e-7]],"total_duration":5,"load_duration":1,"prompt_eval_count":9}"#

    @Test("a request has these very bytes at its provider")
    func requests() throws {
        let openAI = #"{"model":"m","input":["a","b"],"dimensions":2,"encoding_format":"base64","user":"u"}"#
        let toOllama = try translation(openAI, .embeddings, to: .ollama)
        #expect(
            text(toOllama.wire.body)
                == #"{"model":"upstream","input":["a","b"],"truncate":false,"dimensions":2,"options":{"num_ctx":2048}}"#
        )
        #expect(toOllama.wire.route == "/api/embed")
        #expect(toOllama.dropped == ["user"])

        let ollama =
            #"{"model":"m","input":"a","truncate":true,"dimensions":0,"keep_alive":"5m","options":{"num_ctx":4096,"temperature":1}}"#
        for dialect in [Dialect.chat, .responses] {
            let toOpenAI = try translation(ollama, .ollamaEmbed, to: dialect)
            #expect(text(toOpenAI.wire.body) == #"{"model":"upstream","input":["a"],"encoding_format":"float"}"#)
            #expect(toOpenAI.wire.route == "/embeddings")
            #expect(toOpenAI.dropped == ["options.temperature", "keep_alive", "options.num_ctx", "truncate"])
        }
        let former = try translation(#"{"model":"m","prompt":"a","keep_alive":-1}"#, .ollamaEmbeddings, to: .ollama)
        #expect(
            text(former.wire.body)
                == #"{"model":"upstream","input":["a"],"truncate":false,"keep_alive":-1,"options":{"num_ctx":2048}}"#
        )
    }

    @Test("an answer has these very bytes at its caller")
    func answers() throws {
        let floats = #"{"model":"m","input":["a","b"]}"#
        let toOpenAI = try translation(floats, .embeddings, to: .ollama).answer(Array(Self.ollama.utf8))
        #expect(
            text(toOpenAI.body)
                == #"{"object":"list","data":[{"object":"embedding","embedding":[0.1,2.5],"index":0},{"object":"embedding","embedding":[3.0,-1e-07],"index":1}],"model":"m","usage":{"prompt_tokens":9,"total_tokens":9}}"#
        )
        #expect(toOpenAI.usage == Usage(input: 9))
        let base64 = try translation(
            #"{"model":"m","input":["a","b"],"encoding_format":"base64"}"#,
            .embeddings,
            to: .ollama
        )
        let encoded = try JSONDocument(base64.answer(Array(Self.ollama.utf8)).body).root["data"]?[0]?["embedding"]?
            .string
        #expect(encoded == "zczMPQAAIEA=")
        let toOllama = try translation(floats, .ollamaEmbed, to: .chat).answer(Array(Self.openAI.utf8))
        #expect(
            text(toOllama.body)
                == #"{"model":"m","embeddings":[[0.1,2.5],[3.0,-1e-07]],"total_duration":0,"load_duration":0,"prompt_eval_count":9}"#
        )
        let one = #"{"data":[{"embedding":"zczMPQAAIEA=","index":0}],"usage":null}"#
        let former = try translation(#"{"model":"m","prompt":"a"}"#, .ollamaEmbeddings, to: .chat)
        #expect(try text(former.answer(Array(one.utf8)).body) == #"{"embedding":[0.1,2.5]}"#)
    }

    @Test("numbers come back from base64 as they went in")
    func base64() {
        var numbers = SeededNumbers(seed: 3)
        for count in 1...9 {
            let vector = (0..<count).map { _ in Float.random(in: -1e9...1e9, using: &numbers) }
            #expect(FloatBytes.decode(base64: Array(FloatBytes.base64(vector).utf8)) == vector)
        }
        for bad in ["", "AAAA", "AAA", "AAAAAA=A", "AAAA AA=", "!AAAAA=="] {
            #expect(FloatBytes.decode(base64: Array(bad.utf8)) == nil)
        }
    }

    @Test(
        "what cannot be asked of another provider is refused by name",
        arguments: [
            (Endpoint.embeddings, #"{"model":"m","input":[1,2]}"#, "input"),
            (.embeddings, #"{"model":"m","input":[[1],[2]]}"#, "input"),
            (.embeddings, #"{"model":"m","input":[null]}"#, "input[0]"), (.embeddings, #"{"model":"m"}"#, "input"),
            (.embeddings, #"{"model":"m","input":""}"#, "input"), (.embeddings, #"{"input":"a"}"#, "model"),
            (.embeddings, #"{"model":"m","input":"a","encoding_format":"int8"}"#, "encoding_format"),
            (.embeddings, #"{"model":"m","input":"a","input_type":"query"}"#, "input_type"),
            (.embeddings, #"{"model":"m","input":"a","dimensions":-1}"#, "dimensions"),
            (.ollamaEmbed, #"{"model":"m","prompt":"a"}"#, "prompt"), (.ollamaEmbed, "[]", "the root"),
            (.ollamaEmbeddings, #"{"model":"m","input":"a"}"#, "input"),
        ]
    )
    func refusals(_ endpoint: Endpoint, _ body: String, _ field: String) {
        let error = #expect(throws: InferenceError.self) { try translation(body, endpoint, to: .ollama) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == field)
    }

    @Test("Messages has no embeddings")
    func messages() {
        let error = #expect(throws: InferenceError.self) {
            try translation(#"{"model":"m","input":"a"}"#, .embeddings, to: .messages)
        }
        #expect(error?.detail == "unsupported_by_provider")
    }

    @Test("an Ollama caller without a text only loads the model")
    func loading() throws {
        let embed = #"{"model":"m","embeddings":[],"total_duration":0,"load_duration":0}"#
        for body in [#"{"model":"m"}"#, #"{"model":"m","input":""}"#, #"{"model":"m","input":[]}"#] {
            #expect(try translation(body, .ollamaEmbed, to: .chat).ownAnswer.map(text) == embed)
        }
        let former = try translation(#"{"model":"m","prompt":""}"#, .ollamaEmbeddings, to: .chat)
        #expect(former.ownAnswer.map(text) == #"{"embedding":[]}"#)
        #expect(try translation(#"{"model":"m","input":"a"}"#, .ollamaEmbed, to: .chat).ownAnswer == nil)
    }

    @Test(
        "an answer that is none is a failure",
        arguments: [
            (Dialect.chat, #"{"data":[]}"#, InferenceError.Code.malformed), (.chat, "{", .malformed),
            (.chat, #"{"data":[{"embedding":[1]},{"embedding":[1]}]}"#, .malformed),
            (.chat, #"{"data":[{"embedding":[1],"index":7}]}"#, .malformed),
            (.chat, #"{"data":[{"embedding":["x"]}]}"#, .malformed),
            (.chat, #"{"data":[{"embedding":[]}]}"#, .malformed),
            (.chat, #"{"data":[{"embedding":"AAAA"}]}"#, .malformed),
            (.chat, #"{"data":[{"embedding":[1e39]}]}"#, .malformed),
            (.chat, #"{"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}}"#, .rateLimited),
            (.ollama, #"{"embeddings":[[1],[2]]}"#, .malformed), (.ollama, #"{"error":"server busy"}"#, .overloaded),
            (.ollama, "[]", .malformed),
        ]
    )
    func failures(_ dialect: Dialect, _ body: String, _ code: InferenceError.Code) throws {
        let translation = try translation(#"{"model":"m","input":"a"}"#, .embeddings, to: dialect)
        let error = #expect(throws: InferenceError.self) { try translation.answer(Array(body.utf8)) }
        #expect(error?.code == code)
    }

    @Test("random damage never crashes")
    func damage() throws {
        var numbers = SeededNumbers(seed: 41)
        let request = #"{"model":"m","input":["a","b"],"dimensions":2,"encoding_format":"base64","user":"u"}"#
        for _ in 0..<500 {
            for endpoint in [Endpoint.embeddings, .ollamaEmbed, .ollamaEmbeddings] {
                _ = try? EmbeddingRequest(request.utf8.damaged(&numbers), endpoint: endpoint)
            }
            for (dialect, body) in [(Dialect.chat, Self.openAI), (.ollama, Self.ollama)] {
                _ = try? EmbeddingAnswer(body.utf8.damaged(&numbers), dialect: dialect, count: 2)
            }
        }
    }
}
