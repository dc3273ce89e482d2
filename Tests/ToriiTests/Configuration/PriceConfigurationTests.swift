import Gateway
import Providers
import Testing

@testable import torii

@Suite("prices in the configuration")
struct PriceConfigurationTests {
    private static let providers = "providers: [{name: house, base_url: 'http://localhost:1/v1'}]\n"

    private static func read(_ text: String) throws -> Configuration {
        let file = ConfigurationFile(path: "/f/config.yaml", format: .yaml, text: providers + text)
        return try Configuration.read(file, environment: [:])
    }

    private static func source(_ file: String, home: String) -> ConfigurationSource {
        ConfigurationSource(
            path: file,
            environment: ["HOME": home],
            flags: ConfigurationFlags(),
            allowsAnonymousAnywhere: false
        )
    }

    @Test("all that can be said of a price is read, and comes out in the table's own units")
    func entries() throws {
        let configuration = try Self.read(
            """
            prices:
              unknown: {input: 5, output: 25}
              models:
                - {provider: house, model: "GPT-5*", from: 2027-01-31, input: 0.25, cached_input: 0.025, cache_write: 0.5,
                   cache_write_1h: 0.75, output: 2, reasoning: 3, image: 0.01, request: 0.001}
                - {model: m, input: 0, output: 0}

            """
        )
        let settings = configuration.priceSettings
        let price = Price(
            input: 250_000,
            cachedInput: 25_000,
            cacheWrite: 500_000,
            cacheWrite1h: 750_000,
            output: 2_000_000,
            reasoning: 3_000_000,
            image: 10_000_000,
            request: 1_000_000
        )
        let day = PriceEntry.moment("2027-01-31T00:00:00Z")
        #expect(
            settings.entries == [
                PriceEntry(provider: "house", model: "gpt-5*", from: day, price: price),
                PriceEntry(model: "m", price: .free),
            ]
        )
        #expect(settings.unknown == .standard(Price(input: 5_000_000, output: 25_000_000)))
        let shown = configuration.text(origins: false)
        let again = ConfigurationFile(path: "/f/again.yaml", format: .yaml, text: shown)
        #expect(try Configuration.read(again, environment: [:]).priceSettings == settings)
    }

    @Test(
        "the rule for what nobody prices is one of three",
        arguments: [
            ("{}", nil), ("{unknown: refuse}", .refuse), ("{unknown: Free}", .free),
            ("{unknown: {input: 0, output: 0}}", .standard(.free)),
        ] as [(String, PriceSettings.Unknown?)]
    )
    func unknown(text: String, rule: PriceSettings.Unknown?) throws {
        #expect(try Self.read("prices: \(text)\n").priceSettings.unknown == rule)
    }

    @Test(
        "what is wrong is named, with its place",
        arguments: [
            ("prices: [a]\n", "2:9", "prices has to be a mapping"),
            ("prices: {unknown: cheap}\n", "2:19", "prices.unknown has to be refuse, free or a price"),
            ("prices: {unknown: {input: 1}}\n", "2:19", "prices.unknown has no output"),
            ("prices: {models: {m: 1}}\n", "2:18", "prices.models has to be a list"),
            ("prices: {models: [m]}\n", "2:19", "prices.models[0] has to be a mapping"),
            ("prices:\n  models:\n    - {input: 1, output: 1}\n", "4:7", "prices.models[0] has no model"),
            ("prices:\n  models:\n    - {model: m, output: 1}\n", "4:7", "prices.models[0] has no input"),
            ("prices:\n  models:\n    - {model: m, input: -1, output: 1}\n", "4:25", "prices.models[0].input is -1.0"),
            (
                "prices:\n  models:\n    - {model: m, input: 1, output: 1, image: 1001}\n", "4:46",
                "prices.models[0].image is 1001.0"
            ),
            (
                "prices:\n  models:\n    - {model: 'a b', input: 1, output: 1}\n", "4:15",
                "prices.models[0].model holds a blank"
            ),
            (
                "prices:\n  models:\n    - {model: m, input: 1, output: 1, from: soon}\n", "4:45",
                "prices.models[0].from has to be a date"
            ),
            (
                "prices:\n  models:\n    - {model: m, input: 1, output: 1, cost: 2}\n", "4:39",
                "prices.models[0].cost is not a key"
            ),
            (
                "prices:\n  models:\n    - {model: m, input: 1, output: 1}\n    - {model: M, input: 2, output: 2}\n",
                "5:7",
                "prices.models[1] prices M a second time, first on line 4"
            ),
        ]
    )
    func faults(text: String, place: String, message: String) throws {
        let fault = #expect(throws: ConfigurationError.self) { try Self.read(text) }
        #expect(fault?.message.contains(message) == true, "\(fault?.description ?? "")")
        #expect(fault?.position?.description == "/f/config.yaml:\(place)")
    }

    @Test(
        "a file has the same list, in each format, behind the configuration's own",
        arguments: [
            ("prices.yaml", "- {model: m, input: 1, output: 2}\n"),
            ("prices.yml", "models:\n  - {model: m, input: 1, output: 2}\n"),
            ("prices.json", #"[{"model": "m", "input": 1, "output": 2}]"#),
            ("prices.toml", "[[models]]\nmodel = \"m\"\ninput = 1\noutput = 2\n"),
        ]
    )
    func file(name: String, text: String) throws {
        let scratch = try Scratch()
        try scratch.write("tables/\(name)", text)
        let file = try scratch.write(
            "config.yaml",
            Self.providers + "prices: {file: tables/\(name), models: [{model: n, input: 3, output: 3}]}\n"
        )
        let entries = try Configuration.load(path: file, environment: [:]).priceSettings.entries
        #expect(entries.map(\.model.text) == ["n", "m"])
        #expect(entries.last?.price == Price(input: 1_000_000, output: 2_000_000))
    }

    @Test("F17: a price file that goes bad is refused with its place, the old table stays, and a mended one is taken")
    func reload() async throws {
        let scratch = try Scratch()
        let table = try scratch.write("prices.yaml", "- {model: m, input: 1, output: 2}\n")
        let file = try scratch.write("config.yaml", Self.providers + "prices: {file: prices.yaml}\n")
        let source = Self.source(file, home: scratch.path)
        let running = try await source.read().settings
        #expect(running.prices.entries.count == 1)
        #expect(Set(source.identities.read.keys) == [file, table])
        for (text, place, message) in [
            ("- {model: m, input: -1, output: 2}\n", "1:21", "models[0].input is -1.0"),
            ("- {model: m, input: 1\n- {", "2:3", "this is not YAML"),
            ("prices: 5\n", "1:1", "prices is not a key"),
            ("- {model: m, input: 1, output: 2}\n- {model: m, input: 1, output: 2}\n", "2:3", "a second time"),
        ] {
            try scratch.write("prices.yaml", text)
            #expect(source.identities.now != source.identities.read)
            let problem = await #expect(throws: ReloadProblem.self) { try await source.readAgain(running) }
            let fault = try #require(problem?.faults.first)
            #expect(fault.description.hasPrefix("\(table):\(place): "), "\(fault)")
            #expect(fault.message.contains(message), "\(fault)")
            #expect(source.identities.now == source.identities.read)
        }
        try scratch.write("prices.yaml", "- {model: m, input: 1.5, output: 2}\n")
        #expect(source.identities.now != source.identities.read)
        let loaded = try await source.readAgain(running)
        #expect(loaded.settings.prices.entries.first?.price.input == 1_500_000)
    }

    @Test("F17: a file that is new in the configuration and bad is watched, so that it counts when it is mended")
    func newFile() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.providers)
        let source = Self.source(file, home: scratch.path)
        let running = try await source.read().settings
        let table = try scratch.write("prices.yaml", "- {model: m, input: cheap, output: 2}\n")
        try scratch.write("config.yaml", Self.providers + "prices: {file: prices.yaml}\n")
        _ = await #expect(throws: ReloadProblem.self) { try await source.readAgain(running) }
        #expect(source.identities.read.keys.contains(table))
        try scratch.write("prices.yaml", "- {model: m, input: 1, output: 2}\n")
        #expect(source.identities.now != source.identities.read)
        #expect(try await source.readAgain(running).settings.prices.entries.count == 1)
    }

    @Test(
        "a file that cannot be read is an error where it is named",
        arguments: [("nowhere.yaml", "there is no file"), ("prices.txt", "does not say what it is written in")]
    )
    func unreadable(name: String, message: String) throws {
        let scratch = try Scratch()
        try scratch.write("prices.txt", "")
        let file = try scratch.write("config.yaml", Self.providers + "prices: {file: \(name)}\n")
        let fault = #expect(throws: ConfigurationError.self) { try Configuration.load(path: file, environment: [:]) }
        #expect(fault?.message.contains("prices.file: ") == true && fault?.message.contains(message) == true)
        #expect(fault?.position?.description == "\(file):2:16")
    }
}
