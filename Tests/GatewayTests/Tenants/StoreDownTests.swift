import GRDB
import NIOCore
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("A store of identities that cannot be read")
struct StoreDownTests {
    @Test("F19: known keys go on, an unknown one is a 503 and no 401, and it recovers by itself")
    func down() async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try office.make(.tenants, #"{"name":"t"}"#)
        let known = try office.key(#"{"tenant":"t","label":"k"}"#)
        let unknown = "sk-torii-000000000000-" + String(repeating: "A", count: 40)
        let file = try DatabaseQueue(path: scratch.path + "/identity.sqlite")
        func status(_ gateway: GatewayUnderTest, _ key: String) async throws -> Int {
            try await gateway.send(Sample.chat.request(fields: LimitWorld.bearer(key))).status
        }
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) {
            $0.state.place = .file(scratch.path + "/torii.sqlite")
        } body: { gateway, _ in
            let before = try await status(gateway, unknown)
            #expect(before == 401)
            try await file.write { try $0.execute(sql: "ALTER TABLE tenants RENAME TO elsewhere") }
            _ = try await eventually("a 503") { try await status(gateway, unknown) == 503 ? true : nil }
            #expect(try await status(gateway, known) == 200)
            #expect(try await status(gateway, "not-one-of-ours") == 401)
            try await file.write { try $0.execute(sql: "ALTER TABLE elsewhere RENAME TO tenants") }
            _ = try await eventually("a 401 again") { try await status(gateway, unknown) == 401 ? true : nil }
        }
    }

    @Test("what is known counts for a day")
    func patience() {
        let health = StoreHealth()
        let start = NIODeadline.uptimeNanoseconds(1_000)
        #expect(!health.isBroken && !health.isTooOld(at: start))
        health.didFail(at: start)
        health.didFail(at: start + .hours(23))
        #expect(health.isBroken && !health.isTooOld(at: start + .hours(24)))
        #expect(health.isTooOld(at: start + .hours(24) + .nanoseconds(1)))
        health.didRead()
        #expect(!health.isBroken && !health.isTooOld(at: start + .hours(48)))
    }
}
