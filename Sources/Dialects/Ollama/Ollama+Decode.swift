import Inference
import JSON

extension Ollama {
    /// Reads a caller's request for `/api/chat` or `/api/generate`; the prompt of the latter becomes a message.
    ///
    /// A request without anything to say asks for the model to be loaded: its messages are empty.
    static func decode(_ root: JSONView, endpoint: Endpoint) throws(InferenceError) -> CallerRequest {
        guard endpoint == .ollamaChat || endpoint == .ollamaGenerate else {
            throw InferenceError(.invalidRequest, "\(endpoint.rawValue) takes no conversation.")
        }
        guard root.kind == .object else { throw InferenceError(request: root.mismatch("an object")) }
        var reader = RootReader(isGenerate: endpoint == .ollamaGenerate)
        for member in root.members { try reader.read(member.key, member.value) }
        guard !reader.request.model.isEmpty else { throw InferenceError(request: root.missing("model")) }
        return try CallerRequest(endpoint: endpoint, request: reader.finish(), dropped: reader.dropped.list)
    }

    /// Takes the members of a request's root as they come.
    private struct RootReader {
        let isGenerate: Bool
        var request = InferenceRequest(model: "", messages: [])
        var dropped = DroppedNames()
        private var rest: [JSONObject.Member] = []
        private var system = ""
        private var prompt = ""
        private var images: [ContentPart] = []
        private var tellsLogprobs = false
        private var topLogprobs = 0

        init(isGenerate: Bool) { self.isGenerate = isGenerate }

        mutating func read(_ key: String, _ value: JSONView) throws(InferenceError) {
            switch key {
            case "model": request.model = try text(value) ?? ""
            case "stream": request.stream = try flag(value) ?? true
            case "options": try readOptions(value)
            case "format": request.outputFormat = try format(value)
            case "think": request.reasoning = try thinking(value)
            case "keep_alive": request.serving.keepAlive = try duration(value)
            case "logprobs": tellsLogprobs = try flag(value) ?? false
            case "top_logprobs": topLogprobs = try integer(value) ?? 0
            case "truncate", "shift":
                // Without it is how every prompt is sent anyway.
                if try flag(value) == true { rest.append(.init(key, true)) }
            case "messages", "tools", "prompt", "system", "images": try readContent(key, value)
            default: try keep(key, value)
            }
        }

        consuming func finish() throws(InferenceError) -> InferenceRequest {
            if tellsLogprobs { request.topLogprobs = topLogprobs }
            // Without a prompt the model is only loaded, whatever else is said.
            if isGenerate, !prompt.isEmpty {
                if !system.isEmpty { request.messages.append(Message(.system, system)) }
                request.messages.append(Message(.user, [.text(prompt)] + images))
            }
            request.rest = JSONObject(rest)
            return request
        }

        private mutating func readContent(_ key: String, _ value: JSONView) throws(InferenceError) {
            switch (key, isGenerate) {
            case ("messages", false):
                var history = History()
                if let list = try array(value) {
                    for item in list.elements { try history.add(item, &dropped) }
                }
                request.messages = history.messages
            case ("tools", false): request.tools = try tools(value, &dropped)
            case ("prompt", true): prompt = try text(value) ?? ""
            case ("system", true): system = try text(value) ?? ""
            case ("images", true): images = try Ollama.images(value)
            default:
                guard value.isNull || value.raw.count == 2 else { throw refusal(of: value, "is not a member here") }
            }
        }

        /// Members that the hub has no name for; their rules decide.
        private mutating func keep(_ key: String, _ value: JSONView) throws(InferenceError) {
            // These names stand for members of `options`.
            guard !key.hasPrefix(optionPrefix) else { throw refusal(of: value, "is not a member here") }
            rest.append(.init(key, JSONValue(value)))
        }

        private mutating func readOptions(_ value: JSONView) throws(InferenceError) {
            guard let options = try object(value) else { return }
            for (name, value) in options.members where !value.isNull {
                guard try !readOption(name, value, &request) else { continue }
                rest.append(.init(optionPrefix + name, JSONValue(value)))
            }
        }
    }
}

extension Ollama {
    /// `"json"`, a schema, or the empty string for neither.
    private static func format(_ value: JSONView) throws(InferenceError) -> OutputFormat? {
        switch value.kind {
        case .null: return nil
        case .object: return .schema(OutputSchema(name: schemaName, schema: JSONValue(value)))
        case .string:
            if value.isString("json") { return .json }
            guard value.isString("") else { throw refusal(of: value, "must be \"json\" or a schema") }
            return nil
        default: throw InferenceError(request: value.mismatch("\"json\" or a schema"))
        }
    }

    /// Other dialects want a name for a schema, and Ollama has none.
    static let schemaName = "answer"

    private static func thinking(_ value: JSONView) throws(InferenceError) -> ReasoningOptions? {
        if value.isNull { return nil }
        if let thinks = value.bool { return ReasoningOptions(effort: thinks ? .medium : ReasoningOptions.Effort.none) }
        guard let word = value.string else { throw InferenceError(request: value.mismatch("a boolean or a level")) }
        switch word {
        case "low": return ReasoningOptions(effort: .low)
        case "medium": return ReasoningOptions(effort: .medium)
        case "high": return ReasoningOptions(effort: .high)
        case "max": return ReasoningOptions(effort: .max)
        default: throw refusal(of: value, "must be true, false, \"low\", \"medium\", \"high\" or \"max\"")
        }
    }
}
