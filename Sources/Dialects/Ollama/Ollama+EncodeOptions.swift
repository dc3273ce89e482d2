import Inference
import JSON

extension Ollama {
    /// Writes `options`, unless there is none.
    static func writeOptions(_ request: InferenceRequest, into writer: inout JSONWriter) {
        let sampling = request.sampling
        var options = JSONWriter()
        options.object { options in
            options.memberIfPresent("num_ctx", request.serving.contextLength)
            options.memberIfPresent("num_predict", sampling.maxOutputTokens)
            options.memberIfPresent("temperature", sampling.temperature)
            options.memberIfPresent("top_p", sampling.topP)
            options.memberIfPresent("top_k", sampling.topK)
            options.memberIfPresent("frequency_penalty", sampling.frequencyPenalty)
            options.memberIfPresent("presence_penalty", sampling.presencePenalty)
            options.memberIfPresent("seed", sampling.seed)
            if !sampling.stop.isEmpty { options.member("stop", sampling.stop) }
            for member in request.rest.members where member.key.hasPrefix(optionPrefix) {
                options.member(String(member.key.dropFirst(optionPrefix.count)), member.value)
            }
            options.rest(request.rest["options"]?.object ?? JSONObject())
        }
        guard options.bytes.count > 2 else { return }
        writer.key("options")
        writer.raw(options.bytes)
    }

    /// Whether a member that the hub has no name for is written at a place of its own.
    static func isWritten(_ key: String) -> Bool {
        switch key {
        case "stream", "options", "truncate", "shift": true
        default: key.hasPrefix(optionPrefix)
        }
    }

    /// Writes `think`, unless nothing is asked for.
    static func writeThinking(_ request: InferenceRequest, into writer: inout JSONWriter) {
        if let value = thinking(request) { writer.member("think", value) }
    }

    /// The value of `think`: what Ollama lacks becomes the nearest; nil says nothing, and a model that can think does.
    ///
    /// gpt-oss takes `low`, `medium` and `high` only and cannot be stopped from thinking. A model that cannot think
    /// must not be asked to, or the whole request is refused.
    static func thinking(_ request: InferenceRequest) -> JSONValue? {
        guard let reasoning = request.reasoning else { return nil }
        guard let effort = reasoning.effort else { return thinking(request, budget: reasoning.budget) }
        if request.serving.canThink == false { return nil }
        let isGPTOSS = takesLevelsOnly(request.model)
        return switch effort {
        case .none: isGPTOSS ? "low" : false
        case .minimal, .low: "low"
        case .medium: "medium"
        case .high: "high"
        case .xhigh, .max: isGPTOSS ? "high" : "max"
        }
    }

    /// Whoever gives tokens to think with wants thought.
    private static func thinking(_ request: InferenceRequest, budget: Int?) -> JSONValue? {
        guard let budget, request.serving.canThink != false else { return nil }
        guard takesLevelsOnly(request.model) else { return true }
        return budget < 4096 ? "low" : budget < 16_384 ? "medium" : "high"
    }

    private static func takesLevelsOnly(_ model: String) -> Bool {
        let name = model.lowercased()
        return name.contains("gpt-oss") || name.contains("gptoss")
    }
}
