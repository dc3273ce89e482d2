import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("What runs, at a gateway that runs")
struct LiveOverWireTests {
    private func run(
        _ answers: [[Step]] = [Sample.chat.answer(stream: true)],
        model: String? = "m",
        body: (LimitWorld) async throws -> Void
    ) async throws {
        try await LimitWorld.run(
            answers,
            provider: { $1.model = model },
            settings: { $0.prices.unknown = .standard(Price(input: 1_000_000, output: 2_000_000)) },
            body: body
        )
    }

    /// The rows of requests that went to a provider.
    private static func rows(_ answer: RawAnswer) throws -> [JSONView] {
        let rows = try JSONDocument(answer.body).root["data"]?.elements.map { $0 } ?? []
        return rows.filter { $0["provider"]?.string == "house" }
    }

    /// The same as an operator sees them, once they are as they are wanted.
    private func rows(_ world: LimitWorld, until areThere: ([JSONView]) -> Bool) async throws -> [JSONView] {
        try await eventually("the counts") {
            let rows = try Self.rows(try await world.gateway.administration("/admin/v1/live"))
            return areThere(rows) ? rows : nil
        }
    }

    @Test("T1: an operator sees what all tenants' requests came to, a tenant's roles their own, and a member none")
    func roles() async throws {
        try await run { world in
            let foreign = try world.office.make(.tenants, #"{"name":"foreign"}"#).id
            let keys = [try world.key(), try world.key(tenant: "foreign")]
            var holders: [String: String] = [:]
            for role in ["tenant-admin", "viewer", "member"] {
                holders[role] = try world.office.key(#"{"tenant":"t","label":"h","role":"\#(role)"}"#)
            }
            try await world.settled()
            for key in keys { #expect(try await world.send(.chat, key, stream: true).status == 200) }
            let all = try await rows(world) { $0.count == 2 && $0.allSatisfy { $0["requests"]?.int == 1 } }
            let own = try #require(all.first { $0["tenant"]?.string != foreign })
            #expect(own["model"]?.string == "m" && own["failed"]?.int == 0 && own["in_flight"]?.int == 0)
            #expect(own["input_tokens"]?.int == 3 && own["output_tokens"]?.int == 2)
            #expect(own["cost_usd"]?.double == 0.000007 && own["first_tokens"]?.int == 1)
            for role in ["tenant-admin", "viewer"] {
                let answer = try await world.gateway.administer("GET", "live", key: holders[role])
                #expect(answer.status == 200, "\(role)")
                let root = try JSONDocument(answer.body).root
                let tenants = Set(root["data"]?.elements.compactMap { $0["tenant"]?.string } ?? [])
                #expect(tenants == [own["tenant"]?.string ?? ""], "\(role)")
                #expect(root["names"]?.members.map(\.value.string) == ["t"], "\(role)")
            }
            let member = try await world.gateway.administer("GET", "live", key: holders["member"])
            #expect(member.status == 403 && member.bodyText.contains("member"))
            #expect(try await world.gateway.administer("GET", "live").status == 401)
        }
    }

    @Test("what runs is told with its tenant, its provider and its model, and counts once it has ended")
    func running() async throws {
        let gate = Gate()
        try await run([[.wait(gate)] + Sample.chat.answer(stream: true)]) { world in
            let key = try world.key()
            try await world.settled()
            async let answer = world.send(.chat, key, stream: true)
            let running = try await rows(world) { $0.contains { $0["in_flight"]?.int == 1 } }
            #expect(running.map { $0["model"]?.string } == ["m"] && running[0]["requests"]?.int == 0)
            gate.open()
            let status = try await answer.status
            #expect(status == 200)
            let ended = try await rows(world) { $0.contains { $0["requests"]?.int == 1 } }
            #expect(ended.map { $0["in_flight"]?.int } == [0])
        }
    }

    @Test("names that nobody but callers has said are one, however many there are")
    func unknownNames() async throws {
        try await run(model: nil) { world in
            let key = try world.key()
            try await world.settled()
            for number in 0..<3 {
                #expect(try await world.send(.chat, key, model: "made-up-\(number)", stream: true).status == 200)
            }
            let found = try await rows(world) { $0.contains { $0["requests"]?.int == 3 } }
            #expect(found.map { $0["model"]?.string } == ["other"])
        }
    }

    @Test("without tenants everybody on this machine sees what runs, and callers without a key are local")
    func open() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            #expect(try await gateway.send(Sample.chat.request()).status == 200)
            let tenants = try await eventually("the counts") {
                let rows = try Self.rows(try await gateway.administration("/admin/v1/live"))
                return rows.isEmpty ? nil : rows.map { $0["tenant"]?.string }
            }
            #expect(tenants == ["local"])
        }
    }
}
