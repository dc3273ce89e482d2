import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("A reload")
struct ReloadTests {
    private static let wrong = ReloadProblem([
        .init(
            "unknown_key",
            "server.prot is not a key",
            file: "/f/config.yaml",
            line: 3,
            column: 5,
            nextStep: "Did you mean port?"
        ),
        .init("bad_value", "server.port is 70000", file: "/f/config.yaml", line: 9, column: 2),
    ])

    // MARK: What runs

    @Test("F24: a stream of a provider that goes away goes on to its end", arguments: Sample.allCases)
    func streamSurvives(_ sample: Sample) async throws {
        let gate = Gate()
        let events = sample.events()
        let steps =
            [Answer.chunkedHead(), Answer.chunk(events[0]), .wait(gate)]
            + events.dropFirst().map(Answer.chunk) + [Answer.lastChunk]
        try await withUpstreams([steps], [sample.answer(stream: true)]) { upstreams in
            let (gone, new) = (
                try Provider.scripted(upstreams[0], name: "gone"), try Provider.scripted(upstreams[1], name: "new")
            )
            try await withReload([gone]) { test in
                let client = try await test.gateway.connect()
                try await client.send(sample.request(stream: true))
                try await client.state.wait(for: "an event") { RawAnswer.partOfChunkedBody($0.bytes) == events[0] }
                #expect(try await test.take([new]).status == 200)
                let other = try await test.gateway.send(sample.request(stream: true))
                #expect(other.bodyText == sample.passedEvents().joined())
                #expect(upstreams[0].requests.count == 1 && upstreams[1].requests.count == 1)
                gate.open()
                #expect(try await client.answer().bodyText == sample.passedEvents().joined())
                // A connection that was in use is not kept behind its answer.
                try await upstreams[0].connectionClosed()
                #expect(try await test.gateway.log.lines(2).allSatisfy { $0.contains(#""outcome":"ok""#) })
                try await test.gateway.isIdle()
            }
        }
    }

    @Test("F24: idle connections to a provider that has gone are closed, and others are kept")
    func idleConnections() async throws {
        let whole = Sample.chat.answer(stream: false)
        try await withUpstreams([whole], [whole]) { upstreams in
            let (gone, kept) = (
                try Provider.scripted(upstreams[0], name: "gone"), try Provider.scripted(upstreams[1], name: "kept")
            )
            try await withReload([gone, kept]) { test in
                for name in ["gone", "kept"] {
                    let answer = try await test.gateway.send(Sample.chat.request(fields: [("x-provider", name)]))
                    #expect(answer.status == 200)
                }
                try await test.take([kept])
                try await upstreams[0].connectionClosed()
                #expect(try await test.gateway.send(Sample.chat.request()).status == 200)
                #expect(upstreams[1].acceptedConnections == 1)
                let refused = try await test.gateway.send(Sample.chat.request(fields: [("x-provider", "gone")]))
                #expect(refused.status == 400)
            }
        }
    }

    @Test("T7: a provider with another key is asked on connections of its own", arguments: [1, 2])
    func otherKey(_ keys: Int) async throws {
        let whole = Sample.chat.answer(stream: false)
        try await withUpstreams([whole]) { upstreams in
            func provider(_ name: String) throws -> Provider {
                var provider = try Provider.scripted(upstreams[0])
                provider.apiKeys = (0..<keys).map { Secret("\(name)\($0)") }
                provider.apiKey = provider.apiKeys.first
                return provider
            }
            try await withReload([try provider("old")]) { test in
                func ask() async throws {
                    for _ in 0..<2 * keys { #expect(try await test.gateway.send(Sample.chat.request()).status == 200) }
                }
                try await ask()
                #expect(upstreams[0].acceptedConnections == keys)
                #expect(try await test.take([try provider("new")]).status == 200)
                for connection in 0..<keys { try await upstreams[0].connectionClosed(connection) }
                try await ask()
                #expect(upstreams[0].acceptedConnections == 2 * keys)
                let pairs = Set(upstreams[0].requests.map { "\($0.connection) \($0.field("authorization") ?? "")" })
                #expect(pairs.count == 2 * keys, "\(pairs)")
            }
        }
    }

    @Test("F24: requests that come while the configuration is exchanged again and again are all answered")
    func underLoad() async throws {
        try await withUpstreams([Sample.chat.answer(stream: false)], [Sample.chat.answer(stream: true)]) { upstreams in
            let (one, two) = (
                try Provider.scripted(upstreams[0], name: "one"), try Provider.scripted(upstreams[1], name: "two")
            )
            try await withReload([one], { $0.threads = 2 }) { test in
                let isOver = Watched(false)
                let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            let client = try await test.gateway.connect()
                            defer { client.close() }
                            var count = 0
                            while !isOver.value {
                                try await client.send(Sample.chat.request())
                                #expect(try await client.answer().status == 200)
                                count += 1
                            }
                            return count
                        }
                    }
                    for number in 0..<40 {
                        let answer = try await test.take(number.isMultiple(of: 2) ? [two] : [one]) { $0.threads = 2 }
                        #expect(answer.status == 200)
                    }
                    isOver.change { $0 = true }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(counts.allSatisfy { $0 > 0 })
                let settled = try await test.gateway.status("exchanges_settled")
                #expect(settled == counts.reduce(0, +))
                let generation = try await test.gateway.status("config_generation")
                #expect(generation == 41)
            }
        }
    }

    // MARK: What is wrong

    @Test(
        "F17: what is wrong leaves the old configuration, says file and line, and a stream goes on",
        arguments: Sample.allCases
    )
    func wrongStays(_ sample: Sample) async throws {
        let gate = Gate()
        let events = sample.events()
        let stream =
            [Answer.chunkedHead(), Answer.chunk(events[0]), .wait(gate)]
            + events.dropFirst().map(Answer.chunk) + [Answer.lastChunk]
        try await withUpstreams([stream, sample.answer(stream: false)]) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withReload([house]) { test in
                let client = try await test.gateway.connect()
                try await client.send(sample.request(stream: true))
                try await client.state.wait(for: "an event") { RawAnswer.partOfChunkedBody($0.bytes) == events[0] }
                let answer = try await test.take(Self.wrong)
                #expect(answer.status == 422)
                #expect(answer.field("content-type") == "application/problem+json")
                let problem = try JSONDocument(answer.body).root
                #expect(problem["status"]?.int == 422)
                #expect(problem["detail"]?.string?.contains("/f/config.yaml:3:5: server.prot is not a key") == true)
                #expect(problem["errors"]?[0]?["file"]?.string == "/f/config.yaml")
                #expect(problem["errors"]?[0]?["line"]?.int == 3 && problem["errors"]?[0]?["column"]?.int == 5)
                #expect(problem["errors"]?[0]?["next_step"]?.string == "Did you mean port?")
                #expect(problem["errors"]?[1]?["code"]?.string == "bad_value")
                let status = try JSONDocument(await test.gateway.administration("/status").body).root
                #expect(status["config_ok"]?.int == 0 && status["config_generation"]?.int == 1)
                #expect(status["config_problem"]?.string?.contains("/f/config.yaml:9:2: server.port is 70000") == true)
                #expect(try await test.gateway.send(sample.request()).status == 200)
                gate.open()
                #expect(try await client.answer().bodyText == sample.passedEvents().joined())

                #expect(try await test.take([house]).status == 200)
                let mended = try JSONDocument(await test.gateway.administration("/status").body).root
                #expect(mended["config_ok"]?.int == 1 && mended["config_generation"]?.int == 2)
                #expect(mended["config_problem"] == nil)
            }
        }
    }

    @Test("B16: a configuration that would open the gateway to strangers is not taken")
    func opensToNobody() async throws {
        try await withReload([], { ($0.host, $0.clientKeys) = ("0.0.0.0", [Secret("long-enough-key-1")]) }) { test in
            let answer = try await test.take([]) { $0.host = "127.0.0.1" }
            #expect(answer.status == 422)
            #expect(answer.bodyText.contains("without a client key"))
            #expect(try await test.gateway.send(Sample.chat.request()).status == 401)
        }
    }

    @Test(
        "B16: keys whose place certificates take after a restart open nothing until then",
        arguments: [true, false]
    )
    func certificatesForKeys(_ required: Bool) async throws {
        let key = Secret("long-enough-key-1")
        try await withReload([], { $0.clientKeys = [key] }) { test in
            func status(_ path: String) async throws -> Int { try await test.gateway.send(RawRequest.get(path)).status }
            let answer = try await test.take([]) {
                $0.clientCertificates = ClientCertificateSettings(
                    authorityFile: TestCertificate.clientRootFile,
                    isRequired: required,
                    rules: required ? [] : [IdentityRule(subject: "cn", value: "a", tenant: "acme")]
                )
            }
            #expect(answer.status == 200 && answer.bodyText.contains("server.client_certificates.ca"))
            #expect(try await status("/v1/models") == 401)
            #expect(try await test.gateway.administration("/admin/v1/tenants").status == 401)
            // Whoever takes them out again says that nobody needs a key.
            #expect(try await test.take([]).status == 200)
            #expect(try await status("/v1/models") == 200)
        }
    }

    @Test(
        "B17: a web page cannot have the configuration read again",
        arguments: [
            [("Origin", "https://evil.example")], [("Origin", "http://localhost:8788")],
            [("Sec-Fetch-Site", "cross-site")],
        ]
    )
    func webPage(_ fields: [(String, String)]) async throws {
        try await withReload([]) { test in
            let answer = try await test.gateway.reload(fields: fields)
            #expect(answer.status == 403)
            let isOK = try await test.gateway.status("config_ok")
            #expect(isOK == 1)
        }
    }

    @Test("a gateway without a configuration of its own says that there is nothing to reload")
    func nothingToReload() async throws {
        try await withGateway([]) { gateway in
            #expect(try await gateway.reload().status == 409)
            let isOK = try await gateway.status("config_ok")
            #expect(isOK == 1)
        }
    }

    // MARK: What changes

    @Test("aliases, the default provider and limits count at once, on connections that are open too, on all loops")
    func counts() async throws {
        let whole = Sample.chat.answer(stream: false)
        try await withUpstreams([whole], [whole]) { upstreams in
            let providers = [
                try Provider.scripted(upstreams[0], name: "one"), try .scripted(upstreams[1], name: "two"),
            ]
            try await withReload(providers, { $0.threads = 2 }) { test in
                var clients: [RawClient] = []
                for _ in 0..<8 { clients.append(try await test.gateway.connect()) }
                for client in clients {
                    try await client.send(Sample.chat.request())
                    #expect(try await client.answer().status == 200)
                }
                #expect(upstreams[0].requests.count == 8)
                let answer = try await test.take(providers, warnings: ["a remark"]) { settings in
                    settings.defaultProvider = "two"
                    settings.aliases = [ModelAlias("short", model: "the-long-name")]
                    settings.limits.body = 200
                    settings.threads = 2
                }
                let body = try JSONDocument(answer.body).root
                #expect(body["config_ok"]?.int == 1 && body["config_generation"]?.int == 2)
                #expect(body["warnings"]?[0]?.string == "a remark")
                #expect(body["restart_needed"]?.elements.contains { _ in true } == false)
                for client in clients {
                    try await client.send(Sample.chat.request(model: "short"))
                    #expect(try await client.answer().status == 200)
                }
                #expect(upstreams[0].requests.count == 8 && upstreams[1].requests.count == 8)
                #expect(upstreams[1].requests.allSatisfy { $0.bodyText.contains("the-long-name") })
                for client in clients {
                    try await client.send(Sample.chat.request(model: String(repeating: "m", count: 300)))
                    #expect(try await client.answer().status == 413)
                    client.close()
                }
            }
        }
    }

    @Test("a key that was taken out counts no more, and a new one does, on a connection that is open")
    func clientKeys() async throws {
        try await withUpstreams([Sample.chat.answer(stream: false)]) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withReload([house], { $0.clientKeys = [Secret("old")] }) { test in
                let client = try await test.gateway.connect()
                func status(_ key: String) async throws -> Int {
                    try await client.send(Sample.chat.request(fields: [("x-api-key", key)]))
                    return try await client.answer().status
                }
                #expect(try await status("old") == 200)
                try await test.take([house]) { $0.clientKeys = [Secret("new")] }
                #expect(try await status("old") == 401)
                #expect(try await status("new") == 200)
                client.close()
            }
        }
    }

    @Test("a host that is allowed no more is refused, also on a connection on which it was good")
    func allowedHosts() async throws {
        try await withUpstreams([Sample.chat.answer(stream: false)]) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withReload([house], { $0.allowedHosts = ["gate.example"] }) { test in
                let client = try await test.gateway.connect()
                let request = RawRequest.post(Sample.chat.path, Sample.chat.body(), host: "gate.example")
                try await client.send(request)
                #expect(try await client.answer().status == 200)
                try await test.take([house])
                try await client.send(request)
                #expect(try await client.answer().status == 403)
                client.close()
            }
        }
    }

    @Test(
        "T3: a session's client keeps what is its own though its key has another place, and is refused without its key"
    )
    func session() async throws {
        try await withUpstreams([Sample.responses.answer(stream: true)]) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            let keys = [Secret("key-a"), Secret("key-b")]
            try await withReload([house], { $0.clientKeys = keys }) { test in
                let fields = [("Authorization", "Bearer key-b")]
                let client = try await SocketClient.open(test.gateway, fields: fields)
                let first = try await client.ask(Create.message("one"))
                #expect(first.text == "Hello")
                try await test.take([house]) { $0.clientKeys = [Secret("key-b")] }
                let second = try await client.ask(Create.message("two", previous: first.responseID))
                #expect(second.text == "Hello")
                try await test.take([house]) { $0.clientKeys = [Secret("key-a")] }
                let third = try await client.ask(Create.message("three"))
                #expect(third.last?["type"]?.string == "error" && third.last?["status"]?.int == 401)
                #expect(upstreams[0].requests.count == 2)
                client.close()
            }
        }
    }

    @Test("what a restart alone can change is named, and all else counts")
    func restartNeeded() async throws {
        try await withUpstreams([Sample.chat.answer(stream: false)]) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withReload([]) { test in
                let answer = try await test.take([house]) { settings in
                    (settings.port, settings.threads) = (9, 3)
                    settings.state.ttl = .seconds(1)
                }
                #expect(answer.status == 200)
                let status = try JSONDocument(await test.gateway.administration("/status").body).root
                let names = status["config_restart_needed"]?.elements.map { $0.string } ?? []
                #expect(names == ["server.port", "server.threads", "server.state"])
                #expect(try await test.gateway.send(Sample.chat.request()).status == 200)
            }
        }
    }

    @Test("rules count from the next request on, and are named in its log line")
    func rules() async throws {
        try await withUpstreams([Sample.chat.answer(stream: false)], [Sample.chat.answer(stream: false)]) { upstreams in
            let providers = [
                try Provider.scripted(upstreams[0], name: "one"), try .scripted(upstreams[1], name: "two"),
            ]
            try await withReload(providers) { test in
                #expect(try await test.gateway.send(Sample.chat.request()).status == 200)
                #expect(try await test.gateway.log.record()["rule"] == nil)
                let answer = try await test.take(providers) {
                    $0.routes = [RouteRule("night", targets: [.init("two")])]
                }
                #expect(answer.status == 200)
                #expect(try await test.gateway.send(Sample.chat.request()).status == 200)
                #expect(upstreams[0].requests.count == 1 && upstreams[1].requests.count == 1)
                let lines = try await test.gateway.log.lines(2).map { try LoggedRequest($0) }
                #expect(lines.map { $0["rule"] } == [nil, "night"])
            }
        }
    }

    @Test("F24: a breaker stays open, a queue stays in line and what runs is counted across a reload")
    func health() async throws {
        let gate = Gate()
        let waiting: [Step] = [.wait(gate)] + Sample.chat.answer(stream: false)
        try await withUpstreams([Answer.refusal(.chat, 503)], [waiting, waiting]) { upstreams in
            let providers = try ["ill", "busy"].enumerated().map { place, name in
                var provider = try Provider.scripted(upstreams[place], name: name)
                provider.limits.concurrency = name == "busy" ? 1 : nil
                return provider
            }
            try await withReload(providers) { test in
                for _ in 0..<5 { #expect(try await test.gateway.send(Sample.chat.request()).status == 503) }
                var clients: [RawClient] = []
                for count in 1...2 {
                    let client = try await test.gateway.connect()
                    try await client.send(Sample.chat.request(fields: [("x-provider", "busy")]))
                    clients.append(client)
                    _ = try await eventually("request \(count)") {
                        let (runs, waits) = (
                            try await test.gateway.provider(1, "in_flight"),
                            try await test.gateway.provider(1, "queued")
                        )
                        return runs == 1 && waits == count - 1 ? true : nil
                    }
                }
                #expect(try await test.take(providers + [providers[0].renamed("new")]).status == 200)
                let status = try await test.gateway.status()
                #expect(status["providers"]?[0]?["breaker"]?.string == "open")
                #expect(status["providers"]?[1]?["in_flight"]?.int == 1)
                #expect(status["providers"]?[1]?["queued"]?.int == 1)
                #expect(status["providers"]?[1]?["max_concurrent"]?.int == 1)
                #expect(status["providers"]?[2]?["breaker"]?.string == "closed")
                gate.open()
                for client in clients { #expect(try await client.answer().status == 200) }
                try await test.gateway.isIdle()
                #expect(try await test.gateway.provider(1, "in_flight") == 0)
                try await test.take([providers[1]])
                try await test.take(providers)
                #expect(try await test.gateway.status()["providers"]?[0]?["breaker"]?.string == "closed")
            }
        }
    }

    @Test("what is known of a provider that stays is kept, and a new one is asked")
    func directoryFollows() async throws {
        let asked = Watched<[String]>([])
        let lister: ModelDirectory.Lister = { provider in
            asked.change { $0.append(provider.name) }
            return .init(listing: .models(["\(provider.name)-model"]))
        }
        let (stays, comes) = (
            try Provider(name: "stays", baseURL: BaseURL("http://127.0.0.1:1")),
            try Provider(name: "comes", baseURL: BaseURL("http://127.0.0.1:1"))
        )
        try await withReload([stays], lister: lister) { test in
            func list(with model: String) async throws -> String {
                try await eventually(model) {
                    let list = try await test.gateway.send(RawRequest.get("/v1/models")).bodyText
                    return list.contains(model) ? list : nil
                }
            }
            _ = try await list(with: "stays-model")
            try await test.take([stays, comes])
            #expect(try await list(with: "comes-model").contains("stays-model"))
            try await test.take([comes])
            let shorter = try await test.gateway.send(RawRequest.get("/v1/models")).bodyText
            #expect(!shorter.contains("stays-model") && shorter.contains("comes-model"))
            #expect(asked.value == ["stays", "comes"])
        }
    }
}

extension Provider {
    fileprivate func renamed(_ name: String) -> Provider {
        var copy = self
        copy.name = name
        return copy
    }
}
