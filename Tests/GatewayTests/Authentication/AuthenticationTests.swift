import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Who may ask")
struct AuthenticationTests {
    private static func keyed(_ settings: inout GatewaySettings) {
        settings.clientKeys = [Secret("key-one"), Secret("key-two")]
    }

    @Test(
        "a key is taken from each of three fields, with and without the others agreeing",
        arguments: [
            [("Authorization", "Bearer key-one")], [("authorization", "bearer key-two")], [("X-Api-Key", "key-one")],
            [("api-key", "key-two")],
            [("Authorization", "Bearer key-one"), ("x-api-key", "key-one")],
            [("Authorization", "Basic abc"), ("x-api-key", "key-two")],
        ]
    )
    func goodKeys(_ fields: [(String, String)]) async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)], Self.keyed) { gateway, upstream in
            let answer = try await gateway.send(Sample.chat.request(fields: fields))
            #expect(answer.status == 200)
            let head = try await upstream.request().headText
            #expect(!head.contains("key-one") && !head.contains("key-two") && head.contains("Bearer provider-key"))
        }
    }

    @Test("B14: wrong and missing keys get the same body", arguments: Sample.allCases)
    func badKeys(_ sample: Sample) async throws {
        let attempts: [[(String, String)]] = [
            [], [("Authorization", "Bearer wrong")], [("Authorization", "Bearer key-on")],
            [("Authorization", "Bearer key-one ")],
            [("Authorization", "Bearer key-onex")], [("Authorization", "key-one")],
            [("Authorization", "Basic key-one")], [("x-api-key", "")],
            [("Authorization", "Bearer ")], [("Authorization", "Bearer ' OR 1=1 --")],
            [("X-Api-Key", String(repeating: "k", count: 20_000))],
            [("Cookie", "key=key-one")], [("x-api-key", "provider-key")],
        ]
        try await withGateway(answers: [sample.answer(stream: false)], Self.keyed) { gateway, upstream in
            var bodies: Set<String> = []
            for fields in attempts {
                let answer = try await gateway.send(sample.request(fields: fields))
                guard fields.first?.1 != "Bearer key-one " else { continue }
                #expect(answer.status == 401, "\(fields)")
                #expect(answer.field("www-authenticate") == "Bearer")
                let id = try #require(answer.field("x-request-id"))
                bodies.insert(answer.bodyText.replacing(id, with: "ID"))
            }
            #expect(bodies.count == 1)
            #expect(bodies.first?.hasPrefix(sample.errorMark) == true)
        }
    }

    @Test(
        "B14: two keys that disagree are a 400",
        arguments: [
            [("Authorization", "Bearer key-one"), ("x-api-key", "key-two")],
            [("api-key", "key-one"), ("x-api-key", "wrong")],
            [("Authorization", "Bearer key-one"), ("Authorization", "Bearer key-one")],
            [("x-api-key", "a"), ("x-api-key", "key-one")],
        ]
    )
    func disagreeing(_ fields: [(String, String)]) async throws {
        for path in ["/v1/models", "/v1/responses"] {
            try await withGateway(answers: [], Self.keyed) { gateway, upstream in
                let request =
                    path == "/v1/models"
                    ? RawRequest.get(path, fields: fields) : Sample.responses.request(fields: fields)
                let answer = try await gateway.send(request)
                #expect(answer.status == 400)
                #expect(upstream.requests.isEmpty)
            }
        }
    }

    @Test("a missing key is told before a byte of the body is read")
    func beforeTheBody() async throws {
        try await withGateway(answers: [], Self.keyed) { gateway, _ in
            let answer = try await gateway.send(
                RawRequest.head("POST", "/v1/responses", [("Host", "localhost"), ("Content-Length", "100")])
            )
            #expect(answer.status == 401)
        }
    }

    @Test("the model list needs a key and /health needs none")
    func whatNeedsKeys() async throws {
        try await withGateway(answers: [], Self.keyed) { gateway, _ in
            let models = try await gateway.send(RawRequest.get("/v1/models"))
            #expect(models.status == 401)
            let listed = try await gateway.send(RawRequest.get("/v1/models", fields: [("x-api-key", "key-one")]))
            #expect(listed.status == 200)
            let health = try await gateway.send(RawRequest.get("/health"))
            #expect(health.status == 200)
        }
    }

    @Test(
        "an anonymous caller whom somebody forwarded is refused",
        arguments: [
            "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "Forwarded", "X-Real-IP",
            "Via", "x-forwarded-server",
        ]
    )
    func forwarded(_ name: String) async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, upstream in
            let answer = try await gateway.send(Sample.chat.request(fields: [(name, "10.0.0.1")]))
            #expect(answer.status == 403)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("a forwarded caller with a key is served")
    func forwardedWithKey() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)], Self.keyed) { gateway, upstream in
            let fields = [("X-Forwarded-For", "10.0.0.1"), ("x-api-key", "key-one")]
            let answer = try await gateway.send(Sample.chat.request(fields: fields))
            #expect(answer.status == 200)
            #expect(try await upstream.request().field("x-forwarded-for") == nil)
        }
    }

    @Test("B17: a Host or an Origin of somebody else's is a 403, and there is no CORS", arguments: Sample.allCases)
    func rebinding(_ sample: Sample) async throws {
        try await withGateway(answers: [sample.answer(stream: false)]) { gateway, upstream in
            for host in ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "0.0.0.0", "10.0.0.1", "[::2]"] {
                let answer = try await gateway.send(RawRequest.post(sample.path, sample.body(), host: host))
                #expect(answer.status == 403, "\(host)")
                #expect(answer.bodyText.hasPrefix(sample.errorMark))
            }
            for origin in [
                "https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1", "file://",
                "https://evil.example/x",
            ] {
                let answer = try await gateway.send(sample.request(fields: [("Origin", origin)]))
                #expect(answer.status == 403, "\(origin)")
                #expect(!answer.names.contains { $0.hasPrefix("access-control-") })
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B17: a good first request does not let a later one of its connection pass")
    func laterRebinding() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let client = try await gateway.connect()
            for (host, status) in [("localhost", 200), ("evil.example", 403), ("localhost", 200)] {
                try await client.send(RawRequest.post("/v1/chat/completions", Sample.chat.body(), host: host))
                let answer = try await client.answer()
                #expect(answer.status == status)
            }
            try await client.send(Sample.chat.request(fields: [("Origin", "https://evil.example")]))
            let answer = try await client.answer()
            #expect(answer.status == 403)
        }
    }

    @Test("B17: allowed hosts are served, as Host and as Origin")
    func allowedHosts() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)], { $0.allowedHosts = ["Gate.Example"] }) {
            gateway,
            _ in
            for host in ["gate.example", "GATE.example:8787", "127.0.0.1:8787", "[::1]:8787", "localhost"] {
                let answer = try await gateway.send(
                    RawRequest.post("/v1/chat/completions", Sample.chat.body(), host: host)
                )
                #expect(answer.status == 200, "\(host)")
            }
            let page = try await gateway.send(Sample.chat.request(fields: [("Origin", "https://gate.example:8443")]))
            #expect(page.status == 200)
        }
    }

    @Test(
        "B16: an address off loopback without a key is refused, unless keys of the store are",
        arguments: ["0.0.0.0", "::", "10.0.0.1", "gate.example"]
    )
    func offLoopback(_ host: String) throws {
        var settings = GatewaySettings(providers: [], host: host)
        #expect(throws: StartProblem.self) { try StartProblem.check(settings) }
        try StartProblem.check(settings, hasIdentities: true)
        settings.clientKeys = [Secret("key")]
        try StartProblem.check(settings)
        settings.clientKeys = []
        settings.allowsAnonymousAnywhere = true
        try StartProblem.check(settings)
    }

    @Test("B16: an empty key refuses to start, and loopback needs none")
    func emptyKey() throws {
        var settings = GatewaySettings(providers: [], clientKeys: [Secret("key"), Secret("")])
        #expect(throws: StartProblem.self) { try StartProblem.check(settings) }
        for host in ["127.0.0.1", "localhost", "::1", "127.8.8.8"] {
            settings = GatewaySettings(providers: [], host: host)
            try StartProblem.check(settings)
        }
    }
}
