import JSON
import Testing

@testable import Gateway

@Suite("Tenants, teams, users and keys are administered")
struct AdministrationActsTests {
    @Test("a whole number may be written with a fraction of zero, and with no other")
    func wholeNumbers() throws {
        let office = try Office()
        let made = try office.ask("POST", "tenants", #"{"name":"acme","requests_per_minute":5.0,"tokens_per_day":1e3}"#)
        #expect(made.text.contains(#""requests_per_minute":5,"#) && made.text.contains(#""tokens_per_day":1000,"#))
        for wrong in ["5.5", "1e400", "0.0", "1e10"] {
            let answer = try office.ask("POST", "tenants", #"{"name":"other","requests_per_minute":\#(wrong)}"#)
            #expect(answer.code == "invalid_value", "\(wrong)")
        }
    }

    @Test("each kind is created, seen, listed, changed and deleted")
    func life() throws {
        let office = try Office()
        try office.make(.tenants, #"{"name":"acme"}"#)
        let bodies: [(IdentityKind, String, String)] = [
            (.tenants, #"{"name":"other"}"#, #"{"name":"another","status":"suspended"}"#),
            (.teams, #"{"tenant":"acme","name":"red"}"#, #"{"name":"blue"}"#),
            (.users, #"{"tenant":"acme","name":"ann"}"#, #"{"name":"bob"}"#),
            (.keys, #"{"tenant":"acme","label":"one"}"#, #"{"label":"two","models":["m"]}"#),
            (.policies, #"{"tenant":"acme","label":"one","models":["m"]}"#, #"{"models":["n"]}"#),
            (.prices, #"{"model":"m*","input":0.25,"output":2}"#, #"{"input":0.5,"from":"2027-01-01T00:00:00Z"}"#),
        ]
        for (kind, body, change) in bodies {
            let made = try office.make(kind, body)
            #expect(made.tag == "\"\(made.id)-v1\"")
            #expect(made.root.members.map(\.key).filter { $0 != "key" } == kind.fields.map(\.name))
            let path = "\(kind.rawValue)/\(made.id)"
            #expect(try office.ids(kind.rawValue).contains(made.id))
            let missing = try office.ask("PATCH", path)
            #expect(missing.status == 400 && missing.code == "invalid_body", "\(missing.text)")
            let changed = try office.ask("PATCH", path, change)
            #expect(changed.status == 200 && changed.tag == "\"\(made.id)-v2\"", "\(changed.text)")
            let same = try office.ask("PATCH", path, change)
            #expect(same.tag == changed.tag)
            #expect(try office.ask("GET", path).text == changed.text)
            #expect(try office.ask("DELETE", path).status == 204)
            #expect(try office.ask("GET", path).code == "not_found")
            #expect(try office.ask("DELETE", path).status == 404)
        }
    }

    @Test("If-Match keeps a change from being lost")
    func ifMatch() throws {
        let office = try Office()
        let tenant = try office.make(.tenants, #"{"name":"acme"}"#)
        for method in ["PATCH", "DELETE"] {
            let stale = try office.ask(method, "tenants/acme", #"{"name":"b"}"#, ifMatch: "\"v9\"")
            #expect(stale.status == 412 && stale.code == "precondition_failed")
        }
        for tag in [tenant.tag, "*", "\"v7\", \"\(tenant.id)-v1\""] {
            #expect(try office.ask("PATCH", "tenants/\(tenant.id)", #"{"name":"acme"}"#, ifMatch: tag).status == 200)
        }
        let key = try office.make(.keys, #"{"tenant":"acme","label":"k"}"#)
        #expect(try office.ask("POST", "keys/\(key.id)/revoke", ifMatch: "\"\(key.id)-v2\"").status == 412)
        #expect(try office.ask("POST", "keys/\(key.id)/rotate", ifMatch: "\"\(key.id)-v1\"").status == 200)
        // Another thing of the same name is another one.
        let brief = try office.make(.tenants, #"{"name":"brief"}"#)
        #expect(try office.ask("DELETE", "tenants/brief", ifMatch: brief.tag).status == 204)
        try office.make(.tenants, #"{"name":"brief"}"#)
        #expect(try office.ask("DELETE", "tenants/brief", ifMatch: brief.tag).status == 412)
        // LiteLLM's words have no such condition, and none that is given is passed over.
        for act in ["update", "delete"] {
            let body = act == "update" ? #"{"key":"\#(key.id)"}"# : #"{"keys":["\#(key.id)"]}"#
            #expect(try office.ask("POST", "/key/\(act)", body, ifMatch: "\"x\"").code == "invalid_value", "\(act)")
        }
    }

    @Test("T2: an Idempotency-Key does a thing once for each caller, and shows a key once all the same")
    func idempotency() throws {
        let office = try Office()
        let body = #"{"label":"k","role":"operator"}"#
        let first = try office.ask("POST", "keys", body, idempotencyKey: "t")
        let second = try office.ask("POST", "keys", body, idempotencyKey: "t")
        #expect(first.status == 201 && second.status == 201 && first.id == second.id && second.isReplayed)
        #expect(!first.key.isEmpty && second.key.isEmpty && second.tag == first.tag)
        let other = try office.ask("POST", "keys", #"{"label":"l","role":"operator"}"#, idempotencyKey: "t")
        #expect(other.status == 409 && other.code == "idempotency_conflict")
        let holder = try office.actor(first.key)
        let elsewhere = try office.ask("POST", "keys", body, as: holder, idempotencyKey: "t")
        #expect(elsewhere.status == 201 && elsewhere.id != first.id)
        office.pass(seconds: 86_401)
        #expect(try office.ask("POST", "keys", body, idempotencyKey: "t").id != first.id)
        // What failed may be tried again.
        #expect(try office.ask("POST", "teams", #"{"tenant":"acme","name":"t"}"#, idempotencyKey: "u").status == 404)
        try office.make(.tenants, #"{"name":"acme"}"#)
        #expect(try office.ask("POST", "teams", #"{"tenant":"acme","name":"t"}"#, idempotencyKey: "u").status == 201)
    }

    @Test("pages follow each other without a gap, also while rows come and go")
    func pages() throws {
        let office = try Office()
        for number in 0..<7 { try office.make(.tenants, #"{"name":"t\#(number)"}"#) }
        let first = try office.ask("GET", "tenants?limit=3")
        let names = first.root["data"]?.elements.compactMap { $0["name"]?.string }
        #expect(names == ["t0", "t1", "t2"])
        try office.ask("DELETE", "tenants/t1")
        try office.ask("DELETE", "tenants/t3")
        let cursor = try #require(first.root["next"]?.string)
        let second = try office.ask("GET", "tenants?limit=3&cursor=\(cursor)")
        #expect(second.root["data"]?.elements.compactMap { $0["name"]?.string } == ["t4", "t5", "t6"])
        #expect(second.root["next"]?.isNull == true)
    }

    @Test("B18: a page ends behind a mebibyte, and the next one goes on from there", arguments: ["keys", "audit"])
    func longPages(_ list: String) throws {
        let office = try Office()
        let name = String(repeating: "\u{1F511}", count: 120)
        let models = (0..<256).map { "\"\(name)\($0)\"" }.joined(separator: ",")
        for number in 0..<12 {
            try office.make(.keys, #"{"label":"k\#(number)","role":"operator","models":[\#(models)]}"#)
        }
        var (rows, pages, cursor) = (0, 0, "")
        while true {
            let page = try office.ask("GET", "\(list)?limit=200\(cursor)")
            #expect(page.status == 200 && page.text.utf8.count < 2 << 20)
            rows += page.root["data"]?.elements.map { $0 }.count ?? 0
            pages += 1
            guard let next = page.root["next"]?.string else { break }
            cursor = "&cursor=\(next)"
        }
        #expect(rows == 12 && pages == 2, "\(rows) rows, \(pages) pages")
    }

    @Test("B18: of the replies that are kept for an Idempotency-Key each actor has the newest thousand")
    func keptReplies() throws {
        let office = try Office()
        let key = try office.make(.keys, #"{"label":"k","role":"operator"}"#)
        let path = "keys/\(key.id)/revoke"
        for number in 0..<1_001 { try office.ask("POST", path, idempotencyKey: "\(number)") }
        #expect(try office.ask("POST", path, idempotencyKey: "1").isReplayed)
        #expect(try !office.ask("POST", path, idempotencyKey: "0").isReplayed)
    }

    @Test("B18: a search looks for its signs themselves, and a page has a bound")
    func bounded() throws {
        let office = try Office()
        for name in ["100%", "a_b", "acb", "back\\\\slash"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        for (search, found) in [("%25", 1), ("a_b", 1), ("%5C", 1), ("c", 2), ("zzz", 0), ("'--", 0)] {
            #expect(try office.ids("tenants?search=\(search)").count == found, "\(search)")
        }
        for number in 0..<205 { try office.make(.tenants, #"{"name":"n\#(number)"}"#) }
        #expect(try office.ids("tenants?limit=1000000000").count == 200)
        for query in [
            "limit=0", "limit=-1", "limit=x", "limit=9223372036854775808", "cursor=%25", "cursor=-1", "x=1", "tenant=a",
            "search",
        ] {
            #expect(try office.ask("GET", "tenants?\(query)").code == "invalid_query", "\(query)")
        }
    }

    @Test(
        "a body that is wrong names the member and changes nothing",
        arguments: [
            ("tenants", "[]", "invalid_body", nil), ("tenants", "{", "invalid_body", nil),
            ("tenants", "", "invalid_body", nil),
            ("tenants", #"{"name":"a","name":"b"}"#, "invalid_body", nil), ("tenants", "{}", "missing_member", "name"),
            ("tenants", #"{"name":"a","id":"x"}"#, "unknown_member", "id"),
            ("tenants", #"{"name":"a","weekly_budget":1}"#, "unknown_member", "weekly_budget"),
            ("tenants", #"{"name":"a","daily_budget":-1}"#, "invalid_value", "daily_budget"),
            ("tenants", #"{"name":"a","daily_budget":"5"}"#, "invalid_value", "daily_budget"),
            ("tenants", #"{"name":"a","monthly_budget":1000000001}"#, "invalid_value", "monthly_budget"),
            ("tenants", #"{"name":"a","daily_token_budget":0}"#, "invalid_value", "daily_token_budget"),
            ("tenants", #"{"name":"a","time_zone":"Mars/Olympus"}"#, "invalid_value", "time_zone"),
            ("tenants", #"{"name":"a","time_zone":"../../etc/passwd"}"#, "invalid_value", "time_zone"),
            ("tenants", #"{"name":"a","time_zone":null}"#, "invalid_value", "time_zone"),
            ("teams", #"{"name":"a","tenant":"acme","time_zone":"UTC"}"#, "unknown_member", "time_zone"),
            ("tenants", #"{"name":""}"#, "invalid_value", "name"),
            ("tenants", #"{"name":"a\u0000"}"#, "invalid_value", "name"),
            ("tenants", #"{"name":" a"}"#, "invalid_value", "name"),
            ("tenants", #"{"name":5}"#, "invalid_value", "name"),
            ("tenants", #"{"name":"a","status":"on"}"#, "invalid_value", "status"),
            ("teams", #"{"name":"a"}"#, "missing_member", "tenant"),
            ("teams", #"{"name":"a","tenant":"none"}"#, "not_found", "tenant"),
            ("users", #"{"name":"a","tenant":"acme","team":"none"}"#, "not_found", "team"),
            ("keys", #"{"label":"a"}"#, "invalid_value", "tenant"),
            ("keys", #"{"label":"a","tenant":"acme","role":"operator"}"#, "invalid_value", "tenant"),
            ("keys", #"{"label":"a","tenant":"acme","role":"root"}"#, "invalid_value", "role"),
            ("keys", #"{"label":"a","tenant":"acme","role":"viewer","scopes":["models"]}"#, "invalid_value", "scopes"),
            ("keys", #"{"label":"a","tenant":"acme","scopes":[]}"#, "invalid_value", "scopes"),
            ("keys", #"{"label":"a","tenant":"acme","scopes":null}"#, "invalid_value", "scopes"),
            ("keys", #"{"label":"a","tenant":"acme","expires_at":"tomorrow"}"#, "invalid_value", "expires_at"),
            ("keys", #"{"label":"a","tenant":"acme","user":"bob"}"#, "not_found", "user"),
            ("keys", #"{"label":"a","tenant":"acme","requests_per_minute":0}"#, "invalid_value", "requests_per_minute"),
            ("tenants", #"{"name":"a","tokens_per_day":-1}"#, "invalid_value", "tokens_per_day"),
            ("tenants", #"{"name":"a","tokens_per_day":1000000001}"#, "invalid_value", "tokens_per_day"),
            ("tenants", #"{"name":"a","concurrent_requests":1.5}"#, "invalid_value", "concurrent_requests"),
            ("tenants", #"{"name":"a","concurrent_requests":"5"}"#, "invalid_value", "concurrent_requests"),
            ("tenants", #"{"name":"a","max_output_tokens":1e99}"#, "invalid_value", "max_output_tokens"),
            ("tenants", #"{"name":"a","regions":"eu"}"#, "invalid_value", "regions"),
            ("tenants", #"{"name":"a","regions":[""]}"#, "invalid_value", "regions"),
        ] as [(String, String, String, String?)]
    )
    func badBodies(_ path: String, _ body: String, _ code: String, _ field: String?) throws {
        let office = try Office()
        try office.make(.tenants, #"{"name":"acme"}"#)
        try office.make(.tenants, #"{"name":"foreign"}"#)
        try office.make(.users, #"{"tenant":"foreign","name":"bob"}"#)
        let reply = try office.ask("POST", path, body)
        #expect(reply.code == code && reply.root["field"]?.string == field, "\(reply.text)")
        #expect(reply.root["status"]?.int == reply.status)
        #expect(try office.ids("tenants").count == 2 && office.ids("users").count == 1 && office.ids("keys").isEmpty)
    }

    @Test("T12: names are unique by their bytes, and only within their tenant")
    func uniqueness() throws {
        let office = try Office()
        try office.make(.tenants, #"{"name":"caf\u00e9"}"#)
        try office.make(.tenants, #"{"name":"cafe\u0301"}"#)
        let taken = try office.ask("POST", "tenants", #"{"name":"caf\u00e9"}"#)
        #expect(taken.status == 409 && taken.code == "name_taken")
        let (composed, decomposed) = ("caf%C3%A9", "cafe%CC%81")
        #expect(try office.ask("GET", "tenants/\(composed)").id != office.ask("GET", "tenants/\(decomposed)").id)
        for tenant in ["caf\u{E9}", "cafe\u{301}"] { try office.make(.teams, #"{"tenant":"\#(tenant)","name":"red"}"#) }
    }

    @Test("what others belong to is not deleted")
    func inUse() throws {
        let office = try Office()
        try office.make(.tenants, #"{"name":"acme"}"#)
        let team = try office.make(.teams, #"{"tenant":"acme","name":"red"}"#)
        let user = try office.make(.users, #"{"tenant":"acme","name":"ann","team":"red"}"#)
        #expect(try office.ask("DELETE", "tenants/acme").code == "in_use")
        #expect(try office.ask("DELETE", "teams/\(team.id)").code == "in_use")
        #expect(try office.ask("PATCH", "users/\(user.id)", #"{"team":null}"#).root["team"]?.isNull == true)
        for path in ["teams/\(team.id)", "users/\(user.id)", "tenants/acme"] {
            #expect(try office.ask("DELETE", path).status == 204, "\(path)")
        }
    }

    @Test("paths and methods that there are not", arguments: ["nothing", "tenants/a/b", "keys/a/b", "", "tenants/"])
    func paths(_ path: String) throws {
        #expect(try Office().ask("GET", path).status == 404)
        #expect(try Office().ask("PUT", "tenants").code == "method_not_allowed")
        #expect(try Office().ask("POST", "audit").code == "method_not_allowed")
    }
}
