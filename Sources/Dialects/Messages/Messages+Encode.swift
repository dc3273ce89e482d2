import Inference
import JSON

extension Messages {
    /// Writes a request's body; instructions at the start become `system`, later ones a part of the user's turn.
    static func encode(_ request: InferenceRequest) throws(InferenceError) -> WireRequest {
        try refuse(request)
        var dropped = dropped(request)
        let instructions = request.messages.prefix { $0.role == .system || $0.role == .developer }
        var system: [ContentPart] = []
        for message in instructions { system += try texts(of: message) }
        let turns = try turns(request.messages.dropFirst(instructions.count), &dropped)
        let thinking = Thinking(request, &dropped)
        let sampling = sampling(request, thinks: thinking.isOn, &dropped)
        var writer = JSONWriter(for: request)
        try writer.object { (writer) throws(InferenceError) in
            writer.member("model", request.model)
            if !system.isEmpty {
                writer.key("system")
                try writeBlocks(system, into: &writer)
            }
            writer.key("messages")
            try writer.array { (writer) throws(InferenceError) in
                for turn in turns { try write(turn, into: &writer) }
            }
            try writeTools(request, into: &writer)
            writer.member("max_tokens", thinking.limit)
            writer.memberIfPresent("temperature", sampling.temperature)
            writer.memberIfPresent("top_p", sampling.topP)
            writer.memberIfPresent("top_k", sampling.topK)
            if !sampling.stop.isEmpty { writer.member("stop_sequences", sampling.stop) }
            thinking.write(format: request.outputFormat, into: &writer)
            writer.member("stream", request.stream)
            writer.rest(request.rest, without: written)
        }
        let route = Endpoint.messages.route
        return WireRequest(dialect: .messages, route: route, body: writer.bytes, dropped: dropped)
    }

    /// Members that `rest` cannot have a say in.
    private static let written: Set<String> = [
        "model", "system", "messages", "tools", "tool_choice", "max_tokens", "temperature", "top_p", "top_k",
        "stop_sequences", "thinking", "output_config", "stream",
    ]

    private static func refuse(_ request: InferenceRequest) throws(InferenceError) {
        // The dialect knows schemas alone, and a schema that lets every object pass is none that it takes.
        if request.outputFormat == .json {
            throw .cannotCarry("JSON without a schema", .messages, field: "response_format")
        }
        if let count = request.topLogprobs {
            throw .cannotCarry("Telling logprobs", .messages, field: count == 0 ? "logprobs" : "top_logprobs")
        }
    }

    private static func dropped(_ request: InferenceRequest) -> [String] {
        var dropped: [String] = []
        if request.sampling.seed != nil { dropped.append("seed") }
        if request.sampling.frequencyPenalty ?? 0 != 0 { dropped.append("frequency_penalty") }
        if request.sampling.presencePenalty ?? 0 != 0 { dropped.append("presence_penalty") }
        if case .schema = request.outputFormat { dropped.append("json_schema.name") }
        if request.serving.contextLength != nil { dropped.append("num_ctx") }
        if request.serving.keepAlive != nil { dropped.append("keep_alive") }
        return dropped
    }

    /// A model that thinks, or a newer one, refuses to have its choice of tokens changed.
    private static func sampling(_ request: InferenceRequest, thinks: Bool, _ dropped: inout [String]) -> Sampling {
        var sampling = request.sampling
        let refuses = ClaudeVersion(request.model)?.refusesSampling == true
        guard thinks || refuses else { return sampling }
        if let temperature = sampling.temperature, temperature != 1 {
            sampling.temperature = nil
            dropped.append("temperature")
        }
        if sampling.topK != nil {
            sampling.topK = nil
            dropped.append("top_k")
        }
        if let topP = sampling.topP, refuses ? topP != 1 : !(0.95...1).contains(topP) {
            sampling.topP = nil
            dropped.append("top_p")
        }
        // What is asked for anyway need not be said to a model that does not want to hear of it.
        if refuses { (sampling.temperature, sampling.topP) = (nil, nil) }
        return sampling
    }

    /// The texts of an instruction, which can hold nothing else.
    private static func texts(of message: Message) throws(InferenceError) -> [ContentPart] {
        for part in message.content {
            guard case .text = part else {
                throw .cannotCarry("An instruction that is not text", .messages, field: "messages")
            }
        }
        return message.content.filter(\.saysSomething)
    }
}
