import Inference
import JSON
import Testing

@testable import Dialects

@Suite("The bound of an answer's length")
struct OutputBoundTests {
    private func bounded(_ body: String, _ endpoint: Endpoint, _ bound: OutputBound = OutputBound(100)) throws -> String
    {
        let bytes = Array(body.utf8)
        let facts = try RequestFacts(bytes, endpoint: endpoint)
        let edits = bytes.withUnsafeBytes { facts.edits(model: "n", asksForUsage: true, bound: bound, in: $0) }
        var result: [UInt8] = []
        var place = 0
        for edit in edits {
            #expect(edit.range.lowerBound >= place, "the edits are in order")
            result += bytes[place..<edit.range.lowerBound] + edit.replacement
            place = edit.range.upperBound
        }
        result += bytes[place...]
        // Whatever was changed, it is JSON without a doubled name.
        _ = try RequestFacts(result, endpoint: endpoint)
        return String(decoding: result, as: UTF8.self)
    }

    @Test(
        "what is larger or missing becomes the bound, and what is smaller stays",
        arguments: [
            (.chatCompletions, #"{"model":"m","messages":[]}"#, #"{"model":"n","messages":[],"max_tokens":100}"#),
            (
                .chatCompletions, #"{"model":"m","messages":[],"max_tokens":null}"#,
                #"{"model":"n","messages":[],"max_tokens":100}"#
            ),
            (
                .chatCompletions, #"{"max_tokens":101,"model":"m","messages":[]}"#,
                #"{"max_tokens":100,"model":"n","messages":[]}"#
            ),
            (
                .chatCompletions, #"{"max_tokens":99,"model":"n","messages":[]}"#,
                #"{"max_tokens":99,"model":"n","messages":[]}"#
            ),
            (
                .chatCompletions, #"{"max_completion_tokens":9223372036854775807,"model":"n","messages":[]}"#,
                #"{"max_completion_tokens":100,"model":"n","messages":[]}"#
            ),
            (
                .chatCompletions, #"{"max_completion_tokens":500,"max_tokens":7,"model":"n","messages":[]}"#,
                #"{"max_completion_tokens":100,"max_tokens":7,"model":"n","messages":[]}"#
            ),
            (
                .chatCompletions, #"{"max_completion_tokens":null,"max_tokens":7,"model":"n","messages":[]}"#,
                #"{"max_completion_tokens":null,"max_tokens":7,"model":"n","messages":[]}"#
            ),
            (
                .chatCompletions, #"{"stream":true,"model":"m","messages":[]}"#,
                #"{"stream":true,"model":"n","messages":[],"max_tokens":100,"stream_options":{"include_usage":true}}"#
            ),
            (
                .chatCompletions, #"{"stream":true,"stream_options":{},"model":"n","messages":[],"max_tokens":900}"#,
                #"{"stream":true,"stream_options":{"include_usage":true},"model":"n","messages":[],"max_tokens":100}"#
            ),
            (
                .chatCompletions, #"{"max_tokens":null,"max_completion_tokens":null,"model":"n","messages":[]}"#,
                #"{"max_tokens":100,"model":"n","messages":[]}"#
            ),
            (
                .chatCompletions, #"{"max_completion_tokens":null,"model":"n","messages":[]}"#,
                #"{"model":"n","messages":[],"max_tokens":100}"#
            ),
            (
                .chatCompletions, #"{"n_predict":-1,"max_tokens":7,"model":"n","messages":[]}"#,
                #"{"n_predict":100,"max_tokens":7,"model":"n","messages":[]}"#
            ),
            (
                .completions, #"{"n_predict":42,"model":"n","prompt":"p"}"#,
                #"{"n_predict":42,"model":"n","prompt":"p","max_tokens":100}"#
            ),
            (.completions, #"{"model":"n","prompt":"p"}"#, #"{"model":"n","prompt":"p","max_tokens":100}"#),
            (.responses, #"{"model":"n","input":"p"}"#, #"{"model":"n","input":"p","max_output_tokens":100}"#),
            (
                .responses, #"{"max_output_tokens":1000,"model":"n","input":"p"}"#,
                #"{"max_output_tokens":100,"model":"n","input":"p"}"#
            ),
            (
                .messages, #"{"model":"n","max_tokens":32000,"messages":[]}"#,
                #"{"model":"n","max_tokens":100,"messages":[]}"#
            ),
            (
                .messages, #"{"model":"n","max_tokens":50,"messages":[]}"#,
                #"{"model":"n","max_tokens":50,"messages":[]}"#
            ),
            (
                .ollamaChat, #"{"model":"n","messages":[]}"#,
                #"{"model":"n","messages":[],"options":{"num_predict":100}}"#
            ),
            (
                .ollamaChat, #"{"options":null,"model":"n","messages":[]}"#,
                #"{"options":{"num_predict":100},"model":"n","messages":[]}"#
            ),
            (
                .ollamaChat, #"{"options":{},"model":"n","messages":[]}"#,
                #"{"options":{"num_predict":100},"model":"n","messages":[]}"#
            ),
            (
                .ollamaChat, #"{"options":{"seed":1},"model":"n","messages":[]}"#,
                #"{"options":{"seed":1,"num_predict":100},"model":"n","messages":[]}"#
            ),
            (
                .ollamaGenerate, #"{"options":{"num_predict":-1,"seed":1},"model":"n","prompt":"p"}"#,
                #"{"options":{"num_predict":100,"seed":1},"model":"n","prompt":"p"}"#
            ),
            (
                .ollamaGenerate, #"{"options":{"num_predict":42},"model":"n","prompt":"p"}"#,
                #"{"options":{"num_predict":42},"model":"n","prompt":"p"}"#
            ),
            (.embeddings, #"{"model":"n","input":"p"}"#, #"{"model":"n","input":"p"}"#),
            (
                .countTokens, #"{"model":"n","max_tokens":900,"messages":[]}"#,
                #"{"model":"n","max_tokens":900,"messages":[]}"#
            ),
        ] as [(Endpoint, String, String)]
    )
    func members(_ endpoint: Endpoint, _ body: String, _ expected: String) throws {
        #expect(try bounded(body, endpoint) == expected)
    }

    @Test("OpenAI itself is told under its own name")
    func openAI() throws {
        let body = try bounded(#"{"model":"n","messages":[]}"#, .chatCompletions, OutputBound(5, isOpenAI: true))
        #expect(body == #"{"model":"n","messages":[],"max_completion_tokens":5}"#)
        for nulls in [#""max_tokens":null"#, #""max_tokens":null,"max_completion_tokens":null"#] {
            let text = try bounded(
                #"{"model":"n","messages":[],\#(nulls)}"#,
                .chatCompletions,
                OutputBound(5, isOpenAI: true)
            )
            #expect(text == #"{"model":"n","messages":[],"max_completion_tokens":5}"#)
        }
    }

    @Test("a thinking budget stays below the whole answer, and where there is no room for it nothing is thought")
    func thinking() throws {
        func text(_ tokens: Int, _ thinking: String) -> String {
            #"{"thinking":{"type":\#(thinking)},"model":"n","max_tokens":\#(tokens),"messages":[]}"#
        }
        func body(_ tokens: Int, _ budget: Int) -> String { text(tokens, #""enabled","budget_tokens":\#(budget)"#) }
        for (limit, budget, expected) in [
            (8_000, 16_000, 4_000), (8_000, 8_000, 4_000), (8_000, 7_999, 7_999), (2_048, 4_000, 1_024),
            (2_047, 4_000, 1_024), (1_025, 4_000, 1_024),
        ] {
            #expect(try bounded(body(32_000, budget), .messages, OutputBound(limit)) == body(limit, expected))
        }
        for limit in [1_024, 1] {
            #expect(try bounded(body(32_000, 4_000), .messages, OutputBound(limit)) == text(limit, #""disabled""#))
        }
        let adaptive = #"{"thinking":{"type":"adaptive"},"model":"n","max_tokens":9,"messages":[]}"#
        #expect(try bounded(adaptive, .messages) == adaptive)
    }
}
