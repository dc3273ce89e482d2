import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Who reads the metrics, and in which words")
struct MetricsAccessTests {
    private static let token = "canary-scrape-token-0123456789"

    @Test("the public listener has no metrics")
    func publicListener() async throws {
        try await withGateway([], { $0.metrics.token = Secret(Self.token) }) { gateway in
            let all: [[(String, String)]] = [[], [("Authorization", "Bearer \(Self.token)")]]
            for fields in all {
                for path in ["/metrics", "/v1/metrics", "/metrics/"] {
                    let answer = try await gateway.send(RawRequest.get(path, fields: fields))
                    #expect(answer.status == 404 && !answer.bodyText.contains("torii_"), "\(path)")
                }
            }
        }
    }

    @Test("T9: no tenant's key reads metrics, whatever its role; an operator's and the scrape's token do")
    func roles() async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try office.make(.tenants, #"{"name":"acme"}"#)
        let keys = try ["tenant-admin", "member", "viewer"].map { role in
            try office.key(#"{"tenant":"acme","label":"\#(role)","role":"\#(role)","scopes":["admin"]}"#)
        }
        let models = try office.key(#"{"label":"m","role":"operator","scopes":["models"]}"#)
        let admin = try office.key(#"{"label":"o","role":"operator"}"#)
        let change: (inout GatewaySettings) -> Void = {
            $0.state.place = .file(scratch.path + "/torii.sqlite")
            $0.metrics.token = Secret(Self.token)
        }
        try await withGateway([], change) { gateway in
            for key in keys + [models] {
                #expect(try await gateway.administer("GET", "/metrics", key: key).status == 403)
            }
            let wrong: [String?] = [nil, "", "wrong", Self.token + "0", String(Self.token.dropLast())]
            for key in wrong {
                let answer = try await gateway.administer("GET", "/metrics", key: key)
                #expect(answer.status == 401 && answer.field("www-authenticate") == "Bearer", "\(key ?? "-")")
            }
            for key in [admin, Self.token] {
                let answer = try await gateway.administer("GET", "/metrics", key: key)
                #expect(answer.status == 200 && answer.bodyText.contains("torii_build_info"))
            }
        }
    }

    @Test("the scrape's token opens /metrics and nothing else")
    func tokenAlone() async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        _ = try office.key(#"{"label":"o","role":"operator"}"#)
        let change: (inout GatewaySettings) -> Void = {
            $0.state.place = .file(scratch.path + "/torii.sqlite")
            $0.metrics.token = Secret(Self.token)
        }
        try await withGateway([], change) { gateway in
            let others = AdministrationOperation.all.filter { $0.audience != .everybody && $0.act != .metrics }
            for operation in others {
                let target = operation.path.replacing("{id}", with: "x").replacing("{name}", with: "x")
                let answer = try await gateway.administer(operation.method, target, key: Self.token)
                #expect(answer.status == 401, "\(operation.name)")
            }
            let status = try JSONDocument(await gateway.administer("GET", "/status", key: Self.token).body).root
            #expect(status["connections"] == nil && status["ready"] != nil)
            let fields = [("Authorization", "Bearer \(Self.token)")]
            #expect(try await gateway.send(RawRequest.get("/v1/models", fields: fields)).status == 401)
            #expect(try await gateway.administer("POST", "/metrics", key: Self.token).status == 405)
        }
    }

    @Test("B17: a web page and a foreign host name read no metrics, not with the token either")
    func pages() async throws {
        try await withGateway([], { $0.metrics.token = Secret(Self.token) }) { gateway in
            for key: String? in [nil, Self.token] {
                let foreign = [("Origin", "https://evil.example")]
                #expect(try await gateway.administer("GET", "/metrics", key: key, fields: foreign).status == 403)
            }
            let client = try await RawClient.connect(port: gateway.adminPort)
            defer { client.close() }
            let fields = [("Authorization", "Bearer \(Self.token)")]
            try await client.send(RawRequest.get("/metrics", fields: fields, host: "evil.example"))
            #expect(try await client.answer().status == 403)
        }
    }

    @Test("another token counts from the next scrape on where the configuration is read again")
    func reload() async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        let admin = try office.key(#"{"label":"o","role":"operator"}"#)
        let place: (inout GatewaySettings) -> Void = { $0.state.place = .file(scratch.path + "/torii.sqlite") }
        try await withReload([], place) { test in
            #expect(try await test.gateway.administer("GET", "/metrics", key: Self.token).status == 401)
            test.gateway.operatorKey.change { $0 = admin }
            test.put {
                place(&$0)
                $0.metrics.token = Secret(Self.token)
            }
            let reloaded = try await test.gateway.reload(fields: [("Authorization", "Bearer \(admin)")])
            #expect(reloaded.status == 200, "\(reloaded.bodyText)")
            #expect(try await test.gateway.administer("GET", "/metrics", key: Self.token).status == 200)
        }
    }

    @Test("the format is what the client would rather have, and HEAD has no body")
    func formats() async throws {
        try await withGateway([]) { gateway in
            let open = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"
            let wanted: [(String?, String)] = [
                (nil, "text/plain; version=0.0.4"), ("*/*", "text/plain; version=0.0.4"),
                (open, "application/openmetrics-text; version=1.0.0"),
            ]
            for (accept, type) in wanted {
                let fields = accept.map { [("Accept", $0)] } ?? []
                let answer = try await gateway.administer("GET", "/metrics", fields: fields)
                #expect(answer.field("content-type")?.hasPrefix(type) == true, "\(accept ?? "-")")
                #expect(answer.field("cache-control") == "no-store")
                #expect(answer.bodyText.hasSuffix("# EOF\n") == (accept == open))
            }
            let head = try await gateway.administer("HEAD", "/metrics")
            #expect(head.status == 200 && head.body.isEmpty)
        }
    }

    @Test("a bucket's exemplar names the request as its answer does")
    func exemplars() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: true)]) { gateway, _ in
            let id = try #require(try await gateway.send(Sample.chat.request(stream: true)).field("x-request-id"))
            try await gateway.metrics("http_request_duration_seconds_count", ["route": Sample.chat.path], are: 1)
            let accept = [("Accept", "application/openmetrics-text")]
            let answer = try await gateway.administer("GET", "/metrics", fields: accept)
            let lines = answer.bodyText.split(separator: "\n").filter { $0.contains("# {request_id=\"\(id)\"} ") }
            for name in ["http_request_duration_seconds", "gen_ai_server_time_to_first_token_seconds"] {
                #expect(lines.contains { $0.hasPrefix("\(name)_bucket{") }, "\(name)")
            }
        }
    }

    @Test("where nothing is counted there are no metrics, and requests are served all the same")
    func switchedOff() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)], { $0.metrics.isOn = false }) { gateway, _ in
            #expect(try await gateway.send(Sample.chat.request()).status == 200)
            for path in ["/metrics", "/admin/v1/live"] {
                let answer = try await gateway.administration(path)
                #expect(answer.status == 404 && answer.bodyText.contains("server.metrics.enabled"), "\(path)")
            }
        }
    }
}
