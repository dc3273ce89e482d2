import Inference
import JSON
import Testing

@testable import Dialects

func decodeResponses(_ body: String, _ endpoint: Endpoint = .responses) throws(InferenceError) -> CallerRequest {
    try CallerRequest(Array(body.utf8), endpoint: endpoint)
}

/// What the items of `input` mean.
private func messages(_ items: String) throws(InferenceError) -> [Message] {
    try decodeResponses(#"{"model":"m","input":[\#(items)]}"#).request.messages
}

/// A body that is turned away, and the field that the refusal names.
private struct Refusal: Sendable, CustomTestStringConvertible {
    var body: String
    var field: String?
    var testDescription: String { body }

    init(_ body: String, _ field: String?) { (self.body, self.field) = (body, field) }

    /// With `members` beside a model and an input.
    static func with(_ members: String, _ field: String) -> Refusal {
        Refusal(#"{"model":"m","input":"hi",\#(members)}"#, field)
    }

    /// With one item.
    static func item(_ item: String, _ field: String) -> Refusal {
        Refusal(#"{"model":"m","input":[\#(item)]}"#, field)
    }

    static let all: [Refusal] = [
        Refusal("[]", "the root"), Refusal(#"{"model":"m"}"#, "input"), Refusal(#"{"model":"m","input":17}"#, "input"),
        Refusal(#"{"model":1,"input":"hi"}"#, "model"), Refusal(#"{"model":"m","input":"hi""#, nil),
        Refusal(#"{"model":"m","input":["hi"]}"#, "input[0]"),
        .with(#""temperature":"1""#, "temperature"), .with(#""temperature":3"#, "temperature"),
        .with(#""max_output_tokens":0"#, "max_output_tokens"), .with(#""stream":"yes""#, "stream"),
        .with(#""top_logprobs":21"#, "top_logprobs"), .with(#""include":"x""#, "include"),
        .with(#""instructions":[]"#, "instructions"), .with(#""metadata":"x""#, "metadata"),
        .with(#""truncation":"maybe""#, "truncation"), .with(#""store":1"#, "store"),
        .with(#""reasoning":{"effort":"much"}"#, "reasoning.effort"), .with(#""reasoning":"high""#, "reasoning"),
        .with(#""text":{"format":{"type":"json_schema","schema":{}}}"#, "text.format.name"),
        .with(#""text":{"format":{"type":"grammar"}}"#, "text.format"),
        .with(#""tools":{}"#, "tools"), .with(#""tools":[{"name":"f"}]"#, "tools[0].type"),
        .with(#""tools":[{"type":"function"}]"#, "tools[0].name"),
        .with(#""tools":[{"type":"function","name":"f","parameters":"x"}]"#, "tools[0].parameters"),
        .with(#""tool_choice":"always""#, "tool_choice"), .with(#""tool_choice":7"#, "tool_choice"),
        .with(#""tool_choice":{"type":"function"}"#, "tool_choice.name"),
        .with(#""tool_choice":{"type":"mcp","server_label":"x"}"#, "tool_choice"),
        .with(#""prompt_cache_options":{"prewarm":true}"#, "prompt_cache_options"),
        .item(#"{"role":"nobody","content":"x"}"#, "input[0].role"),
        .item(#"{"role":"user"}"#, "input[0].content"), .item(#"{"role":"user","content":7}"#, "input[0].content"),
        .item(#"{"role":"user","content":[{"text":"x"}]}"#, "input[0].content[0].type"),
        .item(#"{"role":"user","content":[{"type":"input_text"}]}"#, "input[0].content[0].text"),
        .item(#"{"role":"user","content":[{"type":"input_image"}]}"#, "input[0].content[0].image_url"),
        .item(#"{"role":"user","content":[{"type":"input_audio"}]}"#, "input[0].content[0]"),
        .item(#"{"role":"user","content":[{"type":"refusal","refusal":"x"}]}"#, "input[0].content[0]"),
        .item(#"{"id":"msg_1"}"#, "input[0]"), .item(#"{"type":"item_reference","id":"x"}"#, "input[0]"),
        .item(#"{"type":"compaction_trigger"}"#, "input[0]"),
        .item(#"{"type":"function_call","name":"f","arguments":"{}"}"#, "input[0].call_id"),
        .item(#"{"type":"function_call","call_id":"c","arguments":"{}"}"#, "input[0].name"),
        .item(#"{"type":"custom_tool_call","call_id":"c","name":"p","input":{}}"#, "input[0].input"),
        .item(#"{"type":"function_call_output","call_id":"c","output":7}"#, "input[0].output"),
        .item(#"{"type":"function_call_output","call_id":"c"}"#, "input[0].output"),
        .item(#"{"type":"reasoning","summary":[{"type":"summary_text"}]}"#, "input[0].summary[0].text"),
        .item(#"{"type":"additional_tools","tools":7}"#, "input[0].tools"),
    ]
}

@Suite("Requests as Responses")
struct ResponsesDecodeTests {
    @Test("every option finds its place")
    func options() throws {
        let caller = try decodeResponses(
            #"""
            {"input":"hi","tool_choice":{"type":"function","name":"read"},"model":"m","instructions":"Be brief.",
            "tools":[{"type":"function","name":"read","description":"Reads.","parameters":{"type":"object"},"strict":true,
            "defer_loading":true},{"type":"custom","name":"patch","format":{"type":"grammar","syntax":"lark","definition":"x"}},
            {"type":"namespace","name":"fs","description":"Files.","tools":[{"type":"function","name":"ls"},
            {"type":"custom","name":"raw"},{"type":"mcp","name":"x"}]},{"type":"web_search","search_context_size":"low"}],
            "stream":true,"store":false,"parallel_tool_calls":false,"temperature":0.5,"top_p":1,"max_output_tokens":99,
            "presence_penalty":-1,"frequency_penalty":1.5,"top_logprobs":3,"user":null,"prompt_cache_key":"k",
            "include":["reasoning.encrypted_content","message.output_text.logprobs"],"previous_response_id":"resp_0",
            "reasoning":{"effort":"xhigh","generate_summary":"concise","context":"all_turns","future":1},
            "text":{"verbosity":"low","format":{"type":"json_schema","name":"s","schema":{"type":"object"},"strict":true}},
            "client_metadata":{"a":"b"},"future":7}
            """#
        )
        let ls = FunctionTool(name: "ls")
        #expect(
            caller.request
                == InferenceRequest(
                    model: "m",
                    messages: [Message(.system, "Be brief."), Message(.user, "hi")],
                    tools: [
                        .function(
                            FunctionTool(
                                name: "read",
                                description: "Reads.",
                                parameters: ["type": "object"],
                                strict: true
                            )
                        ),
                        .custom(
                            CustomTool(
                                name: "patch",
                                format: ["type": "grammar", "syntax": "lark", "definition": "x"]
                            )
                        ),
                        .namespace(
                            name: "fs",
                            description: "Files.",
                            tools: [.function(ls), .custom(CustomTool(name: "raw"))]
                        ),
                        .hosted(type: "web_search", ["search_context_size": "low"]),
                    ],
                    toolChoice: .tool("read"),
                    allowsParallelToolCalls: false,
                    sampling: Sampling(
                        temperature: 0.5,
                        topP: 1,
                        maxOutputTokens: 99,
                        frequencyPenalty: 1.5,
                        presencePenalty: -1
                    ),
                    reasoning: ReasoningOptions(effort: .xhigh, summary: "concise"),
                    outputFormat: .schema(OutputSchema(name: "s", schema: ["type": "object"], strict: true)),
                    topLogprobs: 3,
                    rest: ["prompt_cache_key": "k", "client_metadata": ["a": "b"], "future": 7]
                )
        )
        #expect(
            caller.dropped == [
                "include", "reasoning.context", "reasoning.future", "text.verbosity", "tools[].defer_loading",
                "tools[fs.x]",
            ]
        )
        #expect(caller.previousResponseID == "resp_0")
        #expect(!caller.stores)
        #expect(caller.members["instructions"] == "Be brief.")
    }

    @Test("the items of one turn become one message, and so do the results that follow each other")
    func turns() throws {
        let read = try messages(
            #"""
            {"type":"message","role":"developer","content":"Rules."},
            {"role":"user","content":[{"type":"input_text","text":"Look:"},
            {"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"},
            {"type":"input_image","image_url":"https://x/y.png"},{"type":"input_image","file_id":"f1"},
            {"type":"input_file","filename":"a.PDF","file_data":"QUJD"},
            {"type":"input_file","file_url":"https://x/y.pdf"},
            {"type":"input_file","filename":"b","file_data":"data:text/plain;base64,QQ=="}]},
            {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Plan"}],
            "content":[{"type":"reasoning_text","text":"hm"},{"type":"reasoning_text","text":"so"}],"encrypted_content":"ENC"},
            {"type":"message","id":"msg_1","role":"assistant","status":"completed","phase":"commentary",
            "content":[{"type":"output_text","text":"Reading.","annotations":[],"logprobs":[]},
            {"type":"refusal","refusal":"No."}]},
            {"type":"function_call","id":"fc_1","call_id":"a","namespace":"fs","name":"read","arguments":"{\"p\": 1}"},
            {"type":"custom_tool_call","call_id":"b","name":"patch","input":"*** "},
            {"type":"function_call_output","call_id":"a","output":"one"},
            {"type":"custom_tool_call_output","call_id":"b","output":[{"type":"input_text","text":"x"},
            {"type":"input_image","image_url":"data:image/png;base64,BBBB"},
            {"type":"encrypted_content","encrypted_content":"E"}]},
            {"type":"reasoning","summary":[],"content":null,"encrypted_content":null},
            {"role":"assistant","content":"Done."},{"role":"user","content":[]},{"role":"user","content":"Go on."}
            """#
        )
        #expect(
            read == [
                Message(.developer, "Rules."),
                Message(
                    .user,
                    [
                        .text("Look:"), .image(Image(.base64(mediaType: "image/png", data: "AAAA"), detail: "low")),
                        .image(Image(.url("https://x/y.png"))), .image(Image(.upload("f1"))),
                        .file(File(.base64(mediaType: "application/pdf", data: "QUJD"), name: "a.PDF")),
                        .file(File(.url("https://x/y.pdf"))),
                        .file(File(.base64(mediaType: "text/plain", data: "QQ=="), name: "b")),
                    ]
                ),
                Message(
                    .assistant,
                    [
                        .reasoning(Reasoning(text: "hm\n\nso", summary: ["Plan"], encrypted: "ENC", id: "rs_1")),
                        .text("Reading."), .refusal("No."),
                        .toolCall(ToolCall(id: "a", name: "read", namespace: "fs", arguments: "{\"p\": 1}")),
                        .toolCall(ToolCall(id: "b", name: "patch", kind: .custom, arguments: "*** ")),
                    ]
                ),
                Message(
                    .tool,
                    [
                        .toolResult(ToolResult(callID: "a", "one")),
                        .toolResult(
                            ToolResult(
                                callID: "b",
                                kind: .custom,
                                content: [.text("x"), .image(Image(.base64(mediaType: "image/png", data: "BBBB")))]
                            )
                        ),
                    ]
                ),
                Message(.assistant, "Done."), Message(.user, "Go on."),
            ]
        )
    }

    @Test("what Codex replays of tools that no other provider has stays a whole history")
    func replayed() throws {
        let caller = try decodeResponses(
            #"""
            {"model":"m","input":[
            {"type":"additional_tools","role":"developer","tools":[{"type":"function","name":"f","parameters":null},
            {"type":"namespace","name":"ns","description":"d","tools":[{"type":"function","name":"a"}]}]},
            {"type":"message","role":"user","content":"hi","metadata":{"turn":"t"}},
            {"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}},
            {"type":"image_generation_call","id":"ig","status":"completed","result":"AAAA"},
            {"type":"local_shell_call","id":null,"call_id":"s","status":"completed","action":{"type":"exec","command":["ls"]}},
            {"type":"function_call_output","call_id":"s","output":"files"},
            {"type":"tool_search_call","call_id":"t","execution":"client","arguments":{"query":"q"}},
            {"type":"tool_search_output","call_id":"t","status":"completed","execution":"client",
            "tools":[{"type":"function","name":"f"},{"type":"namespace","name":"ns","tools":[{"type":"function","name":"a"},
            {"type":"function","name":"b"}]}]},
            {"type":"shell_call","call_id":"u","action":{"commands":["ls"]}},
            {"type":"shell_call_output","call_id":"u","output":[{"stdout":"x"}]},
            {"type":"mcp_call","id":"mcp_1","server_label":"wiki","name":"ask","arguments":"{}","output":"said"},
            {"type":"agent_message","author":"/root/a","recipient":"/root","content":[{"type":"input_text","text":"Ready."},
            {"type":"encrypted_content","encrypted_content":"x"}]}]}
            """#
        )
        func turn(_ call: ToolCall, _ answer: String) -> [Message] {
            let kind: ToolCall.Kind = call.kind == .toolSearch ? .toolSearch : .function
            let result = ToolResult(callID: call.id, kind: kind, content: [.text(answer)])
            return [Message(.assistant, [.toolCall(call)]), Message(.tool, [.toolResult(result)])]
        }
        let action = #"{"type":"exec","command":["ls"]}"#
        let shell = ToolCall(id: "s", name: "local_shell", kind: .localShell, arguments: action)
        let search = ToolCall(id: "t", name: "tool_search", kind: .toolSearch, arguments: #"{"query":"q"}"#)
        let found =
            #"[{"type":"function","name":"f"},{"type":"namespace","name":"ns","tools":[{"type":"function","name":"a"},"#
            + "\n" + #"{"type":"function","name":"b"}]}]"#
        let commands = ToolCall(id: "u", name: "shell", arguments: #"{"commands":["ls"]}"#)
        let ask = ToolCall(id: "mcp_1", name: "ask", namespace: "wiki", arguments: "{}")
        var expected = [Message(.user, "hi")] + turn(shell, "files") + turn(search, found)
        expected += turn(commands, #"[{"stdout":"x"}]"#) + turn(ask, "said")
        expected.append(Message(.user, [.text("Message from /root/a to /root:"), .text("Ready.")]))
        #expect(caller.request.messages == expected)
        #expect(
            caller.request.tools == [
                .function(FunctionTool(name: "f")),
                .namespace(
                    name: "ns",
                    description: "d",
                    tools: [.function(FunctionTool(name: "a")), .function(FunctionTool(name: "b"))]
                ),
            ]
        )
        #expect(
            caller.dropped == [
                "input[].metadata", "input[web_search_call]", "input[image_generation_call]",
                "input[].content[].encrypted_content",
            ]
        )
    }

    @Test("a result that comes after someone else has spoken goes back to its call")
    func late() throws {
        let read = try messages(
            #"""
            {"type":"function_call","call_id":"a","name":"f","arguments":"{}"},
            {"type":"function_call","call_id":"b","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"a","output":"one"},{"role":"user","content":"Wait."},
            {"type":"function_call_output","call_id":"b","output":"two"},
            {"type":"function_call_output","call_id":"c","output":"whose"}
            """#
        )
        let results = [ToolResult(callID: "a", "one"), ToolResult(callID: "b", "two")]
        #expect(read.map(\.role) == [.assistant, .tool, .user, .tool])
        #expect(read[1] == Message(.tool, results.map { .toolResult($0) }))
    }

    @Test("tools that are not allowed are not offered")
    func allowedTools() throws {
        let caller = try decodeResponses(
            #"{"model":"m","input":"hi","tools":[{"type":"function","name":"f"},{"type":"function","name":"g"},{"type":"custom","name":"p"},{"type":"web_search"}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"g"},{"type":"web_search"}]}}"#
        )
        #expect(caller.request.tools.map(\.name) == ["g", "web_search"])
        #expect(caller.request.toolChoice == .required)
    }

    @Test("an input is counted without a stream and without being stored")
    func inputTokens() throws {
        let caller = try decodeResponses(#"{"model":"m","input":"hi","stream":true}"#, .inputTokens)
        #expect(!caller.request.stream)
        #expect(!caller.stores)
    }

    @Test("what is wrong is told by its place", arguments: Refusal.all)
    fileprivate func refused(_ refusal: Refusal) {
        let error = #expect(throws: InferenceError.self) { try decodeResponses(refusal.body) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == refusal.field)
        #expect(error?.offset != nil)
    }

    @Test("a growing conversation means the same at its beginning")
    func stable() throws {
        let items = [
            #"{"role":"user","content":"hi"}"#, #"{"type":"reasoning","summary":[],"encrypted_content":"E"}"#,
            #"{"type":"function_call","call_id":"a","name":"f","arguments":"{}"}"#,
            #"{"type":"function_call_output","call_id":"a","output":"one"}"#,
            #"{"role":"assistant","content":"Done."}"#,
            #"{"role":"user","content":"more"}"#,
        ]
        var last: [Message] = []
        for count in [1, 4, 6] {
            let read = try messages(items.prefix(count).joined(separator: ","))
            #expect(read.starts(with: last))
            last = read
        }
    }

    @Test("damaged requests are read or refused, and nothing else")
    func damage() {
        var numbers = SeededNumbers(seed: 29)
        let body = #"""
            {"model":"m","instructions":"x","input":[{"role":"user","content":[{"type":"input_text","text":"a"},
            {"type":"input_image","image_url":"data:image/png;base64,AAAA"}]},{"type":"reasoning","summary":[{"text":"p"}]},
            {"type":"function_call","call_id":"a","namespace":"n","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"a","output":[{"type":"input_text","text":"x"}]},
            {"type":"tool_search_output","call_id":"t","tools":[{"type":"custom","name":"p"}]}],
            "tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]}],
            "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"namespace","name":"n"}]},
            "text":{"format":{"type":"json_schema","name":"s","schema":{}}},"reasoning":{"effort":"low"},"top_logprobs":3}
            """#
        for _ in 0..<1000 {
            let damaged = body.utf8.damaged(&numbers)
            do throws(InferenceError) {
                _ = try CallerRequest(damaged, endpoint: .responses)
            } catch {
                guard error.code != .invalidRequest else { continue }
                Issue.record("\(error) for \(String(decoding: damaged, as: UTF8.self))")
            }
        }
    }
}
