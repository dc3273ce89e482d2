import Gateway
import Providers
import Testing

@testable import torii

@Suite("Issuers of tokens and client certificates in the configuration")
struct TokenConfigurationTests {
    private static func read(_ text: String) throws -> Configuration {
        let text = "providers: [{name: a, base_url: \"scripted:\"}]\n" + text
        let file = ConfigurationFile(path: "/f/config.yaml", format: .yaml, text: text)
        return try Configuration.read(file, environment: [:])
    }

    @Test("every key comes to the gateway")
    func everything() throws {
        let server = try Configuration.load(path: "\(FixtureTests.folder)/everything.yaml", environment: [:]).server
        let first = TokenIssuer(
            issuer: "https://id.example/realms/corp",
            audiences: ["torii", "2"],
            keys: .address(try KeyAddress("https://id.example/keys?p=corp")),
            caFile: "/tls/id.pem",
            algorithms: [.es256, .rs384],
            leeway: .seconds(10),
            refresh: .seconds(300),
            stale: .seconds(7_200),
            claims: .init(tenant: "org", user: "email", role: "realm_access.roles"),
            rules: [
                IdentityRule(subject: "groups", value: "admins-*", tenant: "acme", role: .operator),
                IdentityRule(role: .viewer),
            ]
        )
        let second = TokenIssuer(
            issuer: "tests",
            audiences: ["torii"],
            keys: .file("/keys/tests.json"),
            rules: [IdentityRule(tenant: "acme")]
        )
        #expect(server.tokens.map(\.settings) == [first, second])
        let clients = ClientCertificateSettings(
            authorityFile: "/tls/clients.pem",
            isRequired: true,
            rules: [IdentityRule(subject: "uri", value: "spiffe://corp/*", tenant: "acme", role: .viewer)]
        )
        #expect(server.clientCertificates?.settings == clients)
    }

    @Test(
        "without an address of keys the issuer's own document says it",
        arguments: [
            ("https://id.example", "https://id.example/.well-known/openid-configuration"),
            ("https://id.example/", "https://id.example/.well-known/openid-configuration"),
            ("https://id.example/realms/a", "https://id.example/realms/a/.well-known/openid-configuration"),
            ("http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a/.well-known/openid-configuration"),
        ]
    )
    func discovery(_ issuer: String, _ document: String) throws {
        let text = "server: {tokens: [{issuer: \"\(issuer)\", audience: a, claims: {tenant: t}}]}\n"
        let token = try Self.read(text).server.tokens.first
        #expect(token?.settings.keys == .discovery(try KeyAddress(document)))
        #expect(token?.settings.issuer == issuer)
    }

    @Test("client certificates need TLS and authorities, wherever these are said")
    func certificates() throws {
        let scratch = try Scratch()
        let providers = "providers: [{name: a, base_url: \"scripted:\"}]\n"
        func load(_ server: String, _ change: (inout ConfigurationFlags) -> Void = { _ in }) throws -> Configuration {
            var flags = ConfigurationFlags()
            change(&flags)
            let path = try scratch.write("config.yaml", providers + server)
            return try Configuration.load(path: path, environment: [:], flags: flags)
        }
        let tls = "tls_cert: /c, tls_key: /k"
        let required = "client_certificates: {required: true}"
        #expect(throws: ConfigurationError.self) { try load("server: {client_certificates: {ca: /x}}\n") }
        #expect(throws: ConfigurationError.self) { try load("server: {\(tls), \(required)}\n") }
        let given = try load("server: {\(tls), \(required)}\n") { $0.clientAuthorities = "/y" }
        let wanted = ClientCertificateSettings(authorityFile: "/y", isRequired: true)
        #expect(given.server.clientCertificates?.settings == wanted)
        #expect(throws: ConfigurationError.self) { try load("server: {}\n") { $0.clientAuthorities = "/y" } }
    }
}
