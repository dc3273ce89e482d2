import Gateway
import Providers

extension ModelPrice {
    /// Reads the amounts of a price, which may stand beside other keys; nil where one is missing or wrong, which is in the findings
    /// then.
    static func read(_ reader: MappingReader) -> ModelPrice? {
        let amounts = keys.map { key in reader.number(key, in: Price.amounts)?.value }
        for key in ["input", "output"] where reader.node(key) == nil {
            reader.findings.add(.missingKey, "\(reader.path) has no \(key)", at: reader.position)
        }
        for (key, amount) in zip(keys, amounts) where amount == nil && reader.node(key) != nil { return nil }
        guard let input = amounts[0], let output = amounts[4] else { return nil }
        return ModelPrice(
            input: input,
            cachedInput: amounts[1],
            cacheWrite: amounts[2],
            cacheWrite1h: amounts[3],
            output: output,
            reasoning: amounts[5],
            image: amounts[6],
            request: amounts[7]
        )
    }

    /// What `YAMLText` writes: the amounts that there are, with their names.
    var lines: [(key: String, amount: String)] {
        let amounts = [input, cachedInput, cacheWrite, cacheWrite1h, output, reasoning, image, request]
        return zip(Self.keys, amounts).compactMap { key, amount in amount.map { (key, Figures.amount($0)) } }
    }

    private static let keys = [
        "input", "cached_input", "cache_write", "cache_write_1h", "output", "reasoning", "image", "request",
    ]
}
