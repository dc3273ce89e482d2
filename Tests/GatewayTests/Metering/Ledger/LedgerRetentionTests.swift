import Testing

@testable import Gateway

@Suite("What the ledger forgets")
struct LedgerRetentionTests {
    private static let day = 86_400_000
    private static let start = LedgerUnderTest.start

    @Test("single records go after their time, a piece at a time, and their sums stay")
    func records() throws {
        let world = try LedgerUnderTest(LedgerSettings(retention: 10))
        try world.file((0..<5_000).map { Used.record(at: Self.start + $0) })
        try world.file([Used.record(at: Self.start + 5 * Self.day)], from: 5_000)
        #expect(try world.retain() == 1)
        world.time.change { $0 += 11 * Self.day }
        #expect(try world.retain() > 3)
        #expect(try world.all().map(\.at) == [Self.start + 5 * Self.day])
        #expect(try world.count("blocks") == 1)
        #expect(try world.ledger.report(UsageQuery()).total.requests == 5_001)
        world.time.change { $0 += 20 * Self.day }
        _ = try world.retain()
        #expect(try world.count("usage") == 0 && world.count("blocks") == 0)
    }

    @Test("what was deleted is not filed again, and what comes later is")
    func again() throws {
        let world = try LedgerUnderTest(LedgerSettings(retention: 10))
        try world.file([Used.record()])
        world.time.change { $0 += 30 * Self.day }
        _ = try world.retain()
        try world.file([Used.record(), Used.record(at: world.time.value)])
        #expect(try world.all().map(\.at) == [world.time.value])
        #expect(try world.ledger.report(UsageQuery()).total.requests == 2)
    }

    @Test("sums go by the month, those of hours, days and months together, and records of their own accord")
    func rollups() throws {
        let world = try LedgerUnderTest(LedgerSettings(retention: 1_000, rollupRetention: 100))
        // From September to January.
        try world.file((0..<130).map { Used.record(at: Self.start - $0 * Self.day) }.reversed())
        _ = try world.retain()
        // A hundred days before is the 7th of October.
        let months = try world.ledger.report(UsageQuery(by: [.month])).rows.map(\.values)
        #expect(months == [["2026-10"], ["2026-11"], ["2026-12"], ["2027-01"]])
        #expect(try UsageGrain.allCases.map { try world.requests(in: $0) } == [107, 107, 107])
        #expect(try world.all().count == 130)
    }

    @Test("what budgets need of this month and the last is kept, whatever is set")
    func spends() throws {
        let world = try LedgerUnderTest(LedgerSettings(retention: 1, rollupRetention: 1))
        try world.file([Used.record(at: Self.start - 62 * Self.day)])
        _ = try world.retain()
        #expect(try world.ledger.spends(since: LedgerUnderTest.today - 62).count == 4)
    }

    @Test("a piece deletes no more than a few thousand rows")
    func pieces() throws {
        let world = try LedgerUnderTest(LedgerSettings(retention: 10))
        try world.file((0..<4_000).map { Used.record(at: Self.start + $0) })
        world.time.change { $0 += 30 * Self.day }
        #expect(try world.ledger.retain())
        #expect(try world.count("usage") == 2_000)
    }
}
