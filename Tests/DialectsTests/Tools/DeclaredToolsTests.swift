import Inference
import JSON
import Testing

@testable import Dialects

/// Tools as agents declare them.
enum AgentTools {
    /// A function whose parameters are these, by name and type, the first of them required.
    static func function(_ name: String, _ parameters: [(String, JSONValue)]) -> Tool {
        let properties = JSONObject(parameters.map { JSONObject.Member($0.0, ["type": $0.1]) })
        let required = parameters.prefix(1).map { JSONValue.string($0.0) }
        return .function(
            FunctionTool(
                name: name,
                parameters: ["type": "object", "properties": .object(properties), "required": .array(required)]
            )
        )
    }

    static let shell = function("shell", [("command", "array"), ("workdir", "string"), ("timeout_ms", "number")])
    static let shellCommand = function("shell_command", [("command", "string"), ("workdir", "string")])
    static let execCommand = function("exec_command", [("cmd", "string"), ("workdir", "string"), ("tty", "boolean")])
    /// Claude Code's.
    static let bash = function("Bash", [("command", "string"), ("timeout", "number"), ("description", "string")])
    static let localShell = Tool.hosted(type: "local_shell", [:])
    static let patch = Tool.custom(CustomTool(name: "apply_patch", format: ["syntax": "lark", "definition": "g"]))
    static let files = Tool.namespace(
        name: "mcp__fs",
        description: nil,
        tools: [.function(FunctionTool(name: "read_file")), .function(FunctionTool(name: "list"))]
    )
    static let search = Tool.hosted(type: "tool_search", ["execution": "client", "description": "Finds tools."])
}

/// What a caller with these tools gets for one call of a model, its arguments in these pieces.
func unfolded(
    _ name: String,
    _ pieces: [String],
    _ tools: [Tool],
    ending: StopReason = .toolCalls
) throws(InferenceError) -> (call: ToolCall?, told: String) {
    var request = InferenceRequest(model: "m", messages: [], tools: tools)
    var dropped: [String] = []
    var unfolding = try ToolFolding(folding: &request, for: .chat, &dropped).unfolding(requestID: "q")
    var events: [InferenceEvent] = [.toolCallStarted(index: 0, ToolCall(id: "a", name: name))]
    events += pieces.map { .toolCallArgumentsDelta(index: 0, $0) }
    let whole = ToolCall(id: "a", name: name, arguments: pieces.joined())
    events += [.toolCallFinished(index: 0, whole), .usage(Usage(input: 1, output: 1)), .finished(ending)]
    var (answer, told) = (InferenceAnswer(), "")
    for event in events.flatMap({ unfolding.unfold([$0]) }) {
        if case .toolCallArgumentsDelta(_, let piece) = event { told += piece }
        answer.apply(event)
    }
    return (answer.toolCalls.first, told)
}

@Suite("What a model's names for tools mean")
struct DeclaredToolsTests {
    @Test(
        "a name that is nearly a declared one is that one",
        arguments: [
            ("shell", "shell"), ("functions.shell", "shell"), ("functions.apply_patch", "apply_patch"),
            ("Shell", "shell"), ("Apply-Patch", "apply_patch"), ("repo_browser.apply_patch", "apply_patch"),
            ("shell<|channel|>commentary", "shell"), (" shell ", "shell"), ("mcp.fs.read_file", "read_file"),
            ("mcp__fs__read-file", "read_file"), ("read_file", "read_file"), ("fs.list", "list"), ("LIST", "list"),
            ("tool_search", "tool_search"), ("functions.tool_search", "tool_search"),
        ]
    )
    func near(_ name: String, _ meant: String) throws {
        let tools = [AgentTools.shell, AgentTools.patch, AgentTools.files, AgentTools.search]
        let call = try unfolded(name, [#"{"command":["x"]}"#], tools).call
        #expect(call?.name == meant)
        #expect(call?.namespace == (meant == "read_file" || meant == "list" ? "mcp__fs" : nil))
    }

    @Test("a name that could be two, or none, stays as it is", arguments: ["READ", "nothing", "", "container.exec"])
    func unknown(_ name: String) throws {
        let tools = [
            AgentTools.function("read", []), AgentTools.function("Read", []), AgentTools.files,
            Tool.custom(CustomTool(name: "exec")),
        ]
        let call = try unfolded(name, ["{}"], tools).call
        #expect(call?.name == name)
        #expect(call?.kind == .function)
    }

    @Test("a declared name means itself, whatever a model was trained with")
    func exact() throws {
        let own = AgentTools.function("container.exec", [("cmd", "string")])
        for dialect in [Dialect.chat, .ollama] {
            var request = InferenceRequest(model: "m", messages: [], tools: [own, AgentTools.shell])
            var dropped: [String] = []
            let folding = try ToolFolding(folding: &request, for: dialect, &dropped)
            var unfolding = folding.unfolding(requestID: "q")
            let call = ToolCall(id: "a", name: request.tools[0].name, arguments: #"{"cmd":"x"}"#)
            let events = unfolding.unfold([.toolCallStarted(index: 0, call), .toolCallFinished(index: 0, call)])
            let meant = ToolCall(id: "a", name: "container.exec", arguments: #"{"cmd":"x"}"#)
            #expect(events.last == .toolCallFinished(index: 0, meant))
        }
    }
}

@Suite("Tools that gpt-oss was trained with")
struct TrainedToolTests {
    @Test(
        "container.exec becomes the client's shell, in the form that it wants",
        arguments: [
            (#"{"command":["ls","-la"]}"#, #"["ls","-la"]"#, "ls -la"),
            (#"{"cmd":["bash","-lc","cd 'a b' && ls"]}"#, #"["bash","-lc","cd 'a b' && ls"]"#, "cd 'a b' && ls"),
            (#"{"cmd":"ls | wc"}"#, #"["bash","-lc","ls | wc"]"#, "ls | wc"),
            (#"{"command":["rm","it's a $file"]}"#, #"["rm","it's a $file"]"#, #"rm 'it'\''s a $file'"#),
            (#"{"command":["ls -la"]}"#, #"["bash","-lc","ls -la"]"#, "ls -la"),
            (#"{"cmd":"[\"ls\"]"}"#, #"["ls"]"#, "ls"), (#"["ls"]"#, #"["ls"]"#, "ls"),
            (#""ls -l""#, #"["bash","-lc","ls -l"]"#, "ls -l"), ("ls -l", #"["bash","-lc","ls -l"]"#, "ls -l"),
        ]
    )
    func exec(_ arguments: String, _ list: String, _ script: String) throws {
        let text = String(decoding: JSONValue.string(script).bytes, as: UTF8.self)
        for (tool, name, expected) in [
            (AgentTools.shell, "shell", #"{"command":\#(list)}"#),
            (AgentTools.shellCommand, "shell_command", #"{"command":\#(text)}"#),
            (AgentTools.execCommand, "exec_command", #"{"cmd":\#(text)}"#),
            (AgentTools.bash, "Bash", #"{"command":\#(text)}"#),
            (AgentTools.localShell, "local_shell", #"{"type":"exec","command":\#(list),"env":{}}"#),
        ] {
            let result = try unfolded("container.exec", [arguments], [AgentTools.files, tool])
            #expect(result.call?.name == name)
            #expect(result.call?.arguments == expected)
            #expect(result.told == expected)
        }
    }

    @Test(
        "a declared shell gets the command in the form that it wants, if a model gives it another",
        arguments: [
            (#"{"cmd": "ls", "tty": true}"#, #"{"cmd": "ls", "tty": true}"#),
            (#"{"tty":true,"cmd":"ls"}"#, #"{"tty":true,"cmd":"ls"}"#),
            (#"{"cmd":["bash","-lc","ls"],"tty":true}"#, #"{"cmd":"ls","tty":true}"#),
            (#"{"command":"ls"}"#, #"{"cmd":"ls"}"#), (#"{"tty":true}"#, #"{"tty":true}"#),
        ]
    )
    func form(_ arguments: String, _ expected: String) throws {
        for pieces in cuts(arguments) {
            let result = try unfolded("exec_command", pieces, [AgentTools.execCommand])
            #expect(result.call?.arguments == expected)
            #expect(result.told == expected)
        }
    }

    @Test("where and how long goes along as far as the shell takes it")
    func options() throws {
        let arguments = #"{"cmd":["ls"],"workdir":"/tmp","timeout":5000}"#
        func call(_ tool: Tool) throws -> String? {
            try unfolded("container.exec", [arguments], [tool]).call?.arguments
        }
        #expect(try call(AgentTools.shell) == #"{"command":["ls"],"workdir":"/tmp","timeout_ms":5000}"#)
        #expect(try call(AgentTools.bash) == #"{"command":"ls","timeout":5000}"#)
        #expect(
            try call(AgentTools.localShell)
                == #"{"type":"exec","command":["ls"],"timeout_ms":5000,"working_directory":"/tmp","env":{}}"#
        )
    }

    @Test(
        "the repository's browser becomes commands, safely quoted",
        arguments: [
            ("print_tree", #"{"path":"src","depth":2}"#, "find src -maxdepth 2 -not -path '*/.git/*' | sort"),
            ("print_tree", "{}", "find . -maxdepth 3 -not -path '*/.git/*' | sort"),
            (
                "search", #"{"path":"a b","query":"it's $x","max_results":7}"#,
                #"grep -rnIE --exclude-dir=.git -e 'it'\''s $x' -- 'a b' | head -n 7"#
            ),
            ("search", #"{"query":"-x"}"#, "grep -rnIE --exclude-dir=.git -e -x -- . | head -n 50"),
            ("open_file", #"{"path":"-rf;x","line_start":3,"line_end":9}"#, "sed -n '3,9p' -- './-rf;x'"),
            ("open_file", #"{"path":"a.swift"}"#, "sed -n '1,$p' -- a.swift"),
        ]
    )
    func browser(_ name: String, _ arguments: String, _ command: String) throws {
        for name in ["repo_browser.\(name)", "functions.repo_browser_\(name)"] {
            let call = try unfolded(name, [arguments], [AgentTools.execCommand]).call
            #expect(call?.name == "exec_command")
            #expect(try JSONDocument(call?.arguments ?? "").root["cmd"]?.string == command)
        }
    }

    @Test("a shell that does nothing but apply a patch becomes the patch")
    func patch() throws {
        let patch = "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch"
        let arguments = String(
            decoding: JSONValue.object(["cmd": ["apply_patch", .string(patch)]]).bytes,
            as: UTF8.self
        )
        let function = AgentTools.function("apply_patch", [("input", "string")])
        let custom = try unfolded("container.exec", [arguments], [AgentTools.shell, AgentTools.patch]).call
        #expect(custom == ToolCall(id: "a", name: "apply_patch", kind: .custom, arguments: patch))
        for name in ["container.exec", "repo_browser.apply_patch"] {
            let call = try unfolded(name, [arguments], [AgentTools.shell, function]).call
            #expect(call?.arguments == FunctionForm.arguments(of: patch))
        }
        #expect(try unfolded("container.exec", [arguments], [AgentTools.shell]).call?.name == "shell")
        let shell = try unfolded("apply_patch", [arguments], [AgentTools.execCommand]).call
        #expect(shell?.name == "exec_command")
        let command = try JSONDocument(shell?.arguments ?? "").root["cmd"]?.string
        #expect(command == "apply_patch <<'EOF'\n\(patch)\nEOF")
    }

    @Test(
        "arguments that tell nothing go to the client as they are",
        arguments: ["{}", #"{"x":1}"#, #"{"command":[]}"#]
    )
    func nothing(_ arguments: String) throws {
        let call = try unfolded("container.exec", [arguments], [AgentTools.shell]).call
        #expect(call == ToolCall(id: "a", name: "container.exec", arguments: arguments))
    }
}
