/// What can be known of a model from its name: windows, abilities, prices; nil is what nobody told.
package struct ModelFacts: Sendable, Hashable {
    /// Tokens that a prompt and its answer may have together.
    package var window: Int?
    /// Tokens of a prompt alone, where that bound is lower.
    package var inputLimit: Int?
    /// Tokens of an answer.
    package var outputLimit: Int?
    package var tools: Bool?
    package var vision: Bool?
    /// The efforts that the model can be asked for, the least first; empty for a model without any.
    package var efforts: [String]?
    package var price: ModelPrice?
    /// False for a model that does not talk: one for embeddings, speech or images.
    package var converses: Bool?

    package init(
        window: Int? = nil,
        inputLimit: Int? = nil,
        outputLimit: Int? = nil,
        tools: Bool? = nil,
        vision: Bool? = nil,
        efforts: [String]? = nil,
        price: ModelPrice? = nil,
        converses: Bool? = nil
    ) {
        self.window = window
        self.inputLimit = inputLimit
        self.outputLimit = outputLimit
        self.tools = tools
        self.vision = vision
        self.efforts = efforts
        self.price = price
        self.converses = converses
    }

    /// These facts, with the gaps filled from others.
    func filled(from other: ModelFacts) -> ModelFacts {
        // A window that somebody states is not cut by a bound that belongs to another one.
        ModelFacts(
            window: window ?? other.window,
            inputLimit: inputLimit ?? (window == nil ? other.inputLimit : nil),
            outputLimit: outputLimit ?? other.outputLimit,
            tools: tools ?? other.tools,
            vision: vision ?? other.vision,
            efforts: efforts ?? other.efforts,
            price: price ?? other.price,
            converses: converses ?? other.converses
        )
    }
}

/// What a model costs, in USD per million tokens.
package struct ModelPrice: Sendable, Hashable {
    package var input: Double
    /// For the part of a prompt that the provider had in its cache, and for the part that it put there; where nil, as the rest.
    package var cachedInput: Double?
    package var cacheWrite: Double?
    /// For what is put there for an hour; where nil, as what is put there at all.
    package var cacheWrite1h: Double?
    package var output: Double
    /// For the part of an answer that is thinking; where nil, as the rest.
    package var reasoning: Double?
    /// USD for each picture that is sent, and for each request.
    package var image: Double?
    package var request: Double?
    /// The day on which it was read, such as `2026-11-27`; nil for one of the configuration.
    package var readOn: String?

    package init(
        input: Double,
        cachedInput: Double? = nil,
        cacheWrite: Double? = nil,
        cacheWrite1h: Double? = nil,
        output: Double,
        reasoning: Double? = nil,
        image: Double? = nil,
        request: Double? = nil,
        readOn: String? = nil
    ) {
        self.input = input
        self.cachedInput = cachedInput
        self.cacheWrite = cacheWrite
        self.cacheWrite1h = cacheWrite1h
        self.output = output
        self.reasoning = reasoning
        self.image = image
        self.request = request
        self.readOn = readOn
    }
}

/// One entry of a catalogue: facts of all models of a pattern.
package struct KnownModel: Sendable, Hashable {
    package var pattern: ModelPattern
    /// The provider that the facts are true of; nil for any.
    package var provider: String?
    /// The host that asks the price, which holds there alone; nil for any.
    package var vendor: String?
    package var facts: ModelFacts

    package init(_ pattern: String, provider: String? = nil, vendor: String? = nil, _ facts: ModelFacts) {
        self.pattern = ModelPattern(pattern)
        self.provider = provider
        self.vendor = vendor
        self.facts = facts
    }
}
