import Testing

@testable import Providers

@Suite("What is known of models by their names")
struct KnownModelsTests {
    private static func provider(_ host: String = "127.0.0.1", contextLength: Int? = nil) throws -> Provider {
        try Provider(name: "house", baseURL: BaseURL("http://\(host)/v1"), contextLength: contextLength)
    }

    @Test(
        "a pattern matches whole names, and stars take as much as they have to",
        arguments: [
            ("gpt-oss", "gpt-oss", true), ("gpt-oss", "gpt-oss:20b", false), ("gpt-oss*", "gpt-oss", true),
            ("gpt-oss*", "gpt-oss:20b", true), ("*", "", true), ("", "", true), ("", "a", false),
            ("*embed*", "text-embedding-3", true), ("a*b*c", "aXbXbc", true), ("a*b*c", "aXbXb", false),
            ("claude-opus-4?5*", "claude-opus-4.5", true), ("claude-opus-4?5*", "claude-opus-4-5-20251101", true),
            ("claude-opus-4?5*", "claude-opus-45", false), ("?", "é", false), ("a*a", "a", false),
        ]
    )
    func patterns(pattern: String, name: String, matches: Bool) {
        #expect(ModelPattern(pattern).matches(name) == matches)
    }

    @Test("a pattern of stars is no way to waste time")
    func hostilePattern() {
        let pattern = ModelPattern(String(repeating: "a*", count: 40) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4_000)))
    }

    @Test(
        "a family's members are known by each of their spellings",
        arguments: [
            ("gpt-oss", 131_072), ("gpt-oss:20b", 131_072), ("openai/gpt-oss-120b", 131_072), ("GPT-OSS-20B", 131_072),
            ("gpt-5.2", 400_000), ("gpt-5.2-2025-12-11", 400_000), ("gpt-5.2-chat-latest", 128_000),
            ("gpt-5.4-mini", 400_000), ("gpt-5.5", 1_050_000), ("claude-sonnet-4-5-20250929", 200_000),
            ("anthropic/claude-opus-4.6", 1_000_000), ("claude-3-haiku", 200_000), ("qwen3-coder:30b", 262_144),
            ("Qwen/Qwen3-Coder-480B", 262_144), ("llama3.3:70b-instruct-q4_K_M", 131_072), ("devstral:24b", 131_072),
        ]
    )
    func families(name: String, window: Int) throws {
        #expect(KnownModels().facts(of: name, at: try Self.provider()).window == window)
    }

    @Test("what nobody knows stays unknown", arguments: ["coder", "gpt-9", "my-gpt-oss", ""])
    func unknown(name: String) throws {
        #expect(KnownModels().facts(of: name, at: try Self.provider()) == ModelFacts())
    }

    @Test("models that do not talk are told apart, whatever family they look like")
    func silent() throws {
        let provider = try Self.provider()
        for name in [
            "text-embedding-3-large", "nomic-embed-text", "gpt-4o-realtime-preview", "whisper-1", "gpt-4o-mini-tts",
        ] {
            #expect(KnownModels().facts(of: name, at: provider).converses == false, "\(name)")
        }
        #expect(KnownModels().facts(of: "gpt-4o", at: provider).converses == nil)
    }

    @Test("a price holds at its vendor alone, and has a date")
    func prices() throws {
        let models = KnownModels()
        let price = try #require(models.facts(of: "gpt-5.2", at: Self.provider("api.openai.com")).price)
        #expect(price.input == 1.75 && price.cachedInput == 0.175 && price.output == 14)
        #expect(price.readOn?.wholeMatch(of: #/20\d\d-\d\d-\d\d/#) != nil)
        #expect(models.facts(of: "gpt-5.2", at: try Self.provider("models.example.internal")).price == nil)
        #expect(price.cacheWrite == nil && price.cacheWrite1h == nil)
        let claude = try models.facts(of: "claude-sonnet-5", at: Self.provider("api.anthropic.com")).price
        #expect(claude?.cacheWrite == 2.5 && claude?.cacheWrite1h == 4)
        let embedding = try models.facts(of: "text-embedding-3-small", at: Self.provider("api.openai.com"))
        #expect(embedding.price?.input == 0.02 && embedding.converses == false)
        #expect(models.facts(of: "gpt-oss:20b", at: try Self.provider()).price == nil)
    }

    @Test("every built-in entry makes sense, and none stands twice")
    func builtIn() {
        let all = BuiltInModels.all.silent + BuiltInModels.all.talking
        #expect(Set(all.map(\.pattern)).count == all.count)
        for model in all {
            #expect(model.pattern.text == model.pattern.text.lowercased())
            if let window = model.facts.window {
                #expect((4_096...2_000_000).contains(window))
                #expect((model.facts.outputLimit ?? 1) <= window && (model.facts.inputLimit ?? 1) <= window)
            }
            if let price = model.facts.price {
                #expect(price.input <= price.output && (price.cachedInput ?? 0) <= price.input && price.readOn != nil)
                #expect(model.vendor != nil, "\(model.pattern.text) has a price and nobody who asks it")
            }
        }
    }

    @Test("the configuration's entries go before the built-in ones, fact by fact")
    func own() throws {
        let models = KnownModels(own: [
            KnownModel("gpt-oss*", ModelFacts(window: 65_536)),
            KnownModel("gpt-oss:120b", ModelFacts(price: ModelPrice(input: 1, output: 2))),
            KnownModel("coder", provider: "other", ModelFacts(window: 1)),
        ])
        let small = models.facts(of: "gpt-oss:20b", at: try Self.provider())
        #expect(small.window == 65_536 && small.efforts == ["low", "medium", "high"])
        let large = models.facts(of: "gpt-oss:120b", at: try Self.provider())
        #expect(large.window == 131_072 && large.price?.output == 2)
        #expect(models.facts(of: "coder", at: try Self.provider()).window == nil)
    }

    /// Who says how long a context is, with what comes of it.
    struct Window: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var name = "gpt-oss:20b"
        var isOllama = true
        var configured: Int?
        var stated: Int?
        var trained: Int?
        var loaded: Int?
        var window: Int?
        var source: ModelProfile.Source?
    }

    @Test(
        "the window is the true one, and a guess is a cautious one",
        arguments: [
            Window(
                testDescription: "the model's own entry",
                configured: 8_192,
                stated: 16_384,
                window: 16_384,
                source: .configuration
            ),
            Window(
                testDescription: "num_ctx",
                configured: 65_536,
                trained: 131_072,
                loaded: 4_096,
                window: 65_536,
                source: .configuration
            ),
            Window(
                testDescription: "num_ctx above the model's",
                configured: 262_144,
                trained: 131_072,
                window: 131_072,
                source: .configuration
            ),
            Window(testDescription: "allocated", trained: 131_072, loaded: 4_096, window: 4_096, source: .allocated),
            Window(testDescription: "not loaded", trained: 131_072, window: 32_768, source: .assumed),
            Window(testDescription: "not loaded, not shown", window: 32_768, source: .assumed),
            Window(testDescription: "a small model", trained: 2_048, window: 2_048, source: .assumed),
            Window(
                testDescription: "in the cloud",
                name: "gpt-oss:120b-cloud",
                trained: 131_072,
                window: 131_072,
                source: .served
            ),
            Window(
                testDescription: "another server's list",
                isOllama: false,
                trained: 40_000,
                window: 40_000,
                source: .served
            ),
            Window(
                testDescription: "loaded by LM Studio",
                isOllama: false,
                trained: 131_072,
                loaded: 8_192,
                window: 8_192,
                source: .served
            ),
            Window(testDescription: "by name", isOllama: false, window: 131_072, source: .catalogue),
            Window(testDescription: "nobody knows", name: "coder", isOllama: false),
        ]
    )
    func windows(row: Window) throws {
        var known = CatalogModel(name: row.name)
        known.contextLength = row.trained
        known.loaded = row.loaded.map { CatalogModel.Loaded(contextLength: $0) }
        let own = row.stated.map { [KnownModel("gpt-oss*", ModelFacts(window: $0))] } ?? []
        let profile = ModelProfile(
            row.name,
            of: try Self.provider(contextLength: row.configured),
            isOllama: row.isOllama,
            known: known,
            models: KnownModels(own: own)
        )
        #expect(profile.window == row.window)
        #expect(profile.source == row.source)
    }

    @Test("what Ollama shows of a model goes before what its name lets expect")
    func shown() throws {
        let known = CatalogModel(name: "qwen3-coder", capabilities: ["completion", "vision", "thinking"])
        let profile = ModelProfile(
            "qwen3-coder",
            of: try Self.provider(),
            isOllama: true,
            known: known,
            models: KnownModels()
        )
        #expect(profile.facts.vision == true && profile.facts.tools == false && profile.facts.converses == true)
        let embedding = ModelProfile(
            "minilm",
            of: try Self.provider(),
            isOllama: true,
            known: CatalogModel(name: "minilm", capabilities: ["embedding"]),
            models: KnownModels()
        )
        #expect(embedding.facts.converses == false)
    }
}
