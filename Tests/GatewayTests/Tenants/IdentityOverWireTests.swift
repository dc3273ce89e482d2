import Dialects
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Tenants and keys at a gateway that runs")
struct IdentityOverWireTests {
    /// A gateway with a store on disk, which the office administers as another process does.
    static func with(
        answers: [[Step]] = [],
        lister: @escaping ModelDirectory.Lister = { _ in
            ModelDirectory.Answer(listing: .models(["m", "hushed-x", "petite-x"]))
        },
        admissionClock: AdmissionClock = .system,
        _ change: (inout GatewaySettings) -> Void = { _ in },
        body: (GatewayUnderTest, Office, ScriptedUpstream) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try await withUpstreams(answers) { upstreams in
            let providers = [try Provider.scripted(upstreams[0])]
            try await withGateway(
                providers,
                lister: lister,
                admissionClock: admissionClock,
                {
                    $0.state.place = .file(scratch.path + "/torii.sqlite")
                    change(&$0)
                }
            ) { gateway in try await body(gateway, office, upstreams[0]) }
        }
    }

    static func bearer(_ key: String) -> [(String, String)] { [("Authorization", "Bearer \(key)")] }

    /// Waits until a key is answered with a status.
    static func wait(_ gateway: GatewayUnderTest, _ key: String, for status: Int) async throws -> RawAnswer {
        try await eventually("status \(status)") {
            // Until it has heard of the first key, it lets everybody in.
            guard try await gateway.send(RawRequest.get("/v1/models")).status == 401 else { return nil }
            let answer = try await gateway.send(RawRequest.get("/v1/models", fields: bearer(key)))
            return answer.status == status ? answer : nil
        }
    }

    @Test(
        "without a tenant or a key callers on loopback need none; with the first one they do, and it opens all fields"
    )
    func becomesKeyed() async throws {
        try await Self.with(answers: [Sample.chat.answer(stream: false)]) { gateway, office, _ in
            for fields in [[], Self.bearer("not-required"), [("x-api-key", "")]] {
                #expect(try await gateway.send(Sample.chat.request(fields: fields)).status == 200)
            }
            let key = try office.key(#"{"label":"k","role":"operator"}"#)
            _ = try await Self.wait(gateway, "not-required", for: 401)
            for name in ["x-api-key", "api-key"] {
                #expect(try await gateway.send(Sample.chat.request(fields: [(name, key)])).status == 200)
            }
            #expect(try await gateway.send(Sample.chat.request(fields: Self.bearer(key))).status == 200)
            let both = Self.bearer(key) + [("x-api-key", "other")]
            #expect(try await gateway.send(Sample.chat.request(fields: both)).status == 400)
            let twice = Self.bearer(key) + Self.bearer("other")
            #expect(try await gateway.administer("GET", "keys", fields: twice).status == 400)
        }
    }

    @Test("B14: every key that does not hold gets the same body", arguments: Sample.allCases)
    func sameBody(_ sample: Sample) async throws {
        try await Self.with { gateway, office, upstream in
            try office.make(.tenants, #"{"name":"t"}"#)
            let revoked = try office.make(.keys, #"{"tenant":"t","label":"a"}"#)
            let bound = try office.key(#"{"tenant":"t","label":"b","addresses":["192.0.2.1"]}"#)
            let good = try office.key(#"{"tenant":"t","label":"c"}"#)
            try office.ask("POST", "keys/\(revoked.id)/revoke")
            _ = try await Self.wait(gateway, good, for: 200)
            var bodies: Set<String> = []
            let keys = [
                revoked.key, bound, String(good.dropLast()) + "!", "sk-torii-aaaaaaaaaaaa-" + good.suffix(40),
                "' OR 1=1 --",
            ]
            for fields in keys.map(Self.bearer) + [[]] {
                let answer = try await gateway.send(sample.request(fields: fields))
                #expect(answer.status == 401 && answer.field("www-authenticate") == "Bearer")
                bodies.insert(answer.bodyText.replacing(answer.field("x-request-id") ?? "?", with: "ID"))
            }
            #expect(bodies.count == 1)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("T10: what another process revokes is refused within a second")
    func revoked() async throws {
        try await Self.with { gateway, office, _ in
            var times: [Duration] = []
            for _ in 0..<3 {
                let made = try office.make(.keys, #"{"label":"k","role":"operator"}"#)
                _ = try await Self.wait(gateway, made.key, for: 200)
                try office.ask("POST", "keys/\(made.id)/revoke")
                let begun = ContinuousClock.now
                _ = try await eventually("the end of the key") {
                    let answer = try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer(made.key)))
                    return answer.status == 401 ? answer : nil
                }
                times.append(ContinuousClock.now - begun)
            }
            // Of three the quickest one: whatever else is tested at the same time makes the others late. The judge of
            // the administration, which runs alone, holds each to it.
            #expect(times.contains { $0 < .seconds(1) }, "\(times)")
        }
    }

    @Test(
        "T11: a suspended tenant's stream ends in its dialect's words, another's goes on",
        arguments: Sample.allCases
    )
    func suspended(_ sample: Sample) async throws {
        let streams = SuspendedStream(sample)
        try await Self.with(answers: [streams.steps]) { gateway, office, _ in
            try office.make(.tenants, #"{"name":"bad"}"#)
            try office.make(.tenants, #"{"name":"good"}"#)
            let bad = try office.key(#"{"tenant":"bad","label":"k"}"#)
            let good = try office.key(#"{"tenant":"good","label":"k"}"#)
            _ = try await Self.wait(gateway, good, for: 200)
            try await streams.run(gateway, bad: Self.bearer(bad), good: Self.bearer(good)) {
                try office.ask("PATCH", "tenants/bad", #"{"status":"suspended"}"#)
            }
            try office.ask("PATCH", "tenants/bad", #"{"status":"active"}"#)
            _ = try await Self.wait(gateway, bad, for: 200)
        }
    }

    @Test("T10: a WebSocket session's next message is refused when its key is revoked")
    func sessions() async throws {
        try await Self.with(answers: [Sample.responses.answer(stream: true)]) { gateway, office, _ in
            let made = try office.make(.keys, #"{"label":"k","role":"operator"}"#)
            _ = try await Self.wait(gateway, made.key, for: 200)
            let client = try await SocketClient.open(gateway, fields: Self.bearer(made.key))
            let create = #"{"type":"response.create","model":"m","input":"hi"}"#
            #expect(try await client.ask(create).last?["type"]?.string == "response.completed")
            try office.ask("POST", "keys/\(made.id)/revoke")
            _ = try await Self.wait(gateway, made.key, for: 401)
            try await client.send(create)
            let message = try await client.message()
            #expect(message["type"]?.string == "error" && message["status"]?.int == 401)
            client.close()
        }
    }

    @Test("the secret that a key had before asks models and reads, but changes nothing")
    func earlierSecret() async throws {
        try await Self.with(answers: [Sample.chat.answer(stream: false)]) { gateway, office, _ in
            let made = try office.make(.keys, #"{"label":"k","role":"operator"}"#)
            let key = try office.ask("POST", "keys/\(made.id)/rotate").key
            _ = try await Self.wait(gateway, key, for: 200)
            #expect(try await gateway.send(Sample.chat.request(fields: Self.bearer(made.key))).status == 200)
            #expect(try await gateway.administer("GET", "keys", key: made.key).status == 200)
            let path = "keys/\(made.id)/rotate"
            #expect(try await gateway.administer("POST", path, #"{"overlap":0}"#, key: made.key).status == 403)
            #expect(try await gateway.administer("POST", path, #"{"overlap":0}"#, key: key).status == 200)
        }
    }

    @Test("T10: a WebSocket session does not outlive its key, be it that it expires")
    func expiringSession() async throws {
        let wall = Watched(WallClock.milliseconds())
        let clock = AdmissionClock(now: AdmissionClock.system.now, wall: { wall.value })
        try await Self.with(answers: [Sample.responses.answer(stream: true)], admissionClock: clock) {
            gateway,
            office,
            _ in
            let end = Timestamp.text(of: wall.value + 3_600_000)
            let key = try office.key(#"{"label":"k","role":"operator","expires_at":"\#(end)"}"#)
            _ = try await Self.wait(gateway, key, for: 200)
            let client = try await SocketClient.open(gateway, fields: Self.bearer(key))
            wall.change { $0 += 3_600_000 }
            _ = try await Self.wait(gateway, key, for: 401)
            try await client.send(#"{"type":"response.create","model":"m","input":"hi"}"#)
            let message = try await client.message()
            #expect(message["type"]?.string == "error" && message["status"]?.int == 401)
            client.close()
        }
    }

    @Test("B11: a model that a key may not ask for looks like one that there is not", arguments: Sample.allCases)
    func forbiddenModel(_ sample: Sample) async throws {
        try await Self.with(answers: [sample.answer(stream: false)]) { gateway, office, upstream in
            try office.make(.tenants, #"{"name":"t"}"#)
            let key = try office.key(#"{"tenant":"t","label":"k","models":["m","alias-*"]}"#)
            _ = try await Self.wait(gateway, key, for: 200)
            let fields = Self.bearer(key)
            _ = try await eventually("the listing") {
                let list = try await gateway.send(RawRequest.get("/v1/models", fields: fields))
                return list.bodyText.contains(#""id":"m""#) ? list : nil
            }
            var bodies: Set<String> = []
            for model in ["hushed-x", "absent", "house/hushed-x", "house/absent"] {
                for more in [[], [("x-provider", "house")]] {
                    let answer = try await gateway.send(sample.request(model: model, fields: fields + more))
                    #expect(answer.status == 404, "\(model)")
                    let text = answer.bodyText.replacing(answer.field("x-request-id") ?? "?", with: "ID")
                    bodies.insert(text.replacing(model, with: "MODEL"))
                }
            }
            #expect(bodies.count == 1, "\(bodies)")
            #expect(upstream.requests.isEmpty)
            #expect(try await gateway.send(sample.request(model: "m", fields: fields)).status == 200)
            #expect(try await gateway.send(sample.request(model: "house/m", fields: fields)).status == 200)
        }
    }

    @Test("B11: the lists hold only what a key may ask for")
    func lists() async throws {
        try await Self.with({
            $0.aliases = [ModelAlias("speedy-x", model: "hushed-x"), ModelAlias("slow", model: "m")]
        }) {
            gateway,
            office,
            _ in
            try office.make(.tenants, #"{"name":"t"}"#)
            let key = try office.key(#"{"tenant":"t","label":"k","models":["m"]}"#)
            let all = try office.key(#"{"tenant":"t","label":"l"}"#)
            _ = try await Self.wait(gateway, key, for: 200)
            let fields = Self.bearer(key)
            _ = try await eventually("the listing") {
                let list = try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer(all)))
                return list.bodyText.contains("hushed-x") ? list : nil
            }
            for path in ["/v1/models", "/api/tags"] {
                let list = try await gateway.send(RawRequest.get(path, fields: fields))
                #expect(list.status == 200 && list.bodyText.contains("slow"))
                for name in ["hushed-x", "petite-x", "speedy-x"] {
                    #expect(!list.bodyText.contains(name), "\(path) tells of \(name)")
                }
            }
            let page = try await gateway.send(
                RawRequest.get("/v1/models", fields: fields + [("anthropic-version", "2023-06-01")])
            )
            #expect(!page.bodyText.contains("hushed-x") && page.bodyText.contains(#""id":"m""#))
            for (model, status) in [("m", 200), ("slow", 200), ("hushed-x", 404), ("speedy-x", 404), ("absent", 404)] {
                let one = try await gateway.send(RawRequest.get("/v1/models/\(model)", fields: fields))
                #expect(one.status == status, "\(model)")
                let shown = try await gateway.send(
                    RawRequest.post("/api/show", #"{"model":"\#(model)"}"#, fields: fields)
                )
                #expect(shown.status == status, "\(model)")
            }
            #expect(try await gateway.send(RawRequest.get("/api/ps", fields: fields)).status == 403)
        }
    }

    @Test("T3: what one user keeps is nobody else's, and all of the user's keys reach it")
    func owners() async throws {
        try await Self.with(answers: [Sample.responses.answer(stream: false)]) { gateway, office, _ in
            try office.make(.tenants, #"{"name":"t"}"#)
            for user in ["ann", "bob"] { try office.make(.users, #"{"tenant":"t","name":"\#(user)"}"#) }
            let ann = try office.key(#"{"tenant":"t","label":"1","user":"ann"}"#)
            let annToo = try office.key(#"{"tenant":"t","label":"2","user":"ann"}"#)
            let bob = try office.key(#"{"tenant":"t","label":"3","user":"bob"}"#)
            _ = try await Self.wait(gateway, bob, for: 200)
            #expect(try await gateway.send(Sample.responses.request(fields: Self.bearer(ann))).status == 200)
            for (key, status) in [(ann, 200), (annToo, 200), (bob, 404)] {
                let kept = try await gateway.send(RawRequest.get("/v1/responses/resp_1", fields: Self.bearer(key)))
                #expect(kept.status == status)
            }
        }
    }

    @Test("a key opens the listener that its scope names, and no other")
    func scopes() async throws {
        try await Self.with { gateway, office, _ in
            let admin = try office.key(#"{"label":"a","role":"operator","scopes":["admin"]}"#)
            let models = try office.key(#"{"label":"m","role":"operator","scopes":["models"]}"#)
            _ = try await Self.wait(gateway, models, for: 200)
            #expect(try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer(admin))).status == 403)
            #expect(try await gateway.administer("GET", "tenants", key: models).status == 403)
            #expect(try await gateway.administer("GET", "tenants", key: admin).status == 200)
        }
    }

    // MARK: The administration listener

    @Test("the administration needs no key on loopback until there is a tenant or a key, and then one of its scope")
    func administration() async throws {
        try await Self.with { gateway, office, _ in
            let made = try await gateway.administer("POST", "keys", #"{"label":"k","role":"operator"}"#)
            #expect(made.status == 201 && made.field("cache-control") == "no-store")
            #expect(made.field("etag")?.hasSuffix("-v1\"") == true)
            let key = try #require(try JSONDocument(made.body).root["key"]?.string)
            // What this gateway changes itself counts with the answer.
            #expect(try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer(key))).status == 200)
            #expect(try await gateway.send(RawRequest.get("/v1/models")).status == 401)
            let stranger = try await gateway.administer("GET", "keys")
            #expect(stranger.status == 401 && stranger.field("www-authenticate") == "Bearer")
            #expect(stranger.field("content-type") == "application/problem+json")
            #expect(try JSONDocument(stranger.body).root["code"]?.string == "invalid_api_key")
            for fields in [[("x-api-key", key)], [("api-key", key)]] {
                #expect(try await gateway.administer("GET", "keys", fields: fields).status == 200)
            }
            let both = try await gateway.administer("GET", "keys", key: key, fields: [("x-api-key", "other")])
            #expect(both.status == 400)
            #expect(try await gateway.reload().status == 401)
            #expect(try await gateway.reload(fields: Self.bearer(key)).status == 409)
            let tenant = try await gateway.administer("POST", "tenants", #"{"name":"t"}"#, key: key)
            #expect(tenant.status == 201)
            let admin = try office.key(#"{"tenant":"t","label":"a","role":"tenant-admin"}"#)
            _ = try await Self.wait(gateway, admin, for: 200)
            #expect(try await gateway.reload(fields: Self.bearer(admin)).status == 403)
            let gone = try await gateway.administer(
                "PATCH",
                "tenants/t",
                "{}",
                key: key,
                fields: [("If-Match", "\"v9\"")]
            )
            #expect(gone.status == 412)
            let again = [("Idempotency-Key", "one")]
            let first = try await gateway.administer(
                "POST",
                "teams",
                #"{"tenant":"t","name":"r"}"#,
                key: key,
                fields: again
            )
            let second = try await gateway.administer(
                "POST",
                "teams",
                #"{"tenant":"t","name":"r"}"#,
                key: key,
                fields: again
            )
            #expect(first.status == 201 && second.status == 201 && second.field("idempotency-replayed") == "true")
            let team = try #require(try JSONDocument(first.body).root["id"]?.string)
            #expect(try await gateway.administer("DELETE", "teams/\(team)", key: key).status == 204)
            #expect(try await gateway.administer("PUT", "teams/\(team)", key: key).status == 405)
            let large = String(repeating: " ", count: 300 << 10)
            #expect(try await gateway.administer("POST", "teams", large, key: key).status == 413)
        }
    }

    @Test("static keys administer nothing, and shut the administration of keys to those without one")
    func staticKeys() async throws {
        try await Self.with({ $0.clientKeys = [Secret("static-key")] }) { gateway, office, _ in
            #expect(try await gateway.administer("GET", "keys").status == 401)
            #expect(try await gateway.administer("GET", "keys", key: "static-key").status == 401)
            for path in ["providers", "providers/house", "routes"] {
                #expect(try await gateway.administer("GET", path).status == 401, "\(path)")
            }
            #expect(try await gateway.administer("POST", "routes/explain", #"{"model":"m"}"#).status == 401)
            #expect(try await gateway.reload().status == 409)
            let key = try office.key(#"{"label":"k","role":"operator"}"#)
            _ = try await Self.wait(gateway, key, for: 200)
            #expect(try await gateway.administer("GET", "keys", key: key).status == 200)
            #expect(
                try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer("static-key"))).status == 200
            )
        }
    }

    @Test("B17: a web page, a foreign host name and a forwarded caller administer nothing")
    func rebinding() async throws {
        try await Self.with { gateway, _, _ in
            for fields in [
                [("Origin", "https://evil.example")], [("Sec-Fetch-Site", "cross-site")],
                [("X-Forwarded-For", "10.0.0.1")],
            ] {
                let answer = try await gateway.administer("POST", "tenants", #"{"name":"t"}"#, fields: fields)
                #expect(answer.status == 401 || answer.status == 403, "\(fields)")
            }
            let client = try await RawClient.connect(port: gateway.adminPort)
            try await client.send(RawRequest.get("/admin/v1/tenants", host: "evil.example"))
            #expect(try await client.answer().status == 403)
            client.close()
            #expect(try await gateway.administer("GET", "tenants").bodyText == #"{"data":[],"next":null}"#)
        }
    }

    // MARK: The start

    @Test("B16: off loopback nobody is let in without a key; the first start makes an operator's and shows it once")
    func bootstrap() async throws {
        let scratch = try Scratch()
        var shown: [String] = []
        for _ in 0..<2 {
            try await withGateway(
                [],
                {
                    $0.host = "0.0.0.0"
                    $0.state.place = .file(scratch.path + "/torii.sqlite")
                }
            ) { gateway in
                shown.append(contentsOf: gateway.bootstrapKeys.value)
                let key = try #require(shown.first)
                #expect(try await gateway.send(RawRequest.get("/v1/models")).status == 401)
                #expect(try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer(key))).status == 200)
                #expect(try await gateway.administer("GET", "tenants", key: key).status == 200)
                let remarks = gateway.remarks.value
                #expect(remarks.contains { $0.contains("listening") }, "nothing is heard: \(remarks)")
                #expect(!remarks.joined().contains(key.suffix(40)) && !gateway.log.text.contains(key.suffix(40)))
            }
        }
        #expect(shown.count == 1)
        let office = try Office(in: scratch.path)
        #expect(try office.ask("GET", "audit").root["data"]?[0]?["actor"]?.string == "gateway")
    }

    @Test(
        "B16: a store that is there and cannot be read keeps the gateway from starting, instead of letting everybody in"
    )
    func unreadable() async throws {
        let scratch = try Scratch()
        try scratch.write("this is no database, and long enough to be taken for one", to: "identity.sqlite")
        await #expect(throws: StartProblem.self) {
            try await withGateway([], { $0.state.place = .file(scratch.path + "/torii.sqlite") }) { _ in }
        }
    }
}
