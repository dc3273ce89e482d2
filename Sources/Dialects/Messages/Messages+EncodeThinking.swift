import Inference
import JSON

extension Messages {
    /// How much the model is asked to think, and in which generation's words.
    struct Thinking {
        private enum Form: Equatable {
            /// Nothing is said of it.
            case unsaid
            case disabled
            case budget(Int)
            /// As much as the model finds right; `told` if its thinking is to be shown.
            case adaptive(told: Bool)
        }

        /// The answer's limit, thinking included.
        let limit: Int
        private var form = Form.unsaid
        private var effort: String?

        /// Whether the model thinks before it answers.
        var isOn: Bool {
            switch form {
            case .unsaid, .disabled: false
            case .budget, .adaptive: true
            }
        }

        init(_ request: InferenceRequest, _ dropped: inout [String]) {
            limit = request.sampling.maxOutputTokens ?? defaultMaxTokens(for: request.model)
            guard let reasoning = request.reasoning else { return }
            let version = ClaudeVersion(request.model)
            let isForced: Bool
            switch request.toolChoice {
            case .required, .tool: isForced = true
            case nil, .auto, .some(.none): isForced = false
            }
            if let version, version.isAdaptive {
                setAdaptive(reasoning, version, isForced: isForced)
            } else {
                if reasoning.summary != nil { dropped.append("reasoning.summary") }
                setBudget(reasoning, isForced: isForced, &dropped)
            }
        }

        /// Writes `thinking`, and `output_config` with the effort and the form of the answer.
        func write(format: OutputFormat?, into writer: inout JSONWriter) {
            switch form {
            case .unsaid: break
            case .disabled: writer.member("thinking", ["type": "disabled"] as JSONValue)
            case .budget(let budget):
                writer.key("thinking")
                writer.object { writer in
                    writer.member("type", "enabled")
                    writer.member("budget_tokens", budget)
                }
            case .adaptive(let told):
                writer.key("thinking")
                writer.object { writer in
                    writer.member("type", "adaptive")
                    if told { writer.member("display", "summarized") }
                }
            }
            var schema: JSONValue?
            if case .schema(let wanted) = format { schema = wanted.schema }
            guard effort != nil || schema != nil else { return }
            writer.key("output_config")
            writer.object { writer in
                writer.memberIfPresent("effort", effort)
                guard let schema else { return }
                writer.key("format")
                writer.object { writer in
                    writer.member("type", "json_schema")
                    writer.member("schema", schema)
                }
            }
        }

        /// A forced call and thinking exclude each other; the effort may still be said.
        private mutating func setAdaptive(_ reasoning: ReasoningOptions, _ version: ClaudeVersion, isForced: Bool) {
            switch reasoning.effort {
            case nil: break
            // Some models cannot be told not to think; the least that all of them take is this.
            case .some(.none): effort = version.thinksUnasked ? "low" : nil
            case .minimal, .low: effort = "low"
            case .medium: effort = "medium"
            case .high: effort = "high"
            case .xhigh: effort = version.knowsXHigh ? "xhigh" : "high"
            case .max: effort = "max"
            }
            guard reasoning.effort != ReasoningOptions.Effort.none, !isForced else { return }
            form = .adaptive(told: reasoning.summary != nil)
        }

        /// A budget is below the answer's limit and 1,024 at least; an answer too short for it goes without.
        private mutating func setBudget(_ reasoning: ReasoningOptions, isForced: Bool, _ dropped: inout [String]) {
            guard reasoning.effort != nil || reasoning.budget != nil else { return }
            guard reasoning.effort != ReasoningOptions.Effort.none else { return form = .disabled }
            let budget = min(reasoning.budget ?? share(reasoning.effort), limit - 1)
            guard budget >= 1024, !isForced else { return dropped.append("reasoning.effort") }
            form = .budget(budget)
        }

        private func share(_ effort: ReasoningOptions.Effort?) -> Int {
            switch effort {
            case nil, .some(.none), .medium: limit / 2
            case .minimal, .low: max(1024, limit / 4)
            case .high, .xhigh, .max: limit - limit / 4
            }
        }
    }
}
