import Inference
import JSON

extension ChatCompletions {
    /// Writes a request's body.
    static func encode(_ request: InferenceRequest) throws(InferenceError) -> WireRequest {
        var writer = JSONWriter(for: request)
        try writer.object { (writer) throws(InferenceError) in
            writer.member("model", request.model)
            writer.key("messages")
            try writer.array { (writer) throws(InferenceError) in
                try write(request.messages, into: &writer)
            }
            try writeTools(request, into: &writer)
            writeSampling(request.sampling, into: &writer)
            writeLogprobs(request.topLogprobs, into: &writer)
            writer.memberIfPresent("reasoning_effort", request.reasoning?.effort?.rawValue)
            writeFormat(request.outputFormat, into: &writer)
            if request.stream {
                writer.member("stream", true)
                writer.member("stream_options", ["include_usage": true] as JSONValue)
            } else {
                writer.member("stream", false)
            }
            writer.rest(request.rest, without: ["stream", "stream_options"])
        }
        let endpoint = Endpoint.chatCompletions
        return WireRequest(dialect: .chat, route: endpoint.route, body: writer.bytes, dropped: dropped(request))
    }

    private static func dropped(_ request: InferenceRequest) -> [String] {
        var dropped: [String] = []
        if request.serving.contextLength != nil { dropped.append("num_ctx") }
        if request.serving.keepAlive != nil { dropped.append("keep_alive") }
        if request.reasoning?.summary != nil { dropped.append("reasoning.summary") }
        if request.reasoning?.budget != nil { dropped.append("thinking.budget_tokens") }
        if hasLateInstruction(request.messages) { dropped.append("messages[].role") }
        if hasFailedResult(request.messages) { dropped.append("messages[].content[].is_error") }
        return dropped
    }

    /// Whether a tool failed, which the dialect has no member for; what it said is told in any case.
    private static func hasFailedResult(_ messages: [Message]) -> Bool {
        messages.contains { message in
            message.role == .tool
                && message.content.contains { if case .toolResult(let result) = $0 { result.isError } else { false } }
        }
    }

    private static func writeSampling(_ sampling: Sampling, into writer: inout JSONWriter) {
        writer.memberIfPresent("temperature", sampling.temperature)
        writer.memberIfPresent("top_p", sampling.topP)
        // Every server knows the older name; OpenAI itself is called through Responses.
        writer.memberIfPresent("max_tokens", sampling.maxOutputTokens)
        if !sampling.stop.isEmpty { writer.member("stop", sampling.stop) }
        writer.memberIfPresent("seed", sampling.seed)
        // Not OpenAI's, but known to most servers that speak Chat alone; the others name it when they refuse it.
        writer.memberIfPresent("top_k", sampling.topK)
        writer.memberIfPresent("frequency_penalty", sampling.frequencyPenalty)
        writer.memberIfPresent("presence_penalty", sampling.presencePenalty)
    }

    private static func writeLogprobs(_ top: Int?, into writer: inout JSONWriter) {
        guard let top else { return }
        writer.member("logprobs", true)
        if top > 0 { writer.member("top_logprobs", top) }
    }

    private static func writeFormat(_ format: OutputFormat?, into writer: inout JSONWriter) {
        switch format {
        case nil: break
        case .text: writer.member("response_format", ["type": "text"] as JSONValue)
        case .json: writer.member("response_format", ["type": "json_object"] as JSONValue)
        case .schema(let schema):
            writer.key("response_format")
            writer.object { writer in
                writer.member("type", "json_schema")
                writer.key("json_schema")
                writer.object { $0.schema(schema) }
            }
        }
    }
}

extension ChatCompletions {
    private static func writeTools(_ request: InferenceRequest, into writer: inout JSONWriter) throws(InferenceError) {
        if !request.tools.isEmpty {
            writer.key("tools")
            try writer.array { (writer) throws(InferenceError) in
                for tool in request.tools { try write(tool, into: &writer) }
            }
        }
        switch request.toolChoice {
        case nil: break
        // Servers refuse a choice that has nothing to choose from, and without tools these two say nothing.
        case .auto, .some(.none):
            if !request.tools.isEmpty { writer.member("tool_choice", request.toolChoice == .auto ? "auto" : "none") }
        case .required: writer.member("tool_choice", "required")
        case .tool(let name, let kind):
            let type = kind.rawValue
            writer.member("tool_choice", ["type": .string(type), type: ["name": .string(name)]] as JSONValue)
        }
        if !request.tools.isEmpty { writer.memberIfPresent("parallel_tool_calls", request.allowsParallelToolCalls) }
    }

    private static func write(_ tool: Tool, into writer: inout JSONWriter) throws(InferenceError) {
        switch tool {
        case .function(let function):
            writer.object { writer in
                writer.member("type", "function")
                writer.key("function")
                writer.object { $0.function(function, schemaKey: "parameters") }
            }
        case .custom(let custom):
            writer.object { writer in
                writer.member("type", "custom")
                writer.key("custom")
                writer.object { writer in
                    writer.member("name", custom.name)
                    writer.memberIfPresent("description", custom.description)
                    writer.memberIfPresent("format", custom.format.map(nested))
                }
            }
        case .namespace(let name, _, _): throw .cannotCarry("The namespace of tools \(name)", .chat, field: "tools")
        case .hosted(let type, _): throw .cannotCarry("The hosted tool \(type)", .chat, field: "tools")
        }
    }

    /// A grammar stands one level deeper here than in Responses, whose form the hub has.
    private static func nested(_ format: JSONValue) -> JSONValue {
        guard format["type"]?.string == "grammar", var grammar = format.object else { return format }
        grammar["type"] = nil
        return ["type": "grammar", "grammar": .object(grammar)]
    }
}

extension JSONWriter {
    /// A function's members; `schemaKey` is what the dialect calls its parameters.
    mutating func function(_ function: FunctionTool, schemaKey: String) {
        member("name", function.name)
        memberIfPresent("description", function.description)
        member(schemaKey, fragment: function.parameters ?? FunctionForm.noParameters)
        memberIfPresent("strict", function.strict)
    }

    /// An output schema's members.
    mutating func schema(_ schema: OutputSchema) {
        member("name", schema.name)
        memberIfPresent("description", schema.description)
        member("schema", schema.schema)
        memberIfPresent("strict", schema.strict)
    }
}
