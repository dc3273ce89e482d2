package import JSON

/// What a caller wants of a model, in no dialect's words.
package struct InferenceRequest: Sendable, Equatable {
    package var model: String
    /// The conversation so far, oldest first; instructions are messages with the role `system` or `developer`.
    package var messages: [Message]
    package var tools: [Tool]
    package var toolChoice: ToolChoice?
    /// Whether several tools may be called in one turn; nil leaves it to the provider.
    package var allowsParallelToolCalls: Bool?
    package var sampling: Sampling
    package var reasoning: ReasoningOptions?
    package var outputFormat: OutputFormat?
    /// How many of the likeliest tokens to tell for each one chosen; 0 tells only the chosen, nil tells nothing.
    package var topLogprobs: Int?
    package var serving: ServingOptions
    package var stream: Bool
    /// Members that the hub has no name for, as they came; only a dialect that knows them may send them on.
    package var rest: JSONObject

    package init(
        model: String,
        messages: [Message],
        tools: [Tool] = [],
        toolChoice: ToolChoice? = nil,
        allowsParallelToolCalls: Bool? = nil,
        sampling: Sampling = Sampling(),
        reasoning: ReasoningOptions? = nil,
        outputFormat: OutputFormat? = nil,
        topLogprobs: Int? = nil,
        serving: ServingOptions = ServingOptions(),
        stream: Bool = true,
        rest: JSONObject = JSONObject()
    ) {
        self.model = model
        self.messages = messages
        self.tools = tools
        self.toolChoice = toolChoice
        self.allowsParallelToolCalls = allowsParallelToolCalls
        self.sampling = sampling
        self.reasoning = reasoning
        self.outputFormat = outputFormat
        self.topLogprobs = topLogprobs
        self.serving = serving
        self.stream = stream
        self.rest = rest
    }
}

/// How the next token is chosen and when to stop; nil leaves it to the provider.
package struct Sampling: Sendable, Hashable {
    package var temperature: Double?
    package var topP: Double?
    /// Tokens, reasoning included where the dialect counts it.
    package var maxOutputTokens: Int?
    /// Texts that end the answer and are not part of it.
    package var stop: [String]
    package var seed: Int?
    /// Only so many of the likeliest tokens are considered.
    package var topK: Int?
    package var frequencyPenalty: Double?
    package var presencePenalty: Double?

    /// Bounds the answer's length, unless it is shorter already.
    package mutating func bound(maxOutputTokens limit: Int) {
        maxOutputTokens = min(maxOutputTokens ?? limit, limit)
    }

    package init(
        temperature: Double? = nil,
        topP: Double? = nil,
        maxOutputTokens: Int? = nil,
        stop: [String] = [],
        seed: Int? = nil,
        topK: Int? = nil,
        frequencyPenalty: Double? = nil,
        presencePenalty: Double? = nil
    ) {
        self.temperature = temperature
        self.topP = topP
        self.maxOutputTokens = maxOutputTokens
        self.stop = stop
        self.seed = seed
        self.topK = topK
        self.frequencyPenalty = frequencyPenalty
        self.presencePenalty = presencePenalty
    }
}

/// How much a model should think before it answers.
package struct ReasoningOptions: Sendable, Hashable {
    /// From none to all that the model can; a dialect that lacks a level takes its nearest.
    package enum Effort: String, Sendable, Hashable, CaseIterable {
        case none, minimal, low, medium, high, xhigh, max
    }

    package var effort: Effort?
    /// How much of the thinking is to be told: `auto`, `concise` or `detailed`.
    package var summary: String?
    /// The most tokens to think with, where a dialect counts them.
    package var budget: Int?

    package init(effort: Effort? = nil, summary: String? = nil, budget: Int? = nil) {
        self.effort = effort
        self.summary = summary
        self.budget = budget
    }
}

/// The form that the answer has to have.
package enum OutputFormat: Sendable, Equatable {
    case text
    /// Any JSON object.
    case json
    /// JSON that fits a schema.
    case schema(OutputSchema)
}

/// A JSON schema for the answer.
package struct OutputSchema: Sendable, Equatable {
    package var name: String
    package var description: String?
    package var schema: JSONValue
    package var strict: Bool?

    package init(name: String, description: String? = nil, schema: JSONValue, strict: Bool? = nil) {
        self.name = name
        self.description = description
        self.schema = schema
        self.strict = strict
    }
}

/// How a local model server should run the model; hosted services have no such choice.
package struct ServingOptions: Sendable, Hashable {
    /// Tokens of context to allocate, Ollama's `num_ctx`.
    ///
    /// Another value than the last makes Ollama load the model anew.
    package var contextLength: Int?
    /// How long the model stays loaded, as Ollama writes it: `5m`, `-1`, `0`.
    package var keepAlive: String?
    /// Whether the model can think, as far as is known; Ollama refuses to let think what cannot.
    package var canThink: Bool?

    package init(contextLength: Int? = nil, keepAlive: String? = nil, canThink: Bool? = nil) {
        self.contextLength = contextLength
        self.keepAlive = keepAlive
        self.canThink = canThink
    }
}
