import Dialects
import JSON
import NIOCore
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Signed tokens at a gateway that runs")
struct TokensOverWireTests {
    /// A gateway that takes tokens of an issuer, with a store on disk that has the tenants acme and other.
    private static func with(
        answers: [[Step]] = [],
        keys: [String]? = nil,
        place: TokenIssuer.KeyPlace? = nil,
        issuer: (inout TokenIssuer) -> Void = { _ in },
        _ change: (inout GatewaySettings) -> Void = { _ in },
        body: (GatewayUnderTest, Office, ScriptedUpstream, TestIssuer) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let test = try TestIssuer.shared()
        let set = try keys.map(TestIssuer.set) ?? test.keySet()
        try scratch.write(set, to: "keys.json")
        let office = try Office(in: scratch.path)
        for name in ["acme", "other"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        var settings = TokenIssuer(
            issuer: TestIssuer.name,
            audiences: ["torii"],
            keys: place ?? .file(scratch.path + "/keys.json"),
            claims: .init(tenant: "org", role: "role")
        )
        issuer(&settings)
        try await withUpstreams(answers) { upstreams in
            try await withGateway(
                [try .scripted(upstreams[0])],
                {
                    $0.state.place = .file(scratch.path + "/torii.sqlite")
                    $0.tokens = [settings]
                    change(&$0)
                }
            ) { gateway in try await body(gateway, office, upstreams[0], test) }
        }
    }

    private static func bearer(_ token: String) -> [(String, String)] { [("Authorization", "Bearer \(token)")] }

    private static func plain(_ answer: RawAnswer) -> String {
        answer.bodyText.replacing(answer.field("x-request-id") ?? "?", with: "ID")
    }

    @Test("a token opens every dialect and never goes to a provider", arguments: Sample.allCases)
    func good(_ sample: Sample) async throws {
        try await Self.with(answers: [sample.answer(stream: false)]) { gateway, _, upstream, issuer in
            let token = try issuer.token("RS256")
            for fields in [Self.bearer(token), [("x-api-key", token)], Self.bearer(token) + [("api-key", token)]] {
                #expect(try await gateway.send(sample.request(fields: fields)).status == 200)
            }
            for request in upstream.requests {
                #expect(!request.headText.contains("eyJ") && request.headText.contains("provider-key"))
            }
        }
    }

    @Test(
        "B15: whatever is wrong of a token, it gets the very body of a missing key",
        arguments: [Sample.chat, .messages]
    )
    func attacks(_ sample: Sample) async throws {
        let issuer = try TestIssuer.shared()
        let keys = [try issuer.rsaKey(), try issuer.rsaKey(kid: "all", alg: nil), issuer.ecKey(), issuer.edKey()]
        try await Self.with(keys: keys) { gateway, _, upstream, issuer in
            // The keys are there before the first token that is about them.
            _ = try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer(try issuer.token())))
            let missing = try await gateway.send(sample.request())
            #expect(missing.status == 401 && missing.field("www-authenticate") == "Bearer")
            for attack in TokenAttack.allCases {
                let answer = try await gateway.send(sample.request(fields: Self.bearer(try attack.token(issuer))))
                #expect(answer.status == 401, "\(attack)")
                #expect(answer.field("www-authenticate") == "Bearer")
                #expect(Self.plain(answer) == Self.plain(missing), "\(attack)")
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B15: no address that a token names is asked for keys", arguments: ["jku", "x5u", "jwk", "iss"])
    func namedAddresses(_ member: String) async throws {
        let stranger = try TestIssuer()
        let server = try await ScriptedUpstream.start(answers: [Answer.json(try stranger.keySet())])
        do {
            try await Self.with { gateway, _, upstream, issuer in
                let address = "\"\(server.url)/keys\""
                let value = member == "jwk" ? #"{"kty":"EC","x5u":\#(address)}"# : address
                for signer in [issuer, stranger] {
                    for kid in ["ec", "unknown"] {
                        let token =
                            try member == "iss"
                            ? signer.token("ES256", kid: kid, TestIssuer.claims(["iss": address]))
                            : signer.token("ES256", kid: kid, header: [(name: member, json: value)])
                        let answer = try await gateway.send(Sample.chat.request(fields: Self.bearer(token)))
                        #expect(answer.status == 401)
                    }
                }
                #expect(upstream.requests.isEmpty)
                // The server is one that would have been heard.
                #expect(server.requests.isEmpty)
                let client = try await RawClient.connect(port: server.port)
                try await client.send(RawRequest.get("/keys"))
                #expect(try await client.answer().status == 200)
                client.close()
                #expect(server.acceptedConnections == 1)
            }
            await server.shutdown()
        } catch {
            await server.shutdown()
            throw error
        }
    }

    @Test("the tenant of a token has to be there, and a viewer asks no models: 403")
    func tenants() async throws {
        try await Self.with(answers: [Sample.chat.answer(stream: false)]) { gateway, _, _, issuer in
            func status(_ claims: [String: String?]) async throws -> Int {
                let token = try issuer.token("ES256", TestIssuer.claims(claims))
                return try await gateway.send(Sample.chat.request(fields: Self.bearer(token))).status
            }
            for (claims, expected) in [
                ([:], 200), (["org": #""other""#], 200), (["org": #""none""#], 403), (["org": nil], 403),
                (["role": #""viewer""#], 403),
            ] as [([String: String?], Int)] {
                let found = try await status(claims)
                #expect(found == expected, "\(claims)")
            }
        }
    }

    @Test("B16: where tokens are taken nobody is let in without one, on loopback and off it, and no store opens that")
    func noAnonymous() async throws {
        let scratch = try Scratch()
        let issuer = try TestIssuer.shared()
        try scratch.write(try issuer.keySet(), to: "keys.json")
        let settings = TokenIssuer(
            issuer: TestIssuer.name,
            audiences: ["torii"],
            keys: .file(scratch.path + "/keys.json"),
            claims: .init(tenant: "org")
        )
        for host in ["127.0.0.1", "0.0.0.0"] {
            try await withGateway(
                [],
                {
                    $0.host = host
                    $0.tokens = [settings]
                }
            ) { gateway in
                for fields in [[], [("x-api-key", "")], Self.bearer("not-required")] {
                    #expect(try await gateway.send(RawRequest.get("/v1/models", fields: fields)).status == 401)
                }
                #expect(try await gateway.administration("/admin/v1/tenants").status == 401)
                #expect(try await gateway.send(RawRequest.get("/health")).status == 200)
                // Where there is no tenant, a token that is good belongs to none.
                let good = RawRequest.get("/v1/models", fields: Self.bearer(try issuer.token()))
                #expect(try await gateway.send(good).status == 403)
            }
        }
        var open = GatewaySettings(providers: [], host: "0.0.0.0")
        open.tokens = [settings]
        try StartProblem.check(open)
        open.tokens = []
        #expect(throws: StartProblem.self) { try StartProblem.check(open) }
    }

    @Test(
        "T11: a suspended tenant's stream that a token began ends in its dialect's words, another's goes on",
        arguments: Sample.allCases
    )
    func suspended(_ sample: Sample) async throws {
        let streams = SuspendedStream(sample)
        try await Self.with(answers: [streams.steps]) { gateway, office, _, issuer in
            let bad = Self.bearer(try issuer.token())
            let good = Self.bearer(try issuer.token("EdDSA", TestIssuer.claims(["org": #""other""#])))
            try await streams.run(gateway, bad: bad, good: good) {
                try office.ask("PATCH", "tenants/acme", #"{"status":"suspended"}"#)
            }
        }
    }

    @Test("T3: a response that one token's bearer has kept is not there for another's, whatever his tenant")
    func foreignResponses() async throws {
        try await Self.with(answers: [Sample.responses.answer(stream: false)]) { gateway, _, _, issuer in
            func fields(_ claims: [String: String?]) throws -> [(String, String)] {
                Self.bearer(try issuer.token("ES256", TestIssuer.claims(claims)))
            }
            let alice = try fields([:])
            let first = try await gateway.send(Sample.responses.request(fields: alice))
            let id = try #require(try JSONDocument(first.body).root["id"]?.string)
            let next = Sample.responses.request(extra: #""previous_response_id":"\#(id)","#, fields: alice)
            _ = try await eventually("the response is kept") {
                try await gateway.send(next).status == 200 ? true : nil
            }
            // A later token of the same bearer, of another key: the response is his.
            let later = Self.bearer(try issuer.token("EdDSA", TestIssuer.claims(lasts: 400)))
            #expect(
                try await gateway.send(
                    Sample.responses.request(extra: #""previous_response_id":"\#(id)","#, fields: later)
                ).status == 200
            )
            for claims in [["sub": #""bob""#], ["org": #""other""#]] {
                let foreign = try fields(claims.mapValues { $0 })
                let answer = try await gateway.send(
                    Sample.responses.request(extra: #""previous_response_id":"\#(id)","#, fields: foreign)
                )
                #expect(answer.status == 404, "\(claims)")
                let asked = try await gateway.send(RawRequest.get("/v1/responses/\(id)", fields: foreign))
                #expect(asked.status == 404)
            }
        }
    }

    @Test("a WebSocket session does not outlive its token: the next message is refused, and what runs is not")
    func session() async throws {
        let gate = Gate()
        let events = Sample.chat.events()
        let running =
            [Answer.chunkedHead()] + events.dropLast().map(Answer.chunk)
            + [.wait(gate), Answer.chunk(events.last ?? ""), Answer.lastChunk]
        try await Self.with(
            answers: [Sample.responses.answer(stream: true), running],
            issuer: { $0.leeway = .zero }
        ) { gateway, _, _, issuer in
            let token = try issuer.token("ES256", TestIssuer.claims(lasts: 4))
            let client = try await SocketClient.open(gateway, fields: Self.bearer(token))
            let create = #"{"type":"response.create","model":"m","input":"hi"}"#
            #expect(try await client.ask(create).last?["type"]?.string == "response.completed")
            let stream = try await gateway.connect()
            try await stream.send(Sample.chat.request(stream: true, fields: Self.bearer(token)))
            try await stream.text(containing: "Hel")
            _ = try await eventually("the token's end") {
                let again = try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer(token)))
                return again.status == 401 ? true : nil
            }
            try await client.send(create)
            let message = try await client.message()
            #expect(message["type"]?.string == "error" && message["status"]?.int == 401)
            gate.open()
            let whole = try await stream.answer()
            #expect(whole.bodyText == Sample.chat.passedEvents().joined())
            client.close()
            stream.close()
        }
    }

    @Test("F21: a gateway that turns requests away verifies no new token, and still serves a tenant by a known one")
    func shedding() async throws {
        let scratch = try Scratch()
        let issuer = try TestIssuer.shared()
        try scratch.write(try issuer.keySet(), to: "keys.json")
        let office = try Office(in: scratch.path)
        for name in ["acme", "other"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        let settings = TokenIssuer(
            issuer: TestIssuer.name,
            audiences: ["torii"],
            keys: .file(scratch.path + "/keys.json"),
            claims: .init(tenant: "org")
        )
        let memory = Watched(0)
        try await withUpstreams([[Answer.chunkedHead(), .stall]]) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withGateway(
                [house],
                memory: { memory.value },
                {
                    $0.overload.memory = 1_000
                    $0.state.place = .file(scratch.path + "/torii.sqlite")
                    $0.tokens = [settings]
                }
            ) { gateway in
                func models(_ fields: [(String, String)]) async throws -> Int {
                    try await gateway.send(RawRequest.get("/v1/models", fields: fields)).status
                }
                let known = Self.bearer(try issuer.token("ES256", TestIssuer.claims(["org": #""other""#])))
                #expect(try await models(known) == 200)
                let acme = Self.bearer(try issuer.token())
                let running = try await gateway.connect()
                try await running.send(Sample.chat.request(stream: true, fields: acme))
                _ = try await upstreams[0].request()
                memory.change { $0 = 2_000 }
                _ = try await eventually("shedding") { try await models(acme) == 503 ? true : nil }
                #expect(try await models(known) == 200)
                let good = Self.bearer(try issuer.token("EdDSA", TestIssuer.claims(["org": #""other""#])))
                for fields in [good, Self.bearer(try TokenAttack.brokenSignature.token(issuer))] {
                    #expect(try await models(fields) == 503)
                }
                #expect(try await models(Self.bearer("wrong")) == 401)
                memory.change { $0 = 0 }
                _ = try await eventually("the end of it") { try await models(good) == 200 ? true : nil }
                running.close()
            }
        }
    }

    // MARK: The administration

    private static func ask(
        _ gateway: GatewayUnderTest,
        _ method: String,
        _ path: String,
        _ body: String = "",
        token: String,
        fields: [(String, String)] = []
    ) async throws -> RawAnswer {
        let client = try await RawClient.connect(port: gateway.adminPort)
        defer { client.close() }
        let all =
            [("Host", "localhost"), ("Content-Length", "\(body.utf8.count)"), ("Connection", "close")]
            + bearer(token) + fields
        try await client.send(RawRequest.head(method, "/admin/v1/\(path)", all) + body)
        return try await client.answer()
    }

    @Test("T1: a token administers what its role does in its tenant, and only where a role is said of it")
    func administration() async throws {
        try await Self.with(
            issuer: { $0.rules = [IdentityRule(subject: "groups", value: "ops", role: .operator)] }
        ) { gateway, office, _, issuer in
            func token(_ claims: [String: String?]) throws -> String {
                try issuer.token("ES256", TestIssuer.claims(claims))
            }
            let plain = try token([:])
            let admin = try token(["role": #""tenant-admin""#])
            let elsewhere = try token(["role": #""tenant-admin""#, "org": #""other""#])
            let ops = try token(["groups": #"["ops"]"#])
            #expect(try await Self.ask(gateway, "GET", "users", token: plain).status == 403)
            #expect(try await Self.ask(gateway, "GET", "users", token: plain.dropLast() + "!").status == 401)
            let acme = try #require(office.ask("GET", "tenants/acme").root["id"]?.string)
            let made = try await Self.ask(gateway, "POST", "users", #"{"name":"carol"}"#, token: admin)
            let user = try JSONDocument(made.body).root
            #expect(made.status == 201 && user["tenant"]?.string == acme)
            let carol = try #require(user["id"]?.string)
            #expect(try await Self.ask(gateway, "GET", "users/\(carol)", token: elsewhere).status == 404)
            #expect(try await Self.ask(gateway, "GET", "tenants/\(acme)", token: elsewhere).status == 404)
            #expect(try await Self.ask(gateway, "POST", "tenants", #"{"name":"x"}"#, token: admin).status == 403)
            #expect(try await Self.ask(gateway, "POST", "tenants", #"{"name":"x"}"#, token: ops).status == 201)
            #expect(try await Self.ask(gateway, "POST", "reload", token: admin).status == 403)
            #expect(try await Self.ask(gateway, "POST", "reload", token: ops).status == 409)
            let actors = try office.ask("GET", "audit").root["data"]?.elements.compactMap { $0["actor"]?.string } ?? []
            #expect(actors.contains("\(acme)/token:\(TestIssuer.name)#alice"))
            #expect(actors.contains("operator/token:\(TestIssuer.name)#alice"))
        }
    }

    @Test("T2: one bearer's Idempotency-Key in two tenants is two")
    func idempotency() async throws {
        try await Self.with { gateway, _, _, issuer in
            let fields = [("Idempotency-Key", "1")]
            for org in ["acme", "other"] {
                let token = try issuer.token(
                    "ES256",
                    TestIssuer.claims(["role": #""tenant-admin""#, "org": "\"\(org)\""])
                )
                let made = try await Self.ask(gateway, "POST", "teams", #"{"name":"t"}"#, token: token, fields: fields)
                #expect(made.status == 201 && made.field("idempotency-replayed") == nil)
                let again = try await Self.ask(gateway, "POST", "teams", #"{"name":"t"}"#, token: token, fields: fields)
                #expect(again.status == 201 && again.field("idempotency-replayed") == "true")
            }
        }
    }

    // MARK: Secrets

    @Test("T13: no token stands in a line or in an error", arguments: LogSettings.Format.allCases)
    func canaries(_ format: LogSettings.Format) async throws {
        try await Self.with(
            answers: [Sample.chat.answer(stream: false)],
            { $0.log.format = format }
        ) { gateway, _, _, issuer in
            let tokens = [
                try issuer.token(),
                try issuer.token("ES256", TestIssuer.claims(["sub": #""canary""#, "org": #""canary""#])),
                try TokenAttack.brokenSignature.token(issuer), try TokenAttack.keyIDUnknown.token(issuer),
            ]
            var said = ""
            for token in tokens {
                said += try await gateway.send(Sample.chat.request(fields: Self.bearer(token))).bodyText
                said += try await Self.ask(gateway, "GET", "keys", token: token).bodyText
            }
            said += try await gateway.log.lines(tokens.count).joined()
            said += try await gateway.administration("/status").bodyText
            #expect(!said.contains("eyJ") && !said.contains("canary"), "\(said)")
            for token in tokens { #expect(!said.contains(token.suffix(20))) }
        }
    }

    // MARK: Reload

    @Test("what a reload says of issuers counts for the next request, for tokens that were good as well")
    func reload() async throws {
        let scratch = try Scratch()
        let issuer = try TestIssuer.shared()
        try scratch.write(try issuer.keySet(), to: "keys.json")
        let office = try Office(in: scratch.path)
        try office.make(.tenants, #"{"name":"acme"}"#)
        let operatorKey = try office.key(#"{"label":"o","role":"operator"}"#)
        let settings = TokenIssuer(
            issuer: TestIssuer.name,
            audiences: ["torii"],
            keys: .file(scratch.path + "/keys.json"),
            claims: .init(tenant: "org")
        )
        let desk = Watched<[TokenIssuer]>([settings])
        let place = StoreSettings.Place.file(scratch.path + "/torii.sqlite")
        let reloader = Reloader(load: { (running) async throws(ReloadProblem) in
            var next = running
            next.tokens = desk.value
            return Reloader.Loaded(next)
        })
        try await withGateway(
            [],
            reloader: reloader,
            {
                $0.state.place = place
                $0.tokens = [settings]
            }
        ) { gateway in
            func status(_ token: String) async throws -> Int {
                try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer(token))).status
            }
            func take(_ issuers: [TokenIssuer]) async throws {
                desk.change { $0 = issuers }
                #expect(try await gateway.reload(fields: Self.bearer(operatorKey)).status == 200)
            }
            let token = try issuer.token()
            #expect(try await status(token) == 200)
            var other = settings
            other.audiences = ["elsewhere"]
            try await take([other])
            #expect(try await status(token) == 401)
            try await take([])
            #expect(try await status(token) == 401)
            try await take([settings])
            #expect(try await status(token) == 200)
            // A key that is taken out of the file of an issuer that stays does not count to the next regular fetch.
            try scratch.write(TestIssuer.set([issuer.edKey()]), to: "keys.json")
            try await take([settings])
            _ = try await eventually("the key's end") { try await status(token) == 401 ? true : nil }
            #expect(try await status(try issuer.token("EdDSA")) == 200)
        }
    }
}
