import Inference
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Regions: providers that do not exist for a caller")
struct RegionTests {
    /// Names that are like no other, so that no message names what is near.
    private static let (hidden, absent, nick) = ("hidden-zzzzzzzzzzzzzz", "absent-yyyyyyyyyyyyyy", "nick-xxxxxxxxxxxx")

    /// `house` is in the region `eu`, `cloud` is not, and both list a model that the other one lists too.
    private static func run(
        routes: [RouteRule] = [],
        body: (LimitWorld) async throws -> Void
    ) async throws {
        try await LimitWorld.run(
            [Sample.chat.answer(stream: false)],
            [Sample.chat.answer(stream: false)],
            provider: { place, provider in provider.tags = place == 0 ? ["eu", "gpu"] : ["us"] },
            lister: { provider in
                let own = provider.name == "house" ? "house-model" : hidden
                return ModelDirectory.Answer(listing: .models([own, "both"]), dialect: .chat)
            },
            settings: {
                $0.defaultProvider = "cloud"
                $0.aliases = [ModelAlias(nick, model: hidden)]
                $0.routes = routes
            }
        ) { world in
            _ = try await eventually("the listings") { try await listed(world) ? true : nil }
            try await body(world)
        }
    }

    private static func listed(_ world: LimitWorld) async throws -> Bool {
        let key = try world.key()
        try await world.settled()
        let list = try await world.gateway.send(RawRequest.get("/v1/models", fields: key)).bodyText
        return list.contains("house-model") && list.contains(hidden)
    }

    @Test(
        "B11: a provider of another region looks like one that there is not, by every name",
        arguments: ["key", "tenant", "user"]
    )
    func absentProvider(_ level: String) async throws {
        try await Self.run { world in
            let office = world.office
            let regions = #""regions":["eu","nowhere"]"#
            if level == "tenant" { try office.ask("PATCH", "tenants/t", "{\(regions)}") }
            let more = level == "user" ? ",\(regions)" : ""
            try office.make(.users, #"{"tenant":"t","name":"ann"\#(more)}"#)
            let key = try world.key(#""user":"ann""# + (level == "key" ? ",\(regions)" : ""))
            try await world.settled()
            func text(_ answer: RawAnswer, _ word: String) -> String {
                answer.bodyText.replacing(answer.field("x-request-id") ?? "?", with: "ID").replacing(word, with: "WORD")
            }
            var bodies: Set<String> = []
            let names = [
                Self.hidden, Self.absent, Self.nick, "cloud/\(Self.hidden)", "other/\(Self.hidden)", "cloud/both",
            ]
            for model in names {
                let answer = try await world.send(.chat, key, model: model)
                #expect(answer.status == 404, "\(model)")
                bodies.insert(text(answer, model))
            }
            #expect(bodies.count == 1, "\(bodies)")
            bodies = []
            for provider in ["cloud", "nobody"] {
                let answer = try await world.send(.chat, key + [("x-provider", provider)], model: "both")
                #expect(answer.status == 400)
                bodies.insert(text(answer, provider))
            }
            #expect(bodies.count == 1, "\(bodies)")
            for path in ["/v1/models", "/api/tags"] {
                let list = try await world.gateway.send(RawRequest.get(path, fields: key)).bodyText
                #expect(list.contains("house-model") && list.contains("both"))
                #expect(
                    !list.contains("cloud") && !list.contains(Self.hidden) && !list.contains(Self.nick),
                    "\(path): \(list)"
                )
            }
            for (model, status) in [("house-model", 200), (Self.hidden, 404), ("cloud/both", 404), ("both", 200)] {
                let one = try await world.gateway.send(RawRequest.get("/v1/models/\(model)", fields: key))
                #expect(one.status == status, "\(model)")
            }
            #expect(world.upstreams[1].acceptedConnections == 0)
            for model in ["both", "house-model", "house/both"] {
                #expect(try await world.send(.chat, key, model: model).status == 200, "\(model)")
            }
            #expect(world.upstreams[0].requests.count == 3 && world.upstreams[1].acceptedConnections == 0)
        }
    }

    @Test("all regions that are said have to hold, and taking them away counts at once")
    func together() async throws {
        try await Self.run { world in
            let office = world.office
            try office.ask("PATCH", "tenants/t", #"{"regions":["eu","us"]}"#)
            let both = try world.key(#""regions":["us"]"#)
            let made = try office.make(.keys, #"{"tenant":"t","label":"k","regions":["gpu"]}"#)
            let none = try world.key(#""regions":["moon"]"#)
            try await world.settled()
            #expect(try await world.send(.chat, both, model: "both").status == 200)
            #expect(world.upstreams[1].requests.count == 1)
            let key = LimitWorld.bearer(made.key)
            #expect(try await world.send(.chat, key, model: "both").status == 200)
            #expect(world.upstreams[0].requests.count == 1)
            #expect(try await world.send(.chat, none, model: "both").status == 503)
            try await world.change("keys/\(made.id)", #"{"regions":[]}"#)
            #expect(try await world.send(.chat, key, model: Self.hidden).status == 200)
        }
    }

    @Test("rules, fallbacks and copies lead to no other region")
    func rules() async throws {
        let rule = RouteRule(
            "r",
            targets: [.init("cloud", model: "x")],
            fallbacks: [.init("house", model: "y")],
            shadow: .init("cloud", model: "z", percent: 100)
        )
        try await Self.run(routes: [rule]) { world in
            let (eu, us) = (try world.key(#""regions":["eu"]"#), try world.key(#""regions":["us"]"#))
            let none = try world.key(#""regions":["moon"]"#)
            try await world.settled()
            #expect(try await world.send(.chat, eu, model: "any").status == 200)
            #expect(world.upstreams[0].requests.count == 1 && world.upstreams[1].acceptedConnections == 0)
            let refused = try await world.send(.chat, none, model: "any")
            #expect(refused.status == 404 && !refused.bodyText.contains("cloud") && !refused.bodyText.contains("house"))
            #expect(try await world.send(.chat, us, model: "any").status == 200)
            #expect(world.upstreams[0].requests.count == 1)
        }
    }

    @Test("what a provider keeps is out of reach for whoever must not go to it any more")
    func stored() async throws {
        let kept = Answer.json(#"{"id":"resp_1","from":"provider"}"#)
        try await LimitWorld.run(
            [Sample.responses.answer(stream: false), kept],
            provider: { _, provider in
                (provider.dialect, provider.keepsResponses, provider.tags) = (.responses, true, ["eu"])
            }
        ) { world in
            let made = try world.office.make(.keys, #"{"tenant":"t","label":"k"}"#)
            let key = LimitWorld.bearer(made.key)
            try await world.settled()
            #expect(try await world.send(.responses, key).status == 200)
            let request = RawRequest.get("/v1/responses/resp_1", fields: key)
            #expect(try await world.gateway.send(request).status == 200)
            try await world.change("keys/\(made.id)", #"{"regions":["us"]}"#)
            #expect(try await world.gateway.send(request).status == 404)
            #expect(world.upstreams[0].requests.count == 2)
        }
    }

    @Test("a provider is there if every list has one of its tags, byte for byte")
    func rights() throws {
        var provider = Provider(name: "p", baseURL: try BaseURL("http://localhost"))
        provider.tags = ["eu", "caf\u{E9}"]
        func reach(_ lists: [[String]]) -> Bool {
            var rights = ModelRights.all
            for list in lists { rights.restrict(toRegions: list) }
            return rights.reach(provider) && rights.isUnrestricted == rights.regions.isEmpty
        }
        #expect(reach([]) && reach([[]]) && reach([["us", "eu"]]) && reach([["eu"], ["caf\u{E9}"]]))
        #expect(!reach([["us"]]) && !reach([["eu"], ["us"]]) && !reach([["EU"]]))
        #expect(!reach([["cafe\u{301}"]]), "T12")
    }
}
