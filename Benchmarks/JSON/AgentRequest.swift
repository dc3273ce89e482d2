/// A deterministic request like a coding agent's.
///
/// A long system prompt, a conversation with tool calls whose results are source text, and fifteen tools: the same
/// shape as the rig's large body, with one escape in twenty bytes and words that are not ASCII.
struct AgentRequest {
    private var state: UInt64 = 7
    private static let words = """
        let func return guard if else struct actor async await throws import print value index count result error buffer \
        stream token model request naïve café → ✓
        """.split(separator: " ")
    private static let tails = [" { \"k\": \"v\" }", "", "\t// note", " = \"a\\tb\"", ""]

    /// The request's text of about `size` bytes.
    static func bytes(size: Int) -> [UInt8] {
        var request = AgentRequest()
        var messages: [JSONValue] = [["role": "system", "content": .string(request.code(9000))]]
        var length = 18_000
        while length < size {
            let turn = request.turn(messages.count)
            length += turn.reduce(0) { $0 + $1.bytes.count + 1 }
            messages += turn
        }
        let body: JSONValue = [
            "model": "gpt-4o-mini", "messages": .array(messages), "tools": .array((0..<15).map { request.tool($0) }),
            "temperature": 0.2,
        ]
        return body.bytes
    }

    private mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    private mutating func phrase(_ count: Int) -> String {
        (0..<count).map { _ in String(Self.words[below(Self.words.count)]) }.joined(separator: " ")
    }

    private mutating func code(_ size: Int) -> String {
        var text = ""
        while text.utf8.count < size {
            let line = String(repeating: "    ", count: below(4)) + phrase(3 + below(7)) + Self.tails[below(5)]
            text += text.isEmpty ? line : "\n" + line
        }
        return text
    }

    private mutating func turn(_ number: Int) -> [JSONValue] {
        let arguments = #"{"path": "Sources/main.swift", "command": ["sed", "-n", "1,80p"], "limit": \#(number)}"#
        let call: JSONValue = [
            "id": .string("call_\(number)"), "type": "function",
            "function": ["name": "tool_1", "arguments": .string(arguments)],
        ]
        return [
            ["role": "user", "content": .string(code(60 + below(240)))],
            ["role": "assistant", "content": .string(code(120)), "tool_calls": [call]],
            ["role": "tool", "tool_call_id": .string("call_\(number)"), "content": .string(code(600 + below(1300)))],
        ]
    }

    private mutating func tool(_ number: Int) -> JSONValue {
        let properties: JSONValue = [
            "path": ["type": "string", "description": "file path"],
            "command": ["type": "array", "items": ["type": "string"]],
            "limit": ["type": "integer", "minimum": 0, "maximum": 65535],
            "mode": ["type": "string", "enum": ["r", "w", "x"]],
        ]
        return [
            "type": "function",
            "function": [
                "name": .string("tool_\(number)"),
                "description": .string("Runs step \(number) of the plan. " + phrase(25)), "strict": false,
                "parameters": [
                    "type": "object", "additionalProperties": false, "required": ["path", "command"],
                    "properties": properties,
                ],
            ],
        ]
    }
}
