import GRDB
import Inference
import Testing

@testable import Gateway

@Suite("Models that callers make up")
struct ServedModelsTests {
    private static func record(_ model: String, tenant: String = "ten_a") -> UsageRecord {
        Used.record { record in
            record.tenant = tenant
            (record.model, record.upstreamModel) = (model, model)
        }
    }

    @Test("T6: models that a tenant makes up count together beyond so many, and take nobody else's room")
    func bounded() throws {
        let scratch = try Scratch()
        let settings = LedgerSettings(place: .folder(scratch.path))
        let (most, beyond) = (ServedModels.mostOfTenant, 500)
        let names = (0..<most + beyond).map { "made-up-\($0)" }
        let first = try LedgerUnderTest(settings)
        try first.file([Self.record("m", tenant: "ten_b")] + names.map { Self.record($0) })
        // One subject of the other tenant's, and one of what is beyond.
        #expect(try first.count("subjects") == most + 2)
        // The same after a restart, when what is known comes from the file.
        let second = try LedgerUnderTest(settings)
        let later = [Self.record(names[0]), Self.record("one-more"), Self.record("new", tenant: "ten_b")]
        try second.file(later, from: 1 + names.count)
        var query = UsageQuery(by: [.model], limit: 10_000)
        query.tenant = "ten_a"
        let rows = try second.ledger.report(query).rows
        #expect(rows.count == most + 1)
        #expect(rows.first { $0.values == [ServedModels.others] }?.requests == beyond + 1)
        #expect(rows.first { $0.values == [names[0]] }?.requests == 2)
        query.tenant = "ten_b"
        #expect(try Set(second.ledger.report(query).rows.map(\.values)) == [["m"], ["new"]])
        let last = try second.all().suffix(3)
        #expect(last.map(\.model) == [names[0], "one-more", "new"])
        #expect(last.map(\.upstreamModel) == [names[0], ServedModels.others, "new"])
    }

    @Test("T6: what comes to nothing makes no model known")
    func unused() throws {
        let world = try LedgerUnderTest()
        func unused(_ model: String, _ outcome: ExchangeRecord.Outcome) -> UsageRecord {
            Used.record { record in
                (record.model, record.upstreamModel) = (model, model)
                (record.outcome, record.usage) = (outcome, Usage())
            }
        }
        try world.file([unused("made-up", .refused), unused("m", .failed), unused("m", .ok), unused("m", .failed)])
        let records = try world.all()
        #expect(records.map(\.model) == ["made-up", "m", "m", "m"])
        #expect(records.map(\.upstreamModel) == [ServedModels.others, ServedModels.others, "m", "m"])
    }

    @Test("where there are too many words, a model that was asked for stands in its record alone")
    func asked() throws {
        let world = try LedgerUnderTest()
        try world.file([Used.record()])
        try world.ledger.database.write { database in
            try database.execute(sql: "INSERT INTO words VALUES (?, 'last')", arguments: [LedgerNames.mostWords])
        }
        let words = try world.count("words")
        try world.file([Used.record { $0.model = "made-up" }, Used.record()], from: 1)
        #expect(try world.count("words") == words)
        #expect(try world.all().map(\.model) == ["fast", "made-up", "fast"])
    }
}
