import Inference
import JSON

extension Messages.RequestDecoder {
    /// What `thinking`, `output_config` and the older `output_format` ask for.
    mutating func output(
        _ root: Messages.RequestObject
    ) throws(InferenceError) -> (ReasoningOptions?, OutputFormat?) {
        let config = try root.object("output_config")
        if let config { dropUnread(config, "output_config", read: ["effort", "format"]) }
        var format = try config?.object("format")
        if format == nil { format = try root.object("output_format") }
        let reasoning = try reasoning(root, config)
        guard let format else { return (reasoning, nil) }
        return (reasoning, try schema(format))
    }

    private mutating func reasoning(
        _ root: Messages.RequestObject,
        _ config: Messages.RequestObject?
    ) throws(InferenceError) -> ReasoningOptions? {
        let effort = try effort(config)
        guard let thinking = try root.object("thinking") else { return effort.map { ReasoningOptions(effort: $0) } }
        dropUnread(thinking, "thinking", read: ["type", "budget_tokens", "display"])
        // Whether thinking is told decides nothing about the answer, and without signatures it has to come back as text.
        let display = try thinking.text("display")
        if display == "omitted" { drop("thinking.display", at: thinking.view) }
        let summary = display == "omitted" ? nil : "auto"
        switch try thinking.required("type", thinking.text) {
        case "disabled":
            if effort != nil { drop("output_config.effort", at: config?.view ?? thinking.view) }
            return ReasoningOptions(effort: ReasoningOptions.Effort.none)
        case "adaptive", "between_tools": return ReasoningOptions(effort: effort, summary: summary)
        case "enabled":
            let budget = try thinking.required("budget_tokens") { (key) throws(InferenceError) in
                try thinking.integer(key, in: 1 ... .max)
            }
            return ReasoningOptions(effort: effort ?? Messages.effort(budget: budget), summary: summary, budget: budget)
        default:
            throw .unknownWord(thinking["type"] ?? thinking.view, wanted: "enabled, adaptive or disabled")
        }
    }

    private func effort(_ config: Messages.RequestObject?) throws(InferenceError) -> ReasoningOptions.Effort? {
        guard let config, let word = try config.text("effort") else { return nil }
        guard let effort = ReasoningOptions.Effort(rawValue: word) else {
            throw .unknownWord(config["effort"] ?? config.view, wanted: "low, medium, high, xhigh or max")
        }
        return effort
    }

    private func schema(_ format: Messages.RequestObject) throws(InferenceError) -> OutputFormat {
        guard try format.required("type", format.text) == "json_schema" else {
            throw .unknownWord(format["type"] ?? format.view, wanted: "json_schema")
        }
        let schema = try format.required("schema", format.object)
        return .schema(OutputSchema(name: "answer", schema: JSONValue(schema.view), strict: true))
    }
}

extension Messages {
    /// The effort that a budget of thinking comes to, for those who have no budgets.
    static func effort(budget: Int) -> ReasoningOptions.Effort {
        budget < 4096 ? .low : budget < 16384 ? .medium : .high
    }
}
