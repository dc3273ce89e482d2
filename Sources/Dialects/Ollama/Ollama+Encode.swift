import Inference
import JSON

extension Ollama {
    /// Writes a body for `/api/chat`.
    ///
    /// `truncate` and `shift` are false unless the caller wants them, so that a prompt that does not fit is an error
    /// and not a shorter prompt.
    static func encode(_ request: InferenceRequest) throws(InferenceError) -> WireRequest {
        let tools = try offered(request)
        var names: [String: String] = [:]
        var writer = JSONWriter(for: request)
        try writer.object { (writer) throws(InferenceError) in
            writer.member("model", request.model)
            writer.key("messages")
            try writer.array { (writer) throws(InferenceError) in
                for message in request.messages { try write(message, callNames: &names, into: &writer) }
            }
            try writeTools(tools, into: &writer)
            writeFormat(request.outputFormat, into: &writer)
            writeOptions(request, into: &writer)
            writeThinking(request, into: &writer)
            writeLogprobs(request.topLogprobs, into: &writer)
            if let keepAlive = request.serving.keepAlive { writeKeepAlive(keepAlive, into: &writer) }
            writer.member("truncate", request.rest["truncate"]?.bool ?? false)
            writer.member("shift", request.rest["shift"]?.bool ?? false)
            writer.member("stream", request.stream)
            for member in request.rest.members where !isWritten(member.key) {
                writer.member(member.key, member.value)
            }
        }
        let route = Endpoint.ollamaChat.route
        return WireRequest(dialect: .ollama, route: route, body: writer.bytes, dropped: dropped(request))
    }

    /// The tools that bring the answer nearest to the choice, for which the dialect has no word.
    ///
    /// Of a named one that one alone, of "none" none. That the model has to call one cannot be said.
    private static func offered(_ request: InferenceRequest) throws(InferenceError) -> [Tool] {
        switch request.toolChoice {
        case nil, .auto, .required: return request.tools
        case .some(.none): return []
        case .tool(let name, _):
            let named = request.tools.filter { $0.name == name }
            guard !named.isEmpty else {
                let message = "The tool \(name), which has to be called, is not among the tools."
                throw InferenceError(.invalidRequest, message, field: "tool_choice")
            }
            return named
        }
    }

    private static func dropped(_ request: InferenceRequest) -> [String] {
        var dropped = DroppedNames()
        switch request.toolChoice {
        case .required, .tool: dropped.insert("tool_choice")
        case nil, .auto, .some(.none): break
        }
        if request.allowsParallelToolCalls != nil { dropped.insert("parallel_tool_calls") }
        if let reasoning = request.reasoning {
            if reasoning.summary != nil { dropped.insert("reasoning.summary") }
            if reasoning.budget != nil { dropped.insert("thinking.budget_tokens") }
            if thinking(request) == nil, reasoning.effort != nil { dropped.insert("reasoning") }
        }
        if case .schema(let schema) = request.outputFormat {
            if schema.name != schemaName { dropped.insert("json_schema.name") }
            if schema.description != nil { dropped.insert("json_schema.description") }
        }
        for tool in request.tools {
            if case .function(let function) = tool, function.strict == true { dropped.insert("tools[].strict") }
        }
        for message in request.messages { noteDropped(message, &dropped) }
        return dropped.list
    }

    private static func writeFormat(_ format: OutputFormat?, into writer: inout JSONWriter) {
        switch format {
        case nil, .text: break
        case .json: writer.member("format", "json")
        case .schema(let schema): writer.member("format", schema.schema)
        }
    }

    private static func writeLogprobs(_ count: Int?, into writer: inout JSONWriter) {
        guard let count else { return }
        writer.member("logprobs", true)
        if count > 0 { writer.member("top_logprobs", count) }
    }

    /// A bare number is seconds; as a string it would need a unit.
    static func writeKeepAlive(_ duration: String, into writer: inout JSONWriter) {
        writer.key("keep_alive")
        if let seconds = (try? JSONDocument(duration))?.root, seconds.kind == .number {
            writer.view(seconds)
        } else {
            writer.string(duration)
        }
    }

    private static func writeTools(_ tools: [Tool], into writer: inout JSONWriter) throws(InferenceError) {
        guard !tools.isEmpty else { return }
        writer.key("tools")
        try writer.array { (writer) throws(InferenceError) in
            for tool in tools {
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
