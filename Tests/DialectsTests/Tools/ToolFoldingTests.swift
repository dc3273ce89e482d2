import Inference
import JSON
import Testing

@testable import Dialects

/// Folds a request's tools and history.
private func fold(
    _ request: InferenceRequest,
    for dialect: Dialect = .chat
) throws(InferenceError) -> (request: InferenceRequest, unfolding: ToolUnfolding, dropped: [String]) {
    var request = request
    var dropped: [String] = []
    let folding = try ToolFolding(folding: &request, for: dialect, &dropped)
    return (request, folding.unfolding(requestID: "q"), dropped)
}

private func request(_ tools: [Tool], _ messages: [Message] = [], choice: ToolChoice? = nil) -> InferenceRequest {
    InferenceRequest(model: "m", messages: messages, tools: tools, toolChoice: choice)
}

@Suite("Folding tools into functions and back")
struct ToolFoldingTests {
    private static let patch = Tool.custom(
        CustomTool(name: "apply_patch", description: "Patches.", format: ["syntax": "lark", "definition": "start: x"])
    )
    private static let files = Tool.namespace(
        name: "fs",
        description: "Files.",
        tools: [.function(FunctionTool(name: "read", description: "Reads.")), .function(FunctionTool(name: "list"))]
    )

    @Test("custom tools and namespaces become functions of their own names")
    func tools() throws {
        let tools = try fold(request([Self.patch, Self.files])).request.tools
        #expect(tools.map(\.name) == ["apply_patch", "fs__read", "fs__list"])
        guard case .function(let patch) = tools[0], case .function(let read) = tools[1] else {
            Issue.record("not functions")
            return
        }
        #expect(patch.description == "Patches.\n\nThe input must fit this grammar (lark):\nstart: x")
        #expect(patch.parameters?.value["required"] == ["input"])
        #expect(read.description == "Files.\n\nReads.")
    }

    @Test("Responses keeps custom tools and loses namespaces")
    func responses() throws {
        let tools = try fold(request([Self.patch, Self.files]), for: .responses).request.tools
        #expect(tools.map(\.name) == ["apply_patch", "fs__read", "fs__list"])
        #expect(tools[0] == Self.patch)
    }

    @Test("no two tools get one name, and each name is one that every dialect takes")
    func names() throws {
        let long = String(repeating: "x", count: 80)
        let tools: [Tool] = [
            .function(FunctionTool(name: "fs__read")), Self.files, .custom(CustomTool(name: "fs__list")),
            .custom(CustomTool(name: "a b/ü")), .custom(CustomTool(name: "a b/ü_2")), .custom(CustomTool(name: long)),
            .namespace(name: long, description: nil, tools: [.function(FunctionTool(name: "y"))]),
            .namespace(name: "ends__", description: nil, tools: [.function(FunctionTool(name: "z"))]),
            .function(FunctionTool(name: long)), .function(FunctionTool(name: "mcp.server/tool")),
            .custom(CustomTool(name: "")),
        ]
        let names = try fold(request(tools)).request.tools.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.prefix(4) == ["fs__read", "fs__read_ac4e1f9a", "fs__list", "fs__list_70c91985"])
        #expect(names.contains("ends__z") && names.contains("mcp_server_tool") && names.contains("tool"))
        for name in names {
            #expect((1...64).contains(name.utf8.count))
            #expect(
                name.utf8.allSatisfy {
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8.contains($0)
                }
            )
        }
    }

    @Test("a function's name changes only where the provider's dialect refuses it")
    func limits() throws {
        let long = String(repeating: "x", count: 100)
        for (dialect, stays) in [(Dialect.chat, false), (.responses, false), (.messages, true), (.ollama, true)] {
            let tools = try fold(request([.function(FunctionTool(name: long))]), for: dialect).request.tools
            #expect((tools[0].name == long) == stays)
        }
    }

    @Test("the history speaks of the same functions, and is the same however it goes on")
    func history() throws {
        let calls: [ContentPart] = [
            .toolCall(ToolCall(id: "a", name: "apply_patch", kind: .custom, arguments: "a\"\n")),
            .toolCall(ToolCall(id: "b", name: "read", namespace: "fs", arguments: "{}")),
            .toolCall(ToolCall(id: "c", name: "gone", namespace: "old", arguments: "{}")),
        ]
        let results: [ContentPart] = [.toolResult(ToolResult(callID: "a", kind: .custom, content: [.text("ok")]))]
        let messages = [Message(.assistant, calls), Message(.tool, results)]
        let folded = try fold(request([Self.files, Self.patch], messages)).request.messages
        #expect(
            folded[0].content == [
                .toolCall(ToolCall(id: "a", name: "apply_patch", arguments: #"{"input":"a\"\n"}"#)),
                .toolCall(ToolCall(id: "b", name: "fs__read", arguments: "{}")),
                .toolCall(ToolCall(id: "c", name: "old__gone", arguments: "{}")),
            ]
        )
        #expect(folded[1].content == [.toolResult(ToolResult(callID: "a", content: [.text("ok")]))])
        let more = messages + [Message(.assistant, [.toolCall(ToolCall(id: "d", name: "x", kind: .custom))])]
        #expect(try fold(request([Self.files, Self.patch], more)).request.messages.prefix(2) == folded[...])
    }

    @Test("a tool that the provider would run is left out by name, unless it is the one to be called")
    func hosted() throws {
        let search = Tool.hosted(type: "web_search", ["type": "web_search"])
        let folded = try fold(request([search, Self.patch], choice: .auto))
        #expect(folded.dropped == ["tools[web_search]"])
        #expect(folded.request.tools.map(\.name) == ["apply_patch"])
        #expect(try fold(request([search], choice: .auto)).request.toolChoice == nil)
        for choice in [ToolChoice.tool("web_search"), .required] {
            let error = #expect(throws: InferenceError.self) { try fold(request([search], choice: choice)) }
            #expect(error?.field == "tool_choice")
        }
    }

    @Test("the tool that has to be called is called by its new name")
    func choice() throws {
        #expect(
            try fold(request([Self.patch], choice: .tool("apply_patch", kind: .custom))).request.toolChoice
                == .tool("apply_patch")
        )
        let name = "a.b"
        #expect(
            try fold(request([.function(FunctionTool(name: name))], choice: .tool(name))).request.toolChoice
                == .tool("a_b")
        )
    }

    @Test("calls come back as calls of the caller's own tools, whole and in pieces")
    func unfolding() throws {
        var unfolding = try fold(request([Self.patch, Self.files, .function(FunctionTool(name: "f"))])).unfolding
        let arguments = #"{"input":"*** Begin\n"}"#
        var events: [InferenceEvent] = [
            .toolCallStarted(index: 0, ToolCall(id: "a", name: "apply_patch")),
            .toolCallStarted(index: 1, ToolCall(id: "b", name: "fs__read")),
            .toolCallStarted(index: 2, ToolCall(id: "c", name: "f")),
        ]
        events += arguments.map { .toolCallArgumentsDelta(index: 0, String($0)) }
        events += [
            .toolCallArgumentsDelta(index: 1, "{}"), .toolCallArgumentsDelta(index: 2, #"{"x":1}"#),
            .toolCallFinished(index: 0, ToolCall(id: "a", name: "apply_patch", arguments: arguments)),
            .toolCallFinished(index: 1, ToolCall(id: "b", name: "fs__read", arguments: "{}")),
            .toolCallFinished(index: 2, ToolCall(id: "c", name: "f", arguments: #"{"x":1}"#)),
        ]
        var answer = InferenceAnswer()
        var pieces = ""
        for event in unfolding.unfold(events) {
            if case .toolCallArgumentsDelta(0, let piece) = event { pieces += piece }
            answer.apply(event)
        }
        #expect(pieces == "*** Begin\n")
        #expect(
            answer.toolCalls == [
                ToolCall(id: "a", name: "apply_patch", kind: .custom, arguments: "*** Begin\n"),
                ToolCall(id: "b", name: "read", namespace: "fs", arguments: "{}"),
                ToolCall(id: "c", name: "f", arguments: #"{"x":1}"#),
            ]
        )
    }
}
