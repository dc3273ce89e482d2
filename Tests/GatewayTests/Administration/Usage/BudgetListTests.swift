import JSON
import Testing

@testable import Gateway

@Suite("The list of budgets")
struct BudgetListTests {
    @Test("has every budget with its limit, what is spent, set aside and left, and when it begins anew")
    func list() throws {
        let account = try AccountUnderTest()
        let tenant = try account.office.make(.tenants, #"{"name":"acme","daily_budget":2,"monthly_budget":null}"#).id
        let key = try account.office.make(.keys, #"{"tenant":"acme","label":"ci","monthly_token_budget":1000}"#).id
        try account.office.make(.keys, #"{"tenant":"acme","label":"free"}"#)
        let today = Office.start / 86_400_000
        account.office.store.budgets.note(
            SpendOfDay(day: today, level: .tenant, id: tenant, cost: Money(nanos: 500_000_000), tokens: 7)
        )
        account.office.store.budgets.note(SpendOfDay(day: today - 1, level: .key, id: key, cost: .zero, tokens: 250))
        let rows = try account.json(.budgets)["data"]?.elements.map { $0 } ?? []
        try #require(rows.map { $0["id"]?.string } == [tenant, key])
        #expect(rows[0]["level"]?.string == "tenant" && rows[0]["name"]?.string == "acme")
        #expect(rows[0]["period"]?.string == "day" && rows[0]["ends_at"]?.string == "2027-01-16T00:00:00.000Z")
        #expect(rows[0]["limit_usd"]?.double == 2 && rows[0]["spent_usd"]?.double == 0.5)
        #expect(rows[0]["reserved_usd"]?.double == 0 && rows[0]["remaining_usd"]?.double == 1.5)
        #expect(rows[0]["share"]?.double == 0.25 && rows[0]["limit_tokens"]?.isNull == true)
        #expect(rows[1]["level"]?.string == "key" && rows[1]["tenant"]?.string == tenant)
        #expect(rows[1]["period"]?.string == "month" && rows[1]["ends_at"]?.string == "2027-02-01T00:00:00.000Z")
        #expect(rows[1]["remaining_tokens"]?.int == 750 && rows[1]["share"]?.double == 0.25)
    }

    @Test("B18: pages hold so many of those who have a budget, and the last one says so")
    func pages() throws {
        let account = try AccountUnderTest()
        var expected: [String] = []
        for name in ["a", "b", "c"] { expected.append(try account.office.make(.tenants, #"{"name":"\#(name)"}"#).id) }
        expected.append(try account.office.make(.teams, #"{"tenant":"a","name":"t","daily_budget":1}"#).id)
        expected.append(try account.office.make(.users, #"{"tenant":"b","name":"u","daily_token_budget":1}"#).id)
        var (found, cursor): ([String], String?) = ([], nil)
        repeat {
            let page = try account.json(.budgets, "limit=2" + (cursor.map { "&cursor=\($0)" } ?? ""))
            let ids = page["data"]?.elements.compactMap { $0["id"]?.string } ?? []
            #expect(Set(ids).count <= 2)
            for id in ids where found.last != id { found.append(id) }
            cursor = page["next"]?.string
        } while cursor != nil
        #expect(found == expected)
        let one = try account.json(.budgets, "tenant=b")["data"]?.elements.compactMap { $0["id"]?.string } ?? []
        #expect(Set(one) == [expected[1], expected[4]])
        #expect(try account.ask(.budgets, "tenant=nobody").problem == ["not_found", "tenant"])
    }
}
