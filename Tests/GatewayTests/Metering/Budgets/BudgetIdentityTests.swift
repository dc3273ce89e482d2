import GRDB
import JSON
import Testing

@testable import Gateway

@Suite("Tenants, teams, users and keys have budgets")
struct BudgetIdentityTests {
    private static let names = BudgetLimits.Member.allCases.map(\.rawValue)

    @Test("a tenant has 50 USD a day and 500 a month where nobody says, others have none, and null takes one away")
    func defaults() throws {
        let office = try Office()
        let tenant = try office.make(.tenants, #"{"name":"acme"}"#)
        #expect(tenant.root["daily_budget"]?.int == 50 && tenant.root["monthly_budget"]?.int == 500)
        #expect(tenant.root["daily_token_budget"]?.isNull == true && tenant.root["time_zone"]?.string == "UTC")
        let free = try office.make(.tenants, #"{"name":"free","daily_budget":null,"monthly_budget":null}"#)
        #expect(Self.names.allSatisfy { free.root[$0]?.isNull == true })
        let changed = try office.ask(
            "PATCH",
            "tenants/acme",
            #"{"daily_budget":0.25,"monthly_budget":null,"daily_token_budget":1000,"monthly_token_budget":1e9}"#
        )
        #expect(changed.text.contains(#""daily_budget":0.25,"monthly_budget":null,"daily_token_budget":1000,"#))
        #expect(try office.ask("PATCH", "tenants/acme", #"{"daily_budget":0.250}"#).tag == changed.tag)
        #expect(try office.ask("GET", "tenants/acme").text == changed.text)
        for (kind, body) in [(IdentityKind.teams, #""name":"t""#), (.users, #""name":"u""#), (.keys, #""label":"k""#)] {
            let made = try office.make(kind, #"{"tenant":"acme",\#(body),"daily_budget":0}"#)
            #expect(made.root["daily_budget"]?.int == 0 && made.root["monthly_budget"]?.isNull == true, "\(kind)")
        }
    }

    @Test("a caller has the budgets of his tenant, his team, his user and his key, with a budget or without")
    func scopes() throws {
        let office = try Office()
        let tenant = try office.make(.tenants, #"{"name":"acme","daily_token_budget":7}"#)
        let team = try office.make(.teams, #"{"tenant":"acme","name":"red","monthly_budget":20.5}"#)
        let user = try office.make(.users, #"{"tenant":"acme","name":"ann","team":"red"}"#)
        let text = try office.key(#"{"tenant":"acme","label":"k","user":"ann","daily_budget":1}"#)
        let key = try #require(try office.identity(text))
        let budgets = key.principal.budgets
        #expect(budgets.map(\.level) == [.tenant, .team, .user, .key])
        #expect(budgets.map(\.account.id) == [tenant.id, team.id, user.id, key.id])
        #expect(
            budgets.map(\.limits) == [
                BudgetLimits(dailyCost: BudgetWorld.usd(50), monthlyCost: BudgetWorld.usd(500), dailyTokens: 7),
                BudgetLimits(monthlyCost: BudgetWorld.usd(20.5)), .none, BudgetLimits(dailyCost: BudgetWorld.usd(1)),
            ]
        )
        let outside = OutsideIdentity(
            tenant: "acme",
            user: "ann",
            name: "n",
            label: "l",
            role: .member,
            scopes: [.models]
        )
        let snapshot = try office.store.snapshot()
        let principal = try #require(snapshot.scopes.principal(of: outside))
        #expect(principal.budgets.map(\.level) == [.tenant, .team, .user])
        #expect(zip(principal.budgets, budgets).allSatisfy { $0.account === $1.account })
        let operatorKey = try #require(try office.identity(try office.key(#"{"label":"o","role":"operator"}"#)))
        #expect(
            operatorKey.principal.budgets.map(\.level) == [.key]
                && operatorKey.principal.calendar === TenantCalendar.utc
        )
    }

    @Test("what was spent outlives snapshots and changed budgets, and whoever is deleted takes it along")
    func snapshots() throws {
        let office = try Office()
        try office.make(.tenants, #"{"name":"acme"}"#)
        let made = try office.make(.keys, #"{"tenant":"acme","label":"k"}"#)
        let first = try office.store.snapshot()
        let scopes = try #require(first.keys[made.id]).principal.budgets
        #expect(BudgetWorld.spend(scopes, BudgetWorld.amount(3)) == nil)
        let second = try office.store.snapshot(after: first)
        let same = try #require(second.keys[made.id]).principal.budgets
        #expect(zip(scopes, same).allSatisfy { $0 === $1 })
        try office.ask("PATCH", "keys/\(made.id)", #"{"daily_budget":4}"#)
        let third = try office.store.snapshot(after: second)
        let changed = try #require(third.keys[made.id]).principal.budgets
        #expect(changed[0] === same[0] && changed[1] !== same[1] && changed[1].account === same[1].account)
        #expect(BudgetWorld.spend(changed, BudgetWorld.amount(2))?.level == .key)
        try office.ask("POST", "keys/\(made.id)/revoke")
        let fourth = try office.store.snapshot(after: third)
        #expect(fourth.keys.isEmpty)
        let today = BudgetDay(day: BudgetWorld.noon / BudgetWorld.day)
        let accounts = office.store.budgets
        #expect(accounts.standing(of: .key, made.id, on: today) == nil)
        #expect(accounts.standing(of: .tenant, scopes[0].account.id, on: today)?.today == BudgetWorld.amount(3))
    }

    @Test("accounts begin with what was spent before the process did")
    func spends() throws {
        let day = Civil.day(2027, 1, 15)
        let spends = [(day, 3), (day - 1, 10), (day - 14, 100), (day - 15, 1_000)].map { day, cents in
            SpendOfDay(day: day, level: .tenant, id: "t", cost: BudgetWorld.usd(Double(cents) / 100), tokens: cents)
        }
        let accounts = BudgetAccounts(spends: spends)
        let standing = try #require(accounts.standing(of: .tenant, "t", on: BudgetDay(day: day)))
        #expect(
            standing
                == BudgetStanding(
                    today: BudgetWorld.amount(0.03, tokens: 3),
                    thisMonth: BudgetWorld.amount(1.13, tokens: 113)
                )
        )
        accounts.note(SpendOfDay(day: day, level: .tenant, id: "t", cost: BudgetWorld.usd(1), tokens: 1))
        #expect(
            accounts.standing(of: .tenant, "t", on: BudgetDay(day: day))?.today == BudgetWorld.amount(1.03, tokens: 4)
        )
        #expect(accounts.standing(of: .key, "t", on: BudgetDay(day: day)) == nil)
    }

    @Test("a tenant's zone says when its days begin, for all who belong to it")
    func zones() throws {
        // A machine without a database has UTC alone.
        guard ZoneDatabase.machine.rules(of: "Asia/Tokyo") != nil else { return }
        let office = try Office()
        try office.make(.tenants, #"{"name":"acme","time_zone":"Asia/Tokyo"}"#)
        try office.make(.users, #"{"tenant":"acme","name":"ann"}"#)
        let text = try office.key(#"{"tenant":"acme","label":"k","user":"ann"}"#)
        let before = try #require(try office.identity(text)).principal
        #expect(
            before.calendar.zone.name == "Asia/Tokyo" && before.budgets.allSatisfy { $0.calendar === before.calendar }
        )
        #expect(before.calendar.day(at: BudgetWorld.noon + 3 * 3_600_000).day == BudgetWorld.noon / BudgetWorld.day + 1)
        #expect(try office.ask("PATCH", "tenants/acme", #"{"time_zone":"UTC"}"#).status == 200)
        #expect(try #require(try office.identity(text)).principal.calendar.zone == .utc)
    }

    @Test("a store of before keeps its tenants with their budgets, and knows that there ever was one")
    func migration() throws {
        let queue = try DatabaseQueue()
        let migrator = IdentitySchema.migrator
        try migrator.migrate(queue, upTo: "3 preferences")
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO tenants (id, name, status, created_at, daily_budget) VALUES ('ten_1', 'a', 'active', 1, 7.5);
                    INSERT INTO tenants (id, name, status, created_at) VALUES ('ten_2', 'b', 'active', 1);
                    INSERT INTO teams (id, tenant, name, created_at) VALUES ('team_1', 'ten_1', 'r', 1);
                    DELETE FROM tenants WHERE id = 'ten_2';
                    """
            )
        }
        try migrator.migrate(queue)
        try queue.write { database in
            let tenant = try #require(try Row.fetchOne(database, sql: "SELECT * FROM tenants"))
            let budgets: [Double?] = [tenant["daily_budget"], tenant["monthly_budget"]]
            let zone: String? = tenant["time_zone"]
            #expect(budgets == [7.5, 500] && zone == "UTC")
            #expect(!tenant.columnNames.contains { $0.hasPrefix("old_") })
            let highest = try Int.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'tenants'")
            #expect(highest == 2)
            try database.execute(sql: "UPDATE tenants SET daily_budget = NULL")
            #expect(try Double.fetchOne(database, sql: "SELECT monthly_budget FROM teams") == nil)
        }
    }
}
