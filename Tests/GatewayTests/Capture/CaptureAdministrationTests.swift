import JSON
import NIOCore
import NIOPosix
import Testing

@testable import Gateway

@Suite("Who may see and erase what was captured")
struct CaptureAdministrationTests {
    /// Two tenants with a user each and a capture of both, and a key of each role in the first one.
    private final class World {
        let office: Office
        let captures: CaptureStore
        var tenants: [String: String] = [:]
        var users: [String: String] = [:]
        var actors: [Role: AdministrationActor] = [:]

        init() throws {
            office = try Office()
            captures = CaptureStore(beside: .memory, CaptureSettings(), logger: .silent) { Office.start }
            for name in ["mine", "foreign"] {
                let tenant = try office.make(.tenants, #"{"name":"\#(name)"}"#).id
                let user = try office.make(.users, #"{"tenant":"\#(name)","name":"ada"}"#).id
                (tenants[name], users[name]) = (tenant, user)
                captures.keep(CaptureStoreTests.exchange(tenant: tenant, user: user))
            }
            for role in Role.allCases {
                let tenant = role == .operator ? "" : #""tenant":"mine","#
                let key = try office.key(#"{\#(tenant)"label":"\#(role)","role":"\#(role.rawValue)"}"#)
                actors[role] = try office.actor(key)
            }
        }

        static func with(_ body: (World) async throws -> Void) async throws {
            let world = try World()
            try await body(world)
            await world.captures.close(on: MultiThreadedEventLoopGroup.singleton.any())
        }

        func ask(
            _ act: CaptureAdministration.Act,
            _ query: String = "",
            as role: Role
        ) async throws -> (status: Int, root: JSONView?) {
            let administration = CaptureAdministration(
                identities: office.store,
                captures: captures,
                logger: .silent
            )
            let actor = try #require(actors[role])
            do throws(AdministrationProblem) {
                let reply = try await administration.perform(act, query: query, as: actor)
                return (reply.status, try? JSONDocument(reply.body).root)
            } catch {
                return (error.code.status, nil)
            }
        }
    }

    private static let readings: [CaptureAdministration.Act] = [.list, .export]

    @Test("T1: operators see all, those who run a tenant their own, and nobody else anything", arguments: Role.allCases)
    func roles(_ role: Role) async throws {
        try await World.with { world in
            let mine = try #require(world.tenants["mine"])
            let foreign = try #require(world.tenants["foreign"])
            let isAllowed = role == .operator || role == .tenantAdmin
            for act in Self.readings {
                let other = try await world.ask(act, "tenant=foreign", as: role).status
                #expect(other == (role == .operator ? 200 : role == .tenantAdmin ? 404 : 403), "\(act)")
                // Both captures have this key.
                for query in ["", "key=key_a"] {
                    let reply = try await world.ask(act, query, as: role)
                    #expect(reply.status == (isAllowed ? 200 : 403), "\(act)")
                    guard isAllowed else { continue }
                    let seen = reply.root?["data"]?.elements.map { $0["tenant"]?.string }
                    #expect(seen == (role == .operator ? [mine, foreign] : [mine]), "\(act) \(query)")
                }
            }
        }
    }

    @Test("T1: nobody erases what is another tenant's, though a user or a key match", arguments: Role.allCases)
    func erasers(_ role: Role) async throws {
        try await World.with { world in
            let mine = try #require(world.tenants["mine"])
            let foreign = try #require(world.tenants["foreign"])
            let user = try #require(world.users["foreign"])
            func left() async throws -> [String?] {
                try await world.ask(.list, as: .operator).root?["data"]?.elements.map { $0["tenant"]?.string } ?? []
            }
            let byUser = try await world.ask(.erase, "user=\(user)", as: role)
            #expect(byUser.status == (role == .operator || role == .tenantAdmin ? 200 : 403))
            #expect(try await left() == (role == .operator ? [mine] : [mine, foreign]))
            let byTenant = try await world.ask(.erase, "tenant=foreign", as: role)
            #expect(byTenant.status == (role == .operator ? 200 : role == .tenantAdmin ? 404 : 403))
            let byKey = try await world.ask(.erase, "key=key_a", as: role)
            #expect(byKey.root?["erased"]?.int == (role == .operator || role == .tenantAdmin ? 1 : nil))
            #expect(try await left() == (role == .operator ? [] : role == .tenantAdmin ? [foreign] : [mine, foreign]))
        }
    }

    @Test("a name means the user who has it and whoever brought it in a token")
    func names() async throws {
        try await World.with { world in
            for tenant in ["mine", "foreign"] {
                world.captures.keep(CaptureStoreTests.exchange(tenant: world.tenants[tenant] ?? "", user: nil))
            }
            #expect(try await world.ask(.erase, "user=ada", as: .tenantAdmin).root?["erased"]?.int == 2)
            let left = try await world.ask(.list, as: .operator).root?["data"]?.elements.map { $0["tenant"]?.string }
            #expect(left == [world.tenants["foreign"], world.tenants["foreign"]])
            // By id it is the user alone.
            let user = try #require(world.users["foreign"])
            #expect(try await world.ask(.erase, "user=\(user)", as: .operator).root?["erased"]?.int == 1)
        }
    }

    @Test("a user is erased by id and by name, and nobody of another tenant with him")
    func erasure() async throws {
        try await World.with { world in
            #expect(
                try await world.ask(.erase, "user=\(world.users["foreign"] ?? "")", as: .tenantAdmin).root?["erased"]?
                    .int
                    == 0
            )
            #expect(try await world.ask(.erase, "user=ada", as: .tenantAdmin).root?["erased"]?.int == 1)
            let left = try await world.ask(.list, as: .operator).root?["data"]?.elements.map { $0["tenant"]?.string }
            #expect(left == [world.tenants["foreign"]])
            #expect(try await world.ask(.erase, as: .operator).status == 400)
            #expect(try await world.ask(.erase, "tenant=foreign", as: .operator).root?["erased"]?.int == 1)
        }
    }

    @Test("exports and erasures are in the audit log, and lists are not")
    func audit() async throws {
        try await World.with { world in
            _ = try await world.ask(.list, as: .tenantAdmin)
            _ = try await world.ask(.export, "user=ada", as: .tenantAdmin)
            _ = try await world.ask(.erase, "key=key_a", as: .operator)
            let entries = try world.office.ask("GET", "audit").root["data"]?.elements.map { $0 } ?? []
            let acts = entries.filter { $0["subject"]?.isString("captures") == true }
            try #require(acts.map { $0["act"]?.string } == ["capture.export", "capture.erase", "capture.erase"])
            #expect(acts.first?["after"]?["user"]?.string == world.users["mine"])
            // What is to be done is on record before it is, and what was done behind it.
            #expect(acts[1]["after"]?["key"]?.string == "key_a" && acts[1]["after"]?["erased"] == nil)
            #expect(acts[2]["after"]?["erased"]?.int == 2)
            #expect(!entries.contains { String(decoding: $0.raw, as: UTF8.self).contains("[EMAIL") })
        }
    }

    @Test("a page ends where it is to, and goes on behind its cursor")
    func pages() async throws {
        try await World.with { world in
            let first = try await world.ask(.list, "limit=1", as: .operator).root
            let next = try #require(first?["next"]?.string)
            let second = try await world.ask(.list, "limit=1&cursor=\(next)", as: .operator).root
            #expect(second?["next"]?.isNull == true)
            let ids = [first, second].map { $0?["data"]?[0]?["tenant"]?.string }
            #expect(ids == [world.tenants["mine"], world.tenants["foreign"]])
            #expect(first?["data"]?[0]?["request"] == nil)
            for query in ["limit=0", "cursor=.", "since=now", "format=csv", "other=1", "until="] {
                #expect(try await world.ask(.export, query, as: .operator).status == 400, "\(query)")
            }
            #expect(try await world.ask(.list, "format=jsonl", as: .operator).status == 400)
        }
    }
}
