import Inference
import JSON

extension ChatCompletions {
    /// Reads a caller's request.
    static func decode(_ root: JSONView, endpoint: Endpoint) throws(InferenceError) -> CallerRequest {
        guard endpoint != .embeddings else {
            throw InferenceError(.invalidRequest, "A request for embeddings holds no conversation.")
        }
        guard root.kind == .object else { throw InferenceError(request: root.mismatch("an object")) }
        var reading = RequestReading(endpoint: endpoint)
        for (name, value) in root.members where !value.isNull { try reading.read(name, value) }
        return try reading.finish(root)
    }
}

extension ChatCompletions {
    /// A request while the members of its root are read one after the other.
    struct RequestReading {
        let endpoint: Endpoint
        var request = InferenceRequest(model: "", messages: [], stream: false)
        var dropped = DroppedNames()
        private var hasPrompt = false
        private var includesUsage = false
        private var maxTokens: Int?
        private var wantsLogprobs: Bool?
        private var topLogprobs: Int?
        /// The choice is read last, because it may be one among the tools.
        private var toolChoice: JSONView?
        private var functionCall: JSONView?
        private var rest: [JSONObject.Member] = []
        private var members = JSONObject()

        init(endpoint: Endpoint) {
            self.endpoint = endpoint
        }

        /// Reads one member, which is not null.
        mutating func read(_ name: String, _ value: JSONView) throws(InferenceError) {
            switch name {
            case "model": request.model = try text(value)
            case "messages" where endpoint == .chatCompletions:
                request.messages = try ChatCompletions.messages(value, &dropped)
                hasPrompt = true
            case "prompt" where endpoint == .completions:
                request.messages = [Message(.user, try ChatCompletions.prompt(value))]
                hasPrompt = true
            case "stream": request.stream = try flag(value)
            case "stream_options": try readStreamOptions(value)
            case "tools", "functions", "tool_choice", "function_call", "parallel_tool_calls":
                try readTools(name, value)
            case "response_format": request.outputFormat = try ChatCompletions.outputFormat(value)
            case "reasoning_effort", "reasoning": try readReasoning(name, value)
            case "logprobs", "top_logprobs": try readLogprobs(name, value)
            default:
                if try !readSampling(name, value) { try keep(name, value) }
            }
        }

        /// The request, once all members are read.
        mutating func finish(_ root: JSONView) throws(InferenceError) -> CallerRequest {
            guard !request.model.isEmpty else { throw InferenceError(request: root.missing("model")) }
            guard hasPrompt else {
                throw InferenceError(request: root.missing(endpoint == .completions ? "prompt" : "messages"))
            }
            request.sampling.maxOutputTokens = request.sampling.maxOutputTokens ?? maxTokens
            if wantsLogprobs ?? (topLogprobs != nil) { request.topLogprobs = topLogprobs ?? 0 }
            if let functionCall { request.toolChoice = try ChatCompletions.functionChoice(functionCall) }
            if let toolChoice { try ChatCompletions.readToolChoice(toolChoice, into: &request) }
            request.rest = JSONObject(rest)
            return CallerRequest(
                endpoint: endpoint,
                request: request,
                dropped: dropped.list,
                includesUsage: includesUsage,
                members: members
            )
        }
    }
}

extension ChatCompletions.RequestReading {
    private mutating func readTools(_ name: String, _ value: JSONView) throws(InferenceError) {
        switch name {
        case "tools": request.tools += try ChatCompletions.tools(value, &dropped)
        case "functions":
            request.tools += try ChatCompletions.functions(value, &dropped)
            // The older form has room for one call in an answer.
            request.allowsParallelToolCalls = false
            members["functions"] = true
        case "tool_choice": toolChoice = value
        case "function_call":
            functionCall = value
            members[name] = JSONValue(value)
        default: request.allowsParallelToolCalls = try flag(value)
        }
    }

    private mutating func readStreamOptions(_ value: JSONView) throws(InferenceError) {
        guard value.kind == .object else { throw InferenceError(request: value.mismatch("an object")) }
        for (name, option) in value.members where !option.isNull {
            if name == "include_usage" {
                includesUsage = try flag(option)
            } else if option.bool != false {
                dropped.add("stream_options", name)
            }
        }
    }

    private mutating func readReasoning(_ name: String, _ value: JSONView) throws(InferenceError) {
        var options = request.reasoning ?? ReasoningOptions()
        if name == "reasoning_effort" {
            options.effort = try ChatCompletions.effort(value)
        } else {
            try ChatCompletions.readReasoning(value, into: &options, &dropped)
        }
        request.reasoning = options == ReasoningOptions() ? nil : options
    }

    private mutating func readLogprobs(_ name: String, _ value: JSONView) throws(InferenceError) {
        guard endpoint == .chatCompletions else {
            throw ChatCompletions.unsupported(value, "logprobs in the form of /v1/completions")
        }
        if name == "logprobs" {
            wantsLogprobs = try flag(value)
        } else {
            topLogprobs = try integer(value, in: 0...20)
        }
    }

    /// Whether the member belongs to the choice of tokens.
    private mutating func readSampling(_ name: String, _ value: JSONView) throws(InferenceError) -> Bool {
        switch name {
        case "temperature": request.sampling.temperature = try number(value)
        case "top_p": request.sampling.topP = try number(value)
        case "max_tokens": maxTokens = try integer(value, in: 0 ... .max)
        case "max_completion_tokens": request.sampling.maxOutputTokens = try integer(value, in: 0 ... .max)
        case "stop": request.sampling.stop = try ChatCompletions.stop(value)
        case "seed": request.sampling.seed = try integer(value)
        case "top_k":
            // Not in the specification, but most servers know it; 0 and -1 switch it off.
            let count = try integer(value, in: -1 ... .max)
            request.sampling.topK = count > 0 ? count : nil
        case "frequency_penalty": request.sampling.frequencyPenalty = try penalty(value)
        case "presence_penalty": request.sampling.presencePenalty = try penalty(value)
        default: return false
        }
        return true
    }

    /// What the hub has no name for; a member that no list knows is refused by its name, so its value may be cut.
    private mutating func keep(_ name: String, _ value: JSONView) throws(InferenceError) {
        if endpoint == .completions { try ChatCompletions.checkCompletionMember(name, value) }
        if endpoint == .completions, ["suffix", "echo", "best_of"].contains(name) { return }
        let isKnown = ChatCompletions.memberNames.contains(name)
        rest.append(.init(name, isKnown || value.raw.count < 1024 ? JSONValue(value) : true))
    }

    /// No penalty is what every server does by itself.
    private func penalty(_ value: JSONView) throws(InferenceError) -> Double? {
        let penalty = try number(value)
        return penalty == 0 ? nil : penalty
    }

    private func text(_ value: JSONView) throws(InferenceError) -> String { try ChatCompletions.text(value) }
    private func flag(_ value: JSONView) throws(InferenceError) -> Bool { try ChatCompletions.flag(value) }
    private func number(_ value: JSONView) throws(InferenceError) -> Double { try ChatCompletions.number(value) }
    private func integer(
        _ value: JSONView,
        in bounds: ClosedRange<Int> = .min ... .max
    ) throws(InferenceError) -> Int { try ChatCompletions.integer(value, in: bounds) }
}
