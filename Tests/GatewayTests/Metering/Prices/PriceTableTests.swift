import Dialects
import Inference
import Providers
import Testing

@testable import Gateway

@Suite("The table of prices")
struct PriceTableTests {
    private static func provider(
        _ name: String = "house",
        at address: String = "http://house:1/v1"
    ) throws -> Provider {
        try Provider(name: name, baseURL: BaseURL(address))
    }

    fileprivate static func price(_ input: Double) -> Price { Price(ModelPrice(input: input, output: input)) }

    private static func entry(
        _ model: String,
        _ input: Double,
        at provider: String? = nil,
        from: Int? = nil
    ) -> PriceEntry {
        PriceEntry(provider: provider, model: model, from: from, price: price(input))
    }

    /// USD for a million tokens of a prompt, in whole numbers; nil where nobody says.
    private static func found(
        _ table: PriceTable,
        _ model: String,
        at provider: Provider? = nil,
        speaking dialect: Dialect? = .chat,
        time: Int = 0,
        overrides: PriceOverrides = .none
    ) throws -> Double? {
        let provider = try provider ?? Self.provider()
        return table.price(of: model, at: provider, speaking: dialect, at: time, overrides: overrides)
            .map { Double($0.input) / 1e6 }
    }

    @Test("an override goes before the configuration's prices, those before its models, those before the catalogue")
    func order() throws {
        let openAI = try Self.provider("openai", at: "https://api.openai.com/v1")
        let own = KnownModels(own: [KnownModel("gpt-5.2", ModelFacts(price: ModelPrice(input: 3, output: 3)))])
        let table = PriceTable(PriceSettings(entries: [Self.entry("gpt-5.2", 4)]), known: own)
        let overrides = PriceOverrides([Self.entry("gpt-5.2", 5)])
        #expect(try Self.found(table, "gpt-5.2", at: openAI, overrides: overrides) == 5)
        #expect(try Self.found(table, "gpt-5.2", at: openAI) == 4)
        #expect(try Self.found(PriceTable(known: own), "gpt-5.2", at: openAI) == 3)
        #expect(try Self.found(PriceTable(), "gpt-5.2", at: openAI) == 1.75)
        // Somebody else asks his own price.
        #expect(try Self.found(PriceTable(), "gpt-5.2") == nil)
    }

    @Test("of several entries the pattern counts that fixes most, then the one that names the provider, then the first")
    func precedence() throws {
        let table = PriceTable(
            PriceSettings(entries: [
                Self.entry("*", 1), Self.entry("gpt-*", 2, at: "house"), Self.entry("gpt-*", 3), Self.entry("GPT-5", 4),
                Self.entry("gpt-5", 5), Self.entry("gpt-5-mini", 6, at: "other"),
            ])
        )
        #expect(try Self.found(table, "anything") == 1)
        #expect(try Self.found(table, "gpt-4") == 2)
        #expect(try Self.found(table, "gpt-4", at: Self.provider("spare")) == 3)
        #expect(try Self.found(table, "gpt-5") == 4)
        #expect(try Self.found(table, "OpenAI/GPT-5") == 4)
        #expect(try Self.found(table, "gpt-5-mini") == 2)
        #expect(try Self.found(table, "gpt-5-mini", at: Self.provider("other")) == 6)
    }

    @Test("a price that counts from a day on takes over at that moment, and the one before it held until then")
    func dated() throws {
        let table = PriceTable(
            PriceSettings(entries: [
                Self.entry("m", 1), Self.entry("m", 3, from: 2_000), Self.entry("m", 2, from: 1_000),
                Self.entry("n", 9, from: 1_000),
            ])
        )
        for (time, price) in [(0, 1.0), (999, 1), (1_000, 2), (1_999, 2), (2_000, 3), (.max, 3)] {
            #expect(try Self.found(table, "m", time: time) == price, "\(time)")
        }
        #expect(try Self.found(table, "n", time: 999) == nil)
        #expect(try Self.found(table, "n", time: 1_000) == 9)
        // One that does not count yet leaves the next best in force.
        let later = PriceTable(PriceSettings(entries: [Self.entry("m", 7, from: 1_000), Self.entry("*", 4)]))
        #expect(try Self.found(later, "m", time: 0) == 4)
        #expect(try Self.found(later, "m", time: 1_000) == 7)
    }

    @Test("a dated override goes before all else from its day on")
    func datedOverride() throws {
        let table = PriceTable(PriceSettings(entries: [Self.entry("m", 1)]))
        let overrides = PriceOverrides([Self.entry("m", 8, from: 1_000)])
        #expect(try Self.found(table, "m", time: 999, overrides: overrides) == 1)
        #expect(try Self.found(table, "m", time: 1_000, overrides: overrides) == 8)
    }

    @Test("what was found is not kept beyond the overrides that it was found with")
    func kept() throws {
        let table = PriceTable(PriceSettings(entries: [Self.entry("m", 1)]))
        let overrides = PriceOverrides([Self.entry("m", 2)])
        for _ in 0..<3 {
            #expect(try Self.found(table, "m") == 1)
            #expect(try Self.found(table, "m", overrides: overrides) == 2)
        }
    }

    @Test("callers who make up names fill no memory, and hear the same price")
    func manyNames() throws {
        let table = PriceTable(PriceSettings(entries: [Self.entry("x*", 1)]))
        let provider = try Self.provider()
        for number in 0..<20_000 {
            #expect(try Self.found(table, "x\(number)", at: provider) == 1)
        }
    }

    @Test(
        "an Ollama of one's own costs nothing unless it is priced; what runs in its makers' cloud has no price by itself"
    )
    func ollama() throws {
        let table = PriceTable(PriceSettings(entries: [Self.entry("priced", 2)]))
        #expect(try Self.found(table, "m", speaking: .ollama) == 0)
        #expect(try Self.found(table, "priced", speaking: .ollama) == 2)
        #expect(try Self.found(table, "m:120b-cloud", speaking: .ollama) == nil)
        let cloud = try Self.provider("cloud", at: "https://ollama.com")
        #expect(try Self.found(table, "m", at: cloud, speaking: .ollama) == nil)
        // Nobody has asked yet what it speaks, and it listens where Ollama does.
        let local = try Self.provider("local", at: "http://127.0.0.1:11434/v1")
        #expect(try Self.found(table, "m", at: local, speaking: nil) == 0)
        #expect(try Self.found(table, "m", at: local, speaking: .chat) == nil)
    }

    @Test(
        "a model of which nobody says what it costs costs by the operator's rule, and never silently nothing",
        arguments: [
            (nil, false, .unpriced), (nil, true, .refused), (.refuse, false, .refused), (.refuse, true, .refused),
            (.free, true, .priced(.free)),
            (.standard(PriceTableTests.price(5)), true, .priced(PriceTableTests.price(5))),
        ] as [(PriceSettings.Unknown?, Bool, PriceAnswer)]
    )
    func unknown(rule: PriceSettings.Unknown?, hasBudget: Bool, answer: PriceAnswer) throws {
        let table = PriceTable(PriceSettings(entries: [Self.entry("known", 1)], unknown: rule))
        func ask(_ model: String) throws -> PriceAnswer {
            table.answer(of: model, at: try Self.provider(), speaking: .chat, at: 0, hasBudget: hasBudget)
        }
        #expect(try ask("m") == answer)
        #expect(try ask("known") == .priced(Self.price(1)))
    }

    @Test("who is refused hears which model it is, and what makes it known")
    func refusal() throws {
        let refusal = PriceTable.refusal(of: "m", at: try Self.provider())
        #expect(refusal.body.status == 402 && refusal.body.code == "price_unknown" && refusal.body.field == "model")
        #expect(refusal.body.message.contains("torii prices create m --provider house"))
        // Codex tries most other statuses again.
        #expect(refusal.body.status(for: .responses, client: .codex) == 400)
    }
}
