/// Tokens that one exchange used, by kind; a number that the upstream did not give is nil.
package struct Usage: Sendable, Hashable {
    /// All tokens read by the model, cached ones included.
    package var input: Int?
    /// The part of `input` that a prompt cache served.
    package var cachedInput: Int?
    /// The part of `input` that was written to a prompt cache.
    package var cacheWrite: Int?
    /// The part of `cacheWrite` that is kept for an hour; nil also where it is nothing.
    package var cacheWrite1h: Int?
    /// All tokens that the model wrote, reasoning included.
    package var output: Int?
    /// The part of `output` that was reasoning.
    package var reasoning: Int?

    package init(
        input: Int? = nil,
        cachedInput: Int? = nil,
        cacheWrite: Int? = nil,
        cacheWrite1h: Int? = nil,
        output: Int? = nil,
        reasoning: Int? = nil
    ) {
        self.input = input
        self.cachedInput = cachedInput
        self.cacheWrite = cacheWrite
        self.cacheWrite1h = cacheWrite1h
        self.output = output
        self.reasoning = reasoning
    }
}
