import Inference
import Providers
import Testing

@testable import Gateway

@Suite("The rules' conditions")
struct RouteRulesTests {
    private static func fits(_ conditions: RouteConditions, _ query: RouteQuery) -> Bool {
        let rules = RouteRules([RouteRule("r", when: conditions, targets: [])])
        let fits = rules.first(for: query) == 0
        #expect(fits == (RouteMismatch(of: conditions, for: query) == nil))
        return fits
    }

    private static func query(_ model: String = "m", _ change: (inout RouteQuery) -> Void = { _ in }) -> RouteQuery {
        var query = RouteQuery(model: model)
        change(&query)
        return query
    }

    @Test(
        "a family is a beginning that ends at a mark, behind an organisation too",
        arguments: [
            ("gpt-oss", true), ("gpt-oss:20b", true), ("gpt-oss-safeguard", true), ("openai/gpt-oss-20b", true),
            ("a/b/gpt-oss.1", true), ("gpt-ossify", false), ("my-gpt-oss", false), ("gpt-oss/x", false), ("gpt", false),
            ("", false),
        ]
    )
    func families(model: String, isMember: Bool) {
        #expect(Self.fits(RouteConditions(families: ["gpt-oss"]), Self.query(model)) == isMember)
    }

    @Test("models are compared as bytes, exactly or by pattern")
    func models() {
        let conditions = RouteConditions(models: ["gpt-5", "claude-*-5", "*coder"])
        for (model, fits) in [
            ("gpt-5", true), ("gpt-5-mini", false), ("claude-opus-5", true), ("claude-5", false), ("qwen3-coder", true),
            ("GPT-5", false), ("coder-x", false),
        ] {
            #expect(Self.fits(conditions, Self.query(model)) == fits, "\(model)")
        }
        #expect(!Self.fits(RouteConditions(models: ["caf\u{E9}"]), Self.query("cafe\u{301}")))
    }

    @Test("every named field has to be there with such a value, in any case of its name")
    func headers() {
        let conditions = RouteConditions(headers: [.init("X-Team", "sea*"), .init("x-stage", "prod")])
        func fits(_ fields: [(String, String)]) -> Bool {
            Self.fits(conditions, Self.query { $0.fields = Fields(fields) })
        }
        #expect(fits([("x-team", "search"), ("X-STAGE", "prod")]))
        #expect(fits([("x-team", "other"), ("x-team", "search"), ("x-stage", "prod")]))
        #expect(!fits([("x-team", "search"), ("x-stage", "Prod")]))
        #expect(!fits([("x-team", "search")]))
        #expect(
            Self.fits(
                RouteConditions(headers: [.init("x-any", "*")]),
                Self.query { $0.fields = Fields([("x-any", "")]) }
            )
        )
    }

    @Test("B12: a request that names a provider fits only rules that ask for it")
    func namedProvider() {
        let query = Self.query {
            $0.provider = "fast"
            $0.fields = Fields([("x-provider", "fast")])
        }
        #expect(!Self.fits(RouteConditions(), query))
        #expect(!Self.fits(RouteConditions(models: ["m"]), query))
        #expect(Self.fits(RouteConditions(headers: [.init("x-provider", "f*")]), query))
        #expect(!Self.fits(RouteConditions(headers: [.init("x-provider", "slow")]), query))
    }

    @Test("dialect, tools, images, tokens and preference have to be as wanted")
    func traits() {
        #expect(Self.fits(RouteConditions(dialects: [.chat, .ollama]), Self.query()))
        #expect(!Self.fits(RouteConditions(dialects: [.messages]), Self.query()))
        #expect(Self.fits(RouteConditions(tools: false, images: true), Self.query { $0.hasImages = true }))
        #expect(!Self.fits(RouteConditions(tools: true), Self.query()))
        for (tokens, fits) in [(99, false), (100, true), (200, true), (201, false)] {
            let conditions = RouteConditions(minimumTokens: 100, maximumTokens: 200)
            #expect(Self.fits(conditions, Self.query { $0.tokens = tokens }) == fits)
        }
        #expect(!Self.fits(RouteConditions(preferences: [.cost]), Self.query()))
        #expect(Self.fits(RouteConditions(preferences: [.cost, .speed]), Self.query { $0.preference = .speed }))
        #expect(!Self.fits(RouteConditions(preferences: [.cost]), Self.query { $0.preference = .speed }))
    }

    @Test("what is not known of a caller fits no condition on it")
    func seams() {
        for conditions in [
            RouteConditions(tenants: ["a"]), RouteConditions(roles: ["a"]), RouteConditions(keyLabels: ["a"]),
            RouteConditions(minimumSpend: 0), RouteConditions(maximumSpend: 9),
            RouteConditions(minimumBudgetUsed: 0.5), RouteConditions(maximumBudgetUsed: 0.9),
        ] {
            #expect(!Self.fits(conditions, Self.query()))
            let known = Self.query {
                ($0.tenant, $0.role, $0.keyLabel, $0.spend, $0.budgetUsed) = ("a", "a", "a", 5, 0.5)
            }
            #expect(Self.fits(conditions, known))
            let other = Self.query {
                ($0.tenant, $0.role, $0.keyLabel, $0.spend, $0.budgetUsed) = ("b", "b", "b", -1, 0.1)
            }
            #expect(
                Self.fits(conditions, other) == (conditions.maximumSpend != nil || conditions.maximumBudgetUsed != nil)
            )
        }
    }

    @Test("a tenant is known by its name and by its id, as bytes, in any rule of many")
    func tenants() {
        let rules = RouteRules(
            (0..<50).map { RouteRule("\($0)", when: RouteConditions(tenants: ["ten_\($0)", "n\($0)"]), targets: []) }
        )
        let known: (String?, String?) -> RouteQuery = { name, id in
            Self.query { ($0.tenant, $0.tenantID) = (name, id) }
        }
        #expect(rules.first(for: known("n7", "ten_x")) == 7)
        #expect(rules.first(for: known("x", "ten_9")) == 9)
        #expect(rules.first(for: known("n8", "ten_3")) == 3, "the first rule wins, whichever way it is found")
        #expect(rules.first(for: known("x", "ten_x")) == nil && rules.first(for: known(nil, nil)) == nil)
        let accent = RouteConditions(tenants: ["caf\u{E9}"])
        #expect(!Self.fits(accent, known("cafe\u{301}", nil)) && Self.fits(accent, known("caf\u{E9}", nil)))
        #expect(Self.fits(RouteConditions(tenants: ["ten_1"]), known("n", "ten_1")))
        let words = RouteMismatch(of: RouteConditions(tenants: ["a"]), for: known("n", "ten_1"))?.description
        #expect(words == "the caller's tenant is n, wanted a")
    }

    @Test("the first rule that fits wins, whichever way each of them is found")
    func order() {
        let rules = RouteRules([
            RouteRule("header", when: RouteConditions(headers: [.init("x-a", "1")]), targets: []),
            RouteRule("glob", when: RouteConditions(models: ["gpt-*"]), targets: []),
            RouteRule("exact", when: RouteConditions(models: ["gpt-5"]), targets: []),
            RouteRule("all", targets: []),
            RouteRule("never", when: RouteConditions(models: ["m"]), targets: []),
        ])
        #expect(rules.first(for: Self.query("gpt-5") { $0.fields = Fields([("X-A", "1")]) }) == 0)
        #expect(rules.first(for: Self.query("gpt-5")) == 1)
        #expect(rules.first(for: Self.query("m")) == 3)
    }

    @Test("a rule says which of its conditions does not hold")
    func mismatches() {
        let query = Self.query("gpt-5") {
            $0.tokens = 5
            $0.time = Zone.utc(2026, 11, 27, 12)
        }
        let night = RouteSchedule([TimeWindow(days: [4], from: 1_320, to: 360, zone: Zone.berlin)])
        for (conditions, words) in [
            (RouteConditions(models: ["a", "b*"]), "the model gpt-5 is none of a, b*"),
            (RouteConditions(headers: [.init("x-a", "1")]), "the field x-a is not there, wanted 1"),
            (RouteConditions(tenants: ["t"]), "the caller has no tenant, wanted t"),
            (RouteConditions(schedule: night), "it is fri 13:00 Europe/Berlin, wanted fri 22:00-06:00 Europe/Berlin"),
            (RouteConditions(minimumTokens: 6), "the prompt has about 5 tokens, wanted at least 6"),
            (RouteConditions(tools: true), "the request has no tools"),
            (RouteConditions(preferences: [.cost]), "the caller prefers nothing, wanted cost"),
        ] {
            #expect(RouteMismatch(of: conditions, for: query)?.description == words)
        }
    }
}

@Suite("The index of rules")
struct RuleIndexTests {
    /// Rules and requests made of few words, so that they meet often.
    struct Maker {
        var dice: RouteDice

        private mutating func choose<Value>(_ values: [Value]) -> Value {
            values[Int(dice.next() % UInt64(values.count))]
        }

        private mutating func happens(_ part: UInt64) -> Bool { dice.next() % part == 0 }

        private mutating func some<Value>(_ part: UInt64, _ values: [Value]) -> [Value] {
            guard happens(part) else { return [] }
            return (0...dice.next() % 2).map { _ in choose(values) }
        }

        private static let words = ["a", "ab", "abc", "b", "b-1", "b-2", "c/a", "c/b-1", "c"]
        private static let patterns = words + ["a*", "*c", "b-?", "*", "c/*", "?", "ab*", "a*c"]

        mutating func conditions() -> RouteConditions {
            var conditions = RouteConditions(
                headers: some(3, ["x-a", "X-B", "x-provider"]).map { .init($0, choose(Self.patterns)) },
                models: some(2, Self.patterns),
                families: some(4, ["a", "b", "ab"]),
                dialects: Set(some(4, Dialect.allCases)),
                tenants: Set(some(6, Self.words)),
                roles: Set(some(8, Self.words)),
                keyLabels: Set(some(8, Self.words)),
                preferences: Set(some(6, RoutePreference.allCases))
            )
            if happens(5) {
                conditions.schedule = RouteSchedule([
                    TimeWindow(
                        days: [choose([0, 3, 6])],
                        from: choose([0, 600]),
                        to: choose([60, 1_440]),
                        zone: Zone.berlin
                    )
                ])
            }
            if happens(5) { conditions.minimumTokens = choose([5, 10]) }
            if happens(5) { conditions.maximumTokens = choose([10, 15]) }
            if happens(5) { conditions.tools = happens(2) }
            if happens(5) { conditions.images = happens(2) }
            if happens(8) { conditions.minimumSpend = 5 }
            if happens(8) { conditions.maximumBudgetUsed = 0.5 }
            return conditions
        }

        mutating func query() -> RouteQuery {
            let provider = happens(4) ? choose(Self.words) : nil
            var fields = Fields()
            for name in some(1, ["x-a", "x-b", "host", "X-A"]) { fields.append(name, choose(Self.words)) }
            if let provider { fields.append("X-Provider", provider) }
            var query = RouteQuery(
                model: choose(Self.words),
                dialect: choose(Dialect.allCases),
                fields: fields,
                provider: provider,
                tenant: some(2, Self.words).first,
                role: some(2, Self.words).first,
                keyLabel: some(2, Self.words).first,
                time: Int(dice.next() % 2_000_000_000),
                tokens: Int(dice.next() % 20),
                hasTools: happens(2),
                hasImages: happens(2),
                spend: happens(2) ? Double(dice.next() % 10) : nil,
                preference: some(2, RoutePreference.allCases).first
            )
            query.budgetUsed = happens(2) ? Double(dice.next() % 10) / 10 : nil
            return query
        }
    }

    @Test("for any rules and any request it finds what looking at one after the other finds", arguments: 1...40)
    func agrees(seed: UInt64) {
        var maker = Maker(dice: RouteDice(seed: seed))
        let count = Int(seed) * 2
        let conditions = (0..<count).map { _ in maker.conditions() }
        let rules = RouteRules(conditions.enumerated().map { RouteRule("r\($0)", when: $1, targets: []) })
        var found = 0
        for _ in 0..<500 {
            let query = maker.query()
            let naive = conditions.firstIndex { RouteMismatch(of: $0, for: query) == nil }
            #expect(rules.first(for: query) == naive, "seed \(seed), \(query.model)")
            if naive != nil { found += 1 }
        }
        #expect(found > 0)
    }
}
