import Inference
import JSON
import Testing

@testable import Dialects

@Suite("Reading a Chat caller's request")
struct ChatDecodeTests {
    private func read(_ text: String, _ endpoint: Endpoint = .chatCompletions) throws(InferenceError) -> CallerRequest {
        try CallerRequest(Array(text.utf8), endpoint: endpoint)
    }

    private func fault(_ text: String, _ endpoint: Endpoint = .chatCompletions) -> InferenceError? {
        do { _ = try read(text, endpoint) } catch { return error }
        return nil
    }

    private func request(_ members: String) -> String {
        #"{"model":"m","messages":[{"role":"user","content":"hi"}],\#(members)}"#
    }

    @Test("a request with everything becomes what the hub has places for")
    func everything() throws {
        let caller = try read(Self.everything)
        #expect(caller.request == Self.expected)
        #expect(caller.includesUsage)
        #expect(
            caller.dropped == [
                "messages[].content[].prompt_cache_breakpoint", "messages[].reasoning_details", "tools[].cache_control",
                "stream_options.include_obfuscation",
            ]
        )
    }

    @Test("the older functions are tools, and their results find their calls")
    func functions() throws {
        let caller = try read(
            #"""
            {"model":"m","messages":[{"role":"user","content":"hi"},
            {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
            {"role":"function","name":"f","content":"one"}],
            "functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"}}
            """#
        )
        let call = ToolCall(id: "call_function_1", name: "f", arguments: "{}")
        #expect(caller.request.messages[1].content == [.toolCall(call)])
        #expect(caller.request.messages[2] == Message(.tool, [.toolResult(ToolResult(callID: call.id, "one"))]))
        #expect(caller.request.tools == [.function(FunctionTool(name: "f", parameters: ["type": "object"]))])
        #expect(caller.request.toolChoice == .tool("f"))
        #expect(caller.request.allowsParallelToolCalls == false)
    }

    @Test("a choice among some of the tools takes the others out")
    func allowedTools() throws {
        let caller = try read(
            request(
                #""tools":[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"b"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"custom","custom":{"name":"b"}}]}}"#
            )
        )
        #expect(caller.request.tools == [.custom(CustomTool(name: "b"))])
        #expect(caller.request.toolChoice == .required)
    }

    @Test("/v1/completions is a conversation of one message")
    func completions() throws {
        let caller = try read(
            #"{"model":"m","prompt":["Once"],"max_tokens":5,"echo":false,"best_of":1}"#,
            .completions
        )
        #expect(caller.request.messages == [Message(.user, "Once")])
        #expect(caller.request.sampling.maxOutputTokens == 5)
        #expect(caller.request.rest.isEmpty)
        for text in [#""prompt":[1,2]"#, #""prompt":["a","b"]"#, #""prompt":"a","suffix":"b""#] {
            #expect(fault(#"{"model":"m",\#(text)}"#, .completions)?.detail == "unsupported_by_provider")
        }
    }

    @Test("members without a place ride in rest, null ones do not")
    func rest() throws {
        let caller = try read(request(#""user":"u","store":null,"future":{"x":1},"logit_bias":{}"#))
        #expect(caller.request.rest == ["user": "u", "future": ["x": 1], "logit_bias": [:]])
    }

    @Test("what asks for nothing is not asked for")
    func defaults() throws {
        let text = #""frequency_penalty":0,"presence_penalty":0.0,"top_k":-1,"logprobs":false,"top_logprobs":null"#
        let caller = try read(request(text))
        #expect(caller.request == InferenceRequest(model: "m", messages: [Message(.user, "hi")], stream: false))
    }

    @Test(
        "a value of the wrong kind is named by its path and byte",
        arguments: [
            (#"{"messages":[]}"#, "model"),
            (#"{"model":"m"}"#, "messages"),
            (#"{"model":"m","messages":{}}"#, "messages"),
            (#"{"model":"m","messages":[3]}"#, "messages[0]"),
            (#"{"model":"m","messages":[{"content":"x"}]}"#, "messages[0].role"),
            (#"{"model":"m","messages":[{"role":"robot","content":"x"}]}"#, "messages[0].role"),
            (#"{"model":"m","messages":[{"role":"user","content":5}]}"#, "messages[0].content"),
            (#"{"model":"m","messages":[{"role":"user"}]}"#, "messages[0].content"),
            (#"{"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]}"#, "messages[0].content[0].type"),
            (
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"video"}]}]}"#,
                "messages[0].content[0].type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}"#,
                "messages[0].content[0].type"
            ),
            (#"{"model":"m","messages":[{"role":"tool","content":"x"}]}"#, "messages[0].tool_call_id"),
            (
                #"{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":{}}}]}]}"#,
                "messages[0].tool_calls[0].function.arguments"
            ),
            (#"{"model":"m","messages":[],"temperature":"hot"}"#, "temperature"),
            (#"{"model":"m","messages":[],"top_logprobs":99}"#, "top_logprobs"),
            (#"{"model":"m","messages":[],"max_tokens":1.5}"#, "max_tokens"),
            (#"{"model":"m","messages":[],"stop":[1]}"#, "stop[0]"),
            (#"{"model":"m","messages":[],"stop":{}}"#, "stop"),
            (#"{"model":"m","messages":[],"stream":1}"#, "stream"),
            (#"{"model":"m","messages":[],"stream_options":true}"#, "stream_options"),
            (#"{"model":"m","messages":[],"reasoning_effort":"huge"}"#, "reasoning_effort"),
            (#"{"model":"m","messages":[],"tool_choice":"maybe"}"#, "tool_choice"),
            (#"{"model":"m","messages":[],"tool_choice":{"type":"mcp"}}"#, "tool_choice.type"),
            (#"{"model":"m","messages":[],"tools":[{"type":"browser"}]}"#, "tools[0].type"),
            (#"{"model":"m","messages":[],"tools":[{"type":"function"}]}"#, "tools[0].function"),
            (#"{"model":"m","messages":[],"response_format":{"type":"xml"}}"#, "response_format.type"),
            (
                #"{"model":"m","messages":[],"response_format":{"type":"json_schema","json_schema":{}}}"#,
                "response_format.json_schema.name"
            ),
        ]
    )
    func faults(_ text: String, _ field: String) {
        let error = fault(text)
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == field)
        #expect(error?.offset != nil)
        #expect(error?.message.contains(field) == true)
    }

    @Test("random damage never crashes")
    func damage() {
        var numbers = SeededNumbers(seed: 21)
        for _ in 0..<600 { _ = fault(String(decoding: Self.everything.utf8.damaged(&numbers), as: UTF8.self)) }
        for _ in 0..<600 {
            let bytes = Self.everything.utf8.damaged(&numbers)
            _ = try? CallerRequest(bytes, endpoint: .completions)
        }
    }

    private static let everything = #"""
        {"model":"m","messages":[
        {"role":"developer","content":"Be brief."},
        {"role":"user","name":"ann","content":[{"type":"text","text":"Look:","prompt_cache_breakpoint":{"mode":"explicit"}},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
        {"type":"image_url","image_url":{"url":"https://example.org/a.png"}},
        {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,BBBB"}},
        {"type":"file","file":{"file_id":"file-1"}}]},
        {"role":"assistant","content":"Reading.","reasoning_content":"hm","reasoning":"hm","annotations":[],
        "reasoning_details":[{"x":1}],"refusal":null,"tool_calls":[
        {"id":"a","type":"function","function":{"name":"read","arguments":"{\"p\":1}"}},
        {"id":"b","type":"custom","custom":{"name":"patch","input":"***"}}]},
        {"role":"tool","tool_call_id":"a","content":"one"},
        {"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]},
        {"role":"assistant","content":[{"type":"refusal","refusal":"No."}]},
        {"role":"user","content":""}],
        "tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type":"object"},"strict":true},
        "cache_control":{"type":"ephemeral"}},
        {"type":"custom","custom":{"name":"patch","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: x"}}}}],
        "tool_choice":{"type":"custom","custom":{"name":"patch"}},"parallel_tool_calls":true,
        "temperature":0.5,"top_p":1,"top_k":40,"max_tokens":10,"max_completion_tokens":20,"stop":"END","seed":7,
        "frequency_penalty":0.1,"presence_penalty":-0.1,"logprobs":true,"top_logprobs":2,
        "response_format":{"type":"json_schema","json_schema":{"name":"s","description":"d","schema":{"type":"object"},"strict":true}},
        "reasoning_effort":"high","reasoning":{"summary":"auto"},
        "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":true},"user":"u"}
        """#

    private static let expected = InferenceRequest(
        model: "m",
        messages: [
            Message(.developer, "Be brief."),
            Message(
                .user,
                [
                    .text("Look:"), .image(Image(.base64(mediaType: "image/png", data: "AAAA"), detail: "low")),
                    .image(Image(.url("https://example.org/a.png"))),
                    .file(File(.base64(mediaType: "application/pdf", data: "BBBB"), name: "a.pdf")),
                    .file(File(.upload("file-1"))),
                ],
                name: "ann"
            ),
            Message(
                .assistant,
                [
                    .reasoning(Reasoning(text: "hm")), .text("Reading."),
                    .toolCall(ToolCall(id: "a", name: "read", arguments: #"{"p":1}"#)),
                    .toolCall(ToolCall(id: "b", name: "patch", kind: .custom, arguments: "***")),
                ]
            ),
            Message(
                .tool,
                [
                    .toolResult(ToolResult(callID: "a", "one")),
                    .toolResult(ToolResult(callID: "b", kind: .custom, content: [.text("x"), .text("y")])),
                ]
            ),
            Message(.assistant, [.refusal("No.")]),
            Message(.user, []),
        ],
        tools: [
            .function(FunctionTool(name: "read", description: "Reads.", parameters: ["type": "object"], strict: true)),
            .custom(
                CustomTool(
                    name: "patch",
                    format: ["type": "grammar", "syntax": "lark", "definition": "start: x"]
                )
            ),
        ],
        toolChoice: .tool("patch", kind: .custom),
        allowsParallelToolCalls: true,
        sampling: Sampling(
            temperature: 0.5,
            topP: 1,
            maxOutputTokens: 20,
            stop: ["END"],
            seed: 7,
            topK: 40,
            frequencyPenalty: 0.1,
            presencePenalty: -0.1
        ),
        reasoning: ReasoningOptions(effort: .high, summary: "auto"),
        outputFormat: .schema(OutputSchema(name: "s", description: "d", schema: ["type": "object"], strict: true)),
        topLogprobs: 2,
        stream: true,
        rest: ["user": "u"]
    )
}
