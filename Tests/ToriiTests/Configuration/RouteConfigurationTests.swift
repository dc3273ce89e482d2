import Gateway
import Inference
import Providers
import Testing

@testable import torii

@Suite("routes in the configuration")
struct RouteConfigurationTests {
    private static let providers = """
        providers:
          - {name: a, base_url: 'http://localhost:1/v1', tags: [gpu, old]}
          - {name: b, base_url: 'http://localhost:2/v1', tags: [gpu]}

        """

    private static func read(_ text: String, environment: [String: String] = [:]) throws -> Configuration {
        let file = ConfigurationFile(path: "/f/config.yaml", format: .yaml, text: providers + text)
        return try Configuration.read(file, environment: environment)
    }

    private static func rules(_ text: String) throws -> [RouteRule] {
        let configuration = try read(text)
        return configuration.routes.map { RouteRule($0, providers: configuration.providers) }
    }

    @Test("a rule is read with all that can be said of it")
    func everything() throws {
        let rules = try Self.rules(
            """
            routes:
              - name: night
                when:
                  headers: {X-Team: "sea*"}
                  models: gpt-5*
                  families: [gpt-oss]
                  dialects: [chat]
                  times: [{days: [sat, sun], from: "22:30", to: "06:00"}]
                  min_tokens: 1
                  max_tokens: 2
                  tools: true
                  images: false
                  prefer: [cost]
                targets: [{tag: gpu, model: m, weight: 2}, {provider: a}]
                strategy: cheapest
                affinity: false
                loaded_first: 0
                fallbacks: [{provider: b, on: [out_of_memory]}, {provider: a, on: any}, {tag: old}]
                canary: {provider: b, model: new}
                shadow: {provider: a, percent: 7}
                attempts: {retries: 0, backoff: 1s, deadlines: {first_token: 9s}}
              - targets: [{provider: a}]

            """
        )
        let window = TimeWindow(days: [5, 6], from: 1_350, to: 360)
        var policy = AttemptPolicy(retries: 0, backoff: .seconds(1))
        policy.deadlines.firstToken = .seconds(9)
        let night = RouteRule(
            "night",
            when: RouteConditions(
                headers: [.init("x-team", "sea*")],
                models: ["gpt-5*"],
                families: ["gpt-oss"],
                dialects: [.chat],
                schedule: RouteSchedule([window]),
                minimumTokens: 1,
                maximumTokens: 2,
                tools: true,
                images: false,
                preferences: [.cost]
            ),
            targets: [.init("a", model: "m", weight: 2), .init("b", model: "m", weight: 2), .init("a")],
            strategy: .cheapest,
            keepsSessions: false,
            loadedFirst: 0,
            fallbacks: [.init("b", causes: [.outOfMemory]), .init("a"), .init("a")],
            canary: .init("b", model: "new", percent: 5),
            shadow: .init("a", percent: 7),
            policy: policy
        )
        #expect(rules == [night, RouteRule("route-2", targets: [.init("a")])])
    }

    @Test("what is written reads back as the same")
    func roundTrip() throws {
        let path = "\(FixtureTests.folder)/everything.yaml"
        let configuration = try Configuration.load(path: path, environment: ["HOME": "/h"])
        let text = configuration.text(origins: false)
        let file = ConfigurationFile(path: "/f/again.yaml", format: .yaml, text: text)
        let again = try Configuration.read(file, environment: ["HOME": "/h"])
        let providers = configuration.providers
        #expect(again.routes.count == 2)
        #expect(
            again.routes.map { RouteRule($0, providers: providers) }
                == configuration.routes.map { RouteRule($0, providers: providers) }
        )
        #expect(again.text(origins: false) == text)
    }

    @Test(
        "what is wrong is named, with its place and the next step",
        arguments: [
            ("routes: {}\n", 4, "routes has to be a list", ""),
            ("routes: [x]\n", 4, "routes[0] has to be a mapping", ""),
            ("routes: [{when: {}}]\n", 4, "routes[0] has no targets", "targets: [{provider: NAME}]"),
            ("routes: [{targets: []}]\n", 4, "routes[0] has no targets", ""),
            ("routes: [{targets: [{provider: c}]}]\n", 4, "routes[0].targets[0].provider: no provider is named c", ""),
            ("routes: [{targets: [{tag: gpus}]}]\n", 4, "routes[0].targets[0].tag is gpus", "Did you mean gpu?"),
            ("routes: [{targets: [{provider: a, tag: gpu}]}]\n", 4, "both a provider and a tag", ""),
            ("routes: [{targets: [{model: m}]}]\n", 4, "routes[0].targets[0] has no provider and no tag", ""),
            ("routes: [{targets: [{provider: a, weight: 0}]}]\n", 4, "weight is 0, and has to be above 0", ""),
            ("routes: [{targets: [{provider: a, weight: -2}]}]\n", 4, "weight is -2, and has to be above 0", ""),
            ("routes: [{targets: [{provider: a, model: 'm*'}]}]\n", 4, "model has to name one model", ""),
            (
                "routes: [{strategy: chepest, targets: [{provider: a}]}]\n", 4, "strategy is none of",
                "Did you mean cheapest?"
            ),
            (
                "routes: [{canary: {provider: a, percent: 101}, targets: [{provider: a}]}]\n", 4,
                "percent is 101.0, not from 0", ""
            ),
            (
                "routes: [{shadow: {provider: c}, targets: [{provider: a}]}]\n", 4,
                "routes[0].shadow.provider: no provider", ""
            ),
            ("routes: [{shadow: {percent: 1}, targets: [{provider: a}]}]\n", 4, "routes[0].shadow has no provider", ""),
            ("routes: [{when: {models: ['gpt-{4,5}']}, targets: [{provider: a}]}]\n", 4, "pattern gpt-{4,5}", ""),
            ("routes: [{when: {models: ['']}, targets: [{provider: a}]}]\n", 4, "without a letter", ""),
            (
                "routes: [{when: {families: ['gpt-*']}, targets: [{provider: a}]}]\n", 4, "families has gpt-*",
                "patterns belong into models"
            ),
            (
                "routes: [{when: {model: gpt-4}, targets: [{provider: a}]}]\n", 4, "routes[0].when.model is not a key",
                "Did you mean models?"
            ),
            (
                "routes: [{when: {dialects: [respones]}, targets: [{provider: a}]}]\n", 4, "dialects has respones",
                "Did you mean responses?"
            ),
            (
                "routes: [{when: {min_tokens: 9, max_tokens: 3}, targets: [{provider: a}]}]\n", 4,
                "at least 9 and at most 3", ""
            ),
            (
                "routes: [{when: {times: [{from: '10:00', to: '10:00'}]}, targets: [{provider: a}]}]\n", 4,
                "begins when it ends", "24:00"
            ),
            (
                "routes: [{when: {times: [{from: '24:01', to: '10:00'}]}, targets: [{provider: a}]}]\n", 4,
                "time of the day", ""
            ),
            ("routes: [{when: {times: [{to: '10:00'}]}, targets: [{provider: a}]}]\n", 4, "times[0] has no from", ""),
            (
                "routes: [{when: {times: [{days: [monday], from: '1:00', to: '10:00'}]}, targets: [{provider: a}]}]\n",
                4, "days has monday", ""
            ),
            (
                "routes: [{fallbacks: [{provider: a, on: [ot_of_memory]}], targets: [{provider: a}]}]\n", 4,
                "on has ot_of_memory", "Did you mean out_of_memory?"
            ),
            (
                "routes: [{attempts: {retries: 11}, targets: [{provider: a}]}]\n", 4, "retries is 11, not from 0 to 10",
                ""
            ),
            (
                "routes:\n  - {name: x, targets: [{provider: a}]}\n  - {name: x, targets: [{provider: a}]}\n", 6,
                "two routes are named x, first on line 5", ""
            ),
            ("default_preference: gold\n", 4, "default_preference is none of quality, cost, speed", ""),
        ]
    )
    func faults(text: String, line: Int, message: String, nextStep: String) throws {
        let fault = #expect(throws: ConfigurationError.self) { try Self.read(text) }
        let description = try #require(fault).description
        #expect(description.contains(message), "\(description)")
        #expect(description.contains("/f/config.yaml:\(line):"), "\(description)")
        #expect(nextStep.isEmpty || description.contains(nextStep), "\(description)")
    }

    @Test("zones are those of the database, and a name leads nowhere else")
    func zones() throws {
        let scratch = try Scratch()
        let environment = ["TZDIR": scratch.path]
        func zone(_ name: String) -> ConfigurationError? {
            let text =
                "routes: [{when: {times: [{from: '10:00', to: '11:00', zone: '\(name)'}]}, targets: [{provider: a}]}]\n"
            do { _ = try Self.read(text, environment: environment) } catch { return error as? ConfigurationError }
            return nil
        }
        try scratch.write("Here/Town", "no zone at all")
        #expect(zone("UTC") == nil)
        for name in ["Here/Town", "Here/Twon", "../etc/passwd", "/etc/passwd", "Here", ""] {
            let fault = try #require(zone(name), "\(name)")
            #expect(fault.message.contains("which is no zone of this machine's time zone database"))
            #expect(fault.position?.line == 4)
        }
        #expect(zone("Here/Twon")?.nextStep == "Did you mean Here/Town?")
    }

    @Test("a rule that no request gets to is warned of, and one that names a provider may stand anywhere")
    func unreachable() throws {
        let configuration = try Self.read(
            """
            routes:
              - {name: a, when: {models: [x]}, targets: [{provider: a}]}
              - {name: b, when: {models: [x]}, targets: [{provider: a}]}
              - {name: all, targets: [{provider: a}]}
              - {name: c, when: {models: [y]}, targets: [{provider: a}]}
              - {name: d, when: {headers: {x-provider: fast}}, targets: [{provider: a}]}

            """
        )
        #expect(
            configuration.warnings.map(\.message) == [
                "the route b is never reached: a in front of it has the same conditions",
                "the route c is never reached: all in front of it takes every request",
            ]
        )
        #expect(configuration.warnings.map { $0.position?.line } == [6, 8])
    }

    @Test("what was spent, what is used of budgets and what a request may cost are read, and written back")
    func costs() throws {
        let text = """
            routes:
              - when: {min_spend: 1, max_spend: 2.5, min_budget_used: 80%, max_budget_used: 99.5%}
                targets: [{provider: a}]
                max_cost: 0.25

            """
        let configuration = try Self.read(text)
        #expect(configuration.warnings.isEmpty)
        let rule = RouteRule(configuration.routes[0], providers: configuration.providers)
        #expect(rule.conditions.minimumSpend == 1 && rule.conditions.maximumSpend == 2.5)
        #expect(rule.conditions.minimumBudgetUsed == 0.8 && rule.conditions.maximumBudgetUsed == 0.995)
        #expect(rule.maxCost == Money(usd: 0.25))
        let shown = configuration.text(origins: false)
        let again = ConfigurationFile(path: "/f/again.yaml", format: .yaml, text: shown)
        #expect(try Configuration.read(again, environment: [:]).text(origins: false) == shown)
    }

    @Test(
        "a share that is none, and two bounds between which nothing is, are refused",
        arguments: [
            ("min_budget_used: 0.8", "min_budget_used has to be a share such as 80%"),
            ("max_budget_used: 1001%", "max_budget_used has to be a share such as 80%"),
            ("min_budget_used: 90%, max_budget_used: 80%", "wants at least 90% and at most 80% of the budget"),
            ("min_spend: 9, max_spend: 8", "wants at least 9 and at most 8 of spend"),
        ]
    )
    func badShares(condition: String, message: String) throws {
        let fault = #expect(throws: ConfigurationError.self) {
            try Self.read("routes: [{when: {\(condition)}, targets: [{provider: a}]}]\n")
        }
        #expect(fault?.message.contains(message) == true)
        #expect(fault?.position?.line == 4)
    }

    @Test("callers are told by tenant, role and the label of their key, and a role has to be one")
    func callers() throws {
        let text =
            "routes: [{when: {tenants: [t, ten_1], roles: [Member, operator], key_labels: [k]}, targets: [{provider: a}]}]\n"
        let configuration = try Self.read(text)
        #expect(configuration.warnings.isEmpty)
        let conditions = RouteRule(configuration.routes[0], providers: configuration.providers).conditions
        #expect(conditions.tenants == ["t", "ten_1"] && conditions.keyLabels == ["k"])
        #expect(conditions.roles == ["member", "operator"])
        let fault = #expect(throws: ConfigurationError.self) {
            try Self.read("routes: [{when: {roles: [members]}, targets: [{provider: a}]}]\n")
        }
        #expect(fault?.position?.line == 4 && fault?.nextStep?.contains("member") == true)
        #expect(fault?.message.contains("none of operator, tenant-admin, member, viewer") == true)
    }

    @Test("without providers in the file, rules lead to those of the environment")
    func environment() throws {
        let scratch = try Scratch()
        let good = try scratch.write("good.yaml", "routes: [{targets: [{provider: openai}]}]\n")
        let environment = ["OPENAI_API_KEY": "k", "HOME": scratch.path]
        #expect(try Configuration.load(path: good, environment: environment).routes.count == 1)
        let fault = #expect(throws: ConfigurationError.self) {
            try Configuration.load(path: good, environment: ["HOME": scratch.path])
        }
        #expect(fault?.position?.line == 1)
        #expect(fault?.message.contains("no provider is named openai") == true)
    }

    @Test("several keys are resolved in their order, and not beside a single one")
    func keys() async throws {
        let text = "providers: [{name: a, base_url: 'http://h/v1', api_keys: [env:A, literal]}]\n"
        let file = ConfigurationFile(path: "/f/config.yaml", format: .yaml, text: text)
        let configuration = try Configuration.read(file, environment: [:])
        let provider = try await configuration.providers[0].resolve(environment: ["A": "first"])
        #expect(provider.apiKeys.map { $0.reveal() } == ["first", "literal"])
        #expect(provider.apiKey?.reveal() == "first")
        #expect(!configuration.text(origins: false).contains("literal"))
        let fault = await #expect(throws: ConfigurationError.self) {
            try await configuration.providers[0].resolve(environment: [:])
        }
        #expect(fault?.message.contains("api_keys[0] of provider a") == true)
        let both = text.replacing("api_keys:", with: "api_key: x, api_keys:")
        let conflict = #expect(throws: ConfigurationError.self) {
            try Configuration.read(ConfigurationFile(path: "/f", format: .yaml, text: both), environment: [:])
        }
        #expect(conflict?.code == .conflict)
    }
}
