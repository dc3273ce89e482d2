package import JSON

/// Something that a model may ask its caller to do.
package enum Tool: Sendable, Equatable {
    /// Takes an object that fits a JSON schema.
    case function(FunctionTool)
    /// Takes plain text, bound by a grammar if the dialect can.
    case custom(CustomTool)
    /// Functions and custom tools under one name; a call names both.
    case namespace(name: String, description: String?, tools: [Tool])
    /// A tool that the provider itself runs, such as `web_search`, as its dialect writes it.
    case hosted(type: String, JSONObject)

    /// What the tool is called by; a hosted one by its type.
    package var name: String {
        switch self {
        case .function(let tool): tool.name
        case .custom(let tool): tool.name
        case .namespace(let name, _, _): name
        case .hosted(let type, _): type
        }
    }
}

/// A tool with named arguments.
package struct FunctionTool: Sendable, Equatable {
    package var name: String
    package var description: String?
    /// A JSON schema, as it was written; nil means no arguments.
    package var parameters: JSONFragment?
    package var strict: Bool?

    package init(name: String, description: String? = nil, parameters: JSONFragment? = nil, strict: Bool? = nil) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.strict = strict
    }
}

/// A tool whose argument is one text.
package struct CustomTool: Sendable, Equatable {
    package var name: String
    package var description: String?
    /// The grammar, as Responses writes it; nil means any text.
    package var format: JSONValue?

    package init(name: String, description: String? = nil, format: JSONValue? = nil) {
        self.name = name
        self.description = description
        self.format = format
    }
}

/// Which tools the model may or has to call.
package enum ToolChoice: Sendable, Hashable {
    case auto
    /// None at all.
    case none
    /// At least one, whichever.
    case required
    /// This one.
    case tool(String, kind: ToolCall.Kind = .function)
}

/// A model's wish that a tool be run.
package struct ToolCall: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// `arguments` is the text of a JSON object.
        case function
        /// `arguments` is plain text.
        case custom
        /// Responses' own shell; `arguments` is the text of its `action`.
        case localShell = "local_shell"
        /// Responses' search for more tools, run by the client; `arguments` is the text of a JSON object.
        case toolSearch = "tool_search"
    }

    /// What the result has to name.
    package var id: String
    package var name: String
    package var namespace: String?
    package var kind: Kind
    /// As the model wrote it, which need not be valid.
    package var arguments: String

    package init(
        id: String,
        name: String,
        namespace: String? = nil,
        kind: Kind = .function,
        arguments: String = ""
    ) {
        self.id = id
        self.name = name
        self.namespace = namespace
        self.kind = kind
        self.arguments = arguments
    }
}

/// What a tool answered.
package struct ToolResult: Sendable, Equatable {
    package var callID: String
    /// The kind of the call that it answers.
    package var kind: ToolCall.Kind
    /// Texts, images and files.
    package var content: [ContentPart]
    package var isError: Bool

    package init(callID: String, kind: ToolCall.Kind = .function, content: [ContentPart], isError: Bool = false) {
        self.callID = callID
        self.kind = kind
        self.content = content
        self.isError = isError
    }

    package init(callID: String, _ text: String) {
        self.init(callID: callID, content: [.text(text)])
    }
}
