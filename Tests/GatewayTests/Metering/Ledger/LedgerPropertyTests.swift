import Inference
import Testing

@testable import Gateway

/// Whatever the order in which records are filed, and however often, the ledger is the sum of them.
@Suite("The ledger is the sum of its records")
struct LedgerPropertyTests {
    @Test(
        "F14: random records in random batches, with repeats and with processes that begin anew, sum up to themselves",
        arguments: 1...12
    )
    func sums(_ seed: Int) throws {
        var random = Numbers(seed)
        let scratch = try Scratch()
        let settings = LedgerSettings(place: .folder(scratch.path))
        var world = try LedgerUnderTest(settings)
        let segments = (1...3).map { segment in Self.segment(segment, &random) }
        var filed = [0, 0, 0]
        var batches: [(records: [Placed], positions: [Int: Int])] = []
        while zip(filed, segments).contains(where: { $0 < $1.count }) {
            let batch = Self.batch(segments, &filed, &random)
            batches.append(batch)
            try world.ledger.file(batch.records, positions: batch.positions)
            if random.isOne(in: 3), let again = batches.randomElement(using: &random) {
                try world.ledger.file(again.records, positions: again.positions)
            }
            if random.isOne(in: 5) { world = try LedgerUnderTest(settings) }
            // As if an earlier version had filed all of it.
            if random.isOne(in: 5) { try world.unpack() }
            if random.isOne(in: 5) { _ = try world.ledger.packEarlierSums() }
        }
        let records = segments.flatMap { $0 }
        var (ids, next): ([Int], Int?) = ([], 0)
        while let after = next {
            let page = try world.ledger.records(UsageQuery(), after: after, most: 10_000)
            ids += page.found.map(\.id)
            next = page.next
        }
        #expect(ids == records.map(\.place.id))
        #expect(try world.all() == records.map(\.record))
        for number in 0..<60 {
            if number == 40 { _ = try world.retain() }
            let query = Self.query(&random)
            let (found, expected) = (try world.ledger.report(query), Self.report(query, records.map(\.record)))
            try #require(found == expected, "\(query)")
        }
        #expect(try world.count("rollups") == 0)
        let day = LedgerUnderTest.today + Int.random(in: -40...2, using: &random)
        let spends = try world.ledger.spends(since: day)
        #expect(spends.count == Set(spends).count && Set(spends) == Self.spends(since: day, records.map(\.record)))
    }

    private typealias Placed = (place: JournalPlace, record: UsageRecord)

    // MARK: Making records

    private static func segment(_ number: Int, _ random: inout Numbers) -> [Placed] {
        var (offset, time) = (0, LedgerUnderTest.start - 60 * 86_400_000)
        return (0..<Int.random(in: 0...200, using: &random)).map { _ in
            defer { offset += Int.random(in: 1...300, using: &random) }
            // A clock may be set back (F16).
            time += Int.random(in: -3_600_000...40_000_000, using: &random)
            return (JournalPlace(segment: number, offset: offset), record(at: time, &random))
        }
    }

    private static func record(at time: Int, _ random: inout Numbers) -> UsageRecord {
        Used.record(at: time) { record in
            record.day += Int.random(in: -1...1, using: &random)
            record.tenant = random.name("ten")
            record.team = random.name("team")
            record.user = random.name("user")
            record.key = random.name("key")
            record.provider = random.name("provider")
            record.upstreamModel = random.name("model")
            record.rule = random.name("rule")
            record.client = random.name("client") ?? "other"
            record.dialect = Dialect.allCases.randomElement(using: &random)
            record.outcome = ExchangeRecord.Outcome.allCases.randomElement(using: &random) ?? .ok
            record.isEstimated = random.isOne(in: 4)
            record.usage = Usage(
                input: random.number(100_000),
                cachedInput: random.number(1_000),
                cacheWrite: random.number(1_000),
                output: random.number(10_000),
                reasoning: random.number(1_000)
            )
            // What comes to nothing makes no model known.
            if record.tokens == 0 { record.outcome = .ok }
            record.cost = Money(nanos: random.number(1_000_000_000) ?? 0)
            record.totalMicroseconds = random.number(60_000_000) ?? 0
        }
    }

    /// What comes next of some segments; now and then its positions are not said, so that it comes once more.
    private static func batch(
        _ segments: [[Placed]],
        _ filed: inout [Int],
        _ random: inout Numbers
    ) -> (records: [Placed], positions: [Int: Int]) {
        var records: [Placed] = []
        var positions: [Int: Int] = [:]
        let isSaid = !random.isOne(in: 4)
        for (index, segment) in segments.enumerated() {
            let next = segment[filed[index]...].prefix(Int.random(in: 0...60, using: &random))
            records += next
            if isSaid, let last = next.last { positions[index + 1] = last.place.offset + 1 }
            if isSaid || random.isOne(in: 2) { filed[index] += next.count }
        }
        return (records, positions)
    }

    // MARK: What is expected

    private static func query(_ random: inout Numbers) -> UsageQuery {
        let dimensions = UsageQuery.Dimension.allCases.shuffled(using: &random)
        var query = UsageQuery(by: Array(dimensions.prefix(Int.random(in: 0...4, using: &random))), sort: .values)
        let times = -70 * 86_400_000...40 * 86_400_000
        if random.isOne(in: 2) { query.since = LedgerUnderTest.start + Int.random(in: times, using: &random) }
        if random.isOne(in: 2) { query.until = LedgerUnderTest.start + Int.random(in: times, using: &random) }
        if query.by.contains(.hour) {
            let since = LedgerUnderTest.start + Int.random(in: times, using: &random)
            query.since = since
            query.until = since + Int.random(in: -1...UsageQuery.mostHours * 3_600_000, using: &random)
        }
        if random.isOne(in: 4) { query.tenant = random.name("ten") }
        if random.isOne(in: 4) { query.model = random.name("model") }
        if random.isOne(in: 6) { query.outcome = "failed" }
        query.limit = random.isOne(in: 3) ? 10 : 10_000
        return query
    }

    /// The report, from the records themselves.
    private static func report(_ query: UsageQuery, _ records: [UsageRecord]) -> UsageReport {
        var rows: [[String?]: UsageReport.Row] = [:]
        var total = UsageReport.Row(values: [])
        let (since, until) = (query.since ?? .min, query.until ?? .max)
        for record in records where isCounted(record, query) {
            // An hour counts as a whole where any of it does.
            let hour = record.at / 3_600_000 * 3_600_000
            guard since < until, hour + 3_600_000 > since, hour < until else { continue }
            let values = query.by.map { value(of: $0, record) }
            add(record, to: &rows[values, default: UsageReport.Row(values: values)])
            add(record, to: &total)
        }
        let sorted = rows.values.sorted { left, right in
            let pair = zip(left.values, right.values).first { $0 != $1 }
            return pair.map { one, two in one == nil || two != nil && (one ?? "") < (two ?? "") } ?? false
        }
        return UsageReport(
            dimensions: query.by,
            rows: Array(sorted.prefix(query.limit)),
            total: total,
            isCut: sorted.count > query.limit
        )
    }

    private static func isCounted(_ record: UsageRecord, _ query: UsageQuery) -> Bool {
        (query.tenant ?? record.tenant) == record.tenant
            && (query.model ?? record.upstreamModel) == record.upstreamModel
            && (query.outcome ?? record.outcome.rawValue) == record.outcome.rawValue
    }

    private static func value(of dimension: UsageQuery.Dimension, _ record: UsageRecord) -> String? {
        switch dimension {
        case .tenant: record.tenant
        case .team: record.team
        case .user: record.user
        case .key: record.key
        case .provider: record.provider
        case .model: record.upstreamModel
        case .client: record.client
        case .dialect: record.dialect?.rawValue
        case .outcome: record.outcome.rawValue
        case .rule: record.rule
        case .day: String(Timestamp.dateAndTime(record.day * 86_400).prefix(10))
        case .month: String(Timestamp.dateAndTime(record.day * 86_400).prefix(7))
        case .hour: Timestamp.dateAndTime(record.at / 3_600_000 * 3_600) + "Z"
        }
    }

    private static func add(_ record: UsageRecord, to row: inout UsageReport.Row) {
        row.requests += 1
        row.failed += [.failed, .interrupted].contains(record.outcome) ? 1 : 0
        row.estimated += record.isEstimated ? 1 : 0
        row.input += record.usage.input ?? 0
        row.cachedInput += record.usage.cachedInput ?? 0
        row.cacheWrite += record.usage.cacheWrite ?? 0
        row.output += record.usage.output ?? 0
        row.reasoning += record.usage.reasoning ?? 0
        row.cost += record.cost
        row.totalMicroseconds += record.totalMicroseconds
    }

    private static func spends(since day: Int, _ records: [UsageRecord]) -> Set<SpendOfDay> {
        var spends: [[String]: SpendOfDay] = [:]
        for record in records where record.day >= day {
            let ids: [(LimitLevel, String?)] = [
                (.tenant, record.tenant), (.team, record.team), (.user, record.user), (.key, record.key),
            ]
            for case (let level, let id?) in ids {
                let start = SpendOfDay(day: record.day, level: level, id: id, cost: .zero, tokens: 0)
                let key = ["\(record.day)", level.rawValue, id]
                spends[key, default: start].cost += record.cost
                spends[key, default: start].tokens += record.tokens
            }
        }
        return Set(spends.values)
    }
}

/// The same numbers for the same seed (splitmix64).
private struct Numbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func isOne(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    mutating func number(_ most: Int) -> Int? { isOne(in: 5) ? nil : Int.random(in: 0...most, using: &self) }

    /// One of a few names, or none.
    mutating func name(_ prefix: String) -> String? {
        let number = Int.random(in: 0..<4, using: &self)
        return number == 0 ? nil : "\(prefix)_\(number)"
    }
}
