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
            RouteRule("named", when: RouteConditions(headers: [.init("x-provider", "virtual")]), targets: [.init("two")]),
            RouteRule("prefer", when: RouteConditions(preferences: [.cost]), targets: [.init("two", model: "cheap")]),
            RouteRule("tools", when: RouteConditions(tools: true), targets: [.init("two", model: "tools")]),
        ]
        try await with(rules) { gateway, one, two in
            for (fields, extra, target, sent) in [
                ([], "", "one", "m"), ([("X-Team", "search")], "", "two", "other"), ([("X-Team", "ads")], "", "one", "m"),
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

    @Test("who cannot take a request is told of in the caller's dialect", arguments: [Sample.chat, .responses, .messages])
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

    @Test("the keys of a provider take turns, and a session keeps its own")
    func keys() async throws {
        try await with([]) { provider in
            provider.apiKeys = [Secret("k0"), Secret("k1")]
        } body: { gateway, one, _ in
            for _ in 0..<4 { _ = try await gateway.send(Sample.chat.request()) }
            #expect(one.requests.map { $0.field("authorization") } == ["Bearer k0", "Bearer k1", "Bearer k0", "Bearer k1"])
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
