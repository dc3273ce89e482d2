import Dialects
import Inference
import JSON

/// A turn of Codex: the conversation with tools of every kind and replayed calls of them.
enum CodexTurn {
    static func body(size: Int) throws -> [UInt8] {
        var root = try JSONValue(parsing: Conversation.body(size: size - extra.bytes.count, dialect: .responses))
        root["tools"] = .array((root["tools"]?.array ?? []) + (extra["tools"]?.array ?? []))
        root["input"] = .array((root["input"]?.array ?? []) + (extra["input"]?.array ?? []))
        return root.bytes
    }

    private static let patch = "*** Begin Patch\n*** Update File: a\n@@\n-\"x\"\n+\"y\"\n*** End Patch\n"

    private static let extra: JSONValue = [
        "tools": [
            [
                "type": "custom", "name": "apply_patch", "description": "Applies a patch.",
                "format": [
                    "type": "grammar", "syntax": "lark",
                    "definition": .string(String(repeating: "start: begin hunk+ end\n", count: 40)),
                ],
            ],
            namespace("mcp__files"), namespace("mcp__tickets"), ["type": "local_shell"],
            ["type": "tool_search", "execution": "client", "description": "Finds tools."], ["type": "web_search"],
        ],
        "input": [
            ["type": "custom_tool_call", "call_id": "p", "name": "apply_patch", "input": .string(patch)],
            ["type": "custom_tool_call_output", "call_id": "p", "output": "Done."],
            [
                "type": "function_call", "call_id": "n", "namespace": "mcp__files", "name": "tool_3",
                "arguments": #"{"path":"a"}"#,
            ],
            ["type": "function_call_output", "call_id": "n", "output": "text"],
        ],
    ]

    private static func namespace(_ name: String) -> JSONValue {
        let path: JSONValue = ["type": "string", "description": "A path."]
        let parameters: JSONValue = ["type": "object", "properties": ["path": path]]
        let tools = (0..<8).map { number -> JSONValue in
            ["type": "function", "name": "tool_\(number)", "description": "Does it.", "parameters": parameters]
        }
        return ["type": "namespace", "name": .string(name), "description": "Tools.", "tools": .array(tools)]
    }
}
