import GRDB
import Inference

/// What many records come to together; no sum is ever too large, whatever a provider claims.
struct UsageSums: Sendable, Hashable {
    var requests = 0
    /// Requests, and what was sent beside them, of which the gateway estimated the tokens.
    var estimated = 0
    var input = 0
    var cachedInput = 0
    var cacheWrite = 0
    var output = 0
    var reasoning = 0
    /// Billionths of a dollar.
    var cost = 0
    var totalMicroseconds = 0

    init() {}

    init(_ record: UsageRecord) {
        // What was sent beside a request is none of its own, and took none of its time.
        let isRequest = record.part == .request
        requests = isRequest ? 1 : 0
        estimated = record.isEstimated ? 1 : 0
        input = Self.bounded(record.usage.input)
        cachedInput = Self.bounded(record.usage.cachedInput)
        cacheWrite = Self.bounded(record.usage.cacheWrite)
        output = Self.bounded(record.usage.output)
        reasoning = Self.bounded(record.usage.reasoning)
        cost = Self.bounded(record.cost.nanos)
        totalMicroseconds = isRequest ? Self.bounded(record.totalMicroseconds) : 0
    }

    mutating func add(_ other: UsageSums) {
        Self.add(other.requests, to: &requests)
        Self.add(other.estimated, to: &estimated)
        Self.add(other.input, to: &input)
        Self.add(other.cachedInput, to: &cachedInput)
        Self.add(other.cacheWrite, to: &cacheWrite)
        Self.add(other.output, to: &output)
        Self.add(other.reasoning, to: &reasoning)
        Self.add(other.cost, to: &cost)
        Self.add(other.totalMicroseconds, to: &totalMicroseconds)
    }

    private static func add(_ number: Int, to sum: inout Int) { sum = min(sum + number, most) }

    private static func bounded(_ number: Int?) -> Int { min(max(number ?? 0, 0), mostOfOne) }

    private static let mostOfOne = 1 << 56
    /// Two of them still fit into a number.
    static let most = 1 << 61

    // MARK: In packs

    /// Their order is the format of a table.
    func encode(into output: inout RecordOutput) {
        output.number(requests)
        output.number(estimated)
        output.number(input)
        output.number(cachedInput)
        output.number(cacheWrite)
        output.number(self.output)
        output.number(reasoning)
        output.number(cost)
        output.number(totalMicroseconds)
    }

    /// - Throws: where there are no sums, or some that none ever is.
    init(decoding input: inout RecordInput) throws(RecordCodingError) {
        requests = try input.number()
        estimated = try input.number()
        self.input = try input.number()
        cachedInput = try input.number()
        cacheWrite = try input.number()
        output = try input.number()
        reasoning = try input.number()
        cost = try input.number()
        totalMicroseconds = try input.number()
        let tokens = self.input | cachedInput | cacheWrite | output | reasoning
        // None is below zero, and none so large that two would not fit into a number.
        guard (0..<Self.most << 1).contains(requests | estimated | tokens | cost | totalMicroseconds) else {
            throw input.problem
        }
    }

    // MARK: In rows of earlier versions

    /// The columns in the order in which `init(_:from:)` reads them, which is that of packs too.
    static let columns = [
        "requests", "estimated", "input", "cached_input", "cache_write", "output", "reasoning", "cost", "total_us",
    ]

    /// Reads them from the column of this number on; what is beyond every sum is the least or the most that one can be.
    init(_ row: Row, from first: Int) {
        func sum(_ number: Int) -> Int { min(max(0, row[first + number]), Self.most) }
        requests = sum(0)
        estimated = sum(1)
        input = sum(2)
        cachedInput = sum(3)
        cacheWrite = sum(4)
        output = sum(5)
        reasoning = sum(6)
        cost = sum(7)
        totalMicroseconds = sum(8)
    }
}
