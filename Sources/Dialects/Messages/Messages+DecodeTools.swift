import Inference
import JSON

extension Messages {
    /// What a conversation has done to the set of tools: some are declared at once and loaded only later.
    struct ToolChanges {
        private var loaded: Set<String> = []
        private var removed: Set<String> = []
        /// Tools that were defined within the conversation.
        private(set) var definitions: [JSONView] = []

        /// Loads a declared tool, and says so in words.
        mutating func load(_ name: String) -> String {
            loaded.insert(name)
            removed.remove(name)
            return "The tool \(name) is loaded and can be called now."
        }

        /// Reads a `tool_addition` block.
        mutating func add(_ block: RequestObject) throws(InferenceError) -> String {
            let tool = try block.required("tool", block.object)
            guard tool["type"]?.isString("tool_definition") == true else { return load(try name(of: tool)) }
            let definition = try tool.required("definition", tool.object)
            definitions.append(definition.view)
            return load(try definition.required("name", definition.text))
        }

        /// Reads a `tool_removal` block.
        mutating func remove(_ block: RequestObject) throws(InferenceError) -> String {
            let name = try name(of: block.required("tool", block.object))
            removed.insert(name)
            return "The tool \(name) can no longer be called."
        }

        /// Whether a tool is offered at the end of the conversation.
        func offers(_ name: String, isDeferred: Bool) -> Bool {
            !removed.contains(name) && (!isDeferred || loaded.contains(name))
        }

        private func name(of tool: RequestObject) throws(InferenceError) -> String {
            guard tool["type"]?.isString("tool_reference") == true else {
                throw .onlyMessages("a tool of an MCP server", at: tool.view)
            }
            return try tool.required("name", tool.text)
        }
    }
}

extension Messages.RequestDecoder {
    /// The tools that the model sees; a deferred one is hidden from it until the conversation has loaded it.
    mutating func tools(_ root: Messages.RequestObject, forced: String?) throws(InferenceError) -> [Tool] {
        var views = Messages.elements(of: try root.array("tools"))
        // Without the provider's own search nothing would ever load them.
        let loadsAll = views.contains { $0["type"]?.string?.hasPrefix("tool_search_tool") == true }
        views += changes.definitions
        var tools: [Tool] = []
        for view in views {
            let object = try Messages.RequestObject(view)
            let isDeferred = try object.flag("defer_loading") ?? false
            if let name = try object.text("name"), name != forced {
                guard changes.offers(name, isDeferred: isDeferred && !loadsAll) else {
                    drop("tools[].defer_loading", at: view)
                    continue
                }
            }
            tools.append(try tool(object))
        }
        return tools
    }

    private mutating func tool(_ object: Messages.RequestObject) throws(InferenceError) -> Tool {
        if let type = try object.text("type"), type != "custom" {
            let members = object.view.members.filter { $0.key != "type" && $0.key != "cache_control" }
            return .hosted(type: type, JSONObject(members.map { .init($0.key, JSONValue($0.value)) }))
        }
        let known: [StaticString] = [
            "type", "name", "description", "input_schema", "strict", "defer_loading", "eager_input_streaming",
        ]
        dropUnread(object, "tools[]", read: known)
        return .function(
            FunctionTool(
                name: try object.required("name", object.text),
                description: try object.text("description"),
                parameters: JSONFragment(try object.required("input_schema", object.object).view),
                strict: try object.flag("strict")
            )
        )
    }

    /// Reads `tool_choice` and returns the name of a tool that it forces.
    mutating func readToolChoice(
        _ root: Messages.RequestObject,
        into request: inout InferenceRequest
    ) throws(InferenceError) -> String? {
        guard let choice = try root.object("tool_choice") else { return nil }
        request.allowsParallelToolCalls = try choice.flag("disable_parallel_tool_use").map { !$0 }
        switch try choice.required("type", choice.text) {
        case "auto": request.toolChoice = .auto
        case "any": request.toolChoice = .required
        case "none": request.toolChoice = ToolChoice.none
        case "tool":
            let name = try choice.required("name", choice.text)
            request.toolChoice = .tool(try hostedType(of: name, root) ?? name)
            return name
        default: throw .unknownWord(choice["type"] ?? choice.view, wanted: "auto, any, tool or none")
        }
        return nil
    }

    /// The type of a hosted tool, which the hub knows it by.
    private func hostedType(of name: String, _ root: Messages.RequestObject) throws(InferenceError) -> String? {
        let tools = try root.array("tools")
        let tool = tools?.elements.first { $0["name"]?.isString(name) == true }
        guard let type = tool?["type"]?.string, type != "custom" else { return nil }
        return type
    }
}
