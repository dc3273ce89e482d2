import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct ProxyTests {
    private func settings(_ environment: [String: String]) throws -> ProxySettings {
        try ProxySettings(environment: environment)
    }

    private func origin(_ url: String) throws -> Origin { Origin(try BaseURL(url)) }

    @Test("the variables say which origin goes through which proxy")
    func variables() throws {
        let settings = try settings([
            "HTTP_PROXY": "http://one:3128", "https_proxy": "two:8080", "HTTPS_PROXY": "three:1",
        ])
        #expect(settings.proxy(for: try origin("http://a.example"))?.host == "one")
        #expect(settings.proxy(for: try origin("http://a.example"))?.port == 3128)
        #expect(settings.proxy(for: try origin("https://a.example"))?.host == "two")
        #expect(settings.proxy(for: try origin("https://a.example"))?.authorization == nil)
        #expect(try ProxySettings(environment: [:]).proxy(for: try origin("http://a.example")) == nil)
    }

    @Test("a user in a proxy's address becomes its authorization, and is not shown")
    func login() throws {
        let settings = try settings(["HTTP_PROXY": "http://Aladdin:open%20sesame@one:3128/"])
        let proxy = try #require(settings.proxy(for: try origin("http://a.example")))
        #expect(proxy.authorization?.reveal() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(!"\(settings)".contains("sesame") && !"\(proxy)".contains("QWxh"))
    }

    @Test(
        "NO_PROXY has hosts, domains, ports and a star; loopback is always direct",
        arguments: [
            ("example.com", "http://example.com", true), ("example.com", "http://a.example.com", true),
            (".example.com", "http://a.example.com", true), ("example.com", "http://notexample.com", false),
            ("*.example.com", "http://a.example.com", true), ("*", "http://anything", true),
            ("a:8080", "http://a:8080", true), ("a:8080", "http://a", false), ("x, b c", "http://c", true),
            ("10.0.0.1", "http://10.0.0.1", true), ("[fe80::1]:80", "http://[fe80::1]", true),
            ("fe80::1", "http://[fe80::1]", true), ("A", "http://a", true),
            ("", "http://localhost:11434", true), ("", "http://127.8.8.8", true), ("", "http://[::1]", true),
            ("", "http://127.example.com", false), ("", "http://a", false),
        ]
    )
    func exceptions(list: String, url: String, direct: Bool) throws {
        let settings = try settings(["HTTP_PROXY": "proxy", "NO_PROXY": list])
        #expect((settings.proxy(for: try origin(url)) == nil) == direct)
    }

    @Test(
        "a proxy that is not one is a problem with the variable's name",
        arguments: ["socks5://a", "https://a", "http://a:x"]
    )
    func problems(value: String) throws {
        let problem = #expect(throws: ProxySettings.Problem.self) { try settings(["HTTP_PROXY": value]) }
        #expect(problem?.variable == "HTTP_PROXY")
    }

    @Test("an http origin is asked for in the absolute form, with the proxy's authorization")
    func absoluteForm() async throws {
        let proxy = try await ScriptedUpstream.start(answers: [Answer.json("{}")])
        let variables = ["HTTP_PROXY": "http://me:pw@127.0.0.1:\(proxy.port)"]
        let harness = try await PoolHarness { $0.proxies = (try? ProxySettings(environment: variables)) ?? $0.proxies }
        let origin = Origin(scheme: .http, host: "models.example", port: 8080)
        #expect(try await harness.send(.to(proxy, origin: origin)).status == 200)
        let request = try await proxy.request()
        #expect(request.target == "http://models.example:8080/v1/chat/completions")
        #expect(request.field("host") == "models.example:8080")
        #expect(request.field("proxy-authorization") == "Basic bWU6cHc=")
        try await harness.shutdown()
        await proxy.shutdown()
    }

    @Test("an https origin is reached through a tunnel, and the proxy sees no request")
    func tunnel() async throws {
        let upstream = try await ScriptedUpstream.start(.init(certificate: .wrongHost), answers: [Answer.json("{}")])
        let proxy = try await ScriptedUpstream.start(answers: [
            [.tunnel(port: upstream.port), .write("HTTP/1.1 200 Connection established\r\n\r\n")]
        ])
        let variables = ["HTTPS_PROXY": "http://me:pw@127.0.0.1:\(proxy.port)"]
        let harness = try await PoolHarness { $0.proxies = (try? ProxySettings(environment: variables)) ?? $0.proxies }
        let root = TestCertificate.rootFile
        let origin = Origin(scheme: .https, host: "elsewhere.example", port: 443, caFile: root)
        for _ in 0..<2 { #expect(try await harness.send(.to(upstream, origin: origin)).status == 200) }
        #expect(proxy.requests.count == 1)
        let request = try await proxy.request()
        #expect(request.headText.hasPrefix("CONNECT elsewhere.example:443 HTTP/1.1\r\n"))
        #expect(request.field("proxy-authorization") == "Basic bWU6cHc=")
        #expect(upstream.requests.allSatisfy { $0.field("proxy-authorization") == nil })
        #expect(try await upstream.request().target == "/v1/chat/completions")
        try await harness.shutdown()
        await upstream.shutdown()
        await proxy.shutdown()
    }

    @Test(
        "F10 a proxy that opens no tunnel is named as the fault, and nothing is sent",
        arguments: [
            [Step.write("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")],
            [.write("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")], [.close],
        ]
    )
    func refusedTunnel(steps: [Step]) async throws {
        try await withUpstream(answers: [steps]) { (proxy, _) async throws in
            let variables = ["HTTPS_PROXY": "http://me:secret-pw@127.0.0.1:\(proxy.port)"]
            let harness = try await PoolHarness {
                $0.proxies = (try? ProxySettings(environment: variables)) ?? $0.proxies
            }
            let origin = Origin(scheme: .https, host: "elsewhere.example", port: 443)
            let failure = try await harness.failure(of: .to(proxy, origin: origin))
            #expect(failure.kind == .proxy)
            #expect(!failure.requestMayHaveBeenSent)
            #expect(!failure.detail.contains("secret"))
            try await harness.shutdown()
        }
    }
}
