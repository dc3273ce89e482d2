import Foundation
import Gateway
import Inference
import Logging

/// Fills a ledger with records and prints how quick that is, and how long reports on them take.

/// The bar for every report, in seconds.
let bar = 1.0

/// Records in one transaction.
let batch = 10_000
let arguments = CommandLine.arguments
guard arguments.count == 3, let count = Int(arguments[1]), count > 0 else {
    print("LedgerBenchmark RECORDS FOLDER")
    exit(2)
}
let folder = arguments[2]
let days = 90
let end = 1_800_000_000_000
let start = end - days * 86_400_000

/// Many numbers that look like chance and are the same each time.
func mixed(_ number: Int) -> Int {
    var word = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    return Int((word ^ (word >> 27)) >> 2)
}

/// One of 10,000 keys in 500 tenants; a key has one client and two of twenty models.
func record(_ number: Int) -> UsageRecord {
    let chance = mixed(number)
    let key = chance % 10_000
    let model = "model-\((key * 7 + chance >> 20 & 1) % 20)"
    var record = UsageRecord()
    record.at = start + Int(Double(number) / Double(count) * Double(end - start))
    record.day = record.at / 86_400_000
    record.requestID = "req_\(String(chance, radix: 36))"
    (record.tenant, record.team) = ("ten_\(key % 500)", "team_\(key % 2_000)")
    (record.user, record.key) = ("user_\(key % 5_000)", "key_\(key)")
    record.client = ["codex", "claude-code", "openai-python", "curl"][key % 4]
    record.route = "POST /v1/responses"
    (record.dialect, record.upstreamDialect) = (.responses, .chat)
    (record.provider, record.model, record.upstreamModel) = ("provider-\(key % 8)", model, model)
    record.isStream = true
    record.outcome = chance >> 24 & 31 == 0 ? .failed : .ok
    (record.status, record.attempts) = (record.outcome == .ok ? 200 : 502, 1)
    record.usage = Usage(input: chance >> 30 & 0xFFFF, cachedInput: 1_000, output: chance >> 40 & 0xFFF)
    record.cost = Money(nanos: chance >> 30 & 0xFF_FFFF)
    record.price = Price(input: 1_250_000, cachedInput: 125_000, output: 10_000_000)
    (record.firstByteMicroseconds, record.totalMicroseconds) = (300_000, 5_000_000)
    return record
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let (seconds, attoseconds) = try clock.measure(body).components
    return Double(seconds) + Double(attoseconds) / 1e18
}

let ledger = try Ledger(
    LedgerSettings(place: .folder(folder)),
    logger: Logger(label: "ledger") { _ in SwiftLogNoOpLogHandler() },
    clock: { end }
)

var slowest = 0.0
var filed = 0.0
for first in stride(from: 0, to: count, by: batch) {
    let numbers = first..<min(first + batch, count)
    // Two writers, as a gateway with two event loops has.
    let records = numbers.map { number in
        (place: JournalPlace(segment: 1 + number % 2, offset: number * 100), record: record(number))
    }
    let time = try seconds { try ledger.file(records, positions: [1: numbers.upperBound * 100]) }
    filed += time
    slowest = max(slowest, time)
}
print(
    String(
        format: "filed %d records: %.0f a second, the slowest batch in %.2f s",
        count,
        Double(count) / filed,
        slowest
    )
)

func timed(_ name: String, _ query: UsageQuery) throws -> Double {
    var rows = 0
    var times: [Double] = []
    for _ in 0..<3 { times.append(try seconds { rows = try ledger.report(query).rows.count }) }
    let time = times.sorted()[1]
    print("\(name.padding(toLength: 44, withPad: " ", startingAt: 0))" + String(format: "%6d rows %8.3f s", rows, time))
    return time
}

var tenant = UsageQuery(by: [.model, .day], limit: 10_000)
tenant.tenant = "ten_7"
let month = end - 30 * 86_400_000 + 1
var failures = UsageQuery(by: [.key], since: month, limit: 10_000)
(failures.model, failures.outcome) = ("model-3", "failed")
let hours = UsageQuery(by: [.provider, .hour], since: end - 31 * 86_400_000, limit: 10_000)
let costs = [
    try timed("all, in one row", UsageQuery()),
    try timed("by tenant and model", UsageQuery(by: [.tenant, .model], limit: 10_000)),
    try timed("by tenant, 30 days to the millisecond", UsageQuery(by: [.tenant], since: month, until: end - 1)),
    try timed("by key, 30 days", UsageQuery(by: [.key], since: month, limit: 10_000)),
    try timed("by day", UsageQuery(by: [.day])),
    try timed("by provider and day", UsageQuery(by: [.provider, .day], limit: 10_000)),
    try timed("one tenant by model and day", tenant),
    try timed("by hour, two days", UsageQuery(by: [.hour], since: end - 2 * 86_400_000)),
    try timed("by provider and hour, 31 days", hours),
    try timed("by tenant and day", UsageQuery(by: [.tenant, .day], limit: 10_000)),
    try timed("failures of one model by key, 30 days", failures),
]
let holds = costs.allSatisfy { $0 <= bar }
print("bar: \(bar) s for every report: \(holds ? "holds" : "MISSED")")
exit(holds ? 0 : 1)
