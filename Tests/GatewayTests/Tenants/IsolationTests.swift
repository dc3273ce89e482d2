import Dialects
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Nothing of one tenant comes to another")
struct IsolationTests {
    /// One client among many, whose prompt has a mark of its own.
    private struct Caller {
        let number: Int
        let side: Side
        let client: RawClient

        var mark: String { "canary-\(number)-mark" }
    }

    /// An upstream that streams back the mark of each prompt in two parts, with the same ids for all; between the parts it
    /// waits for the gate.
    private static func echo(_ side: Side, _ gate: Gate) async throws -> ScriptedUpstream {
        try await ScriptedUpstream.start { request in
            let mark = request.bodyText.firstMatch(of: /canary-[0-9]+-mark/).map { String($0.output) } ?? "no mark"
            let events = side.events([String(mark.prefix(9)), String(mark.dropFirst(9))])
            let head = Answer.chunkedHead(contentType: side.streamType)
            return [head] + events.prefix(1).map(Answer.chunk) + [.wait(gate)] + events.dropFirst().map(Answer.chunk)
                + [Answer.lastChunk]
        }
    }

    @Test(
        "T4: 200 streams at once, of two tenants and in all dialects, with colliding ids: each gets its own and nothing else",
        arguments: Side.allCases
    )
    func streams(_ providers: Side) async throws {
        let gate = Gate()
        let upstream = try await Self.echo(providers, gate)
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        var provider = try Provider.scripted(upstream)
        provider.dialect = providers.dialect
        try await withGateway(
            [provider],
            {
                $0.state.place = .file(scratch.path + "/torii.sqlite")
                $0.streams.headDelay = .milliseconds(1)
                $0.threads = 2
            }
        ) { gateway in
            var keys: [String] = []
            for tenant in ["one", "two"] {
                try office.make(.tenants, #"{"name":"\#(tenant)"}"#)
                keys.append(try office.key(#"{"tenant":"\#(tenant)","label":"k"}"#))
            }
            _ = try await IdentityOverWireTests.wait(gateway, keys[1], for: 200)
            var callers: [Caller] = []
            for number in 0..<200 {
                let side = Side.allCases[number / 2 % 4]
                let caller = Caller(number: number, side: side, client: try await gateway.connect())
                let fields = IdentityOverWireTests.bearer(keys[number % 2])
                try await caller.client.send(side.request(text: caller.mark, stream: true, fields: fields))
                callers.append(caller)
            }
            // All of them are under way before one goes on.
            _ = try await upstream.request(199, within: .seconds(30))
            gate.open()
            for caller in callers {
                let answer = try await caller.client.answer(within: .seconds(30))
                #expect(answer.status == 200)
                #expect(caller.side.text(ofStream: answer.bodyText) == caller.mark, "\(caller.side) \(caller.number)")
                let marks = Set(answer.bodyText.matches(of: /canary-[0-9]+-mark/).map { String($0.output) })
                #expect(marks.isSubset(of: [caller.mark]), "\(caller.mark) got \(marks)")
                caller.client.close()
            }
            #expect(upstream.requests.count == 200)
            let records = try await gateway.log.lines(200).map { try LoggedRequest($0) }.filter { $0["model"] != nil }
            #expect(
                Set(records.compactMap { $0["tenant"] }).count == 2 && Set(records.compactMap { $0["key"] }).count == 2
            )
        }
        await upstream.shutdown()
    }

    @Test("T4: two tenants' responses of one id are two")
    func collidingResponses() async throws {
        let upstream = try await ScriptedUpstream.start { request in
            let mark = request.bodyText.firstMatch(of: /canary-[a-z]+/).map { String($0.output) } ?? "no mark"
            let output =
                #"[{"id":"m","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"\#(mark)","annotations":[]}]}]"#
            return Answer.json(
                #"{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed","output":\#(output),"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}"#
            )
        }
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try await withGateway([try .scripted(upstream)], { $0.state.place = .file(scratch.path + "/torii.sqlite") }) {
            gateway in
            var keys: [String: String] = [:]
            for tenant in ["ann", "bob"] {
                try office.make(.tenants, #"{"name":"\#(tenant)"}"#)
                keys[tenant] = try office.key(#"{"tenant":"\#(tenant)","label":"k"}"#)
            }
            _ = try await IdentityOverWireTests.wait(gateway, keys["bob"] ?? "", for: 200)
            for tenant in ["ann", "bob"] {
                let body = #"{"model":"m","input":"canary-\#(tenant)"}"#
                let fields = IdentityOverWireTests.bearer(keys[tenant] ?? "")
                #expect(try await gateway.send(RawRequest.post("/v1/responses", body, fields: fields)).status == 200)
            }
            for (tenant, other) in [("ann", "bob"), ("bob", "ann")] {
                let fields = IdentityOverWireTests.bearer(keys[tenant] ?? "")
                for path in ["/v1/responses/resp_1", "/v1/responses/resp_1/input_items"] {
                    let kept = try await gateway.send(RawRequest.get(path, fields: fields))
                    #expect(kept.bodyText.contains("canary-\(tenant)") && !kept.bodyText.contains("canary-\(other)"))
                }
                let body = #"{"model":"m","previous_response_id":"resp_1","input":"go on"}"#
                _ = try await gateway.send(RawRequest.post("/v1/responses", body, fields: fields))
                let sent = try #require(upstream.requests.last).bodyText
                #expect(sent.contains("canary-\(tenant)") && !sent.contains("canary-\(other)"), "\(sent)")
            }
        }
        await upstream.shutdown()
    }

    @Test("T7: a connection to a provider carries one credential and no other, also when a reload brings another key")
    func connections() async throws {
        try await withUpstreams([Sample.chat.answer(stream: false)]) { upstreams in
            let upstream = upstreams[0]
            var house = try Provider.scripted(upstream)
            house.apiKeys = [Secret("first"), Secret("second")]
            house.apiKey = house.apiKeys[0]
            try await withReload([house]) { (test) async throws in
                for _ in 0..<6 { #expect(try await test.gateway.send(Sample.chat.request()).status == 200) }
                house.apiKeys = []
                house.apiKey = Secret("third")
                #expect(try await test.take([house]).status == 200)
                for _ in 0..<2 { #expect(try await test.gateway.send(Sample.chat.request()).status == 200) }
                let byConnection = Dictionary(grouping: upstream.requests, by: \.connection)
                for requests in byConnection.values {
                    #expect(Set(requests.map { $0.field("authorization") }).count == 1)
                }
                let keys = Set(upstream.requests.compactMap { $0.field("authorization") })
                #expect(keys.count >= 2 && keys.contains("Bearer third"), "\(keys)")
                // They are kept all the same.
                #expect(byConnection.count < upstream.requests.count)
            }
        }
    }

    @Test(
        "T8: a tenant's key never goes up, and what a provider says of its own account never comes down",
        arguments: Side.allCases,
        Side.allCases
    )
    func credentials(_ client: Side, _ provider: Side) async throws {
        let hidden = [
            ("Set-Cookie", "session=canary-cookie"), ("openai-organization", "canary-org"),
            ("anthropic-organization-id", "canary-org"), ("openai-project", "canary-project"),
        ]
        let good = Answer.stream(provider.events(), contentType: provider.streamType, fields: hidden)
        let bad = Answer.json(#"{"error":{"message":"no","type":"x"}}"#, status: 400, fields: hidden)
        try await IdentityOverWireTests.with(
            answers: [good, bad],
            { $0.providers[0].dialect = provider.dialect }
        ) { gateway, office, upstream in
            try office.make(.tenants, #"{"name":"t"}"#)
            let key = try office.key(#"{"tenant":"t","label":"k"}"#)
            _ = try await IdentityOverWireTests.wait(gateway, key, for: 200)
            let mine = [
                ("Cookie", "c=canary-mine"), ("OpenAI-Organization", "canary-mine"), ("OpenAI-Project", "canary-mine"),
            ]
            for fields in [IdentityOverWireTests.bearer(key), [("x-api-key", key)], [("api-key", key)]] {
                let answer = try await gateway.send(client.request(stream: true, fields: fields + mine))
                #expect(!answer.fields.contains { $0.value.contains("canary") }, "\(answer.fields)")
            }
            #expect(upstream.requests.count == 3)
            for request in upstream.requests {
                #expect(!request.headText.contains("canary") && !request.headText.contains(key.suffix(40)))
                #expect(!request.bodyText.contains(key.suffix(40)))
                #expect(request.headText.contains("provider-key"))
            }
            #expect(!gateway.log.text.contains(key.suffix(40)))
        }
    }
}
