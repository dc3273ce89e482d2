import GRDB
import Inference
import Testing

@testable import Gateway

@Suite("Reports of the ledger")
struct UsageReportTests {
    private static let start = LedgerUnderTest.start

    /// Three requests: two of one tenant in two hours, and one that nobody is known of, on the day before.
    private static func filled() throws -> LedgerUnderTest {
        let world = try LedgerUnderTest()
        try world.file([
            Used.record { record in
                record.rule = "night"
                record.usage = Usage(input: 100, cachedInput: 40, cacheWrite: 10, output: 50, reasoning: 20)
                record.isEstimated = true
            },
            Used.record(at: start + 3_600_000) { record in
                (record.outcome, record.upstreamModel, record.cost) = (.failed, "n", Money(nanos: 3_000))
            },
            Used.record(at: start - 86_400_000) { record in
                (record.tenant, record.team, record.user, record.key) = (nil, nil, nil, nil)
                (record.provider, record.upstreamModel, record.dialect) = (nil, nil, nil)
                (record.outcome, record.client, record.cost, record.usage) = (.refused, "curl", .zero, Usage())
            },
        ])
        return world
    }

    @Test(
        "rows are told apart by every dimension",
        arguments: [
            (.tenant, ["ten_a": 2, nil: 1]), (.team, ["team_a": 2, nil: 1]), (.user, ["user_a": 2, nil: 1]),
            (.key, ["key_a": 2, nil: 1]), (.provider, ["house": 2, nil: 1]), (.model, ["m": 1, "n": 1, nil: 1]),
            (.client, ["codex": 2, "curl": 1]), (.dialect, ["responses": 2, nil: 1]),
            (.outcome, ["ok": 1, "failed": 1, "refused": 1]), (.rule, ["night": 1, nil: 2]),
            (.day, ["2027-01-15": 2, "2027-01-14": 1]), (.month, ["2027-01": 3]),
            (.hour, ["2027-01-15T08:00:00Z": 1, "2027-01-15T09:00:00Z": 1, "2027-01-14T08:00:00Z": 1]),
        ] as [(UsageQuery.Dimension, [String?: Int])]
    )
    func dimensions(_ dimension: UsageQuery.Dimension, _ expected: [String?: Int]) throws {
        let report = try Self.filled().ledger.report(UsageQuery(by: [dimension], since: Self.start - 2 * 86_400_000))
        let found = report.rows.map { ($0.values[0], $0.requests) }
        #expect(Dictionary(found, uniquingKeysWith: +) == expected)
        #expect(found.count == expected.count && report.dimensions == [dimension])
        #expect(report.total.requests == 3)
    }

    @Test("a row has the sums of all that is counted, and none at all are zeros")
    func sums() throws {
        let world = try Self.filled()
        var total = UsageReport.Row(values: [])
        (total.requests, total.failed, total.estimated) = (3, 1, 1)
        (total.input, total.cachedInput, total.cacheWrite, total.output, total.reasoning) = (110, 40, 10, 55, 20)
        (total.cost, total.totalMicroseconds) = (Money(nanos: 4_000), 21)
        #expect(
            try world.ledger.report(UsageQuery())
                == UsageReport(dimensions: [], rows: [total], total: total, isCut: false)
        )
        for query in [UsageQuery(since: Self.start + 86_400_000), UsageQuery(until: 0)] {
            let report = try world.ledger.report(query)
            #expect(report.rows.isEmpty && report.total == UsageReport.Row(values: []))
        }
    }

    @Test("only what is asked for counts, and what nobody ever had is nothing")
    func filters() throws {
        let ledger = try Self.filled().ledger
        let filters: [(WritableKeyPath<UsageQuery, String?>, String, Int)] = [
            (\.tenant, "ten_a", 2), (\.team, "team_a", 2), (\.user, "user_a", 2), (\.key, "key_a", 2),
            (\.provider, "house", 2), (\.model, "n", 1), (\.client, "curl", 1), (\.outcome, "refused", 1),
            (\.tenant, "ten_b", 0), (\.model, "fast", 0), (\.model, "never asked for", 0),
        ]
        for (path, text, count) in filters {
            var query = UsageQuery(by: [.tenant, .hour], since: Self.start - 2 * 86_400_000)
            query[keyPath: path] = text
            #expect(try ledger.report(query).total.requests == count, "\(text)")
            #expect(try ledger.records(query, after: 0, most: 9).found.count == count, "\(text)")
        }
    }

    @Test("a time counts by whole hours in a report, and exactly in an export")
    func times() throws {
        let ledger = try Self.filled().ledger
        let cases: [(since: Int, until: Int, reported: Int, exported: Int)] = [
            (Self.start, Self.start + 1, 1, 1), (Self.start + 1, Self.start + 2, 1, 0),
            (Self.start, Self.start + 3_600_001, 2, 2), (Self.start - 86_400_000, Self.start, 1, 1),
            (Self.start + 3_599_999, Self.start + 3_600_000, 1, 0),
        ]
        for (since, until, reported, exported) in cases {
            let query = UsageQuery(since: since, until: until)
            #expect(try ledger.report(query).total.requests == reported)
            #expect(try ledger.records(query, after: 0, most: 9).found.count == exported)
        }
    }

    @Test(
        "rows are sorted by amounts with the largest first, or by what they are about; the total counts those beyond the limit"
    )
    func sorting() throws {
        let ledger = try Self.filled().ledger
        func models(_ sort: UsageQuery.Sort?, by: [UsageQuery.Dimension] = [.model], limit: Int = 9) throws -> [String?]
        {
            try ledger.report(UsageQuery(by: by, limit: limit, sort: sort)).rows.map { $0.values[by.count - 1] }
        }
        #expect(try models(nil) == ["n", "m", nil])
        #expect(try models(.cost) == ["n", "m", nil])
        #expect(try models(.tokens) == ["m", "n", nil])
        #expect(try models(.requests) == [nil, "m", "n"])
        #expect(try models(.values) == [nil, "m", "n"])
        #expect(try models(nil, by: [.day, .model]) == [nil, "m", "n"])
        #expect(try models(.cost, limit: 0) == ["n"])
        let report = try ledger.report(UsageQuery(by: [.model], limit: 2))
        #expect(report.isCut && report.rows.count == 2 && report.total.requests == 3)
        #expect(try !ledger.report(UsageQuery(by: [.model], limit: 3)).isCut)
    }

    @Test("B18: hours are told apart for a month, which has to be said, and any other time for ever")
    func hours() throws {
        let ledger = try Self.filled().ledger
        let month = UsageQuery.mostHours * 3_600_000
        let allowed = [
            UsageQuery(by: [.hour], since: Self.start - month), UsageQuery(by: [.hour], until: month),
            UsageQuery(by: [.hour], since: 5, until: 5 + month), UsageQuery(by: [.day, .month, .tenant]),
        ]
        for query in allowed { #expect(throws: Never.self) { try ledger.report(query) } }
        let refused = [
            UsageQuery(by: [.hour]), UsageQuery(by: [.tenant, .hour], since: Self.start - month - 1),
            UsageQuery(by: [.hour], until: month + 1), UsageQuery(by: [.hour], since: 5, until: 6 + month),
        ]
        for query in refused { #expect(throws: LedgerProblem.tooManyHours) { try ledger.report(query) } }
    }

    @Test("B18: only subjects that occur are told apart, however many there ever were")
    func rareSubjects() throws {
        let world = try Self.filled()
        try world.file((0..<50).map { number in Used.record { $0.key = "key_\(number)" } }, segment: 2)
        var query = UsageQuery(by: [.key], since: Self.start + 3_600_000)
        for tenant in [nil, "ten_a"] {
            query.tenant = tenant
            let groups = try world.ledger.database.read { database in
                let filter = try #require(try LedgerFilter(query, in: database, column: \.column))
                var subjects = try ReportSubjects(query, filter, in: database)
                #expect(subjects.groups.isEmpty && !subjects.isEmpty)
                let place = try subjects.place(of: 2)
                #expect(place?.group == 0 && place?.isFailure == true)
                return subjects.groups
            }
            #expect(groups.count == 1)
            #expect(try world.ledger.report(query).rows.map(\.values) == [["key_a"]])
        }
    }

    @Test("B18: more rows than can be counted are refused, and the memory for them is bounded")
    func tooMany() throws {
        var count = ReportCount([.hour])
        for hour in 0..<ReportCount.mostRows {
            try count.add(UsageSums(), isFailure: false, group: 0, slot: hour, day: 0)
        }
        try count.add(UsageSums(), isFailure: false, group: 0, slot: 0, day: 0)
        #expect(throws: LedgerProblem.tooManyRows) {
            try count.add(UsageSums(), isFailure: false, group: 1, slot: 0, day: 0)
        }
    }
}
