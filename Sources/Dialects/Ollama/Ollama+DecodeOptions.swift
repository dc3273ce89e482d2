import Inference
import JSON

extension Ollama {
    /// Stands before the name of an option among the members that the hub has no name for.
    static let optionPrefix = "options."

    /// Puts an option into its place; false if the hub has none for it.
    static func readOption(
        _ name: String,
        _ value: JSONView,
        _ request: inout InferenceRequest
    ) throws(InferenceError) -> Bool {
        switch name {
        case "temperature": request.sampling.temperature = try number(value)
        case "top_p": request.sampling.topP = try number(value)
        case "top_k": request.sampling.topK = try integer(value)
        case "frequency_penalty": request.sampling.frequencyPenalty = try number(value)
        case "presence_penalty": request.sampling.presencePenalty = try number(value)
        case "seed":
            // A negative one means any.
            request.sampling.seed = try integer(value).flatMap { $0 < 0 ? nil : $0 }
        case "num_predict":
            // -1 and -2 mean no limit, and so does 0.
            request.sampling.maxOutputTokens = try integer(value).flatMap { $0 > 0 ? $0 : nil }
        case "num_ctx": request.serving.contextLength = try integer(value).flatMap { $0 > 0 ? $0 : nil }
        case "stop": request.sampling.stop = try stops(value)
        default: return false
        }
        return true
    }

    /// Several texts, or one.
    private static func stops(_ value: JSONView) throws(InferenceError) -> [String] {
        if let text = value.string { return text.isEmpty ? [] : [text] }
        guard let list = try array(value) else { return [] }
        var stops: [String] = []
        for item in list.elements { if let text = try text(item) { stops.append(text) } }
        return stops
    }
}
