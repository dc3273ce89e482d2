import GRDB
import Inference

/// The table of single records: what `UsageRecord.bind` binds in this order, `UsageRecord.init(_:_:)` reads in it.
enum UsageTable {
    static let columns = """
        id, at, day, request_id, tenant, team, user, key, client, route, dialect, upstream_dialect, rule, provider, model, \
        upstream_model, is_stream, status, outcome, code, attempts, tried, input, cached_input, cache_write, output, \
        reasoning, images, is_estimated, cost, price, waited_us, first_byte_us, first_token_us, total_us, cache_write_1h, \
        part
        """

    /// A record of a place that is there already changes nothing.
    static let insertion = """
        INSERT OR IGNORE INTO usage (\(columns)) VALUES (\(Array(repeating: "?", count: 37).joined(separator: ", ")))
        """
}

extension UsageRecord {
    /// Binds the row of `UsageTable.insertion`.
    func bind(to row: inout ColumnBinder, id: Int, _ words: UsageWords) {
        let subject = words.subject
        row.number(id)
        row.number(at)
        row.number(day)
        row.text(requestID)
        for word in [
            subject.tenant, subject.team, subject.user, subject.key, subject.client, words.route, subject.dialect,
            words.upstreamDialect, subject.rule, subject.provider,
        ] { row.word(word) }
        bindModels(to: &row, words)
        row.flag(isStream)
        row.number(status)
        row.number(subject.outcome)
        row.word(words.code)
        row.number(attempts)
        row.text(tried)
        for tokens in [usage.input, usage.cachedInput, usage.cacheWrite, usage.output, usage.reasoning] {
            row.number(tokens)
        }
        row.number(images)
        row.flag(isEstimated)
        row.number(cost.nanos)
        row.word(words.price)
        for time in [waitedMicroseconds, firstByteMicroseconds, firstTokenMicroseconds, totalMicroseconds] {
            row.number(time)
        }
        row.number(usage.cacheWrite1h)
        row.number(Int(part.number))
    }

    /// What was asked for is a word, or else the text itself behind a mark, without which the column would take `5` for a number.
    private func bindModels(to row: inout ColumnBinder, _ words: UsageWords) {
        if words.model == 0, let model { row.text("=" + LedgerNames.cut(model)) } else { row.word(words.model) }
        row.word(words.subject.model)
    }

    /// Reads a row of `UsageTable.columns`, of which the first is the id.
    init(_ row: Row, _ texts: inout LedgerTexts) throws {
        self.init()
        var reader = ColumnReader(row: row)
        at = reader.number()
        day = reader.number()
        requestID = reader.text() ?? ""
        tenant = try reader.word(&texts)
        team = try reader.word(&texts)
        user = try reader.word(&texts)
        key = try reader.word(&texts)
        client = try reader.word(&texts) ?? ""
        route = try reader.word(&texts) ?? ""
        dialect = try reader.word(&texts).flatMap(Dialect.init(rawValue:))
        upstreamDialect = try reader.word(&texts).flatMap(Dialect.init(rawValue:))
        rule = try reader.word(&texts)
        provider = try reader.word(&texts)
        model = try reader.wordOrText(&texts)
        upstreamModel = try reader.word(&texts)
        isStream = reader.number() != 0
        status = reader.number()
        outcome = try reader.word(&texts).flatMap(ExchangeRecord.Outcome.init(rawValue:)) ?? .failed
        code = try reader.word(&texts)
        attempts = reader.number()
        tried = reader.text()
        usage = Usage(
            input: reader.numberIfThere(),
            cachedInput: reader.numberIfThere(),
            cacheWrite: reader.numberIfThere(),
            output: reader.numberIfThere(),
            reasoning: reader.numberIfThere()
        )
        images = reader.number()
        isEstimated = reader.number() != 0
        cost = Money(nanos: reader.number())
        price = try reader.word(&texts).flatMap(Price.init(ledgerText:))
        waitedMicroseconds = reader.number()
        firstByteMicroseconds = reader.numberIfThere()
        firstTokenMicroseconds = reader.numberIfThere()
        totalMicroseconds = reader.number()
        usage.cacheWrite1h = reader.numberIfThere()
        part = UInt8(exactly: reader.number()).flatMap(Part.init(number:)) ?? .request
    }
}

/// The columns of a row one after the other, behind the first.
private struct ColumnReader {
    let row: Row
    private var next = 1

    init(row: Row) { self.row = row }

    mutating func numberIfThere() -> Int? {
        defer { next += 1 }
        return row[next]
    }

    mutating func number() -> Int { numberIfThere() ?? 0 }

    mutating func text() -> String? {
        defer { next += 1 }
        return row[next]
    }

    mutating func word(_ texts: inout LedgerTexts) throws -> String? { try texts.text(of: number()) }

    /// A word, or a text behind its mark.
    mutating func wordOrText(_ texts: inout LedgerTexts) throws -> String? {
        guard case .string(let text) = (row[next] as DatabaseValue).storage else { return try word(&texts) }
        next += 1
        return String(decoding: text.utf8.dropFirst(), as: UTF8.self)
    }
}

extension Price {
    /// Its numbers with commas between, nothing where there is none.
    ///
    /// What came later stands behind the others and only where it is there, so that the text of a price stays the same.
    var ledgerText: String {
        var numbers = [input, cachedInput, cacheWrite, output, reasoning, image, request]
        if let cacheWrite1h { numbers.append(cacheWrite1h) }
        return numbers.map { $0.map(String.init) ?? "" }.joined(separator: ",")
    }

    init?(ledgerText text: String) {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard (7...8).contains(numbers.count), let input = numbers[0], let output = numbers[3] else { return nil }
        self.init(
            input: input,
            cachedInput: numbers[1],
            cacheWrite: numbers[2],
            cacheWrite1h: numbers.count > 7 ? numbers[7] : nil,
            output: output,
            reasoning: numbers[4],
            image: numbers[5],
            request: numbers[6]
        )
    }
}
