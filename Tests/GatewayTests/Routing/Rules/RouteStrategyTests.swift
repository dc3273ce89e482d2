import Dialects
import Inference
import Providers
import Testing

@testable import Gateway

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

    @Test(
        "in a large pool who is passed over early is who would have come behind the sixteenth",
        arguments: RouteStrategy.allCases,
        [true, false]
    )
    func largePool(_ strategy: RouteStrategy, bySession: Bool) throws {
        let names = (0..<200).map { "p\($0)" }
        var dice = RouteDice(seed: 8)
        let targets = names.map {
            RouteRule.Target($0, model: "m", weight: Double(Int.random(in: 1...9, using: &dice)))
        }
        let rule = RouteRule("r", targets: targets, strategy: strategy)
        let providers = try names.map { try PlannerUnderTest.provider($0) }
        let router = try PlannerUnderTest([rule], providers: providers)
        for name in names {
            for _ in 0..<Int.random(in: 0...6, using: &dice) { router.loads.didStart("m", at: name) }
            router.loads.firstToken(after: Double(Int.random(in: 1...40, using: &dice)), of: "m", at: name)
        }
        let candidates = router.planner.candidates(of: 0, RouteQuery(model: "m"))
        for number in 0..<50 {
            let query = bySession ? .session("s\(number)") : RouteQuery(model: "m", random: dice.next())
            let scale = RouteScale(candidates, rule, query, turn: { number })
            // All of them, without any that is passed over.
            var all = candidates.lots.enumerated().map { index, lot in
                let draw = scale.draw(lot)
                let score = scale.goesByDraw ? draw : scale.least(lot, index)
                #expect(scale.least(lot, index) <= score + 1e-9)
                return RouteRanking.Place(index: index, tier: [], score: score, draw: draw)
            }
            all.sort()
            let ranking = RouteRanking(candidates, rule, query, turn: { number })
            let kept = Set(all.prefix(RouteRanking.most).map(\.index))
            #expect(Set(ranking.places.map(\.index)) == kept)
            // A session may go home first, where the strategy goes by load.
            if !bySession { #expect(ranking.places.map(\.index) == all.prefix(RouteRanking.most).map(\.index)) }
        }
    }
}
