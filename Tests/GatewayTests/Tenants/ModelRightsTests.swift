import Dialects
import JSON
import Testing

@testable import Gateway

@Suite("Which models a key may ask for")
struct ModelRightsTests {
    @Test("a pattern names a model alone or with its provider, byte for byte")
    func patterns() {
        var rights = ModelRights.all
        #expect(rights.allow("anything", of: "p"))
        rights.restrict(to: [])
        #expect(rights.isUnrestricted)
        rights.restrict(to: ["gpt-oss*", "cloud/*", "caf\u{E9}"])
        #expect(!rights.allow("gpt-oss" + String(repeating: "x", count: 600), of: "p"))
        for (model, provider, isAllowed) in [
            ("gpt-oss:20b", "p", true), ("cloud-model", "p", false), ("any", "cloud", true), ("xgpt-oss", "p", false),
            ("caf\u{E9}", "p", true), ("cafe\u{301}", "p", false), ("GPT-OSS", "p", false),
        ] {
            #expect(rights.allow(model, of: provider) == isAllowed, "T12: \(provider)/\(model)")
        }
    }

    @Test("T2: the key, its tenant's policies and its team's all have to allow a model")
    func together() throws {
        let office = try Office()
        let tenant = try office.make(.tenants, #"{"name":"acme"}"#).id
        let team = try office.make(.teams, #"{"tenant":"acme","name":"red"}"#).id
        let user = try office.make(.users, #"{"tenant":"acme","name":"ann","team":"red"}"#)
        #expect(user.root["team"]?.string == team && user.root["tenant"]?.string == tenant)
        let bound = try office.key(#"{"tenant":"acme","label":"a","user":"ann","models":["a*"]}"#)
        let free = try office.key(#"{"tenant":"acme","label":"b"}"#)
        #expect(try office.identity(free)?.principal.rights.isUnrestricted == true)
        let policy = try office.make(.policies, #"{"tenant":"acme","label":"all","models":["*1","b2"]}"#)
        try office.make(.policies, #"{"tenant":"acme","label":"red","team":"red","models":["a*","b*"]}"#)
        let rights = try #require(try office.identity(bound)).principal.rights
        #expect(rights.allow("a1", of: "p") && !rights.allow("a2", of: "p") && !rights.allow("b1", of: "p"))
        let other = try #require(try office.identity(free)).principal.rights
        #expect(other.allow("c1", of: "p") && other.allow("b2", of: "p") && !other.allow("c2", of: "p"))
        try office.ask("DELETE", "policies/\(policy.id)")
        #expect(try office.identity(free)?.principal.rights.isUnrestricted == true)
        #expect(try office.identity(bound)?.principal.rights.allow("a2", of: "p") == true)
    }

    @Test("T2: a team's patterns bound all of its users, and only them, and count at once when they change")
    func team() throws {
        let office = try Office()
        try office.make(.tenants, #"{"name":"acme"}"#)
        let team = try office.make(.teams, #"{"tenant":"acme","name":"red","models":["a*"]}"#)
        try office.make(.users, #"{"tenant":"acme","name":"ann","team":"red","models":["*1"]}"#)
        let bound = try office.key(#"{"tenant":"acme","label":"a","user":"ann"}"#)
        let free = try office.key(#"{"tenant":"acme","label":"b"}"#)
        let rights = try #require(try office.identity(bound)).principal.rights
        #expect(rights.allow("a1", of: "p") && !rights.allow("a2", of: "p") && !rights.allow("b1", of: "p"))
        #expect(try office.identity(free)?.principal.rights.isUnrestricted == true)
        try office.ask("PATCH", "teams/\(team.id)", #"{"models":[]}"#)
        #expect(try office.identity(bound)?.principal.rights.allow("b1", of: "p") == true)
    }

    @Test("an empty list of a policy is refused, so that nobody takes it for nothing allowed")
    func emptyPolicy() throws {
        let office = try Office()
        try office.make(.tenants, #"{"name":"acme"}"#)
        let reply = try office.ask("POST", "policies", #"{"tenant":"acme","label":"p","models":[]}"#)
        #expect(reply.status == 400 && reply.code == "invalid_value")
    }

    @Test("B11: of a rule's targets, fallbacks and shadow only those are there that a key may ask for")
    func rules() throws {
        let rule = RouteRule(
            "r",
            targets: [.init("a", model: "m"), .init("b", model: "n")],
            strategy: .ordered,
            fallbacks: [.init("c", model: "o"), .init("d", model: "p")],
            canary: .init("d", model: "q", percent: 100),
            shadow: .init("c", model: "copy", percent: 100)
        )
        let router = try PlannerUnderTest([rule])
        func query(_ model: String, _ patterns: [String]) -> RouteQuery {
            var query = RouteQuery(model: model)
            query.rights.restrict(to: patterns)
            return query
        }
        #expect(try router.targets(query("x", [])) == ["d/q", "a/m", "b/n", "c/o", "d/p"])
        #expect(try router.planner.plan(query("x", [])).shadow?.model == "copy")
        #expect(try router.targets(query("x", ["m", "c/o"])) == ["a/m", "c/o"])
        #expect(try router.planner.plan(query("x", ["m"])).shadow == nil)
        #expect(try router.targets(query("x", ["d/*"])) == ["d/q", "d/p"])
        let texts = try ["MODEL-1", "MODEL-2", "a/MODEL-1"].map { model in
            let refusal = try #require(router.refusal(query(model, ["none"])))
            #expect(refusal.body.code == "model_not_found")
            return refusal.body.message.replacing(model, with: "X")
        }
        #expect(Set(texts).count == 1, "\(texts)")
    }
}
