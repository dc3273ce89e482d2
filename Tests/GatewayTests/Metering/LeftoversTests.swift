import GRDB
import Logging
import Testing

@testable import Gateway

@Suite("What earlier processes left")
struct LeftoversTests {
    private static let start = LedgerUnderTest.start
    private static let today = LedgerUnderTest.today

    private static func open(_ scratch: Scratch) throws -> Metering {
        var settings = GatewaySettings.underTest([])
        settings.metering.journal.place = .folder(scratch.path + "/journal")
        settings.metering.ledger.place = .folder(scratch.path)
        return try Metering(settings, logger: .silent, clock: { start })
    }

    private static func change(_ scratch: Scratch, _ sql: String) throws {
        let ledger = try Ledger(LedgerSettings(place: .folder(scratch.path)), logger: .silent)
        try ledger.database.write { try $0.execute(sql: sql) }
        try ledger.close()
    }

    private static func tokens(_ accounts: BudgetAccounts) -> [Int?] {
        let standing = accounts.standing(of: .key, "key_a", on: BudgetDay(day: today))
        return [standing?.today.tokens, standing?.thisMonth.tokens]
    }

    @Test(
        "F19: a ledger that refuses at the start refuses budgets alone, until it has everything; nothing counts twice"
    )
    func refusingLedger() throws {
        let scratch = try Scratch()
        let first = try Self.open(scratch)
        let before = try #require(first.journal).writer()
        before.append(Used.record())
        before.append(Used.record(at: Self.start - 3 * 86_400_000))
        before.close()
        first.close()
        try Self.change(
            scratch,
            "CREATE TRIGGER refuse BEFORE INSERT ON usage BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        let second = try Self.open(scratch)
        #expect(second.condition == .failing)
        #expect(Self.tokens(second.accounts) == [nil, nil])
        // What it serves itself is on the accounts when it is settled.
        let own = try #require(second.journal).writer()
        own.append(Used.record())
        second.accounts.account(.key, "key_a").note(BudgetAmount(tokens: 15), on: BudgetDay(day: Self.today))
        #expect(throws: (any Error).self) { try second.filing?.fileAll() }
        #expect(second.condition == .failing)
        try Self.change(scratch, "DROP TRIGGER refuse")
        try second.filing?.fileAll()
        #expect(second.condition == .writable)
        #expect(Self.tokens(second.accounts) == [30, 45])
        #expect(try second.ledger.report(UsageQuery()).total.requests == 3)
        own.close()
        second.close()
        #expect(try Self.tokens(Self.open(scratch).accounts) == [30, 45])
    }

    @Test("days that are over are added as one, so that an account keeps the day that it is")
    func relevant() {
        let spends = (-40...3).map { SpendOfDay(day: Self.today + $0, level: .key, id: "k", cost: .zero, tokens: 1) }
        let found = Leftovers.relevant(spends.shuffled(), today: Self.today)
        // It is the 15th: the days from the 1st to the 13th are one.
        #expect(found.map { $0.day - Self.today } == [-14, -1, 0, 1])
        #expect(found.map(\.tokens) == [13, 1, 1, 1])
        let accounts = BudgetAccounts(spends: spends.filter { $0.day <= Self.today })
        for spend in found { accounts.note(spend) }
        let standing = accounts.standing(of: .key, "k", on: BudgetDay(day: Self.today))
        #expect(standing?.today.tokens == 2 && standing?.thisMonth.tokens == 31)
    }

    @Test("positions go with the segments that they are of")
    func positions() throws {
        let scratch = try Scratch()
        let metering = try Self.open(scratch)
        for _ in 0..<3 {
            let writer = try #require(metering.journal).writer()
            writer.append(Used.record())
            writer.close()
            metering.journal?.synchronise()
            for _ in 0..<3 { try metering.filing?.fileAll() }
        }
        let positions = try metering.ledger.positions()
        #expect(positions.count == 1 && positions.keys.max() == 3)
        metering.close()
    }
}
