import Dialects
import Inference
import Providers
import Testing

@testable import Gateway

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
