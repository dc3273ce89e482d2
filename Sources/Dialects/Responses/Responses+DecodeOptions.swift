import Inference
import JSON

extension Responses.RequestDecoder {
    /// Reads `reasoning`.
    mutating func readReasoning(_ value: Responses.Value) throws(InferenceError) {
        var members = try value.object()
        var reasoning = ReasoningOptions()
        if let effort = members.take("effort") {
            reasoning.effort = try effort.word(ReasoningOptions.Effort.self)
        }
        let older = members.take("generate_summary")
        if let summary = members.take("summary") ?? older { reasoning.summary = try summary.string() }
        // The words for what happens anyway.
        if let context = members.take("context"), try context.string() != "auto" { note("reasoning.context") }
        if let mode = members.take("mode"), try mode.string() != "standard" { note("reasoning.mode") }
        note(left: members, at: "reasoning")
        if reasoning != ReasoningOptions() { request.reasoning = reasoning }
    }

    /// Reads `text`.
    mutating func readText(_ value: Responses.Value) throws(InferenceError) {
        var members = try value.object()
        if let format = members.take("format") { try readFormat(format) }
        if let verbosity = members.take("verbosity"), try verbosity.string() != "medium" { note("text.verbosity") }
        note(left: members, at: "text")
    }

    private mutating func readFormat(_ value: Responses.Value) throws(InferenceError) {
        var members = try value.object()
        switch try members.required("type").string() {
        case "text": request.outputFormat = .text
        case "json_object": request.outputFormat = .json
        case "json_schema":
            let schema = OutputSchema(
                name: try members.required("name").string(),
                description: try members.take("description")?.string(),
                schema: JSONValue(try members.required("schema").object().view),
                strict: try members.take("strict")?.flag()
            )
            request.outputFormat = .schema(schema)
            note(left: members, at: "text.format")
        case let type: throw members.unsupported("A text format of the type \(type)")
        }
    }
}
