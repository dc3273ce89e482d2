import Inference
import JSON
import Testing

@testable import Dialects

/// Messages of a request, and what the hub has of them.
private struct Reading: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var messages: String
    var expected: [Message]
    var dropped: [String]

    init(_ name: String, _ messages: String, _ expected: [Message], dropped: [String] = []) {
        (testDescription, self.messages, self.expected, self.dropped) = (name, messages, expected, dropped)
    }

    static let all: [Reading] = [
        Reading(
            "strings",
            #"{"role":"user","content":"hi"},{"role":"assistant","content":"yes?"},{"role":"system","content":"Be brief."}"#,
            [Message(.user, "hi"), Message(.assistant, "yes?"), Message(.system, "Be brief.")]
        ),
        Reading(
            "images and documents by all their sources",
            #"""
            {"role":"user","content":[
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"},"cache_control":{"type":"ephemeral"}},
            {"type":"image","source":{"type":"url","url":"https://x/y.png"}},
            {"type":"image","source":{"type":"file","file_id":"file_1"}},
            {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"BBBB"},"title":"a.pdf","citations":{"enabled":true}},
            {"type":"document","source":{"type":"url","url":"https://x/y.pdf"},"context":"From the archive.","citations":{"enabled":false}},
            {"type":"document","source":{"type":"file","file_id":"file_2"}},
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"},"title":"A \"b\""},
            {"type":"document","source":{"type":"content","content":"in one"}},
            {"type":"document","source":{"type":"content","content":[{"type":"text","text":"in two"},{"type":"image","source":{"type":"url","url":"https://x/z.png"}}]}},
            {"type":"search_result","source":"https://s","title":"T","content":[{"type":"text","text":"found"}],"citations":{"enabled":true}}
            ]}
            """#,
            [
                Message(
                    .user,
                    [
                        .image(Image(.base64(mediaType: "image/png", data: "AAAA"))),
                        .image(Image(.url("https://x/y.png"))), .image(Image(.upload("file_1"))),
                        .file(File(.base64(mediaType: "application/pdf", data: "BBBB"), name: "a.pdf")),
                        .text("From the archive."), .file(File(.url("https://x/y.pdf"))),
                        .file(File(.upload("file_2"))), .text("<document title=\"A 'b'\">\nplain\n</document>"),
                        .text("<document>\nin one\n</document>"), .text("<document>"), .text("in two"),
                        .image(Image(.url("https://x/z.png"))), .text("</document>"),
                        .text("<search_result source=\"https://s\" title=\"T\">\nfound\n</search_result>"),
                    ]
                )
            ],
            dropped: ["messages[].content[].cache_control", "messages[].content[].citations"]
        ),
        Reading(
            "results and texts of one turn in their order",
            #"""
            {"role":"user","content":[
            {"type":"tool_result","tool_use_id":"a","content":"one","is_error":false},
            {"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"two"},{"type":"image","source":{"type":"url","url":"u"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"BBBB"}}],"is_error":true},
            {"type":"text","text":"and now"},
            {"type":"tool_result","tool_use_id":"c"}
            ]}
            """#,
            [
                Message(
                    .tool,
                    [
                        .toolResult(ToolResult(callID: "a", "one")),
                        .toolResult(
                            ToolResult(
                                callID: "b",
                                content: [
                                    .text("two"), .image(Image(.url("u"))),
                                    .file(File(.base64(mediaType: "application/pdf", data: "BBBB"))),
                                ],
                                isError: true
                            )
                        ),
                    ]
                ),
                Message(.user, "and now"), Message(.tool, [.toolResult(ToolResult(callID: "c", content: []))]),
            ]
        ),
        Reading(
            "thinking, calls, and what the provider's own tools did",
            #"""
            {"role":"assistant","content":[
            {"type":"thinking","thinking":"hm","signature":"SIG"},{"type":"thinking","thinking":"unsigned","signature":""},
            {"type":"redacted_thinking","data":"RED"},
            {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},
            {"type":"web_search_tool_result","tool_use_id":"s","content":[]},
            {"type":"fallback","from":{"model":"a"},"to":{"model":"b"}},
            {"type":"text","text":"Found.","citations":null},
            {"type":"tool_use","id":"t","name":"read","input":{"p": 1},"caller":{"type":"direct"}},
            {"type":"tool_use","id":"u","name":"list","input":{}}
            ]},
            {"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{}}]},
            {"role":"assistant","content":""}
            """#,
            [
                Message(
                    .assistant,
                    [
                        .reasoning(Reasoning(text: "hm", signature: "SIG")), .reasoning(Reasoning(text: "unsigned")),
                        .reasoning(Reasoning(encrypted: "RED")), .text("Found."),
                        .toolCall(ToolCall(id: "t", name: "read", arguments: #"{"p": 1}"#)),
                        .toolCall(ToolCall(id: "u", name: "list", arguments: "{}")),
                    ]
                )
            ],
            dropped: ["messages[].content[].server_tool_use", "messages[].content[].web_search_tool_result"]
        ),
        Reading(
            "an instruction that holds for one turn is gone behind it",
            #"""
            {"role":"user","content":"a"},{"role":"system","content":"now","clear_at":"next_user_message"},
            {"role":"assistant","content":"b"},{"role":"user","content":"c"},
            {"role":"system","content":[{"type":"text","text":"then"}],"clear_at":"next_user_message","output_config":{"effort":"low"}}
            """#,
            [Message(.user, "a"), Message(.assistant, "b"), Message(.user, "c"), Message(.system, "then")],
            dropped: ["messages[].output_config"]
        ),
        Reading(
            "a summary in place of earlier turns",
            #"{"role":"user","content":[{"type":"compaction","content":"So far.","signature":"x"},{"type":"compaction","content":null}]}"#,
            [Message(.user, "So far.")]
        ),
    ]
}

/// A body that has to be refused, the field at fault and the word for it.
private struct Refusal: Sendable, CustomTestStringConvertible {
    var messages = #"{"role":"user","content":"hi"}"#
    var members = ""
    var field: String
    var detail: String
    var testDescription: String { "\(field) \(detail)" }

    static let all: [Refusal] = [
        Refusal(messages: #"{"role":"user","content":5}"#, field: "messages[0].content", detail: "wrong_type"),
        Refusal(messages: #"{"role":"user"}"#, field: "messages[0].content", detail: "missing_member"),
        Refusal(messages: #"{"role":"tool","content":"x"}"#, field: "messages[0].role", detail: "unknown_value"),
        Refusal(messages: "7", field: "messages[0]", detail: "wrong_type"),
        Refusal(
            messages: #"{"role":"user","content":[{"type":"container_upload","file_id":"f"}]}"#,
            field: "messages[0].content[0]",
            detail: "unsupported_by_provider"
        ),
        Refusal(
            messages: #"{"role":"user","content":[{"type":"image","source":{"type":"moon"}}]}"#,
            field: "messages[0].content[0].source.type",
            detail: "unknown_value"
        ),
        Refusal(
            messages: #"{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":"x"}]}"#,
            field: "messages[0].content[0].input",
            detail: "wrong_type"
        ),
        Refusal(members: #","system":[{"type":"image"}]"#, field: "system[0].type", detail: "unknown_value"),
        Refusal(members: #","tools":{}"#, field: "tools", detail: "wrong_type"),
        Refusal(members: #","tools":[{"name":"f"}]"#, field: "tools[0].input_schema", detail: "missing_member"),
        Refusal(members: #","tool_choice":{"type":"some"}"#, field: "tool_choice.type", detail: "unknown_value"),
        Refusal(members: #","stop_sequences":["a",1]"#, field: "stop_sequences[1]", detail: "wrong_type"),
        Refusal(members: #","temperature":"hot""#, field: "temperature", detail: "wrong_type"),
        Refusal(members: #","thinking":{"type":"enabled"}"#, field: "thinking.budget_tokens", detail: "missing_member"),
        Refusal(members: #","output_config":{"effort":"all"}"#, field: "output_config.effort", detail: "unknown_value"),
        Refusal(members: #","output_format":{"type":"xml"}"#, field: "output_format.type", detail: "unknown_value"),
        Refusal(members: #","stream":"yes""#, field: "stream", detail: "wrong_type"),
    ]
}

@Suite("Reading Messages requests")
struct MessagesDecodeTests {
    @Test("messages are read as what they mean", arguments: Reading.all)
    fileprivate func messages(_ reading: Reading) throws {
        let caller = try MessagesWire.decode(messages: reading.messages)
        #expect(caller.request.messages == reading.expected)
        #expect(caller.dropped == reading.dropped)
    }

    @Test("what is wrong is told with its field, its place and a word", arguments: Refusal.all)
    fileprivate func refused(_ refusal: Refusal) {
        let error = #expect(throws: InferenceError.self) {
            try MessagesWire.decode(messages: refusal.messages, members: refusal.members)
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == refusal.field)
        #expect(error?.detail == refusal.detail)
        #expect(error?.offset != nil)
    }

    @Test("max_tokens has to be there to answer, not to count")
    func maxTokens() throws {
        let body = #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#
        let error = #expect(throws: InferenceError.self) { try MessagesWire.decode(body) }
        #expect(error?.field == "max_tokens")
        let caller = try MessagesWire.decode(body, endpoint: .countTokens)
        #expect(caller.endpoint == .countTokens)
        #expect(caller.request.stream == false)
    }

    @Test("tools, their choice and all settings are read")
    func settings() throws {
        let caller = try MessagesWire.decode(
            members: #"""
                ,"system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}],
                "tools":[{"name":"f","description":"F.","input_schema":{"type":"object"},"strict":true,"cache_control":{"type":"ephemeral"}},
                {"type":"custom","name":"g","input_schema":{"type":"object"},"input_examples":[{}]},
                {"type":"web_search_20250305","name":"web_search","max_uses":8}],
                "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"stream":true,
                "stop_sequences":["X"],"temperature":0.5,"top_p":0.9,"top_k":40,"metadata":{"user_id":"u"},"future":1
                """#
        )
        let request = caller.request
        #expect(request.messages.first == Message(.system, [.text("a"), .text("b")]))
        #expect(
            request.tools == [
                .function(
                    FunctionTool(name: "f", description: "F.", parameters: ["type": "object"], strict: true)
                ), .function(FunctionTool(name: "g", parameters: ["type": "object"])),
                .hosted(type: "web_search_20250305", ["name": "web_search", "max_uses": 8]),
            ]
        )
        #expect(request.toolChoice == .tool("f"))
        #expect(request.allowsParallelToolCalls == false)
        #expect(
            request.sampling == Sampling(temperature: 0.5, topP: 0.9, maxOutputTokens: 100, stop: ["X"], topK: 40)
        )
        #expect(request.stream)
        #expect(request.rest == ["metadata": ["user_id": "u"], "future": 1])
        #expect(caller.dropped == ["system[].cache_control", "tools[].cache_control", "tools[].input_examples"])
    }

    @Test("a forced tool that the provider would have to run is refused by name", arguments: [Dialect.chat, .ollama])
    func hostedChoice(_ dialect: Dialect) throws {
        let caller = try MessagesWire.decode(
            members: #"""
                ,"tools":[{"type":"web_search_20250305","name":"web_search"},{"name":"f","input_schema":{"type":"object"}}],
                "tool_choice":{"type":"tool","name":"web_search"}
                """#
        )
        let error = #expect(throws: InferenceError.self) { try MessagesWire.translate(caller, to: dialect) }
        #expect(error?.field == "tool_choice")
    }

    @Test(
        "thinking and effort come together",
        arguments: [
            ("", nil, []),
            (#","output_config":{"effort":"xhigh"}"#, ReasoningOptions(effort: .xhigh), []),
            (#","thinking":{"type":"adaptive"}"#, ReasoningOptions(summary: "auto"), []),
            (
                #","thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"low"}"#,
                ReasoningOptions(effort: .low), ["thinking.display"]
            ),
            (
                #","thinking":{"type":"enabled","budget_tokens":2048}"#,
                ReasoningOptions(effort: .low, summary: "auto", budget: 2048), []
            ),
            (
                #","thinking":{"type":"enabled","budget_tokens":31999,"display":"summarized"}"#,
                ReasoningOptions(effort: .high, summary: "auto", budget: 31999), []
            ),
            (
                #","thinking":{"type":"disabled"},"output_config":{"effort":"high","task_budget":{"total":1}}"#,
                ReasoningOptions(effort: ReasoningOptions.Effort.none),
                ["output_config.effort", "output_config.task_budget"]
            ),
        ] as [(String, ReasoningOptions?, [String])]
    )
    func reasoning(_ members: String, _ expected: ReasoningOptions?, _ dropped: [String]) throws {
        let caller = try MessagesWire.decode(members: members)
        #expect(caller.request.reasoning == expected)
        #expect(caller.dropped == dropped)
    }

    @Test("a schema is read from both places", arguments: ["output_format", "output_config"])
    func schema(_ member: String) throws {
        let format = #"{"type":"json_schema","schema":{"type":"object"}}"#
        let value = member == "output_config" ? #"{"format":\#(format)}"# : format
        let caller = try MessagesWire.decode(members: #","\#(member)":\#(value)"#)
        let schema = OutputSchema(name: "answer", schema: ["type": "object"], strict: true)
        #expect(caller.request.outputFormat == .schema(schema))
    }

    @Test("a deferred tool is offered once the conversation has loaded it, and no longer once it is withdrawn")
    func deferred() throws {
        let tools = #"""
            ,"tools":[{"name":"a","input_schema":{"type":"object"}},
            {"name":"b","input_schema":{"type":"object"},"defer_loading":true},
            {"name":"c","input_schema":{"type":"object"},"defer_loading":true},
            {"name":"never","input_schema":{"type":"object"},"defer_loading":true}]
            """#
        let turns = #"""
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":[{"type":"tool_reference","tool_name":"b"}]}]},
            {"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_reference","name":"c"}},
            {"type":"tool_addition","tool":{"type":"tool_definition","definition":{"name":"d","input_schema":{"type":"object"}}}},
            {"type":"tool_removal","tool":{"type":"tool_reference","name":"a"}}]}
            """#
        let caller = try MessagesWire.decode(messages: turns, members: tools)
        #expect(caller.request.tools.map(\.name) == ["b", "c", "d"])
        #expect(caller.dropped == ["tools[].defer_loading"])
        let said = caller.request.messages.flatMap(\.content)
        #expect(said.last == .text("The tool a can no longer be called."))
        guard case .toolResult(let result) = said.first else { return #expect(Bool(false), "no result") }
        #expect(result.content == [.text("The tool b is loaded and can be called now.")])
    }

    @Test("deferred tools are all offered where the provider's own search, which is left out, would find them")
    func hostedSearch() throws {
        let caller = try MessagesWire.decode(
            members: #"""
                ,"tools":[{"type":"tool_search_tool_regex_20251119","name":"tool_search_tool_regex"},
                {"name":"b","input_schema":{"type":"object"},"defer_loading":true}]
                """#
        )
        let translation = try Translation(caller, to: .chat, provider: "p", model: "m")
        #expect(translation.dropped == ["tools[tool_search_tool_regex_20251119]"])
        #expect(String(decoding: translation.wire.body, as: UTF8.self).contains(#""name":"b""#))
    }

    @Test("damaged bodies never crash, and a refusal names what is wrong")
    func damage() {
        var numbers = SeededNumbers(seed: 5)
        let body = ClaudeCodeRequest.body(turns: 3).utf8
        for round in 0..<400 {
            // A short beginning gets more hits than a long tail of tools would.
            let bytes = round % 2 == 0 ? body.damaged(&numbers) : Array(body.prefix(6000)).damaged(&numbers)
            do throws(InferenceError) {
                _ = try CallerRequest(bytes, endpoint: .messages)
            } catch {
                #expect(error.code == .invalidRequest)
                #expect(!error.message.isEmpty)
            }
        }
    }
}
