import Foundation
import JSON
import Testing

@testable import Gateway

@Suite("Who may administer what")
struct RoleMatrixTests {
    /// Two tenants with one thing of each kind, and a key of each role in the first one.
    private struct World {
        let office: Office
        /// Ids by tenant and kind.
        var own: [IdentityKind: String] = [:]
        var foreign: [IdentityKind: String] = [:]
        var holders: [Role: AdministrationActor] = [:]
        /// The member's own key.
        var memberKey = ""

        init() throws {
            office = try Office()
            for name in ["mine", "foreign"] {
                var ids: [IdentityKind: String] = [:]
                ids[.tenants] = try office.make(.tenants, #"{"name":"\#(name)"}"#).id
                ids[.teams] = try office.make(.teams, #"{"tenant":"\#(name)","name":"t"}"#).id
                ids[.users] = try office.make(.users, #"{"tenant":"\#(name)","name":"u"}"#).id
                ids[.keys] = try office.make(.keys, #"{"tenant":"\#(name)","label":"k"}"#).id
                ids[.policies] = try office.make(.policies, #"{"tenant":"\#(name)","label":"p","models":["*"]}"#).id
                ids[.prices] = try office.make(.prices, #"{"model":"\#(name)","input":1,"output":2}"#).id
                if name == "mine" { own = ids } else { foreign = ids }
            }
            for role in Role.allCases {
                let tenant = role == .operator ? "" : #""tenant":"mine","#
                let made = try office.make(.keys, #"{\#(tenant)"label":"\#(role)","role":"\#(role.rawValue)"}"#)
                holders[role] = try office.actor(made.key)
                if role == .member { memberKey = made.id }
            }
        }

        /// The status of an act on a thing of one of the tenants.
        func status(
            _ act: AdministrativeAct,
            _ kind: IdentityKind,
            _ id: String,
            _ tenant: String,
            as role: Role
        ) throws -> Int {
            let actor = try #require(holders[role])
            let path = "\(kind.rawValue)/\(id)"
            let reply =
                switch act {
                case .read: try office.ask("GET", path, as: actor)
                case .create: try office.ask("POST", kind.rawValue, Self.body(kind, tenant), as: actor)
                case .change: try office.ask("PATCH", path, "{}", as: actor)
                case .delete: try office.ask("DELETE", path, as: actor)
                case .rotate, .revoke: try office.ask("POST", "\(path)/\(act.rawValue)", as: actor)
                }
            return reply.status
        }

        private static func body(_ kind: IdentityKind, _ tenant: String) -> String {
            switch kind {
            case .tenants: #"{"name":"n"}"#
            case .teams, .users: #"{"tenant":"\#(tenant)","name":"n"}"#
            case .keys: #"{"tenant":"\#(tenant)","label":"n"}"#
            case .policies: #"{"tenant":"\#(tenant)","label":"n","models":["*"]}"#
            case .prices: #"{"model":"n","input":1,"output":2}"#
            }
        }
    }

    @Test(
        "T1: every endpoint for every role, with a thing of its own tenant and with a foreign one",
        arguments: Role.allCases
    )
    func matrix(_ role: Role) throws {
        for kind in IdentityKind.allCases {
            for act in AdministrativeAct.allCases where act.exists(for: kind) {
                let access = Access.of(role, to: act, kind)
                let sees = Access.of(role, to: .read, kind)
                var world = try World()
                var own = try #require(world.own[kind])
                // A tenant to which something belongs is not deleted.
                let isAlone = act == .delete && kind == .tenants && access == .all
                if isAlone { own = try world.office.make(.tenants, #"{"name":"alone"}"#).id }
                let good = act == .create ? 201 : act == .delete ? 204 : 200
                let (foreign, name) = (try #require(world.foreign[kind]), "\(role) \(act) \(kind)")
                let here = try world.status(act, kind, own, "mine", as: role)
                switch access {
                case .all, .tenant: #expect(here == good, "\(name)")
                case .own: #expect(here == 404, "\(name) of somebody else in the tenant")
                case .none: #expect(here == (act == .create || sees != .own ? 403 : 404), "\(name)")
                }
                guard !isAlone else { continue }
                world = try World()
                let there = try world.status(act, kind, try #require(world.foreign[kind]), "foreign", as: role)
                if access == .all {
                    #expect(there == good, "\(name) abroad")
                } else {
                    let isForbidden = sees == .none || act == .create && access == .none
                    #expect(there == (isForbidden ? 403 : 404), "\(name) of a foreign \(foreign)")
                }
            }
        }
    }

    @Test("T1: lists hold what the role sees, whatever tenant the query names")
    func lists() throws {
        let world = try World()
        for (role, actor) in world.holders {
            for kind in IdentityKind.allCases {
                let sees = Access.of(role, to: .read, kind)
                guard sees != .none else {
                    #expect(try world.office.ask("GET", kind.rawValue, as: actor).status == 403, "\(role) \(kind)")
                    continue
                }
                let ids = try world.office.ids(kind.rawValue, as: actor)
                let (own, foreign) = (try #require(world.own[kind]), try #require(world.foreign[kind]))
                #expect(
                    ids.contains(own) == (sees != .own) && ids.contains(foreign) == (sees == .all),
                    "\(role) \(kind)"
                )
                guard kind != .tenants, kind.belongsToTenant else { continue }
                let abroad = try world.office.ask("GET", "\(kind.rawValue)?tenant=foreign", as: actor)
                #expect(abroad.status == (sees == .all ? 200 : 404), "\(role) \(kind)")
            }
        }
    }

    @Test("T1: a member looks after its own keys and no others")
    func members() throws {
        let world = try World()
        let (office, member) = (world.office, try #require(world.holders[.member]))
        #expect(try office.ids("keys", as: member) == [world.memberKey])
        #expect(try office.ask("POST", "keys/\(world.memberKey)/rotate", as: member).status == 200)
        let user = try #require(world.own[.users])
        let first = try office.make(.keys, #"{"tenant":"mine","label":"a","user":"\#(user)"}"#)
        let second = try office.make(.keys, #"{"tenant":"mine","label":"b","user":"u"}"#)
        let third = try office.make(.keys, #"{"tenant":"mine","label":"c","user":"u","role":"tenant-admin"}"#)
        let holder = try office.actor(first.key)
        #expect(try office.ids("keys", as: holder) == [first.id, second.id, third.id])
        // A key that was given more would be a way up.
        for other in [second, third] {
            #expect(try office.ask("POST", "keys/\(other.id)/rotate", as: holder).status == 403)
        }
        #expect(try office.ask("POST", "keys/\(first.id)/rotate", as: holder).status == 200)
        #expect(try office.ask("POST", "keys/\(second.id)/revoke", as: holder).status == 200)
        #expect(try office.ask("PATCH", "keys/\(second.id)", "{}", as: holder).status == 403)
    }

    @Test("T1: nobody makes a key that reaches further than his own")
    func noEscalation() throws {
        let world = try World()
        let admin = try #require(world.holders[.tenantAdmin])
        let bodies = [#"{"label":"x","role":"operator"}"#, #"{"label":"x","role":"operator","tenant":null}"#]
        for body in bodies {
            let reply = try world.office.ask("POST", "keys", body, as: admin)
            #expect(reply.status == 400 || reply.status == 403, "\(reply.text)")
        }
        let implied = try world.office.make(.keys, #"{"label":"x"}"#, as: admin)
        #expect(implied.root["tenant"]?.string == world.own[.tenants])
        #expect(try world.office.ask("PATCH", "tenants/mine", #"{"status":"active"}"#, as: admin).status == 403)
        #expect(try world.office.ask("GET", "audit", as: admin).status == 403)
    }

    /// An account in which everybody of a world has used something.
    private static func account(of world: World) throws -> AccountUnderTest {
        let account = try AccountUnderTest(of: world.office)
        let used = [world.own, world.foreign].map { ids in
            UsageRecord.sample(tenant: ids[.tenants], key: ids[.keys]) { record in
                (record.team, record.user) = (ids[.teams], ids[.users])
            }
        }
        try account.file(used + [.sample(tenant: world.own[.tenants], key: world.memberKey)])
        return account
    }

    @Test("T1: of the account every role sees its own part, and foreign ids are none", arguments: Role.allCases)
    func account(_ role: Role) throws {
        let world = try World()
        let (account, actor) = (try Self.account(of: world), try #require(world.holders[role]))
        let (own, foreign) = (try #require(world.own[.keys]), try #require(world.foreign[.keys]))
        let access = Access.of(role, toRead: .usage)
        let seen =
            access == .all
            ? [own, foreign, world.memberKey] : access == .tenant ? [own, world.memberKey] : [world.memberKey]
        let report = try account.json(.report, "by=key", as: actor)
        #expect(Set(report["data"]?.elements.compactMap { $0["key"]?.string } ?? []) == Set(seen))
        let records = try account.json(.records, as: actor)
        #expect(Set(records["data"]?.elements.compactMap { $0["key"]?.string } ?? []) == Set(seen))
        for filter in UsageQuestion.Filter.allCases {
            guard let kind = filter.kind else { continue }
            let (here, there) = (try #require(world.own[kind]), try #require(world.foreign[kind]))
            // A member sees its tenant and its teams, but not what others in them did.
            let isHidden = access == .own && [.users, .keys].contains(kind)
            for act in [UsageAdministration.Act.report, .records] {
                let name = "\(role) \(act) \(filter)"
                #expect(
                    try account.ask(act, "\(filter.rawValue)=\(here)", as: actor).status == (isHidden ? 404 : 200),
                    "\(name)"
                )
                let abroad = try account.ask(act, "\(filter.rawValue)=\(there)", as: actor)
                #expect(abroad.status == (access == .all ? 200 : 404), "\(name) abroad")
                let none = try account.ask(act, "\(filter.rawValue)=\(there.dropLast())0", as: actor)
                #expect(access == .all || none.body == abroad.body, "\(name) of nobody")
            }
        }
        #expect(try account.ask(.report, "tenant=foreign", as: actor).status == (access == .all ? 200 : 404))
        let team = try #require(world.foreign[.teams])
        let foreignTeam = try account.ask(.report, "tenant=mine&team=\(team)", as: actor)
        #expect(access == .all || foreignTeam.status == 404)
    }

    @Test("T1: of budgets every role sees its own part", arguments: Role.allCases)
    func budgets(_ role: Role) throws {
        let world = try World()
        let (account, actor) = (try AccountUnderTest(of: world.office), try #require(world.holders[role]))
        try world.office.ask("PATCH", "keys/\(world.memberKey)", #"{"daily_budget":1}"#)
        let user = try #require(world.own[.users])
        try world.office.ask("PATCH", "users/\(user)", #"{"daily_budget":1}"#)
        let access = Access.of(role, toRead: .budgets)
        let (mine, foreign) = (try #require(world.own[.tenants]), try #require(world.foreign[.tenants]))
        let expected =
            access == .own
            ? [world.memberKey]
            : [mine, world.memberKey, user] + (access == .all ? [foreign] : [])
        let page = try account.json(.budgets, as: actor)
        #expect(Set(page["data"]?.elements.compactMap { $0["id"]?.string } ?? []) == Set(expected))
        #expect(try account.ask(.budgets, "tenant=foreign", as: actor).status == (access == .all ? 200 : 404))
        #expect(try account.ask(.budgets, "tenant=mine", as: actor).status == 200)
    }

    @Test("T1: a member sees what its user did, by whatever key")
    func memberOfAUser() throws {
        let world = try World()
        let (office, user) = (world.office, try #require(world.own[.users]))
        let keys = try ["a", "b"].map { try office.make(.keys, #"{"tenant":"mine","label":"\#($0)","user":"u"}"#) }
        let account = try Self.account(of: world)
        let used = keys.map { key in
            UsageRecord.sample(tenant: world.own[.tenants], key: key.id) { $0.user = user }
        }
        try account.file(used, segment: 2)
        let holder = try office.actor(keys[0].key)
        let report = try account.json(.report, "by=key", as: holder)
        let seen = Set(report["data"]?.elements.compactMap { $0["key"]?.string } ?? [])
        let other = try #require(world.own[.keys])
        #expect(seen == [keys[0].id, keys[1].id, other])
        #expect(try account.json(.report, "key=\(keys[1].id)", as: holder)["total"]?["requests"]?.int == 1)
        #expect(try account.json(.report, "user=\(user)", as: holder)["total"]?["requests"]?.int == 3)
        #expect(try account.ask(.report, "key=\(world.memberKey)", as: holder).status == 404)
    }

    @Test("docs/tenants.md has the whole matrix")
    func document() throws {
        var expected: [[String]] = []
        for kind in IdentityKind.allCases {
            for act in AdministrativeAct.allCases where act.exists(for: kind) {
                let cells = Role.allCases.map { Access.of($0, to: act, kind).rawValue }
                expected.append(["\(act.rawValue) \(kind.rawValue)"] + cells)
            }
        }
        for part in AccountPart.allCases {
            expected.append(["read \(part.rawValue)"] + Role.allCases.map { Access.of($0, toRead: part).rawValue })
        }
        let rows = try TenantsDocument.rows(behind: "Act")
        #expect(rows == expected)
    }
}
