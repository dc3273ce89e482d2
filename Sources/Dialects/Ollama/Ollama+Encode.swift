import Inference
import JSON

extension Ollama {
    /// Writes a body for `/api/chat`.
    ///
    /// `truncate` and `shift` are always false, so that a prompt that does not fit is an error and not a shorter prompt.
    static func encode(_ request: InferenceRequest) throws(InferenceError) -> WireRequest {
        try refuse(request)
        var names: [String: String] = [:]
        var writer = JSONWriter(capacity: 4096)
        try writer.object { (writer) throws(InferenceError) in
            writer.member("model", request.model)
            writer.key("messages")
            try writer.array { (writer) throws(InferenceError) in
                for message in request.messages { try write(message, callNames: &names, into: &writer) }
            }
            try writeTools(request, into: &writer)
            writeFormat(request.outputFormat, into: &writer)
            writeOptions(request, into: &writer)
            writeThinking(request.reasoning?.effort, into: &writer)
            if let keepAlive = request.serving.keepAlive {
                // A bare number is seconds; as a string it would need a unit.
                if let seconds = Int(keepAlive) {
                    writer.member("keep_alive", seconds)
                } else {
                    writer.member("keep_alive", keepAlive)
                }
            }
            writer.member("truncate", false)
            writer.member("shift", false)
            writer.member("stream", request.stream)
            writer.rest(request.rest, without: ["stream", "options", "truncate", "shift"])
        }
        return WireRequest(dialect: .ollama, route: "/api/chat", body: writer.bytes, dropped: dropped(request))
    }

    private static func refuse(_ request: InferenceRequest) throws(InferenceError) {
        switch request.toolChoice {
        case .required, .tool: throw .cannotCarry("A forced tool call", .ollama, field: "tool_choice")
        case nil, .auto, .some(.none): break
        }
    }

    private static func dropped(_ request: InferenceRequest) -> [String] {
        var dropped: [String] = []
        if request.allowsParallelToolCalls != nil { dropped.append("parallel_tool_calls") }
        if request.reasoning?.summary != nil { dropped.append("reasoning.summary") }
        if request.reasoning?.budget != nil { dropped.append("thinking.budget_tokens") }
        if case .schema = request.outputFormat { dropped.append("json_schema.name") }
        return dropped
    }

    private static func writeOptions(_ request: InferenceRequest, into writer: inout JSONWriter) {
        var options = JSONWriter()
        options.object { options in
            options.memberIfPresent("num_ctx", request.serving.contextLength)
            options.memberIfPresent("num_predict", request.sampling.maxOutputTokens)
            options.memberIfPresent("temperature", request.sampling.temperature)
            options.memberIfPresent("top_p", request.sampling.topP)
            options.memberIfPresent("seed", request.sampling.seed)
            if !request.sampling.stop.isEmpty { options.member("stop", request.sampling.stop) }
            options.rest(request.rest["options"]?.object ?? JSONObject())
        }
        guard options.bytes.count > 2 else { return }
        writer.key("options")
        writer.raw(options.bytes)
    }

    private static func writeFormat(_ format: OutputFormat?, into writer: inout JSONWriter) {
        switch format {
        case nil, .text: break
        case .json: writer.member("format", "json")
        case .schema(let schema): writer.member("format", schema.schema)
        }
    }

    /// gpt-oss takes levels only, the others take both; what Ollama lacks becomes the nearest.
    private static func writeThinking(_ effort: ReasoningOptions.Effort?, into writer: inout JSONWriter) {
        switch effort {
        case nil: break
        case .some(.none): writer.member("think", false)
        case .minimal, .low: writer.member("think", "low")
        case .medium: writer.member("think", "medium")
        case .high: writer.member("think", "high")
        case .xhigh, .max: writer.member("think", "max")
        }
    }

    private static func writeTools(_ request: InferenceRequest, into writer: inout JSONWriter) throws(InferenceError) {
        // Without tools nothing can be called, which is what the choice "none" asks for.
        guard !request.tools.isEmpty, request.toolChoice != .some(.none) else { return }
        writer.key("tools")
        try writer.array { (writer) throws(InferenceError) in
            for tool in request.tools {
                guard case .function(var function) = tool else {
                    throw .cannotCarry("The tool \(tool.name)", .ollama, field: "tools")
                }
                function.strict = nil
                writer.object { writer in
                    writer.member("type", "function")
                    writer.key("function")
                    writer.object { $0.function(function, schemaKey: "parameters") }
                }
            }
        }
    }
}
