import Inference

/// How a record is written into the journal: a version, then all its values in one fixed order.
///
/// The order and the numbers of dialects and outcomes are the format of files: what changes them needs another version, and
/// the reading of the earlier ones has to stay. A record that has nothing of what came later is written in the first
/// version, which every torii reads.
extension UsageRecord {
    /// The latest one.
    static let codingVersion: UInt8 = 2

    /// Adds its coding to what the bytes hold; costs no memory where they have the room.
    func encode(into bytes: inout [UInt8]) {
        bytes.append(addingCapacity: mostCodedBytes) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                var output = RecordOutput(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
                encode(into: &output)
                count += output.count
            }
        }
    }

    /// - Throws: what is wrong with the bytes, which have to be one whole record.
    init(decoding bytes: UnsafeRawBufferPointer) throws(RecordCodingError) {
        self.init()
        var input = RecordInput(bytes)
        let version = try input.byte()
        guard version <= Self.codingVersion else { throw .newer(version: Int(version)) }
        guard version > 0 else { throw .malformed(at: 0) }
        try decodeCaller(from: &input)
        try decodeWay(from: &input)
        try decodeAmounts(from: &input)
        try decodeTimes(from: &input)
        if version >= 2 { try decodeAdditions(from: &input) }
        guard input.isAtEnd else { throw input.problem }
    }

    /// At most; there are fewer than 32 numbers and 16 single bytes.
    private var mostCodedBytes: Int {
        var most = 32 * RecordOutput.longestNumber + 16
        most += RecordOutput.room(for: requestID) + RecordOutput.room(for: tenant) + RecordOutput.room(for: team)
        most += RecordOutput.room(for: user) + RecordOutput.room(for: key) + RecordOutput.room(for: client)
        most += RecordOutput.room(for: route) + RecordOutput.room(for: rule) + RecordOutput.room(for: provider)
        most += RecordOutput.room(for: model) + RecordOutput.room(for: upstreamModel)
        most += RecordOutput.room(for: code) + RecordOutput.room(for: tried)
        return most
    }

    private func encode(into output: inout RecordOutput) {
        let version = neededVersion
        output.byte(version)
        encodeCaller(into: &output)
        encodeWay(into: &output)
        encodeAmounts(into: &output)
        encodeTimes(into: &output)
        if version >= 2 { encodeAdditions(into: &output) }
    }

    /// The first version that has room for all that there is.
    private var neededVersion: UInt8 {
        usage.cacheWrite1h == nil && price?.cacheWrite1h == nil && part == .request ? 1 : 2
    }
}

// MARK: Each part, written and read

extension UsageRecord {
    private func encodeCaller(into output: inout RecordOutput) {
        output.number(at)
        output.number(day)
        output.text(requestID)
        output.text(tenant)
        output.text(team)
        output.text(user)
        output.text(key)
        output.text(client)
    }

    private mutating func decodeCaller(from input: inout RecordInput) throws(RecordCodingError) {
        at = try input.number()
        day = try input.number()
        requestID = try input.text()
        tenant = try input.textIfAny()
        team = try input.textIfAny()
        user = try input.textIfAny()
        key = try input.textIfAny()
        client = try input.text()
    }

    private func encodeWay(into output: inout RecordOutput) {
        output.text(route)
        output.byte(dialect?.journalCode ?? 0)
        output.byte(upstreamDialect?.journalCode ?? 0)
        output.text(rule)
        output.text(provider)
        output.text(model)
        output.text(upstreamModel)
        output.flag(isStream)
        output.number(status)
        output.byte(outcome.journalCode)
        output.text(code)
        output.number(attempts)
        output.text(tried)
    }

    private mutating func decodeWay(from input: inout RecordInput) throws(RecordCodingError) {
        route = try input.text()
        dialect = try input.dialect()
        upstreamDialect = try input.dialect()
        rule = try input.textIfAny()
        provider = try input.textIfAny()
        model = try input.textIfAny()
        upstreamModel = try input.textIfAny()
        isStream = try input.flag()
        status = try input.number()
        outcome = try input.outcome()
        code = try input.textIfAny()
        attempts = try input.number()
        tried = try input.textIfAny()
    }

    private func encodeAmounts(into output: inout RecordOutput) {
        output.number(usage.input)
        output.number(usage.cachedInput)
        output.number(usage.cacheWrite)
        output.number(usage.output)
        output.number(usage.reasoning)
        output.number(images)
        output.flag(isEstimated)
        output.number(cost.nanos)
        output.flag(price != nil)
        guard let price else { return }
        output.number(price.input)
        output.number(price.cachedInput)
        output.number(price.cacheWrite)
        output.number(price.output)
        output.number(price.reasoning)
        output.number(price.image)
        output.number(price.request)
    }

    private mutating func decodeAmounts(from input: inout RecordInput) throws(RecordCodingError) {
        usage.input = try input.numberIfAny()
        usage.cachedInput = try input.numberIfAny()
        usage.cacheWrite = try input.numberIfAny()
        usage.output = try input.numberIfAny()
        usage.reasoning = try input.numberIfAny()
        images = try input.number()
        isEstimated = try input.flag()
        cost = Money(nanos: try input.number())
        guard try input.flag() else { return }
        var price = Price(input: try input.number(), output: 0)
        price.cachedInput = try input.numberIfAny()
        price.cacheWrite = try input.numberIfAny()
        price.output = try input.number()
        price.reasoning = try input.numberIfAny()
        price.image = try input.numberIfAny()
        price.request = try input.numberIfAny()
        self.price = price
    }

    private func encodeTimes(into output: inout RecordOutput) {
        output.number(waitedMicroseconds)
        output.number(firstByteMicroseconds)
        output.number(firstTokenMicroseconds)
        output.number(totalMicroseconds)
    }

    private mutating func decodeTimes(from input: inout RecordInput) throws(RecordCodingError) {
        waitedMicroseconds = try input.number()
        firstByteMicroseconds = try input.numberIfAny()
        firstTokenMicroseconds = try input.numberIfAny()
        totalMicroseconds = try input.number()
    }
}

// MARK: What version 2 has behind the rest

extension UsageRecord {
    private func encodeAdditions(into output: inout RecordOutput) {
        output.number(usage.cacheWrite1h)
        output.number(price?.cacheWrite1h)
        output.byte(part.number)
    }

    private mutating func decodeAdditions(from input: inout RecordInput) throws(RecordCodingError) {
        usage.cacheWrite1h = try input.numberIfAny()
        let amount = try input.numberIfAny()
        price?.cacheWrite1h = amount
        guard let known = Part(number: try input.byte()) else { throw input.problem }
        part = known
    }
}

// MARK: Words as numbers

extension RecordInput {
    fileprivate mutating func dialect() throws(RecordCodingError) -> Dialect? {
        let code = try byte()
        guard code > 0 else { return nil }
        guard let dialect = Dialect.allCases.first(where: { $0.journalCode == code }) else { throw problem }
        return dialect
    }

    fileprivate mutating func outcome() throws(RecordCodingError) -> ExchangeRecord.Outcome {
        let code = try byte()
        guard let outcome = ExchangeRecord.Outcome.allCases.first(where: { $0.journalCode == code }) else {
            throw problem
        }
        return outcome
    }
}

extension Dialect {
    /// Never 0, which stands for none.
    fileprivate var journalCode: UInt8 {
        switch self {
        case .chat: 1
        case .responses: 2
        case .messages: 3
        case .ollama: 4
        }
    }
}

extension ExchangeRecord.Outcome {
    fileprivate var journalCode: UInt8 {
        switch self {
        case .ok: 0
        case .refused: 1
        case .failed: 2
        case .interrupted: 3
        case .clientGone: 4
        }
    }
}
