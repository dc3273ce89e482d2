import Dialects
import Inference
import JSON

/// An agent's conversation, the same in every run, of which each dialect's request is made.
enum Conversation {
    static func body(size: Int, dialect: Dialect) throws -> [UInt8] {
        var messages = [Message(.system, phrase(120)), Message(.user, phrase(20))]
        var turn = 0
        while true {
            messages += self.turn(turn)
            turn += 1
            let body = try WireRequest(request(messages), dialect: dialect).body
            if body.count >= size { return body }
        }
    }

    private static func request(_ messages: [Message]) -> InferenceRequest {
        InferenceRequest(
            model: "gpt-oss:20b",
            messages: messages,
            tools: (0..<12).map { .function(tool($0)) },
            toolChoice: .auto,
            allowsParallelToolCalls: true,
            sampling: Sampling(maxOutputTokens: 4096),
            stream: true
        )
    }

    private static func turn(_ number: Int) -> [Message] {
        let id = "call_\(number)"
        let arguments = #"{"path":"Sources/File\#(number).swift","command":["sed","-n","1,200p"],"limit":200}"#
        return [
            Message(
                .assistant,
                [.text(phrase(12)), .toolCall(ToolCall(id: id, name: "tool_3", arguments: arguments))]
            ),
            Message(.tool, [.toolResult(ToolResult(callID: id, code(40)))]),
        ]
    }

    private static func tool(_ number: Int) -> FunctionTool {
        FunctionTool(
            name: "tool_\(number)",
            description: phrase(30),
            parameters: [
                "type": "object", "additionalProperties": false, "required": ["path", "command"],
                "properties": [
                    "path": ["type": "string", "description": "file path"],
                    "command": ["type": "array", "items": ["type": "string"]],
                    "limit": ["type": "integer", "minimum": 0, "maximum": 65535],
                ],
            ]
        )
    }

    private static func phrase(_ words: Int) -> String {
        (0..<words).map { ["reads", "the", "next", "file", "of", "a", "module", "and", "tells"][$0 % 9] }
            .joined(separator: " ")
    }

    private static func code(_ lines: Int) -> String {
        (0..<lines).map { "    let value\($0) = table[\"key\($0)\"] ?? \"none\"\t// line \($0)\n" }.joined()
    }
}
