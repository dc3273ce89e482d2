import Inference
import JSON
import Testing

@testable import Dialects

/// The first turn of an agent that declares every kind of tool, as Codex sends it.
private let request = #"""
    {"model":"m","stream":true,"store":false,"instructions":"Work.","input":[
    {"type":"message","role":"user","content":[{"type":"input_text","text":"Fix it."}]}HISTORY],
    "tools":[{"type":"function","name":"exec_command","strict":false,"parameters":{"type":"object",
    "properties":{"cmd":{"type":"string"},"workdir":{"type":"string"}},"required":["cmd"]}},
    {"type":"custom","name":"apply_patch","description":"Patches.","format":{"type":"grammar","syntax":"lark","definition":"start: begin"}},
    {"type":"namespace","name":"mcp__fs","description":"Files.","tools":[{"type":"function","name":"read","parameters":{"type":"object"}}]},
    {"type":"namespace","name":"mcp__db","tools":[{"type":"function","name":"read","parameters":{"type":"object"}}]},
    {"type":"local_shell"},{"type":"tool_search","execution":"client","description":"Finds tools.","parameters":
    {"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}},{"type":"web_search"}],
    "tool_choice":"auto"}
    """#

private func caller(_ history: String = "", in text: String = request) throws(InferenceError) -> CallerRequest {
    let items = history.isEmpty ? "" : "," + history
    return try CallerRequest(Array(text.replacing("HISTORY", with: items).utf8), endpoint: .responses)
}

/// What Codex sends back for calls of every kind.
private let history = #"""
    {"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}],"encrypted_content":null},
    {"type":"custom_tool_call","call_id":"a","name":"apply_patch","input":"*** Begin Patch\n+\"x\"","status":"completed"},
    {"type":"function_call","namespace":"mcp__db","name":"read","call_id":"b","arguments":"{\"a\":"},
    {"type":"local_shell_call","call_id":"c","status":"completed","action":{"type":"exec","command":["ls"],"timeout_ms":null,
    "working_directory":"/x","env":{},"user":null}},
    {"type":"tool_search_call","call_id":"d","status":"completed","execution":"client","arguments":{"query":"q"}},
    {"type":"custom_tool_call_output","call_id":"a","output":"ok"},
    {"type":"function_call_output","call_id":"b","output":[{"type":"input_text","text":"row"}]},
    {"type":"local_shell_call_output","id":"c","output":"files"},
    {"type":"tool_search_output","call_id":"d","status":"completed","execution":"client","tools":[
    {"type":"function","name":"say","description":"Says.","parameters":{"type":"object"}},
    {"type":"namespace","name":"mcp__fs","tools":[{"type":"function","name":"write","parameters":{"type":"object"}}]}]}
    """#

/// An answer with these calls, as a provider of a dialect streams it.
private func upstream(_ calls: [ToolCall], _ dialect: Dialect) -> [UInt8] {
    let endpoint: Endpoint =
        switch dialect {
        case .chat: .chatCompletions
        case .responses: .responses
        case .messages: .messages
        case .ollama: .ollamaChat
        }
    let asked = CallerRequest(endpoint: endpoint, request: InferenceRequest(model: "m", messages: []))
    var encoder = AnswerContext(caller: asked, requestID: "up", model: "m", createdAt: 1).encoder()
    var writer = JSONWriter()
    var events: [InferenceEvent] = [.started(id: "u", model: "m"), .textDelta("On it.")]
    for (index, call) in calls.enumerated() {
        events.append(.toolCallStarted(index: index, ToolCall(id: call.id, name: call.name)))
        var rest = call.arguments[...]
        while !rest.isEmpty {
            events.append(.toolCallArgumentsDelta(index: index, String(rest.prefix(5))))
            rest = rest.dropFirst(5)
        }
        events.append(.toolCallFinished(index: index, call))
    }
    for event in events + [.usage(Usage(input: 3, output: 2)), .finished(.toolCalls)] {
        encoder.encode(event, into: &writer)
    }
    return writer.bytes
}

/// What the caller gets for a provider's bytes in these chunks.
private func answer(_ translation: Translation, _ chunks: [[UInt8]]) throws(InferenceError) -> [UInt8] {
    var translator = translation.answer(requestID: "q", createdAt: 1, limit: 1 << 20)
    var bytes: [UInt8] = []
    for chunk in chunks { bytes += try translator.take(chunk.span.bytes) }
    return try bytes + translator.finish()
}

private let upstreams = [Dialect.chat, .messages, .ollama]

@Suite("The tools of coding agents over every provider")
struct AgentToolsTranslationTests {
    private static let patch = "*** Begin Patch\n*** Add File: a\n+\"x\"\n*** End Patch\n"

    /// A model's calls, and the items that Codex gets, but for their ids.
    private static let calls: [(ToolCall, JSONValue)] = [
        (
            ToolCall(id: "a", name: "apply_patch", arguments: FunctionForm.arguments(of: patch)),
            ["type": "custom_tool_call", "name": "apply_patch", "input": .string(patch)]
        ),
        (
            ToolCall(id: "b", name: "mcp__db__read", arguments: #"{"id":1}"#),
            ["type": "function_call", "name": "read", "namespace": "mcp__db", "arguments": #"{"id":1}"#]
        ),
        (
            ToolCall(id: "c", name: "local_shell", arguments: #"{"command":["ls"],"workdir":"/x"}"#),
            [
                "type": "local_shell_call",
                "action": ["type": "exec", "command": ["ls"], "working_directory": "/x", "env": [:]],
            ]
        ),
        (
            ToolCall(id: "d", name: "tool_search", arguments: #"{"query":"q"}"#),
            ["type": "tool_search_call", "execution": "client", "arguments": ["query": "q"]]
        ),
        (
            ToolCall(id: "e", name: "container.exec", arguments: #"{"cmd":["bash","-lc","ls"]}"#),
            ["type": "function_call", "name": "exec_command", "arguments": #"{"cmd":"ls"}"#]
        ),
        (
            ToolCall(id: "f", name: "functions.exec_command", arguments: #"{"cmd":"pwd"}"#),
            ["type": "function_call", "name": "exec_command", "arguments": #"{"cmd":"pwd"}"#]
        ),
    ]

    @Test("come back as the client knows them, the same at every chunking", arguments: upstreams)
    func back(_ dialect: Dialect) throws {
        let translation = try Translation(caller(), to: dialect, provider: "p", model: "up")
        let bytes = upstream(Self.calls.map(\.0), dialect)
        let whole = try answer(translation, [bytes])
        let checker = ResponsesStreamChecker(whole)
        #expect(checker.faults == [])
        let items = checker.response?["output"]?.array?.dropFirst() ?? []
        #expect(items.count == Self.calls.count)
        for (call, item) in zip(Self.calls, items) {
            #expect(item["call_id"]?.string == call.0.id)
            #expect(item["status"] == "completed")
            var item = item.object ?? JSONObject()
            for name in ["id", "status", "call_id"] { item[name] = nil }
            #expect(sorted(.object(item)) == sorted(call.1))
        }
        for chunks in Chunkings.all(of: bytes, random: 4).suffix(12) + [bytes.map { [$0] }] {
            #expect(try answer(translation, chunks) == whole)
        }
    }

    @Test("a body that is no stream holds the same calls", arguments: upstreams)
    func body(_ dialect: Dialect) throws {
        var asked = try caller()
        asked.request.stream = false
        let translation = try Translation(asked, to: dialect, provider: "p", model: "up")
        var translator = translation.answer(requestID: "q", createdAt: 1, limit: 1 << 20)
        translator.expect(streamed: true)
        let bytes = upstream(Self.calls.map(\.0), dialect)
        let body = try translator.take(bytes.span.bytes) + translator.finish()
        let output = try JSONValue(parsing: body)["output"]?.array ?? []
        #expect(output.map { $0["type"]?.string } == ["message"] + Self.calls.map { $0.1["type"]?.string })
    }

    @Test("go out as functions of names that no two share", arguments: upstreams)
    func out(_ dialect: Dialect) throws {
        let translation = try Translation(caller(), to: dialect, provider: "p", model: "up")
        let tools = try JSONValue(parsing: translation.wire.body)["tools"]?.array?.map { $0["function"] ?? $0 } ?? []
        #expect(
            tools.map { $0["name"]?.string } == [
                "exec_command", "apply_patch", "mcp__fs__read", "mcp__db__read", "local_shell", "tool_search",
            ]
        )
        #expect(tools[1]["description"]?.string?.contains("start: begin") == true)
        #expect(translation.dropped == ["tools[web_search]"])
    }

    @Test("are replayed as the calls that the model made, with what a search has found among the tools")
    func replay() throws {
        let translation = try Translation(caller(history), to: .chat, provider: "p", model: "up")
        let root = try JSONValue(parsing: translation.wire.body)
        let messages = root["messages"]?.array?.dropFirst(2).map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(
            messages == [
                #"{"role":"assistant","reasoning_content":"hm","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"apply_patch","arguments":"{\"input\":\"*** Begin Patch\\n+\\\"x\\\"\"}"}},{"id":"b","type":"function","function":{"name":"mcp__db__read","arguments":"{\"arguments\":\"{\\\"a\\\":\"}"}},{"id":"c","type":"function","function":{"name":"local_shell","arguments":"{\"command\":[\"ls\"],\"workdir\":\"/x\"}"}},{"id":"d","type":"function","function":{"name":"tool_search","arguments":"{\"query\":\"q\"}"}}]}"#,
                #"{"role":"tool","tool_call_id":"a","content":"ok"}"#,
                #"{"role":"tool","tool_call_id":"b","content":"row"}"#,
                #"{"role":"tool","tool_call_id":"c","content":"files"}"#,
                #"{"role":"tool","tool_call_id":"d","content":"These tools can be called now:\nsay\nmcp__fs__write"}"#,
            ]
        )
        let names = root["tools"]?.array?.compactMap { $0["function"]?["name"]?.string }
        #expect(
            names == [
                "exec_command", "apply_patch", "mcp__fs__read", "mcp__fs__write", "mcp__db__read", "local_shell",
                "tool_search", "say",
            ]
        )
        #expect(translation.dropped == ["tools[web_search]"])
    }

    @Test("a history of every kind passes and keeps its beginning to the byte", arguments: upstreams)
    func stable(_ dialect: Dialect) throws {
        let more = history + #",{"role":"assistant","content":"Done."},{"role":"user","content":"Again."}"#
        func messages(_ history: String) throws -> [String] {
            let wire = try Translation(caller(history), to: dialect, provider: "p", model: "up").wire
            return try JSONDocument(wire.body).root.list("messages").map { String(decoding: $0.raw, as: UTF8.self) }
        }
        let turns = try [messages(""), messages(history), messages(more)]
        #expect(turns[1].starts(with: turns[0]))
        #expect(turns[2].starts(with: turns[1]))
    }

    @Test("that stand in the input alone are the request's tools", arguments: upstreams)
    func lite(_ dialect: Dialect) throws {
        let body = #"""
            {"model":"m","stream":true,"input":[{"type":"additional_tools","tools":[{"type":"custom","name":"apply_patch"},
            {"type":"namespace","name":"functions","tools":[{"type":"function","name":"f"},{"type":"custom","name":"x"}]},
            {"type":"local_shell"}]},
            {"role":"user","content":"hi"}],"tool_choice":{"type":"custom","name":"apply_patch"}}
            """#
        let translation = try Translation(caller(in: body), to: dialect, provider: "p", model: "up")
        let tools = try JSONValue(parsing: translation.wire.body)["tools"]?.array?.map { $0["function"] ?? $0 } ?? []
        let names = tools.map { $0["name"]?.string }
        // Ollama can be told to call one only by being told of no other.
        #expect(names == (dialect == .ollama ? ["apply_patch"] : ["apply_patch", "f", "x", "local_shell"]))
        let call = ToolCall(id: "a", name: "x", arguments: #"{"input":"y"}"#)
        guard dialect != .ollama else { return }
        let bytes = try answer(translation, [upstream([call], dialect)])
        let item = ResponsesStreamChecker(bytes).response?["output"]?.array?.last
        #expect(item?["type"] == "custom_tool_call" && item?["namespace"] == "functions" && item?["input"] == "y")
    }

    @Test("items that no other provider can read are left out and named", arguments: upstreams)
    func strange(_ dialect: Dialect) throws {
        let items = [
            "web_search_call", "image_generation_call", "compaction", "context_compaction", "ghost_snapshot", "news",
        ]
        let strange = items.map { #"{"type":"\#($0)","encrypted_content":"x","call_id":"z"}"# }
        let lonely = #"{"type":"local_shell_call","call_id":null,"action":{"type":"exec","command":["ls"]}}"#
        let other = #"{"type":"tool_search_call","id":"ts","execution":"server","arguments":{}}"#
        let all = (strange + [lonely, other]).joined(separator: ",")
        let translation = try Translation(caller(all), to: dialect, provider: "p", model: "up")
        let named = items.map { "input[\($0)]" } + ["input[local_shell_call]", "input[tool_search_call]"]
        #expect(translation.dropped == named + ["tools[web_search]"])
        let plain = try Translation(caller(), to: dialect, provider: "p", model: "up")
        #expect(translation.wire.body == plain.wire.body)
    }

    @Test("of gpt-oss's training serve Claude Code and Chat callers as well")
    func otherCallers() throws {
        let call = ToolCall(id: "a", name: "container.exec", arguments: #"{"command":["bash","-lc","ls"]}"#)
        let schema = #"{"type":"object","properties":{"command":{"type":"string"}},"required":["command"]}"#
        let messages = try CallerRequest(
            Array(
                #"{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"Bash","input_schema":\#(schema)}]}"#
                    .utf8
            ),
            endpoint: .messages
        )
        let chat = try CallerRequest(
            Array(
                #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"bash","parameters":\#(schema)}}]}"#
                    .utf8
            ),
            endpoint: .chatCompletions
        )
        for (asked, name) in [(messages, "Bash"), (chat, "bash")] {
            let translation = try Translation(asked, to: .ollama, provider: "p", model: "up")
            let bytes = try answer(translation, [upstream([call], .ollama)])
            let events = decode([bytes], asked.endpoint.dialect).events
            #expect(
                events.contains(
                    .toolCallFinished(index: 0, ToolCall(id: "a", name: name, arguments: #"{"command":"ls"}"#))
                )
            )
        }
    }

    @Test("a call that Ollama could not read is mended, in a stream and instead of one")
    func unparsable() throws {
        let error = #"error parsing tool call: raw='{"cmd":"echo "hi" there",}', err=invalid character 'h'"#
        let line = JSONValue.object(["error": .string(error)]).bytes
        let translation = try Translation(caller(), to: .ollama, provider: "p", model: "up")
        let thinking =
            Array(#"{"model":"m","message":{"role":"assistant","content":"","thinking":"hm"}}"#.utf8) + [0x0A]
        var instead = translation.answer(requestID: "q", createdAt: 1, limit: 1 << 20)
        let isRescued = instead.rescue(errorBody: line)
        #expect(isRescued)
        let answers = try [answer(translation, [thinking, line + [0x0A]]), instead.finish()]
        #expect(instead.isComplete)
        for bytes in answers {
            let checker = ResponsesStreamChecker(bytes)
            #expect(checker.faults == [])
            let item = checker.response?["output"]?.array?.last
            #expect(item?["name"] == "exec_command")
            #expect(item?["arguments"] == #"{"cmd":"echo \"hi\" there"}"#)
        }
        var other = translation.answer(requestID: "q", createdAt: 1, limit: 1 << 20)
        let isOther = other.rescue(errorBody: Array(#"{"error":"model 'x' not found"}"#.utf8))
        #expect(!isOther)
        let hopeless = JSONValue.object(["error": "error parsing tool call: raw='x', err=y"]).bytes + [0x0A]
        let failure = #expect(throws: InferenceError.self) { try other.take(hopeless.span.bytes) }
        #expect(failure?.detail == "tool_call_unparsable")
        #expect(failure?.cause == nil)
    }
}

/// With members in the order of their names.
private func sorted(_ value: JSONValue) -> JSONValue {
    guard let object = value.object else { return value }
    return .object(JSONObject(object.members.sorted { $0.key < $1.key }.map { .init($0.key, sorted($0.value)) }))
}
