import Dialects
import Inference
import Providers
import Testing

@testable import Gateway

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
