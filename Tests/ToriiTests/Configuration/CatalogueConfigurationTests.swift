import Providers
import Testing

@testable import torii

@Suite("aliases and models in the configuration")
struct CatalogueConfigurationTests {
    private static let providers = "providers:\n  - {name: house, base_url: 'http://localhost:1/v1'}\n"

    private static func read(_ text: String) throws -> Configuration {
        let file = ConfigurationFile(path: "/f/config.yaml", format: .yaml, text: providers + text)
        return try Configuration.read(file, environment: [:])
    }

    @Test("all that can be said of a model is read, written back, and in the catalogue")
    func models() throws {
        let configuration = try Self.read(
            """
            aliases:
              claude-haiku-*: gpt-oss:20b
              fast: house/coder
            models:
              - name: Coder*
                provider: house
                context_window: 100000
                output_limit: 8192
                capabilities: [tools, vision]
                efforts: [low, high]
                price: {input: 0.5, cached_input: 0.05, cache_write: 0.6, output: 2, reasoning: 3, image: 0.01, request: 0.001}

            """
        )
        #expect(configuration.aliases.map(\.pattern) == ["claude-haiku-*", "fast"])
        #expect(configuration.aliases.map(\.model.value) == ["gpt-oss:20b", "house/coder"])
        let provider = try Provider(name: "house", baseURL: BaseURL("http://localhost:1/v1"))
        let facts = KnownModels(configuration).facts(of: "coder-7b", at: provider)
        #expect(facts.window == 100_000 && facts.outputLimit == 8_192 && facts.vision == true && facts.tools == true)
        #expect(facts.efforts == ["low", "high"])
        let price = ModelPrice(
            input: 0.5,
            cachedInput: 0.05,
            cacheWrite: 0.6,
            output: 2,
            reasoning: 3,
            image: 0.01,
            request: 0.001
        )
        #expect(facts.price == price)
        let text = configuration.text(origins: false)
        let again = ConfigurationFile(path: "/f/again.yaml", format: .yaml, text: text)
        #expect(try Configuration.read(again, environment: [:]).text(origins: false) == text)
        #expect(text.contains("claude-haiku-*") && text.contains("cached_input: 0.05"))
    }

    @Test(
        "what is wrong is named, with its place",
        arguments: [
            ("models:\n  - {name: m, context: 5}\n", 4, "models[0].context is not a key", "context_window"),
            ("models:\n  - {context_window: 5}\n", 4, "models[0] has no name", ""),
            ("models:\n  - {name: m, context_window: 0}\n", 4, "models[0].context_window is 0, not from 1", ""),
            (
                "models:\n  - {name: m, price: {input: cheap, output: 1}}\n", 4,
                "models[0].price.input has to be a number", ""
            ),
            ("models:\n  - {name: m, price: {input: -1, output: 1}}\n", 4, "models[0].price.input is -1.0", ""),
            ("models:\n  - {name: m, price: {input: 1}}\n", 4, "models[0].price has no output", ""),
            ("models:\n  - {name: m, capabilities: [fly]}\n", 4, "models[0].capabilities[0] is fly", ""),
            (
                "models:\n  - {name: m, limits: {regions: [eu]}}\n", 4,
                "models[0].limits.regions names none of the tags that providers have", ""
            ),
            ("server: {limits: {regions: [eu]}}\n", 3, "server.limits.regions names none of the tags", ""),
            ("server: {limits: {models: []}}\n", 3, "server.limits.models holds nothing", "Leave it out"),
            ("server: {limits: {models: [\"\"]}}\n", 3, "server.limits.models holds nothing, or an empty text", ""),
            ("models:\n  - {name: m, limits: {models: [a]}}\n", 4, "models[0].limits.models is not a key", ""),
            ("models:\n  - m\n", 4, "models[0] has to be a mapping", ""),
            ("aliases: [a]\n", 3, "aliases has to be a mapping", ""),
            ("aliases: {a: [b]}\n", 3, "aliases.a has to be a text", ""),
            ("aliases: {a: 'b*'}\n", 3, "aliases.a has to name one model", ""),
            ("aliases: {a: ''}\n", 3, "aliases.a has to name one model", ""),
        ]
    )
    func faults(text: String, line: Int, message: String, nextStep: String) throws {
        let fault = #expect(throws: ConfigurationError.self) { try Self.read(text) }
        let description = try #require(fault).description
        #expect(description.contains(message), "\(description)")
        #expect(description.contains("/f/config.yaml:\(line):"), "\(description)")
        #expect(nextStep.isEmpty || description.contains(nextStep), "\(description)")
    }
}
