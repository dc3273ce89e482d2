import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("The administration listener")
struct AdministrationTests {
    @Test("/health says ok, and the public one says no more")
    func health() async throws {
        try await withGateway([]) { gateway in
            let health = try await gateway.administration("/health")
            #expect(health.status == 200)
            #expect(health.bodyText == #"{"status":"ok"}"#)
            let open = try await gateway.send(RawRequest.get("/health"))
            #expect(open.bodyText == #"{"status":"ok"}"#)
        }
    }

    @Test("/health/ready is 503 without a provider and 200 with one")
    func ready() async throws {
        try await withGateway([]) { gateway in
            let none = try await gateway.administration("/health/ready")
            #expect(none.status == 503)
        }
        try await withGateway(answers: []) { gateway, _ in
            let one = try await eventually("an answer of the provider") {
                let answer = try await gateway.administration("/health/ready")
                return answer.status == 200 ? answer : nil
            }
            let body = try JSONDocument(one.body).root
            #expect(body["status"]?.string == "ready" && body["reason"] == nil)
            #expect(body["providers"]?[0]?["name"]?.string == "house")
            #expect(body["providers"]?[0]?["state"]?.string == "reachable")
        }
    }

    @Test("/status shows the providers, their problems and what runs, and no secret")
    func status() async throws {
        let upstream = try await ScriptedUpstream.start(answers: [[.stall]])
        let lister: ModelDirectory.Lister = { provider in
            provider.name == "good"
                ? .init(listing: .models(["a", "b"])) : .init(listing: .unknown, failure: "it is down")
        }
        let providers = [try Provider.scripted(upstream, name: "good"), try .scripted(upstream, name: "bad")]
        try await withGateway(providers, lister: lister, { $0.version = "1.2.3" }) { gateway in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(model: "a"))
            _ = try await upstream.request()
            let answer: RawAnswer = try await eventually("the listings") {
                let answer = try await gateway.administration("/status")
                return answer.bodyText.contains("it is down") ? answer : nil
            }
            let status = try JSONDocument(answer.body).root
            #expect(status["version"]?.string == "1.2.3")
            #expect(status["ready"]?.bool == true && status["draining"]?.bool == false)
            #expect(status["exchanges_in_flight"]?.int == 1 && status["connections"]?.int == 1)
            #expect(status["uptime_seconds"]?.int != nil && status["exchanges_settled"]?.int == 0)
            #expect(!answer.bodyText.contains("provider-key"))
            #expect(status["providers"]?[0]?["models"]?.int == 2)
            #expect(status["providers"]?[1]?["reason"]?.string == "it is down")
            client.close()
        }
        await upstream.shutdown()
    }

    @Test("B17: without an operator's key, where there is one, only that all is well is told, and a web page nothing")
    func outline() async throws {
        try await withGateway(answers: []) { gateway, _ in
            for path in ["/status", "/health/ready", "/admin/v1/openapi.json"] {
                for fields in [[("Origin", "https://evil.example")], [("Sec-Fetch-Site", "cross-site")]] {
                    #expect(try await gateway.administer("GET", path, fields: fields).status == 403, "\(path)")
                }
                let client = try await RawClient.connect(port: gateway.adminPort)
                try await client.send(RawRequest.get(path, host: "evil.example"))
                #expect(try await client.answer().status == 403, "\(path)")
                client.close()
            }
            let made = try await gateway.administer("POST", "keys", #"{"label":"k","role":"operator"}"#)
            let key = try #require(try JSONDocument(made.body).root["key"]?.string)
            let status = try JSONDocument(await gateway.administration("/status").body).root
            #expect(
                Set(status.members.map(\.key)) == ["version", "uptime_seconds", "ready", "draining", "config_ok"]
            )
            let readiness = try JSONDocument(await gateway.administration("/health/ready").body).root
            #expect(readiness.members.map(\.key) == ["status"])
            let whole = try await gateway.administer("GET", "/status", key: key)
            #expect(try JSONDocument(whole.body).root["providers"]?[0]?["name"]?.string == "house")
        }
    }

    @Test("T9: a tenant's key, whatever its role, reads no more of what the gateway measures than that outline")
    func figures() async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try office.make(.tenants, #"{"name":"acme"}"#)
        let keys = try ["tenant-admin", "member", "viewer"].map { role in
            try office.key(#"{"tenant":"acme","label":"\#(role)","role":"\#(role)","scopes":["admin"]}"#)
        }
        try await withGateway([], { $0.state.place = .file(scratch.path + "/torii.sqlite") }) { gateway in
            for key in keys {
                let status = try JSONDocument(await gateway.administer("GET", "/status", key: key).body).root
                #expect(status["providers"] == nil && status["version"]?.string != nil, "\(status.members.map(\.key))")
                #expect(try await gateway.administer("GET", "/metrics", key: key).status == 403)
                #expect(try await gateway.administer("GET", "/admin/v1/providers", key: key).status == 403)
            }
        }
    }

    @Test("the administration listener serves no model, and the public one no status", arguments: Sample.allCases)
    func apart(_ sample: Sample) async throws {
        try await withGateway(answers: [[.stall]]) { gateway, upstream in
            let client = try await RawClient.connect(port: gateway.adminPort)
            try await client.send(sample.request())
            let answer = try await client.answer()
            #expect(answer.status == 404)
            client.close()
            for path in ["/status", "/health/ready"] {
                let open = try await gateway.send(RawRequest.get(path))
                #expect(open.status == 404)
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("a reload by the API is in the audit log with who wished it; one that was not taken is not")
    func noted() async throws {
        try await withReload([]) { test in
            #expect(try await test.take(ReloadProblem([.init("x", "wrong")])).status == 422)
            #expect(try await test.take([]).status == 200)
            let made = try await test.gateway.administer("POST", "keys", #"{"label":"k","role":"operator"}"#)
            let key = try JSONDocument(made.body).root
            let again = try await test.gateway.reload(
                fields: [("Authorization", "Bearer \(key["key"]?.string ?? "")")]
            )
            #expect(again.status == 200)
            let page = try await test.gateway.administer("GET", "audit", key: key["key"]?.string)
            let entries = try #require(try JSONDocument(page.body).root["data"]).elements.map { $0 }
            #expect(
                entries.map { $0["act"]?.string } == ["configuration.reload", "key.create", "configuration.reload"]
            )
            #expect(entries[0]["actor"]?.string == "loopback" && entries[0]["address"]?.string == "127.0.0.1")
            #expect(entries[2]["actor"]?.string == "key:\(key["id"]?.string ?? "")")
            #expect(entries[2]["before"]?["config_generation"]?.int == 2)
            #expect(entries[2]["after"]?["config_generation"]?.int == 3)
            #expect(entries[2]["subject"]?.string == "configuration" && entries[2]["tenant"]?.isNull == true)
            var chain = AuditChain()
            for entry in entries { try chain.append(entry) }
        }
    }

    @Test("F21: while exchanges run, health still answers")
    func underLoad() async throws {
        try await withGateway(answers: [[.stall]]) { gateway, upstream in
            var clients: [RawClient] = []
            for _ in 0..<50 {
                let client = try await gateway.connect()
                try await client.send(Sample.chat.request(stream: true))
                clients.append(client)
            }
            _ = try await upstream.request(49)
            let health = try await gateway.administration("/health")
            #expect(health.status == 200)
            let running = try await gateway.status("exchanges_in_flight")
            #expect(running == 50)
            for client in clients { client.close() }
            try await gateway.isIdle()
        }
    }
}
