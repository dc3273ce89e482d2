import Dialects
import Inference
import Providers
import Testing

@testable import Gateway

@Suite("Who cannot take a request")
struct TargetAbilityTests {
    private static let rule = RouteRule(
        "r",
        targets: [.init("a", model: "small"), .init("b", model: "large"), .init("c", model: "unknown")],
        strategy: .ordered
    )

    private static let own = [
        KnownModel("small", ModelFacts(window: 1_000, tools: true, vision: true)),
        KnownModel("large", ModelFacts(window: 9_000, tools: false, vision: false)),
    ]

    @Test("a prompt that may fit goes last to a short window, and one that cannot goes elsewhere")
    func windows() throws {
        let router = try PlannerUnderTest([Self.rule], own: Self.own)
        for (tokens, targets) in [
            (1_000, ["a/small", "b/large", "c/unknown"]), (1_001, ["b/large", "c/unknown", "a/small"]),
            (1_500, ["b/large", "c/unknown", "a/small"]), (1_503, ["b/large", "c/unknown"]), (20_000, ["c/unknown"]),
        ] {
            #expect(try router.targets(RouteQuery(model: "m", tokens: tokens)) == targets, "\(tokens)")
        }
        let counted = RouteQuery(model: "m", tokens: 1_001, countsTokens: true)
        #expect(try router.targets(counted) == ["b/large", "c/unknown"])
    }

    @Test("tools and images go to models that are not known to be without")
    func abilities() throws {
        let router = try PlannerUnderTest([Self.rule], own: Self.own)
        #expect(try router.targets(RouteQuery(model: "m", hasTools: true)) == ["a/small", "c/unknown"])
        #expect(try router.targets(RouteQuery(model: "m", hasImages: true)) == ["a/small", "c/unknown"])
        let embedding = RouteQuery(model: "m", route: .embeddings, tokens: 50_000, hasTools: true)
        #expect(try router.targets(embedding).count == 3)
    }

    @Test("Ollama's assumed window is no reason to refuse")
    func assumed() throws {
        let rule = RouteRule("r", targets: [.init("o", model: "gpt-oss:20b")])
        let router = try PlannerUnderTest([rule], providers: [PlannerUnderTest.provider("o", dialect: .ollama)])
        #expect(try router.targets(RouteQuery(model: "m", tokens: 100_000)) == ["o/gpt-oss:20b"])
    }

    @Test("where nobody is left the error names each target with its reason")
    func nobody() throws {
        var rule = Self.rule
        rule.targets.removeLast()
        let router = try PlannerUnderTest([rule], own: Self.own)
        let long = try #require(router.refusal(RouteQuery(model: "m", tokens: 40_000)))
        #expect(long.body.status == 400 && long.body.code == "context_length_exceeded")
        #expect(
            long.body.message
                == "No target of the route r can take this request: a/small takes 1000 tokens of prompt, and this one has about 40000; b/large takes 9000 tokens of prompt, and this one has about 40000."
        )
        rule.targets.removeFirst()
        let blind = try PlannerUnderTest([rule], own: Self.own)
        let tools = try #require(blind.refusal(RouteQuery(model: "m", hasTools: true)))
        #expect(tools.body.code == "tools_unsupported" && tools.body.message.contains("b/large cannot call tools"))
        let images = try #require(blind.refusal(RouteQuery(model: "m", hasImages: true)))
        #expect(images.body.status == 400 && images.body.message.contains("b/large cannot see images"))
    }

    @Test("a provider that is not there, or is this gateway, takes nothing")
    func absent() throws {
        let rule = RouteRule("r", targets: [.init("gone", model: "m"), .init("a", model: "m")])
        let router = try PlannerUnderTest([rule], isSelf: { $0.name == "a" })
        let refusal = try #require(router.refusal(RouteQuery(model: "m")))
        #expect(refusal.body.status == 503 && refusal.body.code == "no_provider")
        #expect(
            refusal.body.message.contains("gone/m is not configured")
                && refusal.body.message.contains("a/m is this gateway")
        )
    }

    @Test("a route that a provider does not have is no reason for another one to be asked in vain")
    func routes() throws {
        let rule = RouteRule("r", targets: [.init("x", model: "m"), .init("a", model: "m")], strategy: .ordered)
        let providers = [try PlannerUnderTest.provider("x", dialect: .messages), try PlannerUnderTest.provider("a")]
        let router = try PlannerUnderTest([rule], providers: providers)
        #expect(try router.targets(RouteQuery(model: "m", route: .embeddings)) == ["a/m"])
        #expect(try router.targets(RouteQuery(model: "m", route: .chatCompletions)) == ["x/m", "a/m"])
    }

    @Test("B11: a model that no target lists is unknown, with the nearest names")
    func unlisted() throws {
        let answers = ["a": ModelDirectory.Answer(listing: .models(["gpt-5.2"]), dialect: .chat)]
        let rule = RouteRule("r", targets: [.init("a")])
        let router = try PlannerUnderTest([rule], answers: answers)
        #expect(try router.targets(RouteQuery(model: "gpt-5.2")) == ["a/gpt-5.2"])
        let refusal = try #require(router.refusal(RouteQuery(model: "gpt-5.3")))
        #expect(refusal.body.status == 404 && refusal.body.message.contains("Near: gpt-5.2"))
        // What a rule names is believed.
        let named = try PlannerUnderTest([RouteRule("r", targets: [.init("a", model: "hidden")])], answers: answers)
        #expect(try named.targets(RouteQuery(model: "x")) == ["a/hidden"])
    }

    /// Ollamas that have the model; who has it in memory is named.
    private static func pool(loaded: Set<String>) throws -> PlannerUnderTest {
        let names = ["o1", "o2", "o3"]
        let rule = RouteRule("r", targets: names.map { .init($0) }, strategy: .leastBusy, loadedFirst: 2)
        let answers = names.map { name in
            var model = CatalogModel(name: "qwen3:latest")
            if loaded.contains(name) { model.loaded = CatalogModel.Loaded() }
            let listing = RoutingTable.Listing.models(name == "o3" ? ["other"] : ["qwen3:latest"])
            return (
                name, ModelDirectory.Answer(listing: listing, dialect: .ollama, catalog: name == "o3" ? [] : [model])
            )
        }
        return try PlannerUnderTest(
            [rule],
            providers: names.map { try PlannerUnderTest.provider($0, dialect: nil) },
            answers: Dictionary(uniqueKeysWithValues: answers)
        )
    }

    @Test(
        "of a pool of Ollamas who has the model in memory wins, until it is busy; who does not have it at all is left out"
    )
    func loaded() throws {
        let router = try Self.pool(loaded: ["o2"])
        for number in 0..<50 {
            #expect(try router.targets(.session("s\(number)", model: "qwen3")) == ["o2/qwen3", "o1/qwen3"])
        }
        router.loads.didStart("qwen3", at: "o2")
        #expect(try router.first(RouteQuery(model: "qwen3")) == "o2/qwen3")
        router.loads.didStart("qwen3", at: "o2")
        #expect(try router.first(RouteQuery(model: "qwen3")) == "o1/qwen3")
        let cold = try Self.pool(loaded: [])
        cold.loads.didStart("qwen3", at: "o2")
        #expect(try cold.first(RouteQuery(model: "qwen3")) == "o1/qwen3")
    }
}
