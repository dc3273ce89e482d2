package import Providers

extension Price {
    /// USD that an amount may be: for a million tokens, for a picture and for a request.
    package static let amounts = 0...Double(mostUSD)
    static let mostUSD = 1_000

    /// The price as the catalogue and people write it; amounts beyond `amounts` are brought within.
    package init(_ price: ModelPrice) {
        self.init(
            input: Self.perToken(price.input),
            cachedInput: price.cachedInput.map(Self.perToken),
            cacheWrite: price.cacheWrite.map(Self.perToken),
            cacheWrite1h: price.cacheWrite1h.map(Self.perToken),
            output: Self.perToken(price.output),
            reasoning: price.reasoning.map(Self.perToken),
            image: price.image.map(Self.each),
            request: price.request.map(Self.each)
        )
    }

    /// USD for a million tokens as agents use them: three of the prompt for each of the answer.
    var usual: Double { (Double(input) * 3 + Double(output)) / 4e6 }

    private static func perToken(_ usd: Double) -> Int { scaled(usd, 1e6) }

    private static func each(_ usd: Double) -> Int { scaled(usd, 1e9) }

    private static func scaled(_ usd: Double, _ factor: Double) -> Int {
        // What is no number costs nothing here; whoever reads a price has refused it before.
        guard usd > 0 else { return 0 }
        return Int((min(usd, amounts.upperBound) * factor).rounded())
    }
}
