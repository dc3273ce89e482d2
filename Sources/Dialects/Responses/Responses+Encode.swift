import Inference
import JSON

extension Responses {
    /// Writes a request's body; nothing is stored at the provider unless `rest` asks for it.
    static func encode(_ request: InferenceRequest) throws(InferenceError) -> WireRequest {
        guard request.sampling.stop.isEmpty else { throw .cannotCarry("A stop text", .responses, field: "stop") }
        var writer = JSONWriter(for: request)
        try writer.object { (writer) throws(InferenceError) in
            writer.member("model", request.model)
            writer.key("input")
            try writer.array { (writer) throws(InferenceError) in
                for message in request.messages { try write(message, into: &writer) }
            }
            writeTools(request, into: &writer)
            writer.memberIfPresent("temperature", request.sampling.temperature)
            writer.memberIfPresent("top_p", request.sampling.topP)
            writer.memberIfPresent("max_output_tokens", request.sampling.maxOutputTokens)
            writeReasoning(request.reasoning, into: &writer)
            writeFormat(request.outputFormat, request.rest["text"]?.object, into: &writer)
            writeInclude(request, into: &writer)
            if request.rest["store"] == nil { writer.member("store", false) }
            writer.member("stream", request.stream)
            writer.rest(request.rest, without: ["stream", "text", "include", "top_logprobs"])
        }
        let route = Endpoint.responses.route
        return WireRequest(dialect: .responses, route: route, body: writer.bytes, dropped: dropped(request))
    }

    private static func dropped(_ request: InferenceRequest) -> [String] {
        var dropped: [String] = []
        if request.sampling.seed != nil { dropped.append("seed") }
        // The open specification knows them; the hosted service refuses a request that has them.
        if request.sampling.frequencyPenalty != nil { dropped.append("frequency_penalty") }
        if request.sampling.presencePenalty != nil { dropped.append("presence_penalty") }
        if request.sampling.topK != nil { dropped.append("top_k") }
        if request.serving.contextLength != nil { dropped.append("num_ctx") }
        if request.serving.keepAlive != nil { dropped.append("keep_alive") }
        if request.reasoning?.budget != nil { dropped.append("thinking.budget_tokens") }
        if request.messages.contains(where: { $0.name != nil }) { dropped.append("messages[].name") }
        if request.messages.contains(where: { $0.content.contains(where: \.isFailedResult) }) {
            dropped.append("messages[].content[].is_error")
        }
        return dropped
    }

    /// What the answer has to tell beyond its items: logprobs, and thinking in a form that can come back, without which
    /// a provider that keeps nothing forgets its thinking between two calls.
    private static func writeInclude(_ request: InferenceRequest, into writer: inout JSONWriter) {
        var include = request.rest["include"]?.array?.compactMap(\.string) ?? []
        let thinks = request.reasoning?.effort.map { $0 != .none } ?? false
        let wanted = [
            ("reasoning.encrypted_content", thinks), ("message.output_text.logprobs", request.topLogprobs != nil),
        ]
        for (name, isWanted) in wanted where isWanted && !include.contains(name) { include.append(name) }
        if !include.isEmpty { writer.member("include", include) }
        if let count = request.topLogprobs, count > 0 { writer.member("top_logprobs", count) }
    }

    private static func writeReasoning(_ reasoning: ReasoningOptions?, into writer: inout JSONWriter) {
        guard let reasoning, reasoning.effort != nil || reasoning.summary != nil else { return }
        writer.key("reasoning")
        writer.object { writer in
            writer.memberIfPresent("effort", reasoning.effort?.rawValue)
            writer.memberIfPresent("summary", reasoning.summary)
        }
    }

    /// `text` holds the format and what else the caller had in it.
    private static func writeFormat(_ format: OutputFormat?, _ rest: JSONObject?, into writer: inout JSONWriter) {
        guard format != nil || rest != nil else { return }
        writer.key("text")
        writer.object { writer in
            switch format {
            case nil: break
            case .text: writer.member("format", ["type": "text"] as JSONValue)
            case .json: writer.member("format", ["type": "json_object"] as JSONValue)
            case .schema(let schema):
                writer.key("format")
                writer.object { writer in
                    writer.member("type", "json_schema")
                    writer.schema(schema)
                }
            }
            writer.rest(rest ?? JSONObject(), without: format == nil ? [] : ["format"])
        }
    }
}

extension Responses {
    private static func writeTools(_ request: InferenceRequest, into writer: inout JSONWriter) {
        if !request.tools.isEmpty {
            writer.key("tools")
            writer.array { writer in
                for tool in request.tools { write(tool, into: &writer) }
            }
        }
        switch request.toolChoice {
        case nil: break
        // Servers refuse a choice that has nothing to choose from, and without tools these two say nothing.
        case .auto, .some(.none):
            if !request.tools.isEmpty { writer.member("tool_choice", request.toolChoice == .auto ? "auto" : "none") }
        case .required: writer.member("tool_choice", "required")
        case .tool(let name, _) where request.tools.contains(where: { $0.isHosted && $0.name == name }):
            writer.member("tool_choice", ["type": .string(name)] as JSONValue)
        case .tool(let name, let kind):
            writer.member("tool_choice", ["type": .string(kind.rawValue), "name": .string(name)] as JSONValue)
        }
        if !request.tools.isEmpty { writer.memberIfPresent("parallel_tool_calls", request.allowsParallelToolCalls) }
    }

    /// Writes a tool.
    static func write(_ tool: Tool, into writer: inout JSONWriter) {
        switch tool {
        case .function(let function): write(function, into: &writer)
        case .custom(let custom):
            writer.object { writer in
                writer.member("type", "custom")
                writer.member("name", custom.name)
                writer.memberIfPresent("description", custom.description)
                writer.memberIfPresent("format", custom.format)
            }
        case .namespace(let name, let description, let tools):
            writer.object { writer in
                writer.member("type", "namespace")
                writer.member("name", name)
                writer.memberIfPresent("description", description)
                writer.key("tools")
                writer.array { writer in
                    for tool in tools { write(tool, into: &writer) }
                }
            }
        case .hosted(let type, let members):
            writer.object { writer in
                writer.member("type", type)
                writer.rest(members, without: ["type"])
            }
        }
    }

    private static func write(_ function: FunctionTool, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", "function")
            writer.function(function, schemaKey: "parameters")
        }
    }
}

extension ContentPart {
    /// The dialect has no mark for a tool's failure; the words of the result tell.
    fileprivate var isFailedResult: Bool { if case .toolResult(let result) = self { result.isError } else { false } }
}

extension Tool {
    fileprivate var isHosted: Bool { if case .hosted = self { true } else { false } }
}
