import GRDB
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("The door of the administration")
struct AdministrationDoorTests {
    @Test("B14: every key that does not hold gets the same answer, on every path")
    func sameBody() async throws {
        try await IdentityOverWireTests.with({ $0.clientKeys = [Secret("a-static-client-key")] }) {
            gateway,
            office,
            upstream in
            try office.make(.tenants, #"{"name":"t"}"#)
            let revoked = try office.make(.keys, #"{"tenant":"t","label":"a","role":"tenant-admin"}"#)
            try office.ask("POST", "keys/\(revoked.id)/revoke")
            let bound = try office.key(#"{"tenant":"t","label":"b","addresses":["192.0.2.1"]}"#)
            let good = try office.key(#"{"tenant":"t","label":"c","role":"tenant-admin"}"#)
            _ = try await eventually("the keys") {
                try await gateway.administer("GET", "keys", key: good).status == 200 ? true : nil
            }
            let wrong: [String?] = [
                nil, "", revoked.key, bound, String(good.dropLast()) + "!", "sk-torii-aaaaaaaaaaaa-" + good.suffix(40),
                "a-static-client-key", "' OR 1=1 --", String(repeating: "k", count: 20_000), "not-required",
            ]
            var answers: Set<String> = []
            for key in wrong {
                for (method, path) in [("GET", "keys"), ("POST", "keys"), ("GET", "providers"), ("POST", "reload")] {
                    // A reload without a key is what it was on loopback while there was no tenant.
                    let answer = try await gateway.administer(method, path, key: key)
                    #expect(
                        answer.status == 401 && answer.field("www-authenticate") == "Bearer",
                        "\(key ?? "-") \(path)"
                    )
                    #expect(answer.field("cache-control") == "no-store")
                    answers.insert(answer.bodyText)
                }
            }
            #expect(answers.count == 1, "\(answers)")
            let long = String(repeating: "k", count: 1 << 20)
            let client = try await RawClient.connect(port: gateway.adminPort)
            client.post(RawRequest.get("/admin/v1/keys", fields: IdentityOverWireTests.bearer(long)))
            #expect(try await client.answer().status == 400)
            client.close()
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B14: an id that there is not takes as long as a wrong secret")
    func constantTime() throws {
        let office = try Office()
        let key = try office.key(#"{"label":"k","role":"operator"}"#)
        let snapshot = try office.store.snapshot()
        let (unknown, wrong) = ("sk-torii-aaaaaaaaaaaa-" + key.suffix(40), String(key.dropLast()) + "!")
        func time(_ text: String) -> Duration {
            ContinuousClock().measure {
                for _ in 0..<50 where snapshot.key(text[...], from: nil) != nil { Issue.record("\(text) is no key") }
            }
        }
        // The quickest of many turns is what the machine does undisturbed.
        let times = (0..<100).map { _ in (time(unknown), time(wrong)) }
        let quickest = (times.map(\.0).min() ?? .zero, times.map(\.1).min() ?? .zero)
        #expect(quickest.0 * 2 > quickest.1 && quickest.1 * 2 > quickest.0, "\(quickest)")
    }

    @Test("what the database says goes into the log and not to the caller")
    func storeFailure() async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try await withGateway([], { $0.state.place = .file(scratch.path + "/torii.sqlite") }) { gateway in
            try await DatabaseQueue(path: scratch.path + "/identity.sqlite").write { database in
                try database.execute(sql: "DROP TABLE policies; DROP TABLE audit")
            }
            for (method, path, body) in [
                ("GET", "policies", ""), ("POST", "tenants", #"{"name":"canary-name"}"#), ("GET", "audit", ""),
            ] {
                let answer = try await gateway.administer(method, path, body)
                #expect(answer.status == 503, "\(method) \(path)")
                let problem = try JSONDocument(answer.body).root
                #expect(problem["code"]?.string == "store_unavailable")
                for word in ["SQL", "sqlite", "SELECT", "table", scratch.path, "canary"] {
                    #expect(!answer.bodyText.contains(word), "\(answer.bodyText) tells of \(word)")
                }
            }
            #expect(gateway.remarks.value.contains { $0.contains("no such table: policies") })
        }
        _ = office
    }

    @Test("what is done is told as done where it is not in force yet, and comes into force once the store can be read")
    func unreadableAfterwards() async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        let key = try office.key(#"{"label":"o","role":"operator"}"#)
        let other = try office.make(.keys, #"{"label":"r","role":"operator"}"#)
        try await withGateway([], { $0.state.place = .file(scratch.path + "/torii.sqlite") }) { gateway in
            let file = try DatabaseQueue(path: scratch.path + "/identity.sqlite")
            try await file.write { try $0.execute(sql: "ALTER TABLE policies RENAME TO hidden") }
            let answer = try await gateway.administer("POST", "keys/\(other.id)/revoke", key: key)
            #expect(answer.status == 200, "\(answer.bodyText)")
            #expect(gateway.remarks.value.contains { $0.contains("not in force yet") })
            #expect(try await gateway.administer("GET", "keys", key: other.key).status == 200)
            try await file.write { try $0.execute(sql: "ALTER TABLE hidden RENAME TO policies") }
            _ = try await eventually("the revocation") {
                try await gateway.administer("GET", "keys", key: other.key).status == 401 ? true : nil
            }
        }
    }

    @Test("B18: a parameter that stands there twice, or that is no single line, is refused")
    func oddQueries() throws {
        let office = try Office()
        for query in [
            "limit=1&limit=2", "search=a%0Ab", "search=%20a", "tenant=", "search=\(String(repeating: "a", count: 129))",
            "limit=%2B5", "cursor=%2B5", "cursor=A", "cursor=00", "limit=5.0", "%00=1",
        ] {
            #expect(try office.ask("GET", "keys?\(query)").code == "invalid_query", "\(query)")
        }
        #expect(try office.ask("GET", "keys?search=\(String(repeating: "%F0%9F%94%91", count: 128))").status == 200)
        // What is answered is no longer for a longer name.
        let long = String(repeating: "n", count: 120)
        for reply in [try office.ask("GET", "keys?\(long)=1"), try office.ask("POST", "tenants", #"{"\#(long)":1}"#)] {
            #expect(reply.status == 400 && (reply.root["field"]?.string?.count ?? 0) <= 100, "\(reply.text)")
        }
    }

    // MARK: Patience

    @Test("F22: a head that does not end, a body that does not, and a connection without a request are closed")
    func slowClients() async throws {
        try await withGateway(
            [],
            {
                $0.limits.headTimeout = .seconds(1)
                $0.limits.bodyTimeout = .seconds(1)
            }
        ) { gateway in
            let idle = try await RawClient.connect(port: gateway.adminPort)
            let head = try await RawClient.connect(port: gateway.adminPort)
            let body = try await RawClient.connect(port: gateway.adminPort)
            let kept = try await RawClient.connect(port: gateway.adminPort)
            try await head.send("GET /health HTTP/1.1\r\nHost: loc")
            try await body.send(
                RawRequest.head("POST", "/admin/v1/tenants", [("Host", "localhost"), ("Content-Length", "100")]) + "{"
            )
            try await kept.send(RawRequest.get("/health"))
            #expect(try await kept.answer().status == 200)
            // What trickles in puts nothing off.
            _ = try await eventually("the end of both") {
                head.post("x")
                body.post("{")
                return head.isClosed && body.isClosed ? true : nil
            }
            for client in [idle, kept] { _ = try await client.untilClosed() }
            #expect(try await gateway.administration("/health").status == 200)
        }
    }

    @Test("what is waited for, as requests come and go")
    func patience() {
        var patience = AdministrationPatience()
        #expect(patience.wait == .head)
        patience.didReadHead()
        #expect(patience.wait == .body)
        patience.didReadEnd()
        #expect(patience.wait == nil)
        patience.willAnswer()
        #expect(patience.wait == .reading)
        patience.didAnswer()
        #expect(patience.wait == .head)
        // An answer before the end of its body, as to one that is too long.
        patience.didReadHead()
        patience.willAnswer()
        patience.didAnswer()
        #expect(patience.wait == .body)
        patience.didReadEnd()
        #expect(patience.wait == .head)
        // An answer to what was no request.
        patience.willAnswer()
        patience.didAnswer()
        #expect(patience.wait == .head)
    }

    @Test("a client that does not read its answer is let go", .timeLimit(.minutes(1)))
    func slowReader() async throws {
        try await withGateway([], { $0.limits.writeTimeout = .milliseconds(200) }) { gateway in
            // Many answers that nobody takes fill what the system holds of a connection; whoever reads nothing notices the
            // end by what it sends.
            let client = try await RawClient.connect(port: gateway.adminPort, receiveBuffer: 4_096, reads: false)
            for _ in 0..<2_000 { client.post(RawRequest.get("/admin/v1/openapi.json")) }
            _ = try await eventually("the end of the connection") { () -> Bool? in
                client.post(RawRequest.get("/health"))
                return client.isClosed ? true : nil
            }
        }
    }
}
