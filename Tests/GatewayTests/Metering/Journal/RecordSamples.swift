import Inference

@testable import Gateway

/// Records for tests of the journal.
enum RecordSamples {
    /// One that is known by its number, and otherwise like most.
    static func plain(_ number: Int) -> UsageRecord {
        var record = UsageRecord()
        record.at = 1_790_000_000_000 + number
        record.day = 20_717
        record.requestID = "req_\(number)"
        record.tenant = "acme"
        record.key = "0123456789abcdef"
        record.client = "codex"
        record.route = "POST /v1/responses"
        record.dialect = .responses
        record.upstreamDialect = .chat
        record.provider = "one"
        record.model = "m"
        record.upstreamModel = "m-2026"
        record.status = 200
        record.attempts = 1
        record.usage = Usage(input: 1_200, output: 300)
        record.cost = Money(nanos: 4_500_000)
        record.price = Price(input: 1_250_000, output: 10_000_000)
        record.totalMicroseconds = 1_700_000
        return record
    }

    /// One with nothing left at what it is by itself of all that the first version of the coding had.
    static let full: UsageRecord = {
        var record = plain(7)
        (record.team, record.user, record.rule, record.code) = ("t", "ü", "cheap", "timeout")
        record.tried = "one:timeout two:ok"
        record.usage = Usage(input: 9, cachedInput: 4, cacheWrite: 3, output: 8, reasoning: 5)
        (record.images, record.isEstimated, record.isStream) = (2, true, true)
        (record.attempts, record.outcome) = (2, .clientGone)
        record.price = Price(input: 1, cachedInput: 2, cacheWrite: 3, output: 4, reasoning: 5, image: 6, request: 7)
        record.waitedMicroseconds = 10
        (record.firstByteMicroseconds, record.firstTokenMicroseconds) = (20, 30)
        return record
    }()

    /// The same with what later versions added.
    static let fullest: UsageRecord = {
        var record = full
        record.usage.cacheWrite1h = 2
        record.price?.cacheWrite1h = 8
        record.part = .hedge
        return record
    }()

    /// Anything that a record can be, with numbers of every size.
    static func random(using generator: inout SeededChance) -> UsageRecord {
        var record = UsageRecord()
        record.part = UsageRecord.Part.allCases.randomElement(using: &generator) ?? .request
        (record.at, record.day) = (number(&generator), number(&generator))
        (record.requestID, record.client) = (text(&generator), text(&generator))
        (record.tenant, record.team) = (maybe(&generator, text), maybe(&generator, text))
        (record.user, record.key) = (maybe(&generator, text), maybe(&generator, text))
        (record.route, record.rule) = (text(&generator), maybe(&generator, text))
        record.dialect = maybe(&generator) { Dialect.allCases.randomElement(using: &$0) ?? .chat }
        record.upstreamDialect = maybe(&generator) { Dialect.allCases.randomElement(using: &$0) ?? .chat }
        (record.provider, record.model) = (maybe(&generator, text), maybe(&generator, text))
        (record.upstreamModel, record.isStream) = (maybe(&generator, text), Bool.random(using: &generator))
        record.status = number(&generator)
        record.outcome = ExchangeRecord.Outcome.allCases.randomElement(using: &generator) ?? .ok
        (record.code, record.attempts) = (maybe(&generator, text), number(&generator))
        record.tried = maybe(&generator, text)
        record.usage = Usage(
            input: maybe(&generator, number),
            cachedInput: maybe(&generator, number),
            cacheWrite: maybe(&generator, number),
            cacheWrite1h: maybe(&generator, number),
            output: maybe(&generator, number),
            reasoning: maybe(&generator, number)
        )
        (record.images, record.isEstimated) = (number(&generator), Bool.random(using: &generator))
        (record.cost, record.price) = (Money(nanos: number(&generator)), maybe(&generator, price))
        (record.waitedMicroseconds, record.totalMicroseconds) = (number(&generator), number(&generator))
        record.firstByteMicroseconds = maybe(&generator, number)
        record.firstTokenMicroseconds = maybe(&generator, number)
        return record
    }

    /// The frames of records, one behind the other, and where each begins.
    static func segment(_ records: [UsageRecord]) -> (bytes: [UInt8], starts: [Int]) {
        var bytes: [UInt8] = []
        var starts: [Int] = []
        for record in records {
            starts.append(bytes.count)
            JournalFrame.append(record, to: &bytes)
        }
        return (bytes, starts)
    }

    private static func price(_ generator: inout SeededChance) -> Price {
        Price(
            input: number(&generator),
            cachedInput: maybe(&generator, number),
            cacheWrite: maybe(&generator, number),
            cacheWrite1h: maybe(&generator, number),
            output: number(&generator),
            reasoning: maybe(&generator, number),
            image: maybe(&generator, number),
            request: maybe(&generator, number)
        )
    }

    private static func number(_ generator: inout SeededChance) -> Int {
        let edges = [0, 1, -1, 63, 64, 127, 128, Int.max, Int.min + 1]
        if Bool.random(using: &generator) { return edges.randomElement(using: &generator) ?? 0 }
        return Int(truncatingIfNeeded: generator.next()) >> Int.random(in: 1...63, using: &generator)
    }

    private static func text(_ generator: inout SeededChance) -> String {
        let characters = ["a", "Z", "7", "/", " ", "ü", "語", "🦊", "\u{0}", "\n"]
        let count = [0, 1, 5, 15, 16, 40, 130].randomElement(using: &generator) ?? 0
        return (0..<count).map { _ in characters.randomElement(using: &generator) ?? "" }.joined()
    }

    private static func maybe<Value>(
        _ generator: inout SeededChance,
        _ make: (inout SeededChance) -> Value
    ) -> Value? {
        Bool.random(using: &generator) ? make(&generator) : nil
    }
}

/// Chance that is the same in every run.
struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
