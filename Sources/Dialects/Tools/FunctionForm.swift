import Inference
import JSON

/// How a tool of another kind looks to a model that knows functions alone.
enum FunctionForm {
    /// A custom tool: one text, with the grammar that it has to fit in the description.
    static func custom(_ custom: CustomTool, named name: String) -> FunctionTool {
        var description = custom.description ?? ""
        if let grammar = custom.format?["definition"]?.string {
            let syntax = custom.format?["syntax"]?.string ?? "given"
            description += "\n\nThe input must fit this grammar (\(syntax)):\n\(grammar)"
        }
        return FunctionTool(
            name: name,
            description: description.isEmpty ? nil : description,
            parameters: wholeInput
        )
    }

    /// A text as the arguments of a function that takes it alone.
    static func arguments(of text: String, as parameter: String = "input") -> String {
        var writer = JSONWriter(capacity: text.utf8.count + 32)
        writer.object { $0.member(parameter, text) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Responses' `local_shell`, which has no schema of its own.
    static func localShell(named name: String) -> FunctionTool {
        FunctionTool(
            name: name,
            description: "Runs a command on the user's machine and returns what it writes.",
            parameters: command
        )
    }

    /// Responses' `tool_search`, as far as the client runs it.
    static func toolSearch(_ members: JSONObject, named name: String) -> FunctionTool {
        let parameters = members["parameters"].flatMap { $0.isNull ? nil : JSONFragment($0) }
        return FunctionTool(
            name: name,
            description: members["description"]?.string
                ?? "Searches for more tools. Those that it finds can be called from the next turn on.",
            parameters: parameters ?? query
        )
    }

    // MARK: Schemas

    /// No arguments at all.
    static let noParameters: JSONFragment = ["type": "object", "properties": [:]]

    private static let wholeInput: JSONFragment = [
        "type": "object",
        "properties": [
            "input": ["type": "string", "description": "The whole input of the tool, as plain text."]
        ],
        "required": ["input"],
        "additionalProperties": false,
    ]

    private static let command: JSONFragment = [
        "type": "object",
        "properties": [
            "command": [
                "type": "array", "items": ["type": "string"],
                "description": "The program and its arguments, such as [\"bash\", \"-lc\", \"ls\"].",
            ],
            "workdir": ["type": "string", "description": "The folder to run in."],
            "timeout_ms": ["type": "number", "description": "When to give up, in milliseconds."],
            "env": [
                "type": "object", "additionalProperties": ["type": "string"],
                "description": "Variables to add to the environment.",
            ],
        ],
        "required": ["command"],
        "additionalProperties": false,
    ]

    private static let query: JSONFragment = [
        "type": "object",
        "properties": [
            "query": ["type": "string", "description": "What the tool has to be able to do."],
            "limit": ["type": "number", "description": "How many tools to return at most."],
        ],
        "required": ["query"],
        "additionalProperties": false,
    ]
}
