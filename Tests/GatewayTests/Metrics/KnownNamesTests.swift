import Providers
import Testing

@testable import Gateway

@Suite("The names of models that are told apart")
struct KnownNamesTests {
    private static let prices = [
        PriceEntry(model: "gpt-5", price: .free), PriceEntry(model: "claude-*", price: .free),
    ]

    private static func names() throws -> KnownNames {
        var provider = try Provider(name: "house", baseURL: BaseURL("http://127.0.0.1:1/v1"))
        provider.model = "own"
        return KnownNames(
            providers: [provider],
            aliases: [ModelAlias("fast", model: "house/small"), ModelAlias("any-*", model: "large")],
            rules: [
                RouteRule(
                    "rule",
                    targets: [.init("house", model: "target"), .init("house")],
                    fallbacks: [.init("house", model: "fallback")],
                    canary: .init("house", model: "canary", percent: 5),
                    shadow: .init("house", model: "shadow", percent: 5)
                )
            ],
            models: ["catalogued"],
            limits: [ModelPattern("limited"), ModelPattern("lim-*")],
            prices: PriceList(prices),
            listings: [.models(["llama3:latest", "Qwen"]), .unknown]
        )
    }

    @Test(
        "are those that somebody other than a caller has said",
        arguments: [
            "own", "fast", "house/small", "large", "target", "fallback", "canary", "shadow", "llama3:latest", "llama3",
            "Qwen", "gpt-5", "catalogued", "limited", "",
        ]
    )
    func known(_ name: String) throws {
        #expect(try Self.names().name(of: name) == name)
    }

    @Test("all others are one", arguments: ["any-thing", "claude-x", "lim-x", "qwen", "OWN", "own ", "owń"])
    func unknown(_ name: String) throws {
        #expect(try Self.names().name(of: name) == "other")
    }

    @Test("a name with a price is the price's, in whichever case and of whichever organisation: there are few")
    func priced() throws {
        let names = try Self.names()
        #expect(names.name(of: "GPT-5") == "gpt-5" && names.name(of: "openai/Gpt-5") == "gpt-5")
        let overrides = PriceOverrides([PriceEntry(model: "new", price: .free)])
        #expect(names.name(of: "new") == "other" && names.name(of: "new", overrides) == "new")
    }

    @Test(
        "what is meant in any case, with an organisation in front or without, is one name",
        arguments: ["catalogued", "limited"]
    )
    func loose(_ name: String) throws {
        let names = try Self.names()
        #expect(names.name(of: name.uppercased()) == name && names.name(of: "Org/\(name)") == name)
    }

    @Test("with another listing the rest stays, and what is listed no more is no name")
    func listing() throws {
        let names = try Self.names().listing([.models(["new"])])
        #expect(names.name(of: "new") == "new" && names.name(of: "Qwen") == "other")
        #expect(names.name(of: "own") == "own" && names.name(of: "gpt-5") == "gpt-5")
    }

    @Test("a name that is too long to be one is none")
    func long() throws {
        let name = String(repeating: "n", count: KnownNames.longest + 1)
        #expect(KnownNames(listings: [.models([name])]).name(of: name) == "other")
    }

    @Test("a directory has those of its settings, and those that a provider lists once it has answered")
    func directory() async throws {
        var provider = try Provider(name: "house", baseURL: BaseURL("http://127.0.0.1:1/v1"))
        provider.model = "own"
        var settings = GatewaySettings(providers: [provider])
        settings.admission.models = [.init("limited", LimitSet())]
        settings.aliases = [ModelAlias("fast", model: "own")]
        let directory = ModelDirectory(settings) { _ in .init(listing: .models(["listed"])) }
        let names = directory.knownNames
        #expect(names === directory.knownNames && names.name(of: "listed") == "other")
        for name in ["own", "limited", "fast"] { #expect(names.name(of: name) == name) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await directory.run() }
            _ = try await eventually("the listing") {
                directory.knownNames.name(of: "listed") == "listed" ? true : nil
            }
            group.cancelAll()
        }
    }
}
