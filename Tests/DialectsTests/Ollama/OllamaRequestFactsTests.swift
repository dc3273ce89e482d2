import Inference
import JSON
import Testing

@testable import Dialects

private func facts(_ body: String, _ endpoint: Endpoint) throws(InferenceError) -> RequestFacts {
    try RequestFacts(Array(body.utf8), endpoint: endpoint)
}

@Suite("Facts of an Ollama client's request")
struct OllamaRequestFactsTests {
    @Test("a body that does not say so asks for a stream")
    func streams() throws {
        for endpoint in [Endpoint.ollamaChat, .ollamaGenerate] {
            #expect(try facts(#"{"model":"m"}"#, endpoint).stream)
            #expect(try facts(#"{"model":"m","stream":null}"#, endpoint).stream)
            #expect(try !facts(#"{"model":"m","stream":false}"#, endpoint).stream)
        }
        for endpoint in [Endpoint.ollamaEmbed, .ollamaEmbeddings, .chatCompletions] {
            #expect(try !facts(#"{"model":"m","messages":[]}"#, endpoint).stream)
        }
    }

    @Test("what the clients send passes, and the length's limit is read")
    func reading() throws {
        let chat =
            #"{"model":"m","messages":[],"tools":[],"think":"high","format":{},"keep_alive":-1,"options":{"num_predict":64,"x":[1]},"logprobs":true,"top_logprobs":20,"truncate":true,"future":1}"#
        #expect(try facts(chat, .ollamaChat).maxOutputTokens == 64)
        let generate =
            #"{"model":"m","prompt":"a\nb","suffix":"","system":"\u0000","raw":false,"context":[1],"images":[],"options":{"num_predict":-1}}"#
        #expect(try facts(generate, .ollamaGenerate).maxOutputTokens == nil)
        #expect(try facts(#"{"model":"m","input":["a"],"dimensions":4}"#, .ollamaEmbed).model == "m")
        #expect(try facts(#"{"model":"m","prompt":"a\tb"}"#, .ollamaEmbeddings).model == "m")
    }

    @Test(
        "what is wrong is refused by name",
        arguments: [
            (Endpoint.ollamaChat, #"{"messages":[]}"#, "model"),
            (.ollamaChat, #"{"model":"m","messages":"x"}"#, "messages"),
            (.ollamaChat, #"{"model":"m","options":[]}"#, "options"),
            (.ollamaChat, #"{"model":"m","think":1}"#, "think"),
            (.ollamaChat, #"{"model":"m","top_logprobs":21}"#, "top_logprobs"),
            (.ollamaChat, #"{"model":"m","base_url":"http://evil"}"#, "base_url"),
            (.ollamaGenerate, #"{"model":"m","prompt":[]}"#, "prompt"),
            (.ollamaGenerate, #"{"model":"m","raw":"yes"}"#, "raw"),
            (.ollamaGenerate, #"{"model":"m","keep_alive":true}"#, "keep_alive"),
            (.ollamaEmbed, #"{"model":"m","input":{}}"#, "input"),
            (.ollamaEmbed, #"{"model":"m","dimensions":1.5}"#, "dimensions"),
            (.ollamaEmbeddings, #"{"model":"m","prompt":7}"#, "prompt"),
        ]
    )
    func refusals(_ endpoint: Endpoint, _ body: String, _ field: String) {
        let error = #expect(throws: InferenceError.self) { try facts(body, endpoint) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == field)
    }

    @Test("the model is changed in place and nothing else is")
    func edits() throws {
        var bytes = Array(#"{ "options":{"model":"x"},"model" : "a","messages":[] }"#.utf8)
        for edit in try facts(String(decoding: bytes, as: UTF8.self), .ollamaChat).edits(model: "b", asksForUsage: true)
        {
            bytes.replaceSubrange(edit.range, with: edit.replacement)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == #"{ "options":{"model":"x"},"model" : "b","messages":[] }"#)
    }
}
