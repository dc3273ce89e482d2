import Inference
import JSON
import Testing

@testable import Dialects

/// One call of a model and what the caller gets.
private struct CallCase: Sendable, CustomTestStringConvertible {
    var name: String
    var arguments: String
    var expected: ToolCall
    var testDescription: String { "\(name)(\(arguments))" }

    init(_ name: String, _ arguments: String, _ expected: ToolCall) {
        (self.name, self.arguments, self.expected) = (name, arguments, expected)
    }

    static let tools = [
        AgentTools.execCommand, AgentTools.patch, AgentTools.files, AgentTools.localShell, AgentTools.search,
    ]

    static let all: [CallCase] = [
        CallCase(
            "exec_command",
            #"{"cmd": "ls"}"#,
            ToolCall(id: "a", name: "exec_command", arguments: #"{"cmd": "ls"}"#)
        ),
        CallCase(
            "exec_command",
            #"{'cmd': 'ls',}"#,
            ToolCall(id: "a", name: "exec_command", arguments: #"{"cmd": "ls"}"#)
        ),
        CallCase("exec_command", "ls", ToolCall(id: "a", name: "exec_command", arguments: #"{"cmd":"ls"}"#)),
        CallCase("exec_command", "", ToolCall(id: "a", name: "exec_command", arguments: "{}")),
        CallCase("exec_command", "{\"cmd\":\"a\n", ToolCall(id: "a", name: "exec_command", arguments: #"{"cmd":"a\n"#)),
        CallCase(
            "mcp__fs__read_file",
            #"  {"path":"x" "#,
            ToolCall(id: "a", name: "read_file", namespace: "mcp__fs", arguments: #"  {"path":"x" }"#)
        ),
        CallCase(
            "apply_patch",
            #"{"input":"*** Begin Patch\n*** End Patch\n"}"#,
            ToolCall(id: "a", name: "apply_patch", kind: .custom, arguments: "*** Begin Patch\n*** End Patch\n")
        ),
        CallCase(
            "local_shell",
            #"{"command":["ls"],"workdir":"/x","timeout_ms":9,"env":{"A":"b"}}"#,
            ToolCall(
                id: "a",
                name: "local_shell",
                kind: .localShell,
                arguments:
                    #"{"type":"exec","command":["ls"],"timeout_ms":9,"working_directory":"/x","env":{"A":"b"}}"#
            )
        ),
        CallCase(
            "local_shell",
            #"{"workdir":"/x"}"#,
            ToolCall(
                id: "a",
                name: "local_shell",
                kind: .localShell,
                arguments: #"{"type":"exec","command":[],"env":{}}"#
            )
        ),
        CallCase(
            "tool_search",
            #"{"query":"calendar",}"#,
            ToolCall(id: "a", name: "tool_search", kind: .toolSearch, arguments: #"{"query":"calendar"}"#)
        ),
        CallCase(
            "tool_search",
            "calendar",
            ToolCall(id: "a", name: "tool_search", kind: .toolSearch, arguments: #"{"query":"calendar"}"#)
        ),
    ]
}

@Suite("Calls on their way back to the caller")
struct ToolUnfoldingTests {
    @Test("a call is the same at every cut, and what was told of it is what it is", arguments: CallCase.all)
    fileprivate func cut(_ one: CallCase) throws {
        for pieces in cuts(one.arguments) {
            let result = try unfolded(one.name, pieces, CallCase.tools)
            #expect(result.call == one.expected)
            #expect(result.told == one.expected.arguments)
        }
    }

    @Test("what a limit has cut off is not completed", arguments: [StopReason.maxOutputTokens, .contentFilter])
    func limit(_ reason: StopReason) throws {
        for (name, arguments, told) in [
            ("exec_command", #"{"cmd":"rm -rf /tmp/x""#, #"{"cmd":"rm -rf /tmp/x"#),
            ("exec_command", "rm -rf /tmp/x", "rm -rf /tmp/x"),
        ] {
            let call = try unfolded(name, [arguments], CallCase.tools, ending: reason).call
            #expect(call?.arguments == told)
        }
        for name in ["local_shell", "tool_search", "container.exec"] {
            #expect(try unfolded(name, [#"{"command":["ls""#], CallCase.tools, ending: reason).call == nil)
            #expect(try unfolded(name, [#"{"command":["ls"]}"#], CallCase.tools, ending: reason).call != nil)
        }
    }

    @Test("a call that others follow was not cut off, and ids that are missing are made")
    func several() throws {
        var request = InferenceRequest(model: "m", messages: [], tools: CallCase.tools)
        var dropped: [String] = []
        var unfolding = try ToolFolding(folding: &request, for: .chat, &dropped).unfolding(requestID: "q")
        let calls = [
            ToolCall(id: "", name: "container.exec", arguments: #"{"cmd":"ls"}"#),
            ToolCall(id: "", name: "exec_command", arguments: #"{"cmd":"ls""#),
            ToolCall(id: "x", name: "strange", arguments: "{}"),
        ]
        var events: [InferenceEvent] = []
        for (index, call) in calls.enumerated() {
            var bare = call
            bare.arguments = ""
            events += unfolding.unfold([
                .toolCallStarted(index: index, bare), .toolCallArgumentsDelta(index: index, call.arguments),
            ])
        }
        for (index, call) in calls.enumerated() {
            events += unfolding.unfold([.toolCallFinished(index: index, call)])
        }
        events += unfolding.unfold([.textDelta("more"), .finished(.maxOutputTokens)])
        var answer = InferenceAnswer()
        for event in events { answer.apply(event) }
        // Those behind one that is told when it is whole have waited.
        #expect(
            answer.toolCalls == [
                ToolCall(id: "call_q_0", name: "exec_command", arguments: #"{"cmd":"ls"}"#),
                ToolCall(id: "call_q_1", name: "exec_command", arguments: #"{"cmd":"ls"}"#),
                ToolCall(id: "x", name: "strange", arguments: "{}"),
            ]
        )
    }

    @Test("custom calls of a provider that knows them pass as they are")
    func passing() throws {
        var request = InferenceRequest(model: "m", messages: [], tools: [AgentTools.patch])
        var dropped: [String] = []
        var unfolding = try ToolFolding(folding: &request, for: .responses, &dropped).unfolding(requestID: "q")
        let call = ToolCall(id: "a", name: "apply_patch", kind: .custom, arguments: "{x")
        let events: [InferenceEvent] = [
            .toolCallStarted(index: 0, ToolCall(id: "a", name: "apply_patch", kind: .custom)),
            .toolCallArgumentsDelta(index: 0, "{x"), .toolCallFinished(index: 0, call), .finished(.toolCalls),
        ]
        #expect(unfolding.unfold(events) == events)
    }

    @Test(
        "arguments that Ollama could not read become a call of the tool that they fit",
        arguments: [
            (#"{"cmd":"ls","workdir":"/x""#, "ls"), (#"{"cmd":"echo "hi" there"}"#, #"echo "hi" there"#),
            (#"{"cmd":["bash","-lc","ls",]}"#, "ls"), (#"{"command":["bash","-lc","ls"],}"#, "ls"),
            (#"{'query':'x'}"#, "grep -rnIE --exclude-dir=.git -e x -- . | head -n 50"),
        ]
    )
    func unparsable(_ raw: String, _ command: String) throws {
        var unfolding = try Self.ollama([AgentTools.execCommand, AgentTools.files])
        var answer = InferenceAnswer()
        for event in unfolding.unfold(try #require(unfolding.rescue(raw))) { answer.apply(event) }
        #expect(answer.toolCalls.map(\.name) == ["exec_command"])
        #expect(try JSONDocument(answer.toolCalls[0].arguments).root["cmd"]?.string == command)
        #expect(answer.stopReason == .toolCalls)
    }

    @Test(
        "arguments that fit no tool, or several, or lack their end become none",
        arguments: [#"{"x":1}"#, #"{"cmd":"rm -rf /tmp/x"#, "text", #"{"text":"x"}"#, "{}"]
    )
    func unfit(_ raw: String) throws {
        let tools = [AgentTools.execCommand, AgentTools.function("say", [("text", "string")])]
        #expect(try Self.ollama(tools + [AgentTools.function("tell", [("text", "string")])]).rescue(raw) == nil)
        #expect(try Self.ollama([]).rescue(raw) == nil)
    }

    private static func ollama(_ tools: [Tool]) throws -> ToolUnfolding {
        var request = InferenceRequest(model: "m", messages: [], tools: tools)
        var dropped: [String] = []
        return try ToolFolding(folding: &request, for: .ollama, &dropped).unfolding(requestID: "q")
    }

    @Test(
        "Ollama's complaint tells the arguments as they were",
        arguments: ["{}", "it's', err=x", "a\nb  c", "", #"{"a":"'"}"#]
    )
    func complaint(_ raw: String) {
        let error = "error parsing tool call: raw='\(raw)', err=invalid character 'x'"
        #expect(UnparsableCall.arguments(in: error) == raw)
        let body = JSONValue.object(["error": .string(error)]).bytes
        #expect(UnparsableCall.arguments(inBody: body) == raw)
        #expect(UnparsableCall.arguments(in: raw) == nil)
    }
}
