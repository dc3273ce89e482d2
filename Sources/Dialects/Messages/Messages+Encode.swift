import Inference
import JSON

extension Messages {
    /// Writes a request's body; instructions at the start become `system`.
    static func encode(_ request: InferenceRequest) throws(InferenceError) -> WireRequest {
        try refuse(request)
        let instructions = request.messages.prefix { $0.role == .system || $0.role == .developer }
        let turns = try turns(request.messages.dropFirst(instructions.count))
        var writer = JSONWriter(capacity: 4096)
        try writer.object { (writer) throws(InferenceError) in
            writer.member("model", request.model)
            if !instructions.isEmpty {
                writer.key("system")
                try writeBlocks(instructions.flatMap(\.content), into: &writer)
            }
            writer.key("messages")
            try writer.array { (writer) throws(InferenceError) in
                for turn in turns { try write(turn, into: &writer) }
            }
            try writeTools(request, into: &writer)
            writer.member("max_tokens", request.sampling.maxOutputTokens ?? defaultMaxTokens)
            writer.memberIfPresent("temperature", request.sampling.temperature)
            writer.memberIfPresent("top_p", request.sampling.topP)
            if !request.sampling.stop.isEmpty { writer.member("stop_sequences", request.sampling.stop) }
            writeThinking(request, into: &writer)
            writer.member("stream", request.stream)
            writer.rest(request.rest, without: ["stream", "max_tokens", "system"])
        }
        let route = Endpoint.messages.route
        return WireRequest(dialect: .messages, route: route, body: writer.bytes, dropped: dropped(request))
    }

    private static func refuse(_ request: InferenceRequest) throws(InferenceError) {
        switch request.outputFormat {
        case .json, .schema: throw .cannotCarry("A form of the answer", .messages, field: "response_format")
        case nil, .text: break
        }
    }

    private static func dropped(_ request: InferenceRequest) -> [String] {
        var dropped: [String] = []
        if request.sampling.seed != nil { dropped.append("seed") }
        if request.serving.contextLength != nil { dropped.append("num_ctx") }
        if request.serving.keepAlive != nil { dropped.append("keep_alive") }
        if request.reasoning?.summary != nil { dropped.append("reasoning.summary") }
        return dropped
    }

    /// Thinking has a budget of tokens below `max_tokens` and of 1,024 at least; an answer too short for it goes without.
    private static func writeThinking(_ request: InferenceRequest, into writer: inout JSONWriter) {
        guard let reasoning = request.reasoning, reasoning.effort != nil || reasoning.budget != nil else { return }
        guard reasoning.effort != ReasoningOptions.Effort.none else {
            return writer.member("thinking", ["type": "disabled"] as JSONValue)
        }
        let limit = request.sampling.maxOutputTokens ?? defaultMaxTokens
        let budget = min(reasoning.budget ?? share(reasoning.effort, of: limit), limit - 1)
        guard budget >= 1024 else { return }
        writer.key("thinking")
        writer.object { writer in
            writer.member("type", "enabled")
            writer.member("budget_tokens", budget)
        }
    }

    private static func share(_ effort: ReasoningOptions.Effort?, of limit: Int) -> Int {
        switch effort {
        case nil, .some(.none), .medium: limit / 2
        case .minimal, .low: max(1024, limit / 4)
        case .high, .xhigh, .max: limit - limit / 4
        }
    }

    private static func writeTools(_ request: InferenceRequest, into writer: inout JSONWriter) throws(InferenceError) {
        guard !request.tools.isEmpty else { return }
        writer.key("tools")
        try writer.array { (writer) throws(InferenceError) in
            for tool in request.tools { try write(tool, into: &writer) }
        }
        guard request.toolChoice != nil || request.allowsParallelToolCalls != nil else { return }
        writer.key("tool_choice")
        writer.object { writer in
            switch request.toolChoice {
            case nil, .auto: writer.member("type", "auto")
            case .some(.none): writer.member("type", "none")
            case .required: writer.member("type", "any")
            case .tool(let name, _):
                writer.member("type", "tool")
                writer.member("name", name)
            }
            if let allows = request.allowsParallelToolCalls, request.toolChoice != .some(.none) {
                writer.member("disable_parallel_tool_use", !allows)
            }
        }
    }

    private static func write(_ tool: Tool, into writer: inout JSONWriter) throws(InferenceError) {
        switch tool {
        case .function(var function):
            function.strict = nil
            let schema = function
            writer.object { $0.function(schema, schemaKey: "input_schema") }
        case .hosted(let type, let members):
            writer.object { writer in
                writer.member("type", type)
                writer.rest(members, without: ["type"])
            }
        case .custom, .namespace: throw .cannotCarry("The tool \(tool.name)", .messages, field: "tools")
        }
    }
}
