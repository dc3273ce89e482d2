import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Rules over the wire")
struct RulesOverWireTests {
    /// Runs a gateway with some rules in front of two upstreams, which answer with their own names.
    private func with(
        _ rules: [RouteRule],
        answers: [[Step]]? = nil,
        _ change: (inout Provider) -> Void = { _ in },
        body: (GatewayUnderTest, _ one: ScriptedUpstream, _ two: ScriptedUpstream) async throws -> Void
    ) async throws {
        let one = try await ScriptedUpstream.start(answers: [answers?[0] ?? Answer.json(#"{"id":"one"}"#)])
        let two = try await ScriptedUpstream.start(answers: [answers?[1] ?? Answer.json(#"{"id":"two"}"#)])
        var providers = [try Provider.scripted(one, name: "one"), try .scripted(two, name: "two")]
        for index in providers.indices { change(&providers[index]) }
        try await withGateway(providers, { $0.routes = rules }) { try await body($0, one, two) }
        await one.shutdown()
        await two.shutdown()
    }

    @Test("a request goes by the first rule that fits, as the model that the rule names", arguments: Sample.allCases)
    func first(_ sample: Sample) async throws {
        let rules = [
            RouteRule(
                "team",
                when: RouteConditions(headers: [.init("x-team", "search")], models: ["m*"]),
                targets: [.init("two", model: "other")]
            ),
            RouteRule(
                "named",
                when: RouteConditions(headers: [.init("x-provider", "virtual")]),
                targets: [.init("two")]
            ),
            RouteRule("prefer", when: RouteConditions(preferences: [.cost]), targets: [.init("two", model: "cheap")]),
            RouteRule("tools", when: RouteConditions(tools: true), targets: [.init("two", model: "tools")]),
        ]
        try await with(rules) { gateway, one, two in
            for (fields, extra, target, sent) in [
                ([], "", "one", "m"), ([("X-Team", "search")], "", "two", "other"),
                ([("X-Team", "ads")], "", "one", "m"),
                ([("X-Provider", "virtual")], "", "two", "m"),
                ([("X-Provider", "one"), ("X-Team", "search")], "", "one", "m"),
                ([("X-Torii-Prefer", "Cost")], "", "two", "cheap"), ([("X-Torii-Prefer", "speed")], "", "one", "m"),
                ([], #""tools":[{"type":"function"}],"#, "two", "tools"),
            ] as [([(String, String)], String, String, String)] {
                let answer = try await gateway.send(sample.request(extra: extra, fields: fields))
                #expect(answer.bodyText == #"{"id":"\#(target)"}"#, "\(fields) \(extra)")
                let last = (target == "one" ? one : two).requests.last
                #expect(last?.bodyText == sample.body(model: sent, extra: extra))
                #expect(last?.field("x-torii-prefer") == nil)
            }
        }
    }

    @Test("a preference that is none is a 400 where there are rules", arguments: Sample.allCases)
    func badPreference(_ sample: Sample) async throws {
        try await with([RouteRule("all", targets: [.init("one")])]) { gateway, one, _ in
            let answer = try await gateway.send(sample.request(fields: [("X-Torii-Prefer", "gold")]))
            #expect(answer.status == 400)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(answer.bodyText.contains("x-torii-prefer is none of quality, cost, speed."))
            #expect(one.requests.isEmpty)
        }
    }

    @Test(
        "who cannot take a request is told of in the caller's dialect",
        arguments: [Sample.chat, .responses, .messages]
    )
    func nobody(_ sample: Sample) async throws {
        let rule = RouteRule("all", targets: [.init("one", model: "text-embedding-3-small")])
        try await with([rule]) { gateway, one, _ in
            let answer = try await gateway.send(sample.request(extra: #""tools":[{"type":"function"}],"#))
            #expect(answer.status == 400)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(answer.bodyText.contains("one/text-embedding-3-small cannot call tools"))
            #expect(one.requests.isEmpty)
        }
    }

    @Test(
        "a shadow gets a copy in its own dialect, and the answer is the target's whatever becomes of it",
        arguments: Sample.allCases
    )
    func shadow(_ sample: Sample) async throws {
        let shadow = RouteRule.Share("two", model: "copy", percent: 100)
        let rule = RouteRule("all", targets: [.init("one")], shadow: shadow)
        let answers = [
            [Answer.json(#"{"id":"one"}"#), [.stall]], [Answer.json(sample.whole), Answer.json("{}", status: 500)],
            [Answer.json(sample.whole), [.close]],
        ]
        for pair in answers {
            try await with([rule], answers: pair) { provider in
                provider.dialect = provider.name == "two" && sample == .responses ? .messages : nil
            } body: { gateway, one, two in
                let answer = try await gateway.send(sample.request())
                #expect(answer.status == 200)
                let copy = try await eventually("the copy") { two.requests.first }
                #expect(one.requests.count == 1)
                #expect(copy.field("x-request-id") == one.requests.first?.field("x-request-id"))
                #expect(copy.field("authorization") == "Bearer provider-key")
                guard sample == .responses else {
                    #expect(copy.bodyText == sample.body(model: "copy"))
                    return
                }
                let root = try JSONDocument(Array(copy.bodyText.utf8)).root
                #expect(root["model"]?.string == "copy" && root["messages"]?[0]?["role"]?.string == "user")
            }
        }
    }

    @Test("what goes on from another response has no copy, and copies have a bound of their own")
    func shadowBounds() async throws {
        let shadow = RouteRule.Share("two", percent: 100)
        let rule = RouteRule("all", targets: [.init("one")], shadow: shadow)
        let answers = [Answer.json(Sample.responses.whole), [Step.stall]]
        try await with([rule], answers: answers) {
            $0.dialect = .responses
        } body: { gateway, one, two in
            let first = try await gateway.send(Sample.responses.request())
            let id = try #require(JSONDocument(first.body).root["id"]?.string)
            let next = try await gateway.send(Sample.responses.request(extra: #""previous_response_id":"\#(id)","#))
            #expect(next.status == 200)
            for _ in 0..<ShadowExchange.most + 10 {
                #expect(try await gateway.send(Sample.responses.request()).status == 200)
            }
            #expect(one.requests.count == ShadowExchange.most + 12)
            _ = try await eventually("all copies") { two.requests.count == ShadowExchange.most ? true : nil }
            #expect(!two.requests.contains { $0.bodyText.contains("previous_response_id") })
        }
    }

    @Test("what a provider works on behind its answer has no copy, as nobody would count what that costs")
    func shadowBackground() async throws {
        let rule = RouteRule("all", targets: [.init("one")], shadow: RouteRule.Share("two", percent: 100))
        let answer = Answer.json(Sample.responses.whole)
        try await with([rule], answers: [answer, answer]) {
            $0.dialect = .responses
        } body: { gateway, _, two in
            for member in [#""background":true,"#, #""b\u0061ckground":true,"#] {
                _ = try await gateway.send(Sample.responses.request(extra: member))
            }
            for _ in 0..<2 {
                let answer = try await gateway.send(Sample.responses.request(extra: #""background":false,"#))
                #expect(answer.status == 200)
            }
            _ = try await eventually("the copies") { two.requests.count >= 2 ? true : nil }
            #expect(two.requests.allSatisfy { $0.bodyText.contains(#""background":false"#) })
        }
    }

    @Test("a copy has a record of its own, with its tokens and its cost, and is no request in reports")
    func shadowRecord() async throws {
        let one = try await ScriptedUpstream.start(answers: [Sample.chat.answer(stream: true)])
        let two = try await ScriptedUpstream.start(answers: [Sample.messages.answer(stream: true)])
        let shadow = RouteRule.Share("two", model: "copy", percent: 100)
        var providers = [try Provider.scripted(one, name: "one"), try .scripted(two, name: "two")]
        providers[1].dialect = .messages
        try await withGateway(
            providers,
            { settings in
                settings.routes = [RouteRule("all", targets: [.init("one")], shadow: shadow)]
                settings.prices.unknown = .standard(Price(input: 1_000_000, output: 2_000_000))
            },
            body: { gateway in
                #expect(try await gateway.send(Sample.chat.request(stream: true)).status == 200)
                let records = try await gateway.usageRecords(2)
                let own = try #require(records.first { $0["part"]?.string == "request" })
                let copy = try #require(records.first { $0["part"]?.string == "shadow" })
                #expect(copy["request_id"]?.string == own["request_id"]?.string && own["provider"]?.string == "one")
                #expect(copy["provider"]?.string == "two" && copy["upstream_model"]?.string == "copy")
                #expect(copy["upstream_dialect"]?.string == "messages" && copy["status"]?.int == 200)
                #expect(copy["input_tokens"]?.int == 3 && copy["output_tokens"]?.int == 2)
                #expect(copy["outcome"]?.string == "ok" && copy["estimated"]?.bool == false)
                #expect(copy["cost_usd"]?.double == 0.000007 && own["cost_usd"]?.double == 0.000007)
                let report = try JSONDocument(try await gateway.administration("/admin/v1/usage").body).root["total"]
                #expect(report?["requests"]?.int == 1 && report?["cost_usd"]?.double == 0.000014)
            }
        )
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("of a copy that fails or breaks off its record says so, with an estimate of what it used")
    func brokenShadows() async throws {
        let events = Sample.chat.events()
        let cut = [Answer.chunkedHead()] + events.prefix(2).map(Answer.chunk) + [.close]
        for (answer, outcome, isEstimated) in [
            (Answer.json("{}", status: 500), "failed", false), (cut, "interrupted", true),
            (Answer.json("{}"), "ok", true), (Answer.json("{"), "interrupted", true),
        ] as [([Step], String, Bool)] {
            let rule = RouteRule("all", targets: [.init("one")], shadow: RouteRule.Share("two", percent: 100))
            try await with([rule], answers: [Sample.chat.answer(stream: true), answer]) { gateway, _, _ in
                #expect(try await gateway.send(Sample.chat.request(stream: true)).status == 200)
                let copy = try await gateway.usageRecords(2).first { $0["part"]?.string == "shadow" }
                #expect(copy?["outcome"]?.string == outcome && copy?["estimated"]?.bool == isEstimated, "\(outcome)")
                #expect(((copy?["input_tokens"]?.int ?? 0) > 0) == isEstimated)
                #expect((copy?["code"]?.isNull == true) == (outcome == "ok"))
            }
        }
    }

    @Test("a copy takes a place at its provider, and waits for none")
    func shadowPlaces() async throws {
        let rule = RouteRule("all", targets: [.init("one")], shadow: RouteRule.Share("two", percent: 100))
        let answers = [Answer.json(Sample.chat.whole), [Step.stall]]
        try await with([rule], answers: answers) {
            if $0.name == "two" { $0.limits.concurrency = 1 }
        } body: { gateway, one, two in
            for _ in 0..<5 { #expect(try await gateway.send(Sample.chat.request()).status == 200) }
            _ = try await eventually("the copy") { two.requests.first }
            #expect(one.requests.count == 5 && two.requests.count == 1)
            #expect(try await gateway.provider(1, "in_flight") == 1)
            #expect(try await gateway.provider(1, "queued") == 0)
        }
    }

    @Test("a copy counts among the bodies in memory, and without room there is none")
    func shadowMemory() async throws {
        let gate = Gate()
        let one = try await ScriptedUpstream.start(answers: [Answer.json(Sample.chat.whole)])
        let two = try await ScriptedUpstream.start(answers: [[.wait(gate)] + Answer.json(Sample.chat.whole)])
        let rule = RouteRule("all", targets: [.init("one")], shadow: RouteRule.Share("two", percent: 100))
        let providers = [try Provider.scripted(one, name: "one"), try .scripted(two, name: "two")]
        let size = Sample.chat.body().utf8.count
        try await withGateway(
            providers,
            { settings in
                settings.routes = [rule]
                settings.limits.bodiesInMemory = size * 5 / 2
            },
            body: { gateway in
                for _ in 0..<3 { #expect(try await gateway.send(Sample.chat.request()).status == 200) }
                _ = try await eventually("the copy") { two.requests.first }
                #expect(one.requests.count == 3 && two.requests.count == 1)
                gate.open()
                _ = try await eventually("the copy's end") {
                    try await gateway.provider(1, "in_flight") == 0 ? true : nil
                }
                #expect(try await gateway.send(Sample.chat.request()).status == 200)
                _ = try await eventually("another copy") { two.requests.count == 2 ? true : nil }
            }
        )
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("T7: the keys of a provider take turns, each on connections of its own, and a session keeps its own")
    func keys() async throws {
        try await with([]) { provider in
            provider.apiKeys = [Secret("k0"), Secret("k1")]
        } body: { gateway, one, _ in
            for _ in 0..<4 { _ = try await gateway.send(Sample.chat.request()) }
            #expect(
                one.requests.map { $0.field("authorization") } == ["Bearer k0", "Bearer k1", "Bearer k0", "Bearer k1"]
            )
            #expect(one.requests.map(\.connection) == [0, 1, 0, 1])
            for _ in 0..<4 { _ = try await gateway.send(Sample.chat.request(extra: #""prompt_cache_key":"s","#)) }
            #expect(Set(one.requests.suffix(4).map { $0.field("authorization") }).count == 1)
        }
    }

    @Test("a response that a provider keeps is continued there, whichever target a rule puts first")
    func keeper() async throws {
        let pair: [RouteRule.Target] = [.init("one"), .init("two")]
        let rules = [
            RouteRule("two", when: RouteConditions(headers: [.init("x-two", "*")]), targets: [.init("two")]),
            RouteRule("all", targets: pair, strategy: .ordered),
        ]
        let answers = ["one", "two"].map { name in
            Answer.json(Sample.responses.whole.replacing("resp_1", with: "resp_\(name)"))
        }
        try await with(rules, answers: answers) { provider in
            provider.dialect = .responses
            provider.keepsResponses = true
        } body: { gateway, one, two in
            let made = try await gateway.send(Sample.responses.request(fields: [("X-Two", "1")]))
            #expect(made.status == 200)
            let goesOn = try await gateway.send(Sample.responses.request(extra: #""previous_response_id":"resp_two","#))
            #expect(goesOn.status == 200, "\(goesOn.bodyText)")
            #expect(two.requests.count == 2 && one.requests.isEmpty)
            #expect(two.requests.last?.bodyText.contains(#""previous_response_id":"resp_two""#) == true)
            let unknown = try await gateway.send(Sample.responses.request(extra: #""previous_response_id":"resp_x","#))
            #expect(unknown.status == 404)
        }
    }
}
