import JSON
import Testing

@testable import Gateway

@Suite("LiteLLM's scripts administer keys")
struct LiteLLMKeysTests {
    private static func office() throws -> Office {
        let office = try Office()
        try office.make(.tenants, #"{"name":"acme"}"#)
        try office.make(.users, #"{"tenant":"acme","name":"ann"}"#)
        return office
    }

    @Test("a key is generated, looked at, changed and deleted in LiteLLM's words")
    func life() throws {
        let office = try Self.office()
        let made = try office.ask(
            "POST",
            "/key/generate",
            #"{"key_alias":"ci","models":["gpt-*"],"duration":"30d","user_id":"ann","team_id":"acme","metadata":{"a":1},"aliases":{},"spend":0,"max_budget":null,"blocked":false}"#
        )
        #expect(made.status == 200, "\(made.text)")
        let (key, token) = (made.key, try #require(made.root["token"]?.string))
        #expect(try office.identity(key)?.id == token)
        #expect(made.root["key_alias"]?.string == "ci" && made.root["models"]?[0]?.string == "gpt-*")
        #expect(made.root["expires"]?.string == "2027-02-14T08:00:00Z")
        #expect(made.root["not_kept"]?.elements.compactMap(\.string) == ["metadata"])
        let ours = try office.ask("GET", "keys/\(token)")
        #expect(
            ours.root["role"]?.string == "member" && ours.root["scopes"]?.elements.compactMap(\.string) == ["models"]
        )
        #expect(ours.root["user"]?.string == made.root["user_id"]?.string)
        #expect(ours.root["tenant"]?.string == made.root["team_id"]?.string)

        for name in [key, token] {
            let info = try office.ask("GET", "/key/info?key=\(name)")
            #expect(info.root["info"]?["key_alias"]?.string == "ci" && info.root["info"]?["blocked"]?.bool == false)
            #expect(!info.text.contains(key.suffix(40)) && info.root["key"]?.string == "sk-torii-\(token)-***")
        }
        // Null lifts nothing, and what a key is may be said again.
        let changed = try office.ask(
            "POST",
            "/key/update",
            #"{"key":"\#(key)","key_alias":"cd","models":null,"duration":null,"team_id":"acme","user_id":"ann"}"#
        )
        #expect(changed.status == 200, "\(changed.text)")
        #expect(changed.root["key_alias"]?.string == "cd" && changed.root["models"]?[0]?.string == "gpt-*")
        #expect(changed.root["expires"]?.isNull == false && !changed.text.contains(key.suffix(40)))
        let endless = try office.ask("POST", "/key/update", #"{"key":"\#(token)","duration":"-1","models":[]}"#)
        #expect(endless.root["expires"]?.isNull == true && endless.root["models"]?.elements.map { $0 }.isEmpty == true)

        let other = try office.ask("POST", "/key/generate", #"{"team_id":"acme","key_alias":"other"}"#)
        let gone = try office.ask("POST", "/key/delete", #"{"keys":["\#(key)"],"key_aliases":["other"]}"#)
        let both = [token, try #require(other.root["token"]?.string)]
        #expect(gone.root["deleted_keys"]?.elements.compactMap(\.string) == both)
        #expect(try office.identity(key) == nil && office.ids("keys").isEmpty)
        let acts = try office.ask("GET", "audit").root["data"]?.elements.compactMap { $0["act"]?.string }
        #expect(acts?.suffix(5) == ["key.change", "key.change", "key.create", "key.delete", "key.delete"])
    }

    @Test(
        "what is promised and not kept is refused by name",
        arguments: [
            ("max_budget", "10"), ("max_budget", "0"), ("soft_budget", "1"), ("model_max_budget", #"{"m":1}"#),
            ("rpm_limit", "5"),
            ("model_rpm_limit", #"{"m":1}"#), ("permissions", #"{"a":true}"#), ("guardrails", #"["x"]"#),
            ("blocked", "true"), ("allowed_routes", #"["/chat"]"#), ("spend", "5"), ("organization_id", #""o""#),
            ("tpm_limit", "5"), ("max_parallel_requests", "1"), ("unheard_of", "1"),
        ]
    )
    func refused(_ name: String, _ value: String) throws {
        let office = try Self.office()
        let reply = try office.ask("POST", "/key/generate", #"{"team_id":"acme","\#(name)":\#(value)}"#)
        guard case .limit(let ours)? = LiteLLMKeys.members.first(where: { $0.name == name })?.meaning,
            IdentityKind.keys.field(ours) != nil
        else {
            #expect(reply.status == 400 && reply.code == "unknown_member", "\(reply.text)")
            #expect(reply.root["field"]?.string == name && reply.root["error"]?["param"]?.string == name)
            #expect(reply.root["error"]?["message"]?.string == reply.root["detail"]?.string)
            return #expect(try office.ids("keys").isEmpty)
        }
        // It is kept where keys have such a limit.
        #expect(reply.status == 200 && reply.root[name]?.int == Int(value), "\(reply.text)")
    }

    @Test(
        "what is wrong is said in LiteLLM's words",
        arguments: [
            ("generate", "{}", "missing_member", "team_id"),
            ("generate", #"{"team_id":"nobody"}"#, "not_found", "team_id"),
            ("generate", #"{"team_id":"acme","user_id":"nobody"}"#, "not_found", "user_id"),
            ("generate", #"{"team_id":"acme","duration":"soon"}"#, "invalid_value", "duration"),
            ("generate", #"{"team_id":"acme","duration":"0d"}"#, "invalid_value", "duration"),
            ("generate", #"{"team_id":"acme","duration":"9999999999d"}"#, "invalid_value", "duration"),
            ("generate", #"{"team_id":"acme","key_type":"root"}"#, "invalid_value", "key_type"),
            ("generate", #"{"team_id":"acme","models":"m"}"#, "invalid_value", "models"),
            ("generate", #"{"team_id":"acme","metadata":[]}"#, "invalid_value", "metadata"),
            ("generate", #"{"team_id":"acme","tags":{}}"#, "invalid_value", "tags"),
            ("generate", #"{"team_id":"acme","tags":["a",{}]}"#, "invalid_value", "tags"),
            ("generate", #"{"team_id":"acme","tags":[null]}"#, "invalid_value", "tags"),
            ("generate", #"{"team_id":"acme","key":"sk-mine"}"#, "unknown_member", "key"),
            ("generate", #"{"team_id":"acme","max_budget":{}}"#, "invalid_value", "max_budget"),
            ("generate", #"{"team_id":"acme","budget_duration":"30d"}"#, "missing_member", "max_budget"),
            ("generate", #"{"team_id":"acme","max_budget":-1,"budget_duration":"1d"}"#, "invalid_value", "max_budget"),
            (
                "generate", #"{"team_id":"acme","max_budget":1,"budget_duration":"7d"}"#, "invalid_value",
                "budget_duration"
            ),
            ("update", "{}", "missing_member", "key"), ("update", #"{"key":"none"}"#, "not_found", "key"),
            ("update", #"{"key":5}"#, "invalid_value", "key"), ("delete", "{}", "missing_member", "keys"),
            ("delete", #"{"keys":[]}"#, "missing_member", "keys"), ("delete", #"{"keys":["x"]}"#, "not_found", "keys"),
            ("delete", #"{"key_aliases":["x"]}"#, "not_found", "key_aliases"), ("generate", "[]", "invalid_body", nil),
            ("generate", "", "invalid_body", nil), ("update", "", "invalid_body", nil),
        ] as [(String, String, String, String?)]
    )
    func faults(_ act: String, _ body: String, _ code: String, _ field: String?) throws {
        let reply = try Self.office().ask("POST", "/key/\(act)", body)
        #expect(reply.code == code && reply.root["field"]?.string == field, "\(reply.text)")
    }

    @Test("tags are texts in a change as well, and are taken without being kept")
    func tags() throws {
        let office = try Self.office()
        let made = try office.ask("POST", "/key/generate", #"{"team_id":"acme","tags":["a"]}"#)
        #expect(made.root["not_kept"]?.elements.compactMap(\.string) == ["tags"], "\(made.text)")
        let reply = try office.ask("POST", "/key/update", #"{"key":"\#(made.key)","tags":[{}]}"#)
        #expect(reply.code == "invalid_value" && reply.root["field"]?.string == "tags", "\(reply.text)")
    }

    @Test("whose a key is does not change, and a wrong secret names no key")
    func unchangeable() throws {
        let office = try Self.office()
        try office.make(.tenants, #"{"name":"other"}"#)
        try office.make(.users, #"{"tenant":"acme","name":"bob"}"#)
        let key = try office.ask("POST", "/key/generate", #"{"team_id":"acme","user_id":"ann"}"#).key
        for (name, value) in [("team_id", "other"), ("user_id", "bob"), ("key_type", "management")] {
            let reply = try office.ask("POST", "/key/update", #"{"key":"\#(key)","\#(name)":"\#(value)"}"#)
            #expect(reply.code == "unknown_member" && reply.root["field"]?.string == name, "\(reply.text)")
        }
        let wrong = String(key.dropLast()) + (key.last == "A" ? "B" : "A")
        #expect(try office.ask("GET", "/key/info?key=\(wrong)").status == 404)
        #expect(try office.ask("POST", "/key/delete", #"{"keys":["\#(wrong)"]}"#).status == 404)
        for _ in 0..<2 { try office.ask("POST", "/key/generate", #"{"team_id":"acme","key_alias":"twin"}"#) }
        #expect(try office.ask("POST", "/key/delete", #"{"key_aliases":["twin"]}"#).code == "ambiguous_name")
        // All or none.
        #expect(try office.ask("POST", "/key/delete", #"{"keys":["\#(key)","none"]}"#).status == 404)
        #expect(try office.ids("keys").count == 3)
    }

    @Test("a budget is one of a day or of a month, and another one takes its place")
    func budgets() throws {
        let office = try Self.office()
        let made = try office.ask(
            "POST",
            "/key/generate",
            #"{"team_id":"acme","max_budget":12.5,"budget_duration":"30d"}"#
        )
        #expect(made.root["max_budget"]?.double == 12.5 && made.root["budget_duration"]?.string == "30d")
        let id = try #require(made.root["token"]?.string)
        #expect(try office.ask("GET", "keys/\(id)").root["monthly_budget"]?.double == 12.5)
        let changed = try office.ask(
            "POST",
            "/key/update",
            #"{"key":"\#(id)","max_budget":3,"budget_duration":"24h"}"#
        )
        #expect(changed.root["max_budget"]?.int == 3 && changed.root["budget_duration"]?.string == "1d")
        let ours = try office.ask("GET", "keys/\(id)").root
        #expect(ours["daily_budget"]?.int == 3 && ours["monthly_budget"]?.isNull == true)
        let kept = try office.ask("POST", "/key/update", #"{"key":"\#(id)","max_budget":null,"key_alias":"k"}"#)
        #expect(kept.root["max_budget"]?.int == 3)
        let none = try office.ask("POST", "/key/generate", #"{"team_id":"acme"}"#).root
        #expect(none["max_budget"]?.isNull == true && none["budget_duration"]?.isNull == true)
    }

    @Test("limits are spoken of by their names there, and a user whom there is not is not the one of a key without")
    func limits() throws {
        let office = try Self.office()
        let none = try office.ask("POST", "/key/generate", #"{"team_id":"acme","rpm_limit":0}"#)
        #expect(none.code == "invalid_value" && none.root["field"]?.string == "rpm_limit", "\(none.text)")
        #expect(none.root["detail"]?.string?.hasPrefix("rpm_limit has to be") == true, "\(none.text)")
        let tokens = try office.ask("POST", "/key/generate", #"{"team_id":"acme","tpm_limit":5}"#)
        #expect(tokens.root["detail"]?.string?.contains("output_tokens_per_minute") == true, "\(tokens.text)")
        let key = try office.ask("POST", "/key/generate", #"{"team_id":"acme","rpm_limit":5,"tpm_limit":null}"#).key
        for name in ["user_id", "team_id"] {
            let ghost = try office.ask("POST", "/key/update", #"{"key":"\#(key)","\#(name)":"ghost"}"#)
            #expect(ghost.code == "unknown_member" && ghost.root["field"]?.string == name, "\(ghost.text)")
        }
        let kept = try office.ask("POST", "/key/update", #"{"key":"\#(key)","rpm_limit":null}"#)
        #expect(kept.root["rpm_limit"]?.int == 5 && kept.root["tpm_limit"]?.isNull == true, "\(kept.text)")
    }

    @Test("T1: a role reaches no further by these paths than by ours")
    func roles() throws {
        let office = try Self.office()
        try office.make(.tenants, #"{"name":"other"}"#)
        let foreign = try office.make(.keys, #"{"tenant":"other","label":"k"}"#)
        for role in [Role.tenantAdmin, .member, .viewer] {
            let made = try office.make(.keys, #"{"tenant":"acme","label":"\#(role)","role":"\#(role.rawValue)"}"#)
            let holder = try office.actor(made.key)
            let own = try office.ask("GET", "/key/info", as: holder)
            #expect(own.root["info"]?["token"]?.string == made.id, "\(role)")
            #expect(try office.ask("GET", "/key/info?key=\(foreign.id)", as: holder).status == 404)
            let generated = try office.ask("POST", "/key/generate", "{}", as: holder)
            #expect(generated.status == (role == .tenantAdmin ? 200 : 403), "\(role) \(generated.text)")
            let abroad = try office.ask("POST", "/key/generate", #"{"team_id":"other"}"#, as: holder)
            #expect(abroad.status == (role == .tenantAdmin ? 404 : 403), "\(role)")
            for (act, body) in [
                ("update", #"{"key":"\#(foreign.id)","key_alias":"x"}"#), ("delete", #"{"keys":["\#(foreign.id)"]}"#),
                ("delete", #"{"key_aliases":["k"]}"#),
            ] {
                #expect(try office.ask("POST", "/key/\(act)", body, as: holder).status == 404, "\(role) \(act)")
            }
            let mine = try office.ask("POST", "/key/update", #"{"key":"\#(made.id)","key_alias":"x"}"#, as: holder)
            #expect(mine.status == (role == .tenantAdmin ? 200 : 403), "\(role)")
        }
        #expect(try office.ask("GET", "/key/info").code == "invalid_query")
        #expect(try office.ask("GET", "/key/info?key=a&key=b").code == "invalid_query")
        #expect(try office.ask("GET", "/key/generate").code == "method_not_allowed")
    }

    @Test("durations", arguments: [("30d", 2_592_000), ("1s", 1), ("5m", 300), ("2h", 7_200), ("1w", 604_800)])
    func durations(_ text: String, _ seconds: Int) {
        #expect(LiteLLMKeys.seconds(of: text) == seconds)
        for wrong in ["", "d", "30", "-1d", "1.5h", "1 d", "30D", "\u{661}d", "01d", "1mo"] {
            #expect(LiteLLMKeys.seconds(of: wrong) == nil, "\(wrong)")
        }
    }
}
