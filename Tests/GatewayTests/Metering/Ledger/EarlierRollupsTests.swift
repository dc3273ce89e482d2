import GRDB
import Testing

@testable import Gateway

@Suite("Sums of earlier versions")
struct EarlierRollupsTests {
    /// Of two thousand tenants, whose sums are six thousand.
    private static func records() -> [UsageRecord] {
        (0..<2_000).map { number in
            Used.record(at: LedgerUnderTest.start + number) { $0.tenant = "ten_\(number)" }
        }
    }

    @Test("they count from the beginning, beside what is filed since, and become packs a piece at a time")
    func packing() throws {
        let world = try LedgerUnderTest()
        try world.file(Self.records())
        try world.unpack()
        #expect(try world.count("packs") == 0 && world.count("rollups") == 6_000)
        try world.file(Self.records(), from: 2_000)
        for rest in [6_000, 1_000, 0] {
            #expect(try world.count("rollups") == rest)
            for by in [[.tenant], [.tenant, .day], [.tenant, .hour]] as [[UsageQuery.Dimension]] {
                let report = try world.ledger.report(
                    UsageQuery(by: by, since: LedgerUnderTest.start - 86_400_000, limit: 10_000)
                )
                #expect(report.rows.count == 2_000 && report.rows.allSatisfy { $0.requests == 2 && $0.input == 20 })
            }
            #expect(try UsageGrain.allCases.map { try world.requests(in: $0) } == [4_000, 4_000, 4_000])
            let spends = try world.ledger.spends(since: LedgerUnderTest.today).filter { $0.level == .tenant }
            #expect(spends.count == 2_000 && spends.allSatisfy { $0.tokens == 30 && $0.cost.nanos == 2_000 })
            #expect(try world.ledger.packEarlierSums() == (rest > 0))
        }
    }

    @Test("of rows that no torii wrote, sums are bounded and the others stay where they are")
    func odd() throws {
        let world = try LedgerUnderTest()
        try world.file([Used.record()])
        try world.unpack()
        try world.ledger.database.write { database in
            try database.execute(sql: "UPDATE rollups SET input = -5, cost = 1 << 62")
            for odd in ["7, 0, 0, 1", "0, -1, 0, 1", "0, 0, 0, -1", "0, 0, 0, 1 << 40"] {
                try database.execute(sql: "INSERT INTO rollups VALUES (\(odd), 1, 0, 0, 0, 0, 0, 0, 0, 0)")
            }
        }
        while try world.ledger.packEarlierSums() {}
        #expect(try world.count("rollups") == 4)
        let total = try world.ledger.report(UsageQuery()).total
        #expect(total.requests == 1 && total.input == 0 && total.cost.nanos == UsageSums.most)
    }

    @Test("what is too old of them goes as what is in packs does")
    func retention() throws {
        let world = try LedgerUnderTest()
        try world.file(Self.records())
        try world.unpack()
        // Some are in packs, and others are not.
        _ = try world.ledger.packEarlierSums()
        world.time.change { $0 += 1_000 * 86_400_000 }
        _ = try world.retain()
        #expect(try world.count("rollups") == 0 && world.count("packs") == 0)
        #expect(try world.ledger.report(UsageQuery()).total.requests == 0)
    }
}
