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
            #expect(upstream.acceptedConnections == 0)
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
