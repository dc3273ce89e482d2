import Dialects
import Inference
import Providers
import Testing

@testable import Gateway

/// A planner over providers that are named by a letter, with what they are known to have.
struct PlannerUnderTest {
    let planner: RoutePlanner
    let loads: TargetLoads

    init(
        _ rules: [RouteRule],
        providers: [Provider]? = nil,
        answers: [String: ModelDirectory.Answer] = [:],
        aliases: [ModelAlias] = [],
        own: [KnownModel] = [],
        isSelf: (Provider) -> Bool = { _ in false }
    ) throws {
        let providers = try providers ?? ["a", "b", "c", "d"].map { try Self.provider($0) }
        loads = TargetLoads { 0 }
        let table = RoutingTable(
            providers: providers,
            defaultProvider: nil,
            aliases: aliases,
            isSelf: isSelf,
            listings: answers.mapValues(\.listing),
            dialects: answers.compactMapValues(\.dialect)
        )
        planner = RoutePlanner(
            table: table,
            rules: RouteRules(rules, providers: providers),
            answers: answers,
            models: KnownModels(own: own),
            loads: loads
        )
    }

    static func provider(_ name: String, dialect: Dialect? = .chat, keys: [String] = []) throws -> Provider {
        try Provider(
            name: name,
            baseURL: BaseURL("http://\(name):1/v1"),
            apiKeys: keys.map { Secret($0) },
            dialect: dialect
        )
    }

    /// `provider/model` of each target.
    func targets(_ query: RouteQuery) throws -> [String] {
        try planner.plan(query).targets.map { "\($0.provider.name)/\($0.model)" }
    }

    func first(_ query: RouteQuery) throws -> String { try targets(query)[0] }

    func refusal(_ query: RouteQuery) -> Refusal? {
        do throws(Refusal) { _ = try planner.plan(query) } catch { return error }
        return nil
    }
}

extension RouteQuery {
    static func session(_ name: String, model: String = "m") -> RouteQuery {
        RouteQuery(model: model, session: RouteHash.of(name.utf8))
    }
}

@Suite("Strategies")
struct RouteStrategyTests {
    private static func rule(
        _ strategy: RouteStrategy,
        _ weights: [Double] = [1, 1, 1],
        keepsSessions: Bool = true
    ) -> RouteRule {
        let targets = zip(["a", "b", "c", "d"], weights).map { RouteRule.Target($0, model: "m", weight: $1) }
        return RouteRule("r", targets: targets, strategy: strategy, keepsSessions: keepsSessions)
    }

    @Test(
        "weights are met by chance and by sessions",
        arguments: [true, false],
        [[1, 1, 1], [6, 3, 1], [0.5, 99.5, 0.001]]
    )
    func weights(bySession: Bool, weights: [Double]) throws {
        let router = try PlannerUnderTest([Self.rule(.weighted, weights)])
        var dice = RouteDice(seed: 42)
        var counts: [String: Int] = [:]
        let rounds = 20_000
        for number in 0..<rounds {
            let query = bySession ? .session("session \(number)") : RouteQuery(model: "m", random: dice.next())
            counts[try router.first(query), default: 0] += 1
        }
        for (name, weight) in zip(["a", "b", "c"], weights) {
            let wanted = weight / weights.reduce(0, +)
            let share = Double(counts["\(name)/m"] ?? 0) / Double(rounds)
            // Five standard deviations.
            let bound = 5 * (wanted * (1 - wanted) / Double(rounds)).squareRoot()
            #expect(abs(share - wanted) <= max(bound, 0.0005), "\(name): \(share), wanted \(wanted)")
        }
    }

    @Test("all targets follow the first one, each once")
    func rest() throws {
        for strategy in RouteStrategy.allCases {
            let router = try PlannerUnderTest([Self.rule(strategy)])
            #expect(Set(try router.targets(.session("s"))) == ["a/m", "b/m", "c/m"])
            #expect(try router.targets(RouteQuery(model: "m", random: 9)).count == 3)
        }
    }

    @Test(
        "a session stays where it is, and only the sessions of a target that goes move",
        arguments: [[1, 1, 1, 1], [5, 1, 2, 8]]
    )
    func affinity(weights: [Double]) throws {
        let all = try PlannerUnderTest([Self.rule(.weighted, weights)])
        var less = Self.rule(.weighted, weights)
        less.targets.remove(at: 2)
        let fewer = try PlannerUnderTest([less])
        var moved = 0
        for number in 0..<2_000 {
            let query = RouteQuery.session("session \(number)")
            let before = try all.targets(query)
            #expect(before == (try all.targets(query)))
            let after = try fewer.targets(query)
            // Who is asked second takes over.
            #expect(after == before.filter { $0 != "c/m" })
            if before[0] != after[0] { moved += 1 }
        }
        #expect(moved > 0)
    }

    @Test("without affinity a session is as good as chance")
    func withoutAffinity() throws {
        let router = try PlannerUnderTest([Self.rule(.weighted, keepsSessions: false)])
        var dice = RouteDice(seed: 1)
        let found = try (0..<50).map { _ in
            var query = RouteQuery.session("s")
            query.random = dice.next()
            return try router.first(query)
        }
        #expect(Set(found).count == 3)
    }

    @Test("round robin goes round, and sessions do not take turns")
    func roundRobin() throws {
        let router = try PlannerUnderTest([Self.rule(.roundRobin)])
        let query = RouteQuery(model: "m")
        #expect(
            try (0..<4).map { _ in try router.targets(query) } == [
                ["a/m", "b/m", "c/m"], ["b/m", "c/m", "a/m"], ["c/m", "a/m", "b/m"], ["a/m", "b/m", "c/m"],
            ]
        )
        let home = try router.first(.session("s"))
        #expect(try router.first(query) == "b/m")
        #expect(try router.first(.session("s")) == home)
    }

    @Test("the least busy comes first, for its weight")
    func leastBusy() throws {
        let router = try PlannerUnderTest([Self.rule(.leastBusy, [1, 1, 4])])
        for (name, count) in [("a", 2), ("b", 1), ("c", 3)] {
            for _ in 0..<count { router.loads.didStart("m", at: name) }
        }
        #expect(try router.targets(RouteQuery(model: "m")) == ["c/m", "b/m", "a/m"])
        router.loads.didEnd("m", at: "b")
        #expect(try router.first(RouteQuery(model: "m")) == "b/m")
    }

    @Test(
        "a session leaves its target where that fares twice as badly as the best",
        arguments: [RouteStrategy.leastBusy, .lowestLatency]
    )
    func overloadedHome(strategy: RouteStrategy) throws {
        let router = try PlannerUnderTest([Self.rule(strategy)])
        for name in ["a", "b", "c"] { router.loads.firstToken(after: 100, of: "m", at: name) }
        let query = RouteQuery.session("s")
        let home = try router.first(query)
        let name = String(home.prefix(1))
        for _ in 0..<2 { router.loads.didStart("m", at: name) }
        for _ in 0..<3 { router.loads.firstToken(after: 200, of: "m", at: name) }
        #expect(try router.first(query) == home)
        router.loads.didStart("m", at: name)
        for _ in 0..<20 { router.loads.firstToken(after: 900, of: "m", at: name) }
        #expect(try router.first(query) != home)
    }

    @Test("the quickest comes first, and who is not known gets one request to show")
    func lowestLatency() throws {
        let router = try PlannerUnderTest([Self.rule(.lowestLatency)])
        router.loads.firstToken(after: 300, of: "m", at: "a")
        router.loads.firstToken(after: 200, of: "m", at: "b")
        #expect(try router.targets(RouteQuery(model: "m")) == ["c/m", "b/m", "a/m"])
        router.loads.didStart("m", at: "c")
        #expect(try router.targets(RouteQuery(model: "m")) == ["b/m", "a/m", "c/m"])
    }

    @Test("the cheapest comes first: one's own Ollama, then by price, then who has none")
    func cheapest() throws {
        let price = { (input: Double, output: Double) in ModelFacts(price: ModelPrice(input: input, output: output)) }
        var rule = Self.rule(.cheapest)
        rule.targets.append(.init("o", model: "m"))
        let router = try PlannerUnderTest(
            [rule],
            providers: ["a", "b", "c"].map { try PlannerUnderTest.provider($0) }
                + [PlannerUnderTest.provider("o", dialect: .ollama)],
            own: [
                KnownModel("m", provider: "a", price(1, 2)), KnownModel("m", provider: "b", price(0.5, 3)),
            ]
        )
        #expect(try router.targets(RouteQuery(model: "m")) == ["o/m", "b/m", "a/m", "c/m"])
    }

    @Test("as written means as written, whatever the load")
    func ordered() throws {
        let router = try PlannerUnderTest([Self.rule(.ordered)])
        for _ in 0..<9 { router.loads.didStart("m", at: "a") }
        #expect(try router.targets(.session("s")) == ["a/m", "b/m", "c/m"])
    }

    @Test("of a large pool the best sixteen are kept")
    func cap() throws {
        let names = (0..<40).map { "p\($0)" }
        let rule = RouteRule("r", targets: names.map { .init($0, model: "m") }, strategy: .leastBusy)
        let router = try PlannerUnderTest([rule], providers: names.map { try PlannerUnderTest.provider($0) })
        for (place, name) in names.enumerated() {
            for _ in 0..<((place * 7) % 40) { router.loads.didStart("m", at: name) }
        }
        let found = try router.targets(RouteQuery(model: "m"))
        let wanted = (0..<40).sorted { ($0 * 7) % 40 < ($1 * 7) % 40 }.prefix(16).map { "p\($0)/m" }
        #expect(found == wanted)
    }
}

@Suite("The plans")
struct RoutePlannerTests {
    private static let pair: [RouteRule.Target] = [.init("a", model: "m"), .init("b", model: "n")]

    @Test("without a rule that fits, the model's name decides as it always did")
    func byName() throws {
        let rule = RouteRule("r", when: RouteConditions(models: ["x"]), targets: Self.pair)
        let router = try PlannerUnderTest([rule])
        let plan = try router.planner.plan(RouteQuery(model: "b/other"))
        #expect(plan.rule == nil && plan.targets.count == 1)
        #expect(plan.targets[0].provider.name == "b" && plan.targets[0].model == "other")
        #expect(plan.policy == AttemptPolicy())
        #expect(try router.targets(RouteQuery(model: "x", provider: "c")) == ["c/x"])
        #expect(router.refusal(RouteQuery(model: "x", provider: "nobody"))?.body.status == 400)
    }

    @Test("a target without a model is asked for the caller's, as an alias or a provider in front would have it")
    func keptModel() throws {
        let router = try PlannerUnderTest(
            [RouteRule("r", targets: [.init("a"), .init("b", model: "n")], strategy: .ordered)],
            aliases: [ModelAlias("fast", model: "c/quick"), ModelAlias("plain", model: "p")]
        )
        for (model, asked) in [("m", "m"), ("c/m", "m"), ("org/m", "org/m"), ("fast", "quick"), ("plain", "p")] {
            #expect(try router.targets(RouteQuery(model: model)) == ["a/\(asked)", "b/n"])
        }
    }

    @Test("a provider's own name means each target's own model")
    func ownModel() throws {
        var first = try PlannerUnderTest.provider("a")
        first.model = "mine"
        let providers = [first, try PlannerUnderTest.provider("b")]
        let router = try PlannerUnderTest([RouteRule("r", targets: [.init("a"), .init("b")])], providers: providers)
        #expect(try router.targets(RouteQuery(model: "b")) == ["a/mine"])
    }

    @Test("fallbacks follow the targets with their causes, and nobody is asked twice")
    func fallbacks() throws {
        let rule = RouteRule(
            "r",
            targets: Self.pair,
            strategy: .ordered,
            fallbacks: [
                .init("c", model: "large", causes: [.contextTooLong]), .init("a", model: "m"), .init("d", model: "any"),
            ]
        )
        let plan = try PlannerUnderTest([rule]).planner.plan(RouteQuery(model: "m"))
        #expect(plan.rule == "r")
        #expect(plan.targets.map(\.provider.name) == ["a", "b", "c", "d"])
        #expect(plan.targets.map(\.causes) == [nil, nil, [.contextTooLong], nil])
    }

    @Test("a fallback that is a target already takes over for its causes as well")
    func fallbackIsTarget() throws {
        let rule = RouteRule(
            "r",
            targets: Self.pair,
            strategy: .ordered,
            fallbacks: [
                .init("b", model: "n", causes: [.contextTooLong]), .init("c", model: "n", causes: [.outOfMemory]),
                .init("c", model: "n", causes: [.contentPolicy]), .init("d", model: "n", causes: [.quota]),
                .init("d", model: "n"),
            ]
        )
        let targets = try PlannerUnderTest([rule]).planner.plan(RouteQuery(model: "m")).targets
        #expect(targets.map(\.provider.name) == ["a", "b", "c", "d"])
        #expect(targets.map { $0.takes(.contextTooLong) } == [false, true, false, false])
        #expect(targets.map { $0.takes(.contentPolicy) } == [false, false, true, false])
        #expect(targets.map { $0.takes(.outOfMemory) } == [true, true, true, true])
        #expect(targets.map { $0.takes(.overloaded) } == [true, true, false, true])
    }

    @Test("where no target can take a request, the fallback for that reason is asked at once")
    func fallbackAtOnce() throws {
        let rule = RouteRule(
            "r",
            targets: [.init("a", model: "small")],
            fallbacks: [
                .init("b", model: "m", causes: [.outOfMemory]), .init("c", model: "large", causes: [.contextTooLong]),
                .init("d", model: "other", causes: [.contextTooLong]),
            ]
        )
        let router = try PlannerUnderTest([rule], own: [KnownModel("small", ModelFacts(window: 1_000))])
        #expect(try router.targets(RouteQuery(model: "m", tokens: 10)) == ["a/small", "b/m", "c/large", "d/other"])
        let plan = try router.planner.plan(RouteQuery(model: "m", tokens: 5_000))
        #expect(plan.targets.map(\.model) == ["large", "other"])
        #expect(plan.targets.map(\.causes) == [nil, [.contextTooLong]])
    }

    @Test(
        "a canary is tried first for its part of the sessions, and of the requests without one",
        arguments: [true, false]
    )
    func canary(bySession: Bool) throws {
        let rule = RouteRule("r", targets: Self.pair, canary: .init("c", model: "new", percent: 10))
        let router = try PlannerUnderTest([rule])
        var dice = RouteDice(seed: 3)
        var chosen = 0
        for number in 0..<10_000 {
            let query = bySession ? .session("s\(number)") : RouteQuery(model: "m", random: dice.next())
            let targets = try router.targets(query)
            #expect(targets == (try router.targets(query)))
            guard targets[0] == "c/new" else { continue }
            chosen += 1
            #expect(targets.count == 3)
        }
        #expect((850...1_150).contains(chosen), "\(chosen)")
    }

    @Test("no percentage is nobody, and all of it is everybody")
    func percentages() throws {
        var dice = RouteDice(seed: 4)
        for (percent, isThere) in [(0.0, false), (100.0, true)] {
            let rule = RouteRule("r", targets: Self.pair, shadow: .init("c", model: "copy", percent: percent))
            let router = try PlannerUnderTest([rule])
            for _ in 0..<200 {
                let plan = try router.planner.plan(RouteQuery(model: "m", random: dice.next()))
                #expect((plan.shadow?.model == "copy") == isThere)
                #expect(!plan.targets.contains { $0.model == "copy" })
            }
        }
    }

    @Test("the canary's part and the shadow's part are not the same requests")
    func independentShares() throws {
        let rule = RouteRule(
            "r",
            targets: Self.pair,
            canary: .init("c", model: "new", percent: 20),
            shadow: .init("d", model: "copy", percent: 20)
        )
        let router = try PlannerUnderTest([rule])
        var (copies, both) = (0, 0)
        for number in 0..<10_000 {
            let plan = try router.planner.plan(.session("s\(number)"))
            guard plan.shadow != nil else { continue }
            copies += 1
            if plan.targets[0].model == "new" { both += 1 }
        }
        #expect((1_800...2_200).contains(copies), "\(copies)")
        #expect((300...500).contains(both), "\(both)")
    }

    @Test("a canary that cannot take the request is left out")
    func canaryFails() throws {
        let rule = RouteRule("r", targets: Self.pair, canary: .init("c", model: "new", percent: 100))
        let router = try PlannerUnderTest([rule], own: [KnownModel("new", ModelFacts(tools: false))])
        #expect(try router.first(RouteQuery(model: "m")) == "c/new")
        #expect(try router.first(RouteQuery(model: "m", hasTools: true)) != "c/new")
    }

    @Test("the keys of a provider follow each other, from the one whose turn it is")
    func keys() throws {
        let providers = [
            try PlannerUnderTest.provider("a", keys: ["k0", "k1", "k2"]), try PlannerUnderTest.provider("b"),
        ]
        for rules in [[RouteRule("r", targets: [.init("a"), .init("b")], strategy: .ordered)], []] {
            let router = try PlannerUnderTest(rules, providers: providers)
            let plans = try (0..<4).map { _ in try router.planner.plan(RouteQuery(model: "m")) }
            let keys = plans.map { $0.targets.prefix(3).map(\.provider.credentialIndex) }
            #expect(keys == [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]])
            let sent = plans[1].targets.prefix(3).map { $0.provider.apiKey?.reveal() }
            #expect(sent == ["k1", "k2", "k0"])
            #expect(plans[0].targets.count == (rules.isEmpty ? 3 : 4))
            // A session's cache is its key's.
            let own = try router.planner.plan(.session("s")).targets.map(\.provider.credentialIndex)
            for _ in 0..<5 {
                #expect(try router.planner.plan(.session("s")).targets.map(\.provider.credentialIndex) == own)
            }
        }
    }

    @Test("a target that is not there has no figures of its own")
    func noFigures() throws {
        let router = try PlannerUnderTest([RouteRule("r", targets: [.init("a"), .init("nowhere")])])
        let candidates = router.planner.candidates(of: 0, RouteQuery(model: "m"))
        #expect(candidates.targets[0].meter === router.loads.meter(of: "m", at: "a"))
        #expect(candidates.targets[1].meter === router.loads.nobody)
    }

    @Test("the policy of the rule goes with the plan")
    func policy() throws {
        let policy = AttemptPolicy(retries: 7)
        let router = try PlannerUnderTest([RouteRule("r", targets: Self.pair, policy: policy)])
        #expect(try router.planner.plan(RouteQuery(model: "m")).policy == policy)
    }
}

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

@Suite("Explanations")
struct RouteExplanationTests {
    @Test("each rule before says why it does not fit, each target why it stands there")
    func explains() throws {
        let router = try PlannerUnderTest(
            [
                RouteRule("first", when: RouteConditions(models: ["x"]), targets: [.init("a")]),
                RouteRule(
                    "second",
                    targets: [.init("a", model: "small"), .init("b", model: "m", weight: 2.5)],
                    fallbacks: [.init("c", model: "m", causes: [.outOfMemory, .contextTooLong])],
                    canary: .init("d", model: "new", percent: 100),
                    shadow: .init("c", model: "copy", percent: 100)
                ),
                RouteRule("third", targets: [.init("a")]),
            ],
            own: [KnownModel("small", ModelFacts(window: 10))]
        )
        let explanation = router.planner.explain(RouteQuery(model: "m", tokens: 100, countsTokens: true))
        #expect(explanation.passed.map { "\($0.rule): \($0.reason)" } == ["first: the model m is none of x"])
        #expect(explanation.rule == "second")
        #expect(
            explanation.targets.map { "\($0.provider)/\($0.model): \($0.reason)" } == [
                "d/new: the canary of 100 % of the requests", "b/m: weight 2.5",
                "c/m: a fallback on context_length_exceeded, out_of_memory",
            ]
        )
        #expect(explanation.leftOut.map(\.reason) == ["takes 10 tokens of prompt, and this one has 100"])
        #expect(explanation.shadow?.model == "copy")
        #expect(explanation.refusal == nil)
    }

    @Test("what is explained is what is planned, and takes nobody's turn", arguments: RouteStrategy.allCases)
    func agrees(strategy: RouteStrategy) throws {
        let targets = ["a", "b", "c"].map { RouteRule.Target($0, model: "m") }
        let router = try PlannerUnderTest([RouteRule("r", targets: targets, strategy: strategy)])
        for number in 0..<50 {
            let query = RouteQuery.session("s\(number)")
            #expect(
                router.planner.explain(query).targets.map { "\($0.provider)/\($0.model)" }
                    == (try router.targets(query))
            )
        }
    }

    @Test("without a rule it says so, and a refusal is told")
    func byName() throws {
        let router = try PlannerUnderTest([])
        let explanation = router.planner.explain(RouteQuery(model: "b/x"))
        #expect(explanation.rule == nil && explanation.targets.map(\.provider) == ["b"])
        #expect(router.planner.explain(RouteQuery(model: "x", provider: "no")).refusal?.body.status == 400)
    }
}
