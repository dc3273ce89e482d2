import GRDB
import Inference

@testable import Gateway

/// A ledger with a clock that stands still until it is moved.
final class LedgerUnderTest: Sendable {
    let ledger: Ledger
    let time: Watched<Int>

    init(_ settings: LedgerSettings = LedgerSettings(), at start: Int = LedgerUnderTest.start) throws {
        let time = Watched(start)
        ledger = try Ledger(settings, logger: .silent) { time.value }
        self.time = time
    }

    /// 2027-01-15T08:00:00Z.
    static let start = 1_800_000_000_000
    static let today = start / 86_400_000

    /// Files records of one segment, each a hundred bytes behind the one before.
    func file(_ records: [UsageRecord], segment: Int = 1, from first: Int = 0) throws {
        let placed = records.enumerated().map { number, record in
            (place: JournalPlace(segment: segment, offset: (first + number) * 100), record: record)
        }
        try ledger.file(placed, positions: [segment: (first + records.count) * 100])
    }

    /// From now on the file may have so many pages, or as many as it has if those are more.
    func limitFile(pages: Int) throws {
        try ledger.database.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
    }

    func count(_ table: String) throws -> Int {
        try ledger.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }

    /// All records with their ids.
    func all(_ query: UsageQuery = UsageQuery()) throws -> [UsageRecord] {
        try pages(query, most: UsageQuery.mostRows).flatMap(\.found).map(\.record)
    }

    /// All pages of records.
    func pages(_ query: UsageQuery, most: Int) throws -> [RecordPage] {
        var pages: [RecordPage] = []
        var next: Int? = query.order == .oldestFirst ? 0 : .max
        while let after = next {
            let page = try ledger.records(query, after: after, most: most)
            pages.append(page)
            next = page.next
        }
        return pages
    }

    /// The requests in all sums of one length of time.
    func requests(in grain: UsageGrain) throws -> Int {
        try ledger.database.read { database in
            var requests = 0
            try Self.read(grain, in: database) { _, sums in requests += sums.requests }
            return requests
        }
    }

    /// Has all sums as an earlier version left them, with a row for each.
    func unpack() throws {
        try ledger.database.write { database in
            var all: [RollupKey: UsageSums] = [:]
            for grain in UsageGrain.allCases {
                try Self.read(grain, in: database) { key, sums in all[key, default: UsageSums()].add(sums) }
            }
            try database.execute(sql: "DELETE FROM packs; DELETE FROM rollups")
            for (key, sums) in all {
                let values = [
                    key.grain.rawValue, key.slot, key.day, key.subject, sums.requests, sums.estimated, sums.input,
                    sums.cachedInput, sums.cacheWrite, sums.output, sums.reasoning, sums.cost, sums.totalMicroseconds,
                ]
                try database.execute(
                    sql: "INSERT INTO rollups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    arguments: StatementArguments(values)
                )
            }
        }
    }

    private static func read(
        _ grain: UsageGrain,
        in database: Database,
        _ body: (RollupKey, UsageSums) throws -> Void
    ) throws {
        let span = UsageSpan(grain: grain, slots: 0..<UsageGrain.hours.upperBound)
        try UsagePacks.read(span, in: database, body)
        try EarlierRollups.read(span, in: database, body)
    }

    /// Deletes all that is too old, and says in how many pieces; packs what is not packed.
    func retain() throws -> Int {
        var pieces = 1
        while try ledger.retain() { pieces += 1 }
        while try ledger.packEarlierSums() {}
        return pieces
    }
}

/// Records that differ in what a test says.
enum Used {
    static func record(
        at time: Int = LedgerUnderTest.start,
        _ change: (inout UsageRecord) -> Void = { _ in }
    ) -> UsageRecord {
        var record = UsageRecord()
        record.at = time
        record.day = time / 86_400_000
        record.requestID = "req_1"
        (record.tenant, record.team, record.user, record.key) = ("ten_a", "team_a", "user_a", "key_a")
        (record.client, record.route) = ("codex", "POST /v1/responses")
        (record.provider, record.model, record.upstreamModel) = ("house", "fast", "m")
        (record.status, record.attempts) = (200, 1)
        record.dialect = .responses
        record.usage = Usage(input: 10, output: 5)
        record.cost = Money(nanos: 1_000)
        record.totalMicroseconds = 7
        change(&record)
        return record
    }

    /// One of which every member says something.
    static var full: UsageRecord {
        record { record in
            record.upstreamDialect = .chat
            record.rule = "night"
            record.isStream = true
            (record.status, record.outcome, record.code) = (502, .interrupted, "upstream_reset")
            (record.attempts, record.tried) = (2, "one:server_is_overloaded two:ok")
            record.usage = Usage(input: 1, cachedInput: 2, cacheWrite: 3, cacheWrite1h: 2, output: 4, reasoning: 5)
            (record.images, record.isEstimated) = (6, true)
            record.price = Price(
                input: 1,
                cachedInput: 2,
                cacheWrite: 3,
                cacheWrite1h: 8,
                output: 4,
                reasoning: 5,
                image: 6,
                request: 7
            )
            (record.waitedMicroseconds, record.firstByteMicroseconds, record.firstTokenMicroseconds) = (8, 9, 10)
        }
    }
}
