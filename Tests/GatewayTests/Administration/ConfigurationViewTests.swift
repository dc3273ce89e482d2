import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Providers and routes, as an operator sees them")
struct ConfigurationViewTests {
    private static let rules = [
        RouteRule(
            "night",
            when: RouteConditions(
                headers: [.init("X-Team", "search")],
                models: ["gpt-*"],
                dialects: [.chat],
                schedule: RouteSchedule([TimeWindow(days: [4], from: 1_320, to: 360)]),
                minimumTokens: 5,
                tools: true,
                preferences: [.cost]
            ),
            targets: [.init("house", model: "small", weight: 3), .init("other")],
            strategy: .ordered,
            fallbacks: [.init("other", model: "large", causes: [.contextTooLong])],
            canary: .init("other", model: "new", percent: 5)
        ),
        RouteRule("rest", targets: [.init("house", model: "m")]),
    ]

    /// A gateway with two providers with secrets that would be known again.
    private static func with(_ body: (GatewayUnderTest) async throws -> Void) async throws {
        let upstream = try await ScriptedUpstream.start(answers: [Sample.chat.answer(stream: false)])
        var house = try Provider.scripted(upstream)
        house.apiKeys = [Secret("xyzzy-one"), Secret("xyzzy-two")]
        house.apiKey = house.apiKeys[0]
        house.headers = [HeaderField(name: "x-secret", value: Secret("xyzzy-header"))]
        house.tags = ["own"]
        house.limits.concurrency = 7
        house.limits.queue.length = 9
        var other = house
        (other.name, other.apiKeys, other.apiKey, other.tags) = ("other", [], nil, [])
        let leftOut = LeftOutProvider(name: "keyless", reason: "env:KEY is not set")
        try await withGateway(
            [house, other],
            lister: { _ in .init(listing: .models(["m", "small"])) },
            {
                $0.leftOut = [leftOut]
                $0.routes = rules
            },
            body: body
        )
        await upstream.shutdown()
    }

    private static func ask(
        _ gateway: GatewayUnderTest,
        _ path: String,
        _ body: String? = nil
    ) async throws -> JSONView {
        let answer = try await gateway.administer(body == nil ? "GET" : "POST", path, body ?? "")
        #expect(answer.status == 200, "\(answer.bodyText)")
        #expect(!answer.bodyText.contains("xyzzy"))
        return try JSONDocument(answer.body).root
    }

    @Test(
        "T13: providers are listed with their state and limits; of their credentials only that they are there is told"
    )
    func providers() async throws {
        try await Self.with { gateway in
            let list = try await eventually("the listings") {
                let list = try await Self.ask(gateway, "providers")
                return list["data"]?[1]?["state"]?.string == "reachable" ? list : nil
            }
            let house = try #require(list["data"]?[0])
            #expect(house["name"]?.string == "house" && house["default"]?.bool == true && house["models"]?.int == 2)
            #expect(house["tags"]?[0]?.string == "own" && house["headers"]?[0]?.string == "x-secret")
            #expect(house["credentials"]?.elements.map { $0["key"]?.string } == ["***", "***"])
            #expect(house["max_concurrent"]?.int == 7 && house["queue"]?["length"]?.int == 9)
            #expect(house["breaker"]?.string == "closed" && house["in_flight"]?.int == 0)
            #expect(list["data"]?[1]?["credentials"]?[0]?["key"]?.isNull == true)
            let leftOut = try #require(list["data"]?[2])
            #expect(leftOut["state"]?.string == "left_out" && leftOut["reason"]?.string == "env:KEY is not set")
            let one = try await Self.ask(gateway, "providers/house")
            #expect(one["model_names"]?.elements.compactMap(\.string) == ["m", "small"])
            #expect(try await Self.ask(gateway, "providers/keyless")["model_names"]?.isNull == true)
            #expect(try await gateway.administer("GET", "providers/nobody").status == 404)
        }
    }

    @Test("routes are listed with the configuration's own names for their parts")
    func routes() async throws {
        try await Self.with { gateway in
            let list = try await Self.ask(gateway, "routes")
            let night = try #require(list["data"]?[0])
            #expect(night["name"]?.string == "night" && night["strategy"]?.string == "ordered")
            #expect(
                night["when"]?.members.map(\.key) == [
                    "headers", "models", "dialects", "times", "min_tokens", "tools", "prefer",
                ]
            )
            #expect(night["when"]?["times"]?[0]?.string == "fri 22:00-06:00 UTC")
            #expect(night["targets"]?[0]?["weight"]?.double == 3 && night["targets"]?[1]?["model"]?.isNull == true)
            #expect(night["fallbacks"]?[0]?["on"]?[0]?.string == "context_length_exceeded")
            #expect(night["canary"]?["percent"]?.double == 5 && night["shadow"]?.isNull == true)
            #expect(list["data"]?[1]?["when"]?.members.map(\.key) == [])
        }
    }

    @Test("an explanation says which rule fits and why others do not, of what the gateway knows now")
    func explanation() async throws {
        try await Self.with { gateway in
            let question = #"{"model":"gpt-5","headers":{"X-Team":"search"},"tokens":9,"tools":true,"prefer":"cost","#
            let night = try await Self.ask(gateway, "routes/explain", question + #""at":"2026-11-28T03:00:00Z"}"#)
            #expect(night["rule"]?.string == "night" && night["refusal"]?.isNull == true)
            #expect(
                night["targets"]?[0]?["provider"]?.string == "house"
                    && night["targets"]?[0]?["model"]?.string == "small"
            )
            // The other provider does not list what it would be asked for.
            #expect(night["left_out"]?.elements.contains { $0["provider"]?.string == "other" } == true)
            let day = try await Self.ask(gateway, "routes/explain", question + #""at":"2026-11-28T13:00:00Z"}"#)
            #expect(day["rule"]?.string == "rest")
            #expect(day["passed"]?[0]?["reason"]?.string == "it is sat 13:00 UTC, wanted fri 22:00-06:00 UTC")
            let nobody = #"{"model":"m","headers":{"x-provider":"nobody"}}"#
            let refused = try await Self.ask(gateway, "routes/explain", nobody)
            #expect(refused["refusal"]?["code"]?.string == "unknown_provider" && refused["rule"]?.isNull == true)
        }
    }

    @Test("an explanation goes by the tenant's preference, regions and policies, by its name and by its id")
    func explanationForTenant() async throws {
        try await Self.with { gateway in
            let made = try await gateway.administer("POST", "keys", #"{"label":"k","role":"operator"}"#)
            let key = try #require(try JSONDocument(made.body).root["key"]?.string)
            func ask(_ path: String, _ body: String) async throws -> JSONView {
                try JSONDocument(await gateway.administer("POST", path, body, key: key).body).root
            }
            let tenant = try await ask("tenants", #"{"name":"t","preference":"cost","regions":["own"]}"#)
            let id = try #require(tenant["id"]?.string)
            let question = #""headers":{"X-Team":"search"},"tokens":9,"tools":true,"at":"2026-11-28T03:00:00Z""#
            // Nobody prefers anything without the tenant.
            #expect(try await ask("routes/explain", #"{"model":"gpt-5",\#(question)}"#)["rule"]?.string == "rest")
            for name in ["t", id] {
                let body = #"{"model":"gpt-5","tenant":"\#(name)",\#(question)}"#
                let answer = try await ask("routes/explain", body)
                #expect(answer["rule"]?.string == "night" && answer["targets"]?[0]?["provider"]?.string == "house")
                let elsewhere = #"{"model":"m","tenant":"\#(name)","headers":{"x-provider":"other"}}"#
                let refused = try await ask("routes/explain", elsewhere)["refusal"]
                #expect(refused?["code"]?.string == "unknown_provider")
            }
            _ = try await ask("policies", #"{"tenant":"t","label":"p","models":["n"]}"#)
            let denied = try await ask("routes/explain", #"{"model":"house/m","tenant":"t"}"#)
            #expect(denied["refusal"]?["status"]?.int == 404, "\(denied)")
        }
    }

    @Test(
        "a question that is wrong names the member",
        arguments: [
            ("{}", "missing_member", "model"), (#"{"model":5}"#, "invalid_value", "model"),
            (#"{"model":null}"#, "invalid_value", "model"), (#"{"model":"m","x":1}"#, "unknown_member", "x"),
            (#"{"model":"m","tokens":-1}"#, "invalid_value", "tokens"),
            (#"{"model":"m","tokens":1.5}"#, "invalid_value", "tokens"),
            (#"{"model":"m","dialect":"latin"}"#, "invalid_value", "dialect"),
            (#"{"model":"m","prefer":"gold"}"#, "invalid_value", "prefer"),
            (#"{"model":"m","at":"tomorrow"}"#, "invalid_value", "at"),
            (#"{"model":"m","headers":[]}"#, "invalid_value", "headers"),
            (#"{"model":"m","headers":{"a b":"c"}}"#, "invalid_value", "headers"),
            (#"{"model":"m","headers":{"a":"b\r\nc"}}"#, "invalid_value", "headers"),
            (#"{"model":"m","tools":1}"#, "invalid_value", "tools"), ("[]", "invalid_body", nil),
            ("", "invalid_body", nil),
        ] as [(String, String, String?)]
    )
    func badQuestions(_ body: String, _ code: String, _ field: String?) throws {
        let problem = #expect(throws: AdministrationProblem.self) { try RouteQuestion(Array(body.utf8)) }
        #expect(problem?.code.rawValue == code && problem?.field == field)
    }

    @Test("T1: only an operator sees providers and routes, and nobody without a key once there is one")
    func operatorsOnly() async throws {
        try await Self.with { gateway in
            let made = try await gateway.administer("POST", "keys", #"{"label":"k","role":"operator"}"#)
            let key = try #require(try JSONDocument(made.body).root["key"]?.string)
            _ = try await gateway.administer("POST", "tenants", #"{"name":"t"}"#, key: key)
            for role in ["tenant-admin", "member", "viewer"] {
                let body = #"{"tenant":"t","label":"k","role":"\#(role)"}"#
                let other = try await gateway.administer("POST", "keys", body, key: key)
                let holder = try JSONDocument(other.body).root["key"]?.string
                for path in ["providers", "providers/house", "routes"] {
                    #expect(try await gateway.administer("GET", path, key: holder).status == 403, "\(role) \(path)")
                    #expect(try await gateway.administer("GET", path).status == 401)
                    #expect(try await gateway.administer("GET", path, key: key).status == 200)
                }
                let asked = try await gateway.administer("POST", "routes/explain", #"{"model":"m"}"#, key: holder)
                #expect(asked.status == 403)
            }
        }
    }
}
