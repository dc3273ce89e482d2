import Inference
import JSON
import Testing

@testable import Dialects

/// A conversation with everything that all four dialects can carry.
private let everything = InferenceRequest(
    model: "m",
    messages: [
        Message(.system, "Be brief."),
        Message(.user, [.text("Look:"), .image(Image(.base64(mediaType: "image/png", data: "AAAA"), detail: "low"))]),
        Message(
            .assistant,
            [
                .reasoning(Reasoning(text: "hm", signature: "SIG")), .text("Reading."),
                .toolCall(ToolCall(id: "a", name: "read", arguments: #"{"p": 1}"#)),
                .toolCall(ToolCall(id: "b", name: "list", arguments: "{broken")),
            ]
        ),
        Message(
            .tool,
            [
                .toolResult(ToolResult(callID: "a", "one")),
                .toolResult(ToolResult(callID: "b", content: [.text("x"), .text("y")], isError: true)),
            ]
        ),
        Message(.user, "Go on \u{1F44B}\n\"now\""),
    ],
    tools: [
        .function(FunctionTool(name: "read", description: "Reads.", parameters: ["type": "object"], strict: true)),
        .function(FunctionTool(name: "list")),
    ],
    toolChoice: .auto,
    allowsParallelToolCalls: true,
    sampling: Sampling(temperature: 0.5, topP: 1, maxOutputTokens: 4096, seed: 7),
    reasoning: ReasoningOptions(effort: .high, summary: "auto"),
    serving: ServingOptions(contextLength: 65536, keepAlive: "30m"),
    stream: true,
    rest: ["future": ["x": 1]]
)

private func text(_ request: InferenceRequest, _ dialect: Dialect) throws(InferenceError) -> String {
    String(decoding: try WireRequest(request, dialect: dialect).body, as: UTF8.self)
}

/// A change to a request that a dialect has no words for, and the field that it names.
private struct Unsayable: Sendable, CustomTestStringConvertible {
    var dialect: Dialect
    var field: String
    var change: @Sendable (inout InferenceRequest) -> Void

    init(_ dialect: Dialect, _ field: String, _ change: @escaping @Sendable (inout InferenceRequest) -> Void) {
        (self.dialect, self.field, self.change) = (dialect, field, change)
    }

    var testDescription: String { "\(dialect.rawValue) \(field)" }

    static let all: [Unsayable] = [
        Unsayable(.responses, "stop") { $0.sampling.stop = ["END"] },
        Unsayable(.ollama, "tool_choice") { $0.toolChoice = .tool("unheard_of") },
        Unsayable(.ollama, "messages") { $0.messages = [Message(.user, [.image(Image(.url("https://x/y.png")))])] },
        Unsayable(.messages, "response_format") { $0.outputFormat = .json },
        Unsayable(.messages, "top_logprobs") { $0.topLogprobs = 3 },
        Unsayable(.messages, "tools") { $0.tools = [.custom(CustomTool(name: "patch"))] },
        Unsayable(.chat, "tools") { $0.tools = [.namespace(name: "fs", description: nil, tools: [])] },
        Unsayable(.chat, "tools") { $0.tools = [.hosted(type: "web_search", [:])] },
        Unsayable(.chat, "messages") { $0.messages = [Message(.tool, "text")] },
        Unsayable(.responses, "input") { $0.messages = [Message(.tool, "text")] },
    ]
}

@Suite("Encoding requests")
struct EncodingTests {
    private static let golden: [(Dialect, String, [String], String)] = [
        (
            .chat, "/chat/completions",
            ["num_ctx", "keep_alive", "reasoning.summary", "messages[].content[].is_error"],
            #"{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}]},{"role":"assistant","reasoning_content":"hm","content":"Reading.","tool_calls":[{"id":"a","type":"function","function":{"name":"read","arguments":"{\"p\": 1}"}},{"id":"b","type":"function","function":{"name":"list","arguments":"{\"arguments\":\"{broken\"}"}}]},{"role":"tool","tool_call_id":"a","content":"one"},{"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]},{"role":"user","content":"Go on 👋\n\"now\""}],"tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type":"object"},"strict":true}},{"type":"function","function":{"name":"list","parameters":{"type":"object","properties":{}}}}],"tool_choice":"auto","parallel_tool_calls":true,"temperature":0.5,"top_p":1.0,"max_tokens":4096,"seed":7,"reasoning_effort":"high","stream":true,"stream_options":{"include_usage":true},"future":{"x":1}}"#
        ),
        (
            .responses, "/responses", ["seed", "num_ctx", "keep_alive", "messages[].content[].is_error"],
            #"{"model":"m","input":[{"type":"message","role":"system","content":[{"type":"input_text","text":"Be brief."}]},{"type":"message","role":"user","content":[{"type":"input_text","text":"Look:"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"}]},{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Reading."}]},{"type":"function_call","call_id":"a","name":"read","arguments":"{\"p\": 1}"},{"type":"function_call","call_id":"b","name":"list","arguments":"{broken"},{"type":"function_call_output","call_id":"a","output":"one"},{"type":"function_call_output","call_id":"b","output":[{"type":"input_text","text":"x"},{"type":"input_text","text":"y"}]},{"type":"message","role":"user","content":[{"type":"input_text","text":"Go on 👋\n\"now\""}]}],"tools":[{"type":"function","name":"read","description":"Reads.","parameters":{"type":"object"},"strict":true},{"type":"function","name":"list","parameters":{"type":"object","properties":{}}}],"tool_choice":"auto","parallel_tool_calls":true,"temperature":0.5,"top_p":1.0,"max_output_tokens":4096,"reasoning":{"effort":"high","summary":"auto"},"include":["reasoning.encrypted_content"],"store":false,"stream":true,"future":{"x":1}}"#
        ),
        (
            .messages, "/messages",
            ["seed", "num_ctx", "keep_alive", "messages[].content[].detail", "reasoning.summary", "temperature"],
            #"{"model":"m","system":[{"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"SIG"},{"type":"text","text":"Reading."},{"type":"tool_use","id":"a","name":"read","input":{"p": 1}},{"type":"tool_use","id":"b","name":"list","input":{"arguments":"{broken"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"one"}]},{"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}],"is_error":true},{"type":"text","text":"Go on 👋\n\"now\""}]}],"tools":[{"name":"read","description":"Reads.","input_schema":{"type":"object"},"strict":true},{"name":"list","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":false},"max_tokens":4096,"top_p":1.0,"thinking":{"type":"enabled","budget_tokens":3072},"stream":true,"future":{"x":1}}"#
        ),
        (
            .ollama, "/api/chat",
            ["parallel_tool_calls", "reasoning.summary", "tools[].strict", "detail", "messages[].content[].is_error"],
            #"{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Look:","images":["AAAA"]},{"role":"assistant","content":"Reading.","thinking":"hm","tool_calls":[{"id":"a","function":{"name":"read","arguments":{"p": 1}}},{"id":"b","function":{"name":"list","arguments":{"arguments":"{broken"}}}]},{"role":"tool","content":"one","tool_name":"read","tool_call_id":"a"},{"role":"tool","content":"x\ny","tool_name":"list","tool_call_id":"b"},{"role":"user","content":"Go on 👋\n\"now\""}],"tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type":"object"}}},{"type":"function","function":{"name":"list","parameters":{"type":"object","properties":{}}}}],"options":{"num_ctx":65536,"num_predict":4096,"temperature":0.5,"top_p":1.0,"seed":7},"think":"high","keep_alive":"30m","truncate":false,"shift":false,"stream":true,"future":{"x":1}}"#
        ),
    ]

    @Test("a request has these very bytes", arguments: 0..<golden.count)
    func bytes(_ row: Int) throws {
        let (dialect, route, dropped, expected) = Self.golden[row]
        let wire = try WireRequest(everything, dialect: dialect)
        #expect(String(decoding: wire.body, as: UTF8.self) == expected)
        #expect(wire.route == route)
        #expect(wire.dropped == dropped)
        #expect(throws: Never.self) { try JSONIndex(scanning: wire.body) }
    }

    @Test("a growing conversation keeps its beginning byte for byte", arguments: Dialect.allCases)
    func stable(_ dialect: Dialect) throws {
        let member = dialect == .responses ? "input" : "messages"
        var last: [String] = []
        for count in 2...everything.messages.count {
            var request = everything
            request.messages = Array(everything.messages.prefix(count))
            let body = try WireRequest(request, dialect: dialect).body
            let items =
                try JSONDocument(body).root[member]?.elements.map { String(decoding: $0.raw, as: UTF8.self) } ?? []
            // Neighbours of one side are joined for Messages, so that the last turn may still grow.
            let settled = dialect == .messages ? Array(last.dropLast()) : last
            #expect(items.starts(with: settled))
            last = items
        }
    }

    @Test(
        "what a dialect cannot say is refused by name, never left out",
        arguments: Unsayable.all
    )
    fileprivate func refused(_ unsayable: Unsayable) {
        var request = InferenceRequest(model: "m", messages: [Message(.user, "hi")])
        unsayable.change(&request)
        let error = #expect(throws: InferenceError.self) {
            try WireRequest(request, dialect: unsayable.dialect)
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == unsayable.field)
    }

    @Test("Responses carries custom and namespaced tools, and their calls, as they are")
    func responsesTools() throws {
        let function = FunctionTool(name: "read", parameters: ["type": "object"])
        let request = InferenceRequest(
            model: "m",
            messages: [
                Message(
                    .assistant,
                    [
                        .toolCall(ToolCall(id: "a", name: "read", namespace: "fs", arguments: "{}")),
                        .toolCall(ToolCall(id: "b", name: "patch", kind: .custom, arguments: "***")),
                    ]
                ),
                Message(.tool, [.toolResult(ToolResult(callID: "b", kind: .custom, content: [.text("ok")]))]),
            ],
            tools: [
                .namespace(name: "fs", description: "Files.", tools: [.function(function)]),
                .custom(CustomTool(name: "patch", format: ["type": "text"])), .hosted(type: "web_search", ["a": 1]),
            ],
            toolChoice: .tool("patch", kind: .custom),
            outputFormat: .schema(OutputSchema(name: "s", schema: ["type": "object"], strict: true)),
            stream: false,
            rest: ["store": true, "text": ["verbosity": "low"]]
        )
        #expect(
            try text(request, .responses)
                == #"{"model":"m","input":[{"type":"function_call","call_id":"a","namespace":"fs","name":"read","arguments":"{}"},{"type":"custom_tool_call","call_id":"b","name":"patch","input":"***"},{"type":"custom_tool_call_output","call_id":"b","output":"ok"}],"tools":[{"type":"namespace","name":"fs","description":"Files.","tools":[{"type":"function","name":"read","parameters":{"type":"object"}}]},{"type":"custom","name":"patch","format":{"type":"text"}},{"type":"web_search","a":1}],"tool_choice":{"type":"custom","name":"patch"},"text":{"format":{"type":"json_schema","name":"s","schema":{"type":"object"},"strict":true},"verbosity":"low"},"stream":false,"store":true}"#
        )
    }

    @Test("Ollama's own options come out as it wants them")
    func ollamaOptions() throws {
        var request = InferenceRequest(model: "m", messages: [Message(.developer, "x")], stream: false)
        request.serving.keepAlive = "-1"
        request.reasoning = ReasoningOptions(effort: ReasoningOptions.Effort.none)
        request.outputFormat = .schema(OutputSchema(name: "s", schema: ["type": "object"]))
        request.tools = [.function(FunctionTool(name: "f"))]
        request.toolChoice = ToolChoice.none
        request.rest = ["options": ["num_gpu": 1], "truncate": true]
        #expect(
            try text(request, .ollama)
                == #"{"model":"m","messages":[{"role":"system","content":"x"}],"format":{"type":"object"},"options":{"num_gpu":1},"think":false,"keep_alive":-1,"truncate":true,"shift":false,"stream":false}"#
        )
        #expect(try text(InferenceRequest(model: "m", messages: []), .ollama).contains("options") == false)
    }

    @Test("without tools nothing is said about choosing or calling them", arguments: Dialect.allCases)
    func noTools(_ dialect: Dialect) throws {
        var request = InferenceRequest(model: "m", messages: [Message(.user, "hi")], toolChoice: .auto)
        request.allowsParallelToolCalls = false
        #expect(try !text(request, dialect).contains("tool"))
    }
}
