import Dialects
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Client certificates")
struct ClientCertificateTests {
    private static let rules = [
        IdentityRule(subject: "uri", value: "spiffe://corp.example/acme/*", tenant: "acme"),
        IdentityRule(subject: "uri", value: "spiffe://corp.example/other/*", tenant: "other"),
    ]

    /// A gateway with TLS that takes certificates of clients, with the tenants acme and other.
    private static func with(
        answers: [[Step]] = [Sample.chat.answer(stream: false)],
        required: Bool = false,
        rules: [IdentityRule] = rules,
        _ change: (inout GatewaySettings) -> Void = { _ in },
        body: (GatewayUnderTest, Office, ScriptedUpstream) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        for name in ["acme", "other"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        try await withGateway(
            answers: answers,
            {
                $0.state.place = .file(scratch.path + "/torii.sqlite")
                $0.tls = GatewaySettings.TLS(
                    certificateFile: TestCertificate.valid.file,
                    keyFile: TestCertificate.keyFile
                )
                $0.clientCertificates = ClientCertificateSettings(
                    authorityFile: TestCertificate.clientRootFile,
                    isRequired: required,
                    rules: rules
                )
                change(&$0)
            }
        ) { gateway, upstream in try await body(gateway, office, upstream) }
    }

    /// The status of a request with a certificate; nil where there was no connection.
    private static func status(
        _ gateway: GatewayUnderTest,
        _ certificate: TestCertificate.Client?,
        key: String? = nil,
        sample: Sample = .chat
    ) async throws -> Int? {
        let client = try await gateway.connect(tls: true, certificate: certificate)
        defer { client.close() }
        let fields = key.map { [("Authorization", "Bearer \($0)")] } ?? []
        client.post(sample.request(fields: fields))
        do { return try await client.answer().status } catch is Missed where client.isClosed { return nil }
    }

    private static func check(
        _ gateway: GatewayUnderTest,
        _ certificate: TestCertificate.Client?,
        is expected: Int?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await status(gateway, certificate)
        #expect(found == expected, sourceLocation: sourceLocation)
    }

    @Test("a certificate's name opens its tenant, and one that no rule knows or none at all opens nothing")
    func names() async throws {
        try await Self.with { gateway, _, upstream in
            try await Self.check(gateway, .acme, is: 200)
            try await Self.check(gateway, .other, is: 200)
            try await Self.check(gateway, .unknown, is: 401)
            try await Self.check(gateway, nil, is: 401)
            #expect(upstream.requests.count == 2)
        }
    }

    @Test(
        "each kind of names is looked at by its own rules",
        arguments: [
            ("uri", "spiffe://corp.example/acme/ci", 200), ("dns", "ci.acme.example", 200), ("dns", "*.example", 200),
            ("email", "ci@acme.example", 200), ("cn", "ci.acme", 200), ("cn", "ci", 401), ("dns", "ci.acme", 401),
            ("uri", "spiffe://corp.example/acme", 401), ("email", "ci.acme.example", 401),
        ]
    )
    func kinds(_ kind: String, _ value: String, _ status: Int) async throws {
        let rules = [IdentityRule(subject: kind, value: value, tenant: "acme")]
        try await Self.with(rules: rules) { gateway, _, _ in
            try await Self.check(gateway, .acme, is: status)
        }
    }

    @Test(
        "a certificate that expired, is too early, of another authority, of none or for servers ends the handshake",
        arguments: [TestCertificate.Client.expired, .early, .foreign, .selfSigned, .server],
        [true, false]
    )
    func refused(_ certificate: TestCertificate.Client, _ required: Bool) async throws {
        try await Self.with(required: required) { gateway, _, upstream in
            try await Self.check(gateway, certificate, is: nil)
            #expect(upstream.requests.isEmpty)
            try await Self.check(gateway, .acme, is: 200)
        }
    }

    @Test("where one is required there is no connection without, not even for /health")
    func required() async throws {
        try await Self.with(required: true) { gateway, _, _ in
            try await Self.check(gateway, nil, is: nil)
            try await Self.check(gateway, .acme, is: 200)
            // A required one of which no rule says anything is no key.
            try await Self.check(gateway, .unknown, is: 401)
        }
    }

    @Test("a key beside a certificate counts if both are of one tenant, and what clients send for none is none")
    func besideKeys() async throws {
        try await Self.with({ $0.clientKeys = [Secret("static-key-0123456")] }) { gateway, office, _ in
            let acme = try office.key(#"{"tenant":"acme","label":"k"}"#)
            let other = try office.key(#"{"tenant":"other","label":"k"}"#)
            let ops = try office.key(#"{"role":"operator","label":"k"}"#)
            _ = try await eventually("the keys") { try await Self.status(gateway, nil, key: ops) == 200 ? true : nil }
            for (certificate, key, status) in [
                (.acme, acme, 200), (.acme, other, 403), (.acme, ops, 403), (.acme, "static-key-0123456", 403),
                (.other, acme, 403), (.unknown, acme, 200), (nil, acme, 200), (.acme, "not-required", 200),
                (.acme, "wrong", 401), (nil, "not-required", 401), (.unknown, "not-required", 401),
            ] as [(TestCertificate.Client?, String, Int)] {
                let found = try await Self.status(gateway, certificate, key: key)
                #expect(found == status, "\(certificate?.rawValue ?? "none") and \(key.prefix(16))")
            }
        }
    }

    @Test("a certificate's role is its rule's, and that of a viewer asks no models")
    func roles() async throws {
        for (role, status) in [(Role.viewer, 403), (.member, 200), (.operator, 200)] {
            let rules = [IdentityRule(subject: "cn", value: "ci.acme", tenant: "acme", role: role)]
            try await Self.with(rules: rules) { gateway, _, _ in
                try await Self.check(gateway, .acme, is: status)
            }
        }
    }

    @Test("a certificate of a tenant that there is not is a 403")
    func homeless() async throws {
        let rules = [IdentityRule(subject: "cn", value: "*", tenant: "nobody")]
        try await Self.with(rules: rules) { gateway, _, _ in
            try await Self.check(gateway, .acme, is: 403)
        }
    }

    @Test(
        "T11: a suspended tenant's stream that a certificate began ends, and so does its WebSocket at the next message"
    )
    func suspended() async throws {
        let gate = Gate()
        let steps = [Answer.chunkedHead(), Answer.chunk(Sample.responses.events()[0]), .wait(gate), Answer.lastChunk]
        try await Self.with(answers: [Sample.responses.answer(stream: true), steps]) { gateway, office, _ in
            let socket = try await SocketClient.open(gateway, tls: true, certificate: .acme)
            let create = #"{"type":"response.create","model":"m","input":"hi"}"#
            #expect(try await socket.ask(create).last?["type"]?.string == "response.completed")
            let client = try await gateway.connect(tls: true, certificate: .acme)
            try await client.send(Sample.responses.request(stream: true))
            try await client.text(containing: "response.created")
            try office.ask("PATCH", "tenants/acme", #"{"status":"suspended"}"#)
            try await client.text(containing: Sample.responses.terminalMark)
            try await socket.send(create)
            let message = try await socket.message()
            #expect(message["type"]?.string == "error" && message["status"]?.int == 403)
            gate.open()
            client.close()
            socket.close()
        }
    }

    @Test("T3: what two certificates of one tenant keep is apart, by the names that let them in")
    func owners() {
        let names = { (uri: String) in ClientCertificate(names: [.uri: [uri]], expiresAt: .max) }
        let rules = [IdentityRule(subject: "uri", value: "spiffe://*", tenant: "acme")]
        let (one, two) = (names("spiffe://a").identity(by: rules), names("spiffe://b").identity(by: rules))
        #expect(one?.name != two?.name && one?.tenant == "acme" && one?.scopes == [.models])
        #expect(ClientCertificate(names: [.uri: ["x"], .dns: ["spiffe://a"]], expiresAt: 0).identity(by: rules) == nil)
        #expect(!ClientCertificate(names: [:], expiresAt: 10).isTimely(10))
    }

    @Test("a certificate that expires while its connection is open is a 401 from then on")
    func expiresWhileOpen() throws {
        let now = Watched(999)
        let authenticator = Authenticator(keys: [], certificateRules: Self.rules, clock: { now.value })
        let proof = Authenticator.Proof(
            certificate: ClientCertificate(names: [.uri: ["spiffe://corp.example/acme/ci"]], expiresAt: 1_000)
        )
        let identities = try Office.withTenants().store.snapshot()
        func status(_ fields: [(String, String)]) -> Int {
            do throws(Refusal) {
                let caller = CallerFields(Fields(fields))
                let outcome = try authenticator.authenticate(caller, identities, proof, from: nil)
                guard case .known(let identity) = outcome else { return 0 }
                return identity.principal?.tenantName == "acme" ? 200 : 0
            } catch {
                return error.body.status
            }
        }
        for fields in [[], [("authorization", "Bearer not-required")]] as [[(String, String)]] {
            now.change { $0 = 999 }
            #expect(status(fields) == 200)
            now.change { $0 = 1_000 }
            #expect(status(fields) == 401)
        }
    }

    @Test("B16: rules for certificates shut out whoever has none, also on loopback and while there is no tenant")
    func noAnonymous() async throws {
        try await withGateway(
            answers: [],
            {
                $0.tls = GatewaySettings.TLS(
                    certificateFile: TestCertificate.valid.file,
                    keyFile: TestCertificate.keyFile
                )
                $0.clientCertificates = ClientCertificateSettings(
                    authorityFile: TestCertificate.clientRootFile,
                    rules: Self.rules
                )
            }
        ) { gateway, _ in
            try await Self.check(gateway, nil, is: 401)
            try await Self.check(gateway, .acme, is: 403)
        }
    }
}
