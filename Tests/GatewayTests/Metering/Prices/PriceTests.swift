import Inference
import Providers
import Testing

@testable import Gateway

@Suite("What a price makes of tokens")
struct PriceTests {
    @Test("each kind of token costs its own, and where nothing is said of it as the rest")
    func kinds() {
        let usage = Usage(
            input: 1_000_000,
            cachedInput: 400_000,
            cacheWrite: 100_000,
            output: 200_000,
            reasoning: 50_000
        )
        let plain = Price(ModelPrice(input: 2, output: 10))
        #expect(plain.cost(of: usage).text == "4")
        let price = Price(ModelPrice(input: 2, cachedInput: 0.5, cacheWrite: 2.5, output: 10, reasoning: 20))
        // 500,000 at 2, 400,000 at 0.5, 100,000 at 2.5, 150,000 at 10, 50,000 at 20.
        #expect(price.cost(of: usage).text == "3.95")
        // What is kept for an hour has a price of its own, or else that of any other write.
        var kept = usage
        kept.cacheWrite1h = 40_000
        #expect(price.cost(of: kept).text == "3.95" && plain.cost(of: kept).text == "4")
        let hour = Price(ModelPrice(input: 2, cachedInput: 0.5, cacheWrite: 2.5, cacheWrite1h: 4, output: 10))
        // 500,000 at 2, 400,000 at 0.5, 60,000 at 2.5, 40,000 at 4, 200,000 at 10.
        #expect(hour.cost(of: kept).text == "3.51")
        kept.cacheWrite1h = .max
        #expect(hour.cost(of: kept).text == "3.6")
        // All of a prompt may be kept, which nobody knows before.
        #expect(hour.amount(of: TokenAmounts(input: 1_000_000)).cost.text == "4")
        let each = Price(ModelPrice(input: 0, output: 0, image: 0.01, request: 0.002))
        #expect(each.cost(of: Usage(), images: 3).text == "0.032")
        #expect(Price.free.cost(of: usage, images: 9) == .zero)
    }

    @Test("a fraction of a billionth of a dollar is a whole one")
    func rounding() {
        let price = Price(ModelPrice(input: 0.0001, output: 0))
        #expect(price.cost(of: Usage(input: 1)).nanos == 1)
        #expect(price.cost(of: Usage(input: 10)).nanos == 1)
        #expect(price.cost(of: Usage(input: 11)).nanos == 2)
    }

    @Test(
        "what a provider claims beyond all reason costs a bounded amount, and never less than nothing",
        arguments: [
            Usage(input: .max, output: .max), Usage(input: .min, output: .min),
            Usage(input: 5, cachedInput: .max, cacheWrite: .max, cacheWrite1h: .max, output: 5, reasoning: .max),
            Usage(input: 5, cachedInput: -9, cacheWrite: -9, cacheWrite1h: -9, output: 5, reasoning: -9),
        ]
    )
    func bounds(_ usage: Usage) {
        let most = Price(
            ModelPrice(
                input: 1e9,
                cachedInput: 1e9,
                cacheWrite: 1e9,
                cacheWrite1h: 1e9,
                output: 1e9,
                reasoning: 1e9,
                image: 1e9,
                request: 1e9
            )
        )
        let cost = most.cost(of: usage, images: .max)
        #expect(cost >= .zero && cost.nanos < .max)
    }

    @Test("amounts that are none, below nothing or too large are brought within")
    func amounts() {
        #expect(Price(ModelPrice(input: .nan, output: -1)) == .free)
        let dear = Price(ModelPrice(input: .infinity, output: 1_001, image: 1e300))
        #expect(dear.input == Price.mostPerToken && dear.output == Price.mostPerToken && dear.image == Price.mostEach)
    }

    @Test(
        "an amount of money is written exactly and briefly",
        arguments: [
            (0, "0"), (1, "0.000000001"), (1_000_000_000, "1"), (12_500_000_000, "12.5"), (-250_000_000, "-0.25"),
            (.max, "9223372036.854775807"),
        ] as [(Int, String)]
    )
    func text(nanos: Int, text: String) {
        #expect(Money(nanos: nanos).text == text)
    }
}
