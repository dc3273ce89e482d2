import Inference
import JSON
import Testing

@testable import Dialects

private func caller(_ body: String, _ endpoint: Endpoint = .ollamaChat) throws(InferenceError) -> CallerRequest {
    try OllamaSamples.caller(body, endpoint)
}

@Suite("Reading a request of an Ollama client")
struct OllamaDecodeTests {
    @Test("a conversation with everything is read")
    func chat() throws {
        let caller = try caller(
            #"""
            {"model":"gpt-oss","messages":[
              {"role":"System","content":"Be brief."},
              {"role":"user","content":"Look","images":["iVBORw0KGgo=","/9j/4AAQ"]},
              {"role":"assistant","content":"Reading.","thinking":"hm","tool_calls":[
                {"function":{"name":"read","arguments":{"p": 1}}},{"id":"own","function":{"index":1,"name":"list","arguments":{}}},
                {"function":{"name":"read","arguments":{"p": 2}}}]},
              {"role":"tool","tool_name":"read","content":"one"},{"role":"tool","tool_call_id":"own","content":"two"},
              {"role":"tool","content":"three","images":["iVBORw0KGgo="]},
              {"role":"user","content":"","mood":"glad"}],
             "tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type":"object"}}}],
             "format":{"type":"object"},"think":"max","keep_alive":-1,"logprobs":true,"top_logprobs":3,"truncate":false,
             "options":{"temperature":0.5,"top_p":1,"top_k":20,"seed":7,"stop":"END","num_predict":64,"num_ctx":8192,
               "frequency_penalty":0.25,"presence_penalty":0.75,"min_p":0.05,"num_gpu":1}}
            """#
        )
        let image = ContentPart.image(Image(.base64(mediaType: "image/png", data: OllamaSamples.png)))
        let expected = InferenceRequest(
            model: "gpt-oss",
            messages: [
                Message(.system, "Be brief."),
                Message(
                    .user,
                    [.text("Look"), image, .image(Image(.base64(mediaType: "image/jpeg", data: "/9j/4AAQ")))]
                ),
                Message(
                    .assistant,
                    [
                        .reasoning(Reasoning(text: "hm")), .text("Reading."),
                        .toolCall(ToolCall(id: "call_torii_0", name: "read", arguments: #"{"p": 1}"#)),
                        .toolCall(ToolCall(id: "own", name: "list", arguments: "{}")),
                        .toolCall(ToolCall(id: "call_torii_2", name: "read", arguments: #"{"p": 2}"#)),
                    ]
                ),
                Message(.tool, [.toolResult(ToolResult(callID: "call_torii_0", "one"))]),
                Message(.tool, [.toolResult(ToolResult(callID: "own", "two"))]),
                Message(.tool, [.toolResult(ToolResult(callID: "call_torii_2", content: [.text("three"), image]))]),
                Message(.user, []),
            ],
            tools: [.function(FunctionTool(name: "read", description: "Reads.", parameters: ["type": "object"]))],
            sampling: Sampling(
                temperature: 0.5,
                topP: 1,
                maxOutputTokens: 64,
                stop: ["END"],
                seed: 7,
                topK: 20,
                frequencyPenalty: 0.25,
                presencePenalty: 0.75
            ),
            reasoning: ReasoningOptions(effort: .max),
            outputFormat: .schema(OutputSchema(name: "answer", schema: ["type": "object"])),
            topLogprobs: 3,
            serving: ServingOptions(contextLength: 8192, keepAlive: "-1"),
            rest: ["options.min_p": 0.05, "options.num_gpu": 1]
        )
        #expect(caller.request == expected)
        #expect(caller.dropped == ["messages[].mood"])
        #expect(caller.endpoint == .ollamaChat)
    }

    @Test("a prompt is a message, and what the Python client always sends means nothing")
    func generate() throws {
        let caller = try caller(
            #"""
            {"model":"m","prompt":"Why?\n","suffix":"","system":"Be brief.","template":"","stream":false,"raw":false,
             "images":["R0lGODdh"],"format":"","think":true,"context":null,"keep_alive":"5m"}
            """#,
            .ollamaGenerate
        )
        #expect(
            caller.request.messages == [
                Message(.system, "Be brief."),
                Message(.user, [.text("Why?\n"), .image(Image(.base64(mediaType: "image/gif", data: "R0lGODdh")))]),
            ]
        )
        #expect(!caller.request.stream)
        #expect(caller.request.reasoning?.effort == .medium)
        #expect(caller.request.serving.keepAlive == "5m")
        #expect(caller.request.outputFormat == nil)
        let translation = try Translation(caller, to: .ollama, provider: "p", model: "m")
        #expect(translation.dropped.isEmpty)
    }

    @Test(
        "no limit, no seed and no format are what Ollama's words for them say",
        arguments: [
            #"{"num_predict":-1}"#, #"{"num_predict":-2}"#, #"{"num_predict":0}"#, #"{"seed":-1}"#, #"{"stop":[]}"#,
            #"{"stop":""}"#, #"{"temperature":null}"#, #"{"num_ctx":0}"#, "null",
        ]
    )
    func defaults(_ options: String) throws {
        let caller = try caller(#"{"model":"m","messages":[],"options":\#(options)}"#)
        #expect(caller.request.sampling == Sampling())
        #expect(caller.request.serving == ServingOptions())
        #expect(caller.request.stream)
        #expect(caller.request.rest.isEmpty)
    }

    @Test(
        "what is wrong is refused with its path",
        arguments: [
            ("[]", "the root"), ("{}", "model"), (#"{"model":7}"#, "model"),
            (#"{"model":"m","messages":{}}"#, "messages"), (#"{"model":"m","messages":[1]}"#, "messages[0]"),
            (#"{"model":"m","messages":[{"content":"x"}]}"#, "messages[0].role"),
            (#"{"model":"m","messages":[{"role":"critic"}]}"#, "messages[0].role"),
            (#"{"model":"m","messages":[{"role":"user","content":[]}]}"#, "messages[0].content"),
            (#"{"model":"m","messages":[{"role":"user","images":["https://x/y.png"]}]}"#, "messages[0].images[0]"),
            (#"{"model":"m","messages":[{"role":"user","images":[7]}]}"#, "messages[0].images[0]"),
            (#"{"model":"m","messages":[{"role":"tool","content":"x"}]}"#, "messages[0]"),
            (#"{"model":"m","messages":[{"role":"user","tool_calls":[{}]}]}"#, "messages[0].tool_calls"),
            (
                #"{"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]}"#,
                "messages[0].tool_calls[0].function.arguments"
            ),
            (#"{"model":"m","tools":[{"type":"web_search"}]}"#, "tools[0].type"),
            (#"{"model":"m","tools":[{"function":{}}]}"#, "tools[0].function.name"),
            (#"{"model":"m","format":"yaml"}"#, "format"), (#"{"model":"m","think":"hard"}"#, "think"),
            (#"{"model":"m","options":{"top_k":1.5}}"#, "options.top_k"),
            (#"{"model":"m","options":{"stop":[1]}}"#, "options.stop[0]"),
            (#"{"model":"m","keep_alive":true}"#, "keep_alive"), (#"{"model":"m","prompt":"x"}"#, "prompt"),
            (#"{"model":"m","stream":"no"}"#, "stream"),
        ]
    )
    func faults(_ body: String, _ field: String) {
        let error = #expect(throws: InferenceError.self) { try caller(body) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == field)
        #expect(error?.offset != nil)
    }

    @Test("a result goes to the oldest open call of its tool, and keeps to the last turn")
    func pairing() throws {
        let call =
            #"{"role":"assistant","tool_calls":[{"function":{"name":"f"}},{"function":{"name":"g"}},{"function":{"name":"f"}}]}"#
        let results =
            #"{"role":"tool","content":"1","name":"g"},{"role":"tool","content":"2"},{"role":"tool","content":"3","tool_name":"f"}"#
        let caller = try caller(#"{"model":"m","messages":[\#(call),\#(call),\#(results)]}"#)
        let ids = caller.request.messages.suffix(3).compactMap { message -> String? in
            guard case .toolResult(let result) = message.content.first else { return nil }
            return result.callID
        }
        #expect(ids == ["call_torii_4", "call_torii_3", "call_torii_5"])
    }

    @Test("a conversation that goes on keeps the ids that were made")
    func stableIDs() throws {
        let turns = [
            #"{"role":"user","content":"a"}"#,
            #"{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{}}}]}"#,
            #"{"role":"tool","tool_name":"f","content":"x"}"#,
            #"{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{}}}]}"#,
            #"{"role":"tool","content":"y"}"#,
        ]
        let whole = try caller(#"{"model":"m","messages":[\#(turns.joined(separator: ","))]}"#).request.messages
        for count in turns.indices {
            let part = turns.prefix(count).joined(separator: ",")
            #expect(try caller(#"{"model":"m","messages":[\#(part)]}"#).request.messages == Array(whole.prefix(count)))
        }
    }

    @Test("a request without anything to say only loads the model")
    func loading() throws {
        let cases: [(String, Endpoint, String)] = [
            (#"{"model":"m","messages":[]}"#, .ollamaChat, "load"), (#"{"model":"m"}"#, .ollamaChat, "load"),
            (#"{"model":"m","keep_alive":0}"#, .ollamaChat, "unload"),
            (#"{"model":"m","system":"x"}"#, .ollamaGenerate, "load"),
            (#"{"model":"m","prompt":"","keep_alive":"0s"}"#, .ollamaGenerate, "unload"),
            (#"{"model":"m","keep_alive":"10m"}"#, .ollamaGenerate, "load"),
        ]
        for (body, endpoint, reason) in cases {
            let caller = try caller(body, endpoint)
            #expect(caller.onlyLoadsModel)
            var context = OllamaSamples.context(endpoint)
            context.caller = caller
            let answer = try JSONDocument(Ollama.loadAnswer(context)).root
            #expect(answer["done"]?.bool == true)
            #expect(answer["done_reason"]?.string == reason)
        }
        #expect(try !caller(#"{"model":"m","messages":[{"role":"user"}]}"#).onlyLoadsModel)
    }

    @Test("random damage to a request never crashes")
    func damage() {
        var numbers = SeededNumbers(seed: 17)
        let body =
            #"{"model":"m","messages":[{"role":"assistant","content":"a","images":["iVBORw0KGgo="],"tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},{"role":"tool","tool_name":"f","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"options":{"stop":["x"],"num_predict":5},"format":{"a":1},"think":true,"keep_alive":5}"#
        for _ in 0..<3000 {
            let bytes = body.utf8.damaged(&numbers)
            for endpoint in [Endpoint.ollamaChat, .ollamaGenerate] {
                guard let caller = try? CallerRequest(bytes, endpoint: endpoint) else { continue }
                for dialect in Dialect.allCases {
                    _ = try? Translation(caller, to: dialect, provider: "p", model: "m")
                }
            }
        }
    }
}
