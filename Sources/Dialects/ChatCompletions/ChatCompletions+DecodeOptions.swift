import Inference
import JSON

/// The smaller members of a request's root.
extension ChatCompletions {
    /// `stop`: a text or several.
    static func stop(_ value: JSONView) throws(InferenceError) -> [String] {
        if let text = value.string { return [text] }
        guard value.kind == .array else { throw InferenceError(request: value.mismatch("a string or an array")) }
        var texts: [String] = []
        for element in value.elements { texts.append(try text(element)) }
        return texts
    }

    static func effort(_ value: JSONView) throws(InferenceError) -> ReasoningOptions.Effort {
        try word(value, as: ReasoningOptions.Effort.self)
    }

    /// `reasoning`, which is not in the specification but sent by clients of many models.
    static func readReasoning(
        _ value: JSONView,
        into options: inout ReasoningOptions,
        _ dropped: inout DroppedNames
    ) throws(InferenceError) {
        for (name, option) in try members(value) where !option.isNull {
            switch name {
            case "effort": options.effort = try effort(option)
            case "summary", "generate_summary": options.summary = try text(option)
            case "max_tokens": options.budget = try integer(option, in: 0 ... .max)
            case "enabled": if try !flag(option) { options.effort = ReasoningOptions.Effort.none }
            default: dropped.add("reasoning", name)
            }
        }
    }

    static func outputFormat(_ value: JSONView) throws(InferenceError) -> OutputFormat {
        let type = try required("type", of: value)
        switch try text(type) {
        case "text": return .text
        case "json_object":
            // Some local servers take a schema here.
            guard let schema = value["schema"], !schema.isNull else { return .json }
            return .schema(OutputSchema(name: "response", schema: try self.schema(schema)))
        case "json_schema": return .schema(try outputSchema(try required("json_schema", of: value)))
        default: throw unsupported(type, "this form of the answer")
        }
    }

    private static func outputSchema(_ value: JSONView) throws(InferenceError) -> OutputSchema {
        let strict = value["strict"].flatMap { $0.isNull ? nil : $0 }
        return OutputSchema(
            name: try text(try required("name", of: value)),
            description: try optionalText("description", of: value),
            // Without a schema any object fits.
            schema: try value["schema"].map { (view) throws(InferenceError) in try schema(view) } ?? ["type": "object"],
            strict: try strict.map { (view) throws(InferenceError) in try flag(view) }
        )
    }

    private static func schema(_ value: JSONView) throws(InferenceError) -> JSONValue {
        guard value.kind == .object else { throw InferenceError(request: value.mismatch("an object")) }
        return JSONValue(value)
    }

    /// `prompt` of `/v1/completions`, which is one user's message here: a text, or an array with nothing but one.
    static func prompt(_ value: JSONView) throws(InferenceError) -> String {
        if let text = value.string { return text }
        guard value.kind == .array else { throw InferenceError(request: value.mismatch("a string or an array")) }
        let elements = Array(value.elements.prefix(2))
        guard elements.count == 1, let text = elements[0].string else {
            throw unsupported(value, "several prompts, or one in tokens,")
        }
        return text
    }

    /// Refuses what `/v1/completions` alone has and what a chat cannot do.
    static func checkCompletionMember(_ name: String, _ value: JSONView) throws(InferenceError) {
        let isHarmless: Bool
        switch name {
        case "suffix": isHarmless = value.string == ""
        case "echo": isHarmless = value.bool == false
        case "best_of": isHarmless = value.int == 1
        default: return
        }
        if !isHarmless { throw unsupported(value, "this option of /v1/completions") }
    }
}
