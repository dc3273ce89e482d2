import Dialects
import JSON
import NIOCore
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("An issuer's keys over the wire")
struct TokenKeysOverWireTests {
    /// A gateway whose issuer's keys come from a server that answers by a script.
    private static func with(
        issuer script: @escaping ScriptedUpstream.Script,
        place: (String) throws -> TokenIssuer.KeyPlace = { .address(try KeyAddress($0 + "/keys")) },
        name: ((String) -> String)? = nil,
        refresh: Duration = TokenIssuer.usualRefresh,
        prepare: (Office) throws -> Void = { _ in },
        body: (GatewayUnderTest, ScriptedUpstream, ScriptedUpstream) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try office.make(.tenants, #"{"name":"acme"}"#)
        try prepare(office)
        let key = try office.key(#"{"label":"status","role":"operator"}"#)
        let server = try await ScriptedUpstream.start(script: script)
        let settings = TokenIssuer(
            issuer: name?(server.url) ?? TestIssuer.name,
            audiences: ["torii"],
            keys: try place(server.url),
            refresh: refresh,
            claims: .init(tenant: "org", role: "role")
        )
        do {
            try await withGateway(
                answers: [Sample.chat.answer(stream: false)],
                {
                    $0.state.place = .file(scratch.path + "/torii.sqlite")
                    $0.tokens = [settings]
                }
            ) { gateway, upstream in
                gateway.operatorKey.change { $0 = key }
                try await body(gateway, upstream, server)
            }
            await server.shutdown()
        } catch {
            await server.shutdown()
            throw error
        }
    }

    private static func bearer(_ token: String) -> [(String, String)] { [("Authorization", "Bearer \(token)")] }

    @Test("a request waits for the keys, whatever comes behind its head, and goes on when they are there")
    func waits() async throws {
        let issuer = try TestIssuer.shared()
        let set = try issuer.keySet()
        let gate = Gate()
        try await Self.with(issuer: { _ in [.wait(gate)] + Answer.json(set) }) { gateway, upstream, server in
            _ = try await server.request()
            let fields = Self.bearer(try issuer.token())
            let (first, second) = (try await gateway.connect(), try await gateway.connect())
            let large = String(repeating: "x", count: 2 << 20)
            first.post(Sample.chat.request(extra: #""fill":"\#(large)","#, fields: fields))
            try await second.send(RawRequest.post("/v1/chat/completions", Sample.chat.body(), fields: fields))
            // A second request behind the first one waits as well.
            second.post(RawRequest.get("/v1/models", fields: fields))
            _ = try await eventually("both wait") { try await gateway.status("exchanges_in_flight") == 2 ? true : nil }
            #expect(try await gateway.send(RawRequest.get("/health")).status == 200)
            #expect(upstream.requests.isEmpty)
            gate.open()
            #expect(try await second.answer().status == 200)
            #expect(try await second.answer().status == 200)
            #expect(try await first.answer().status == 200)
            first.close()
            second.close()
            #expect(server.requests.count == 1)
            try await gateway.isIdle()
        }
    }

    @Test("a client that waits with Expect is told to go on only when it is known who asks")
    func expects() async throws {
        let issuer = try TestIssuer.shared()
        let set = try issuer.keySet()
        let gate = Gate()
        try await Self.with(issuer: { _ in [.wait(gate)] + Answer.json(set) }) { gateway, _, server in
            _ = try await server.request()
            let body = Sample.chat.body()
            func head(_ token: String) -> String {
                RawRequest.head(
                    "POST",
                    "/v1/chat/completions",
                    [
                        ("Host", "localhost"), ("Content-Type", "application/json"),
                        ("Content-Length", "\(body.utf8.count)"), ("Expect", "100-continue"),
                    ] + Self.bearer(token)
                )
            }
            let (good, bad) = (try await gateway.connect(), try await gateway.connect())
            try await good.send(head(try issuer.token()))
            try await bad.send(head(try issuer.token(kid: "none")))
            _ = try await eventually("both wait") { try await gateway.status("exchanges_in_flight") == 2 ? true : nil }
            #expect(good.received.isEmpty && bad.received.isEmpty)
            gate.open()
            #expect(try await good.answer().status == 100)
            try await good.send(body)
            #expect(try await good.answer().status == 200)
            #expect(try await bad.answer().status == 401)
            good.close()
            bad.close()
        }
    }

    @Test("a client that leaves while it waits is let go, and so is one whose token turns out to be bad")
    func leaves() async throws {
        let issuer = try TestIssuer.shared()
        let set = try issuer.keySet()
        let gate = Gate()
        try await Self.with(issuer: { _ in [.wait(gate)] + Answer.json(set) }) { gateway, _, server in
            _ = try await server.request()
            let bad = Self.bearer(try TokenAttack.brokenSignature.token(issuer))
            let (first, second) = (try await gateway.connect(), try await gateway.connect())
            try await first.send(RawRequest.get("/v1/models", fields: Self.bearer(try issuer.token())))
            try await second.send(Sample.chat.request(fields: bad) + RawRequest.get("/health"))
            _ = try await eventually("both wait") { try await gateway.status("exchanges_in_flight") == 2 ? true : nil }
            first.close()
            _ = try await eventually("one waits") { try await gateway.status("exchanges_in_flight") == 1 ? true : nil }
            gate.open()
            #expect(try await second.answer().status == 401)
            #expect(try await second.answer().status == 200)
            second.close()
            try await gateway.isIdle()
        }
    }

    @Test("a session's message that is wrong waits for no keys")
    func wrongMessage() async throws {
        let issuer = try TestIssuer.shared()
        let (all, fewer) = (try issuer.keySet(), TestIssuer.set([issuer.edKey()]))
        let (gate, stage) = (Gate(), Watched(0))
        let script: ScriptedUpstream.Script = { _ in
            let now = stage.value
            if now > 0 { stage.change { $0 += 1 } }
            switch now {
            case 0: return Answer.json(all)
            case 1: return Answer.json(fewer)
            default: return [.wait(gate)] + Answer.json(all)
            }
        }
        try await Self.with(issuer: script, refresh: .seconds(1)) { gateway, _, _ in
            let client = try await SocketClient.open(gateway, fields: Self.bearer(try issuer.token()))
            // The key goes, and whether it is there again is being found out.
            stage.change { $0 = 1 }
            try await stage.wait(for: "the fetch after that") { $0 >= 3 }
            try await client.send("no JSON")
            let message = try await client.message()
            #expect(message["type"]?.string == "error" && message["status"]?.int == 503)
            gate.open()
            client.close()
        }
    }

    @Test("whoever is suspended while he waits for keys administers nothing when they are there")
    func administratorWaits() async throws {
        let issuer = try TestIssuer.shared()
        let set = try issuer.keySet()
        let gate = Gate()
        let (desk, key) = (Watched<Office?>(nil), Watched(""))
        try await Self.with(
            issuer: { _ in [.wait(gate)] + Answer.json(set) },
            prepare: { office in
                desk.change { $0 = office }
                let made = try office.key(#"{"tenant":"acme","role":"tenant-admin","label":"k"}"#)
                key.change { $0 = made }
            }
        ) { gateway, _, server in
            _ = try await server.request()
            let token = try issuer.token("ES256", TestIssuer.claims(["role": #""tenant-admin""#]))
            let client = try await RawClient.connect(port: gateway.adminPort)
            let fields = [("Host", "localhost"), ("Connection", "close")] + Self.bearer(token)
            try await client.send(RawRequest.head("GET", "/admin/v1/users", fields))
            let office = try #require(desk.value)
            try office.ask("PATCH", "tenants/acme", #"{"status":"suspended"}"#)
            _ = try await eventually("the suspension") {
                let answer = try await gateway.administer("GET", "users", key: key.value)
                return answer.status == 403 && answer.bodyText.contains("suspended") ? true : nil
            }
            #expect(client.received.isEmpty)
            gate.open()
            let answer = try await client.answer()
            #expect(answer.status == 403 && answer.bodyText.contains("suspended"))
            client.close()
        }
    }

    @Test(
        "F19: an issuer that cannot be read is a 503 with Retry-After, whatever its server does",
        arguments: [
            Answer.json("{}", status: 500), Answer.json("{}"), Answer.json(#"{"keys":[]}"#), [.close], [.reset],
            [Answer.whole(302, fields: [("Location", "/elsewhere")], body: "")],
            Answer.json(#"{"keys":[\#(String(repeating: "1,", count: 200_000))1]}"#),
        ]
    )
    func unreadable(_ answer: [Step]) async throws {
        let issuer = try TestIssuer.shared()
        try await Self.with(issuer: { request in request.target == "/keys" ? answer : Answer.json("{}") }) {
            gateway,
            upstream,
            server in
            let refused = try await gateway.send(Sample.chat.request(fields: Self.bearer(try issuer.token())))
            #expect(refused.status == 503 && refused.bodyText.contains("token_keys_unavailable"))
            #expect(Int(refused.field("retry-after") ?? "") ?? 0 > 0)
            #expect(upstream.requests.isEmpty)
            // Whoever sends no token is told the same as ever.
            #expect(try await gateway.send(Sample.chat.request()).status == 401)
            #expect(!server.requests.contains { $0.target == "/elsewhere" })
        }
    }

    @Test("F19: keys that are there count on while the issuer is down, over the wire as well")
    func down() async throws {
        let issuer = try TestIssuer.shared()
        let set = try issuer.keySet()
        try await Self.with(issuer: { _ in Answer.json(set) }) { gateway, _, server in
            let fields = Self.bearer(try issuer.token())
            #expect(try await gateway.send(Sample.chat.request(fields: fields)).status == 200)
            await server.shutdown()
            #expect(try await gateway.send(Sample.chat.request(fields: fields)).status == 200)
            #expect(
                try await gateway.send(Sample.chat.request(fields: Self.bearer(try issuer.token("EdDSA")))).status
                    == 200
            )
        }
    }

    @Test("many requests with unknown keys at once have the issuer asked once more at most")
    func storm() async throws {
        let issuer = try TestIssuer.shared()
        let set = TestIssuer.set([issuer.ecKey()])
        try await Self.with(issuer: { _ in Answer.json(set) }) { gateway, _, server in
            #expect(try await gateway.send(Sample.chat.request(fields: Self.bearer(try issuer.token()))).status == 200)
            try await withThrowingTaskGroup(of: Int.self) { tasks in
                for number in 0..<200 {
                    tasks.addTask {
                        let fields = Self.bearer(try issuer.token(kid: "unknown-\(number)"))
                        return try await gateway.send(Sample.chat.request(fields: fields)).status
                    }
                }
                for try await status in tasks { #expect(status == 401) }
            }
            #expect(server.requests.count <= 2)
        }
    }

    // MARK: Discovery

    private static func document(_ issuer: String, _ keys: String) -> [Step] {
        Answer.json(#"{"issuer":"\#(issuer)","jwks_uri":"\#(keys)"}"#)
    }

    @Test("an issuer's own document leads to its keys")
    func discovers() async throws {
        let issuer = try TestIssuer.shared()
        let set = try issuer.keySet()
        try await Self.with(
            issuer: { request in
                let host = request.field("host") ?? ""
                return request.target.hasPrefix("/realms/corp/.well-known/openid-configuration")
                    ? Self.document("http://\(host)/realms/corp", "http://\(host)/some/keys?of=corp")
                    : request.target == "/some/keys?of=corp" ? Answer.json(set) : Answer.json("{}", status: 404)
            },
            place: { .discovery(try KeyAddress($0 + "/realms/corp").discovery()) },
            name: { $0 + "/realms/corp" }
        ) { gateway, _, server in
            let claims = TestIssuer.claims(["iss": "\"\(server.url)/realms/corp\""])
            let fields = Self.bearer(try issuer.token("ES256", claims))
            #expect(try await gateway.send(Sample.chat.request(fields: fields)).status == 200)
        }
    }

    @Test("a document of another issuer, or one that leads to plain http elsewhere or to nothing, gives no keys")
    func misleading() async throws {
        let issuer = try TestIssuer.shared()
        let set = try issuer.keySet()
        for (name, keys) in [
            ("https://evil.example", nil), (nil, "http://192.0.2.1/keys"), (nil, "file:///etc/passwd"), (nil, ""),
        ] as [(String?, String?)] {
            try await Self.with(
                issuer: { request in
                    let host = "http://\(request.field("host") ?? "")"
                    return request.target.hasPrefix("/.well-known/")
                        ? Self.document(name ?? host, keys ?? host + "/keys") : Answer.json(set)
                },
                place: { .discovery(try KeyAddress($0).discovery()) },
                name: { $0 }
            ) { gateway, _, server in
                let claims = TestIssuer.claims(["iss": "\"\(server.url)\""])
                let fields = Self.bearer(try issuer.token("ES256", claims))
                #expect(try await gateway.send(Sample.chat.request(fields: fields)).status == 503)
                #expect(!server.requests.contains { $0.target == "/keys" })
            }
        }
    }

    @Test(
        "an address that leads to this machine is known in each spelling",
        arguments: [
            ("https://127.0.0.1/k", true), ("https://127.9.9.9/k", true), ("https://0.0.0.0/k", true),
            ("https://[::1]/k", true), ("https://[0:0:0:0:0:0:0:1]/k", true), ("https://[::]/k", true),
            ("https://[::ffff:127.0.0.1]/k", true), ("https://localhost/k", true), ("https://LOCALHOST./k", true),
            ("https://a.localhost/k", true), ("https://127.1/k", true), ("https://0x7f000001/k", true),
            ("https://2130706433/k", true), ("https://id.example/k", false), ("https://id.example./k", false),
            ("https://192.0.2.1/k", false), ("https://[2001:db8::1]/k", false), ("https://4.example/k", false),
        ]
    )
    func leadsHere(_ text: String, _ leads: Bool) throws {
        #expect(try KeyAddress(text).leadsHere == leads)
    }

    @Test(
        "an address of keys is https, or http on this machine",
        arguments: [
            ("https://a.example/keys", "https://a.example/keys"), ("https://a.example", "https://a.example/"),
            ("https://a.example:8443/k/?p=x", "https://a.example:8443/k/?p=x"),
            ("http://127.0.0.1:1/k", "http://127.0.0.1:1/k"), ("http://[::1]/k", "http://[::1]/k"),
            ("http://a.example/keys", nil), ("ftp://a.example", nil), ("https://u@a.example/", nil),
            ("https://a.example/k?x#y", nil), ("https://a.example/k?x y", nil), ("keys", nil),
        ] as [(String, String?)]
    )
    func addresses(_ text: String, _ read: String?) {
        #expect((try? KeyAddress(text))?.description == read)
    }
}
