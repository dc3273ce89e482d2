import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Rules on whose a request is")
struct CallerRulesTests {
    /// A gateway over a store that the office administers, whose upstream is asked for the model that a rule names.
    private static func with(
        _ rules: [RouteRule],
        preference: RoutePreference? = nil,
        body: (GatewayUnderTest, Office, ScriptedUpstream) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try await withUpstreams([Sample.chat.answer(stream: false)]) { upstreams in
            let change: (inout GatewaySettings) -> Void = {
                $0.state.place = .file(scratch.path + "/torii.sqlite")
                $0.routes = rules
                $0.preference = preference
                $0.clientKeys = [Secret("key-of-the-configuration")]
            }
            try await withGateway([try .scripted(upstreams[0])], change) { try await body($0, office, upstreams[0]) }
        }
    }

    private static func rule(_ model: String, _ conditions: RouteConditions) -> RouteRule {
        RouteRule(model, when: conditions, targets: [.init("house", model: model)])
    }

    /// Which model the upstream is asked for by the holder of a key.
    private static func model(
        _ gateway: GatewayUnderTest,
        _ upstream: ScriptedUpstream,
        key: String,
        sample: Sample = .chat,
        fields: [(String, String)] = []
    ) async throws -> String? {
        let request = sample.request(fields: [("Authorization", "Bearer \(key)")] + fields)
        let answer = try await gateway.send(request)
        guard answer.status == 200, let last = upstream.requests.last else { return nil }
        return try JSONDocument(Array(last.bodyText.utf8)).root["model"]?.string
    }

    @Test("tenants by name and by id, roles, and labels of keys", arguments: Sample.allCases)
    func conditions(_ sample: Sample) async throws {
        // A tenant's id is known before the gateway starts.
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        let id = try office.make(.tenants, #"{"name":"by-id"}"#).id
        for name in ["by-name", "other"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        func key(_ tenant: String?, _ label: String, _ role: String = "member") throws -> String {
            let owner = tenant.map { #""tenant":"\#($0)","# } ?? ""
            return try office.key(#"{\#(owner)"label":"\#(label)","role":"\#(role)"}"#)
        }
        let callers = [
            (try key("by-name", "x"), "named"), (try key("by-id", "x"), "numbered"),
            (try key("other", "ci"), "labelled"),
            (try key("other", "x", "tenant-admin"), "ruled"), (try key("other", "x"), "rest"),
            (try key(nil, "x", "operator"), "run"), ("key-of-the-configuration", "own"),
        ]
        let rules = [
            Self.rule("named", RouteConditions(tenants: ["by-name"])),
            Self.rule("numbered", RouteConditions(tenants: [id])),
            Self.rule("labelled", RouteConditions(keyLabels: ["ci"])),
            Self.rule("ruled", RouteConditions(roles: ["tenant-admin"])),
            Self.rule("run", RouteConditions(roles: ["operator"])),
            Self.rule("own", RouteConditions(tenants: ["local"])),
            Self.rule("rest", RouteConditions()),
        ]
        try await withUpstreams([sample.answer(stream: false)]) { upstreams in
            let change: (inout GatewaySettings) -> Void = {
                $0.state.place = .file(scratch.path + "/torii.sqlite")
                $0.routes = rules
                $0.clientKeys = [Secret("key-of-the-configuration")]
            }
            try await withGateway([try .scripted(upstreams[0])], change) { gateway in
                for (key, model) in callers {
                    let asked = try await Self.model(gateway, upstreams[0], key: key, sample: sample)
                    #expect(asked == model)
                }
            }
        }
    }

    @Test("a tenant's preference counts where a request has none, and before that of the configuration")
    func preference() async throws {
        let rules = RoutePreference.allCases.map { Self.rule($0.rawValue, RouteConditions(preferences: [$0])) }
        try await Self.with(rules, preference: .quality) { gateway, office, upstream in
            let tenant = try office.make(.tenants, #"{"name":"acme","preference":"cost"}"#)
            let key = try office.key(#"{"tenant":"acme","label":"k"}"#)
            func prefers(_ word: String, _ fields: [(String, String)] = []) async throws {
                _ = try await eventually("\(word) for \(fields)", within: .seconds(10)) {
                    try await Self.model(gateway, upstream, key: key, fields: fields) == word ? true : nil
                }
            }
            try await prefers("cost")
            try await prefers("speed", [("x-torii-prefer", "speed")])
            #expect(try await Self.model(gateway, upstream, key: "key-of-the-configuration") == "quality")
            try office.ask("PATCH", "tenants/\(tenant.id)", #"{"preference":"speed"}"#)
            try await prefers("speed")
            try office.ask("PATCH", "tenants/acme", #"{"preference":null}"#)
            try await prefers("quality")
            let wrong = try office.ask("PATCH", "tenants/acme", #"{"preference":"gold"}"#)
            #expect(wrong.status == 400 && wrong.text.contains("preference has to be quality, cost, speed"))
        }
    }

    @Test("T6: tenants take turns at a provider, however many keys and requests each of them has in the queue")
    func fair() async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        for name in ["noisy", "quiet"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        let noisy = try (0..<3).map { try office.key(#"{"tenant":"noisy","label":"\#($0)"}"#) }
        let quiet = try office.key(#"{"tenant":"quiet","label":"k"}"#)
        let status = try office.key(#"{"label":"status","role":"operator"}"#)
        let gate = Gate()
        let first: [Step] = [.wait(gate)] + Sample.chat.answer(stream: false)
        try await withUpstreams([first, Sample.chat.answer(stream: false)]) { upstreams in
            var provider = try Provider.scripted(upstreams[0])
            (provider.limits.concurrency, provider.limits.queue.length) = (1, 8)
            let change: (inout GatewaySettings) -> Void = { $0.state.place = .file(scratch.path + "/torii.sqlite") }
            try await withGateway([provider], change) { gateway in
                gateway.operatorKey.change { $0 = status }
                var clients: [RawClient] = []
                func send(_ key: String, _ name: String, queued: Int?) async throws {
                    let client = try await gateway.connect()
                    clients.append(client)
                    let fields = [("Authorization", "Bearer \(key)")]
                    try await client.send(Sample.chat.request(extra: #""user":"\#(name)","#, fields: fields))
                    guard let queued else {
                        _ = try await upstreams[0].request()
                        return
                    }
                    _ = try await eventually("\(queued) in the queue") {
                        try await gateway.provider(0, "queued") == queued ? true : nil
                    }
                }
                try await send(noisy[0], "a0", queued: nil)
                for number in 1...4 { try await send(noisy[number % 3], "a\(number)", queued: number) }
                try await send(quiet, "b1", queued: 5)
                gate.open()
                for client in clients { #expect(try await client.answer().status == 200) }
                let order = upstreams[0].requests.map { $0.bodyText.split(separator: #""user":""#)[1].prefix(2) }
                #expect(order == ["a0", "a1", "b1", "a2", "a3", "a4"])
            }
        }
    }
}
