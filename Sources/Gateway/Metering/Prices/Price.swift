package import Inference

/// What a model asks at a provider; amounts for tokens are in trillionths of a dollar each, which is millionths of a dollar for a
/// million of them.
package struct Price: Sendable, Hashable {
    package var input: Int
    /// Of tokens that a prompt cache served, was filled with, and of reasoning; where nil, the ordinary input's or output's.
    package var cachedInput: Int?
    package var cacheWrite: Int?
    /// Of tokens that a prompt cache was filled with for an hour; where nil, as for any other time.
    package var cacheWrite1h: Int?
    package var output: Int
    package var reasoning: Int?
    /// Of each picture that is sent, and of each request, in billionths of a dollar.
    package var image: Int?
    package var request: Int?

    package static let free = Price(input: 0, output: 0)

    package init(
        input: Int,
        cachedInput: Int? = nil,
        cacheWrite: Int? = nil,
        cacheWrite1h: Int? = nil,
        output: Int,
        reasoning: Int? = nil,
        image: Int? = nil,
        request: Int? = nil
    ) {
        self.input = input
        self.cachedInput = cachedInput
        self.cacheWrite = cacheWrite
        self.cacheWrite1h = cacheWrite1h
        self.output = output
        self.reasoning = reasoning
        self.image = image
        self.request = request
    }

    /// What so many tokens cost, rounded up to a billionth of a dollar; what a provider claims is bounded first.
    package func cost(of usage: Usage, images: Int = 0) -> Money {
        let input = Self.bounded(usage.input)
        let cached = min(Self.bounded(usage.cachedInput), input)
        let written = min(Self.bounded(usage.cacheWrite), input - cached)
        let hour = min(Self.bounded(usage.cacheWrite1h), written)
        let output = Self.bounded(usage.output)
        let reasoning = min(Self.bounded(usage.reasoning), output)
        let parts = [
            (input - cached - written, self.input), (cached, cachedInput ?? self.input),
            (written - hour, cacheWrite ?? self.input), (hour, cacheWrite1h ?? cacheWrite ?? self.input),
            (output - reasoning, self.output), (reasoning, self.reasoning ?? self.output),
        ]
        // At most 2^33 tokens at 10^9 each, which fits.
        let trillionths = parts.reduce(0) { $0 + $1.0 * $1.1 }
        let pictures = (image ?? 0) * min(max(images, 0), Self.mostImages)
        return Money(nanos: (trillionths + 999) / 1_000 + pictures + (request ?? 0))
    }

    /// No request counts for more tokens than that.
    private static func bounded(_ tokens: Int?) -> Int { min(max(tokens ?? 0, 0), 1 << 32) }

    private static let mostImages = 10_000
    /// The dearest token that there can be: a thousandth of a dollar.
    package static let mostPerToken = 1_000_000_000
    /// The dearest picture or request: a thousand dollars.
    package static let mostEach = 1_000_000_000_000
}
