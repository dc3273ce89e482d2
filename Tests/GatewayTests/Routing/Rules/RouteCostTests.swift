import Dialects
import Inference
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("What a request may cost")
struct RouteCostTests {
    /// USD per million tokens of prompt and answer alike, by provider; `d` has none.
    private static let own = [("a", 10.0), ("b", 1.0), ("c", 0.1)].map { name, price in
        KnownModel("m", provider: name, ModelFacts(price: ModelPrice(input: price, output: price)))
    }

    private static func rule(maxCost: Double? = nil, fallbacks: [RouteRule.Fallback] = []) -> RouteRule {
        RouteRule(
            "r",
            targets: [.init("a", model: "m"), .init("b", model: "m")],
            strategy: .ordered,
            fallbacks: fallbacks,
            maxCost: maxCost.flatMap { Money(usd: $0) }
        )
    }

    /// A request of 99,000 tokens of prompt and 1,000 of answer: 1 USD at `a`, 0.1 at `b`, 0.01 at `c`.
    private static func query(maxCost: Double? = nil) -> RouteQuery {
        var query = RouteQuery(model: "m", tokens: 99_000)
        query.output = 1_000
        query.maxCost = maxCost.flatMap { Money(usd: $0) }
        return query
    }

    @Test(
        "targets where it would cost more than the rule or the request says do not take it",
        arguments: [
            (nil, nil, ["a/m", "b/m"]), (1.0, nil, ["a/m", "b/m"]), (0.99, nil, ["b/m"]), (nil, 0.5, ["b/m"]),
            (0.5, 5.0, ["b/m"]), (5.0, 0.5, ["b/m"]),
        ] as [(Double?, Double?, [String])]
    )
    func bounded(byRule: Double?, byRequest: Double?, targets: [String]) throws {
        let router = try PlannerUnderTest([Self.rule(maxCost: byRule)], own: Self.own)
        #expect(try router.targets(Self.query(maxCost: byRequest)) == targets)
    }

    @Test("a fallback takes over where nobody else may, and one without a price may not either")
    func fallback() throws {
        let rule = Self.rule(maxCost: 0.05, fallbacks: [.init("d", model: "m"), .init("c", model: "m")])
        let router = try PlannerUnderTest([rule], own: Self.own)
        #expect(try router.targets(Self.query()) == ["c/m"])
    }

    @Test("who may go nowhere hears of each target why")
    func refused() throws {
        var rule = Self.rule(maxCost: 0.05)
        rule.targets.append(.init("d", model: "m"))
        let router = try PlannerUnderTest([rule], own: Self.own)
        let refusal = try #require(router.refusal(Self.query()))
        #expect(refusal.body.status == 402 && refusal.body.code == "max_cost_exceeded")
        #expect(refusal.body.message.contains("a/m would cost about 1 USD, and it may cost 0.05"))
        #expect(refusal.body.message.contains("d/m has no price that is known"))
    }

    @Test("where no rule fits the request's own bound counts")
    func byName() throws {
        let router = try PlannerUnderTest([], own: Self.own)
        var query = Self.query(maxCost: 0.5)
        query.model = "b/m"
        #expect(try router.targets(query) == ["b/m"])
        query.model = "a/m"
        #expect(router.refusal(query)?.body.code == "max_cost_exceeded")
        query.maxCost = nil
        #expect(try router.targets(query) == ["a/m"])
    }

    @Test("the cheapest is so at the query's time, and by the overrides of its moment")
    func cheapest() throws {
        var rule = Self.rule()
        rule.strategy = .cheapest
        let router = try PlannerUnderTest([rule], own: Self.own)
        var query = Self.query()
        #expect(try router.first(query) == "b/m")
        let free = PriceEntry(provider: "a", model: "m", from: 5_000, price: .free)
        query.overrides = PriceOverrides([free])
        query.time = 4
        #expect(try router.first(query) == "b/m")
        query.time = 5
        #expect(try router.first(query) == "a/m")
        query.time = 4
        #expect(try router.first(query) == "b/m")
        query.overrides = .none
        query.time = 5
        #expect(try router.first(query) == "b/m")
    }

    @Test("explanations say what it would cost, and who is left out for it")
    func explained() throws {
        let router = try PlannerUnderTest([Self.rule(maxCost: 0.5)], own: Self.own)
        let explanation = router.planner.explain(Self.query())
        #expect(explanation.targets.map(\.reason) == ["number 2 as written; this request about USD 0.1"])
        #expect(explanation.leftOut.map(\.reason) == ["would cost about 1 USD, and it may cost 0.5"])
    }

    @Test("a rule says how much of a budget it wants to be used")
    func budgets() {
        func reason(_ least: Double?, _ most: Double?, _ used: Double?) -> String? {
            var query = RouteQuery(model: "m")
            query.budgetUsed = used
            let conditions = RouteConditions(minimumBudgetUsed: least, maximumBudgetUsed: most)
            return RouteMismatch(of: conditions, for: query)?.description
        }
        #expect(reason(0.8, nil, 0.8) == nil && reason(nil, 0.8, 0.8) == nil)
        #expect(reason(0.8, nil, nil) == "no budget bounds the caller")
        #expect(reason(0.8, nil, 0.755) == "75.5 % of the caller's budget is used, wanted 80 %")
        #expect(reason(nil, 0.5, 1.2) == "120 % of the caller's budget is used, wanted at most 50 %")
    }

    @Test(
        "the field holds an amount of USD and nothing else",
        arguments: [
            ("0.25", 250_000_000), ("0", 0), ("12", 12_000_000_000), ("", nil), ("-1", nil), ("1e3", nil), ("nan", nil),
            ("$1", nil), ("1,5", nil), (" 1", nil), ("99999999999999", nil), ("1.2.3", nil),
        ] as [(String, Int?)]
    )
    func field(text: String, nanos: Int?) {
        #expect(RouteQuery.maxCost(text)?.nanos == nanos)
    }

    @Test("over the wire the field bounds what a request costs, goes no further, and has to be an amount")
    func overWire() async throws {
        try await withGateway(answers: [Answer.json(#"{"id":"one"}"#)]) {
            $0.prices.entries = [PriceEntry(model: "m", price: Price(ModelPrice(input: 1_000, output: 1_000)))]
        } body: { gateway, upstream in
            let sample = Sample.chat
            let field = "x-torii-max-cost"
            let served = try await gateway.send(sample.request(fields: [(field, "100")]))
            #expect(served.status == 200 && upstream.requests.last?.field(field) == nil)
            let refused = try await gateway.send(sample.request(fields: [(field, "0.01")]))
            #expect(refused.status == 402 && refused.bodyText.contains("max_cost_exceeded"))
            let wrong = try await gateway.send(sample.request(fields: [(field, "cheap")]))
            #expect(wrong.status == 400 && wrong.bodyText.contains("invalid_header"))
            #expect(upstream.requests.count == 1)
        }
    }
}
