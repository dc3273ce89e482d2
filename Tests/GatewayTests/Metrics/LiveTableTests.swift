import Inference
import Testing

@testable import Gateway

@Suite("What a loop's requests came to")
struct LiveTableTests {
    private static func record(
        _ tenant: String? = "ten_a",
        _ provider: String? = "house",
        _ model: String? = "m",
        change: (inout ExchangeRecord) -> Void = { _ in }
    ) -> ExchangeRecord {
        var record = ExchangeRecord(requestID: "r", route: "POST /v1/chat/completions")
        (record.tenant, record.provider, record.model) = (tenant, provider, model)
        change(&record)
        return record
    }

    private static func rows(_ tables: [LiveTable], of tenant: String? = nil) -> [LiveSubject: LiveCounts] {
        var picture = LivePicture()
        for table in tables { picture.merge(table.snapshot()) }
        return Dictionary(picture.rows(of: tenant).map { ($0.subject, $0.counts) }) { first, _ in first }
    }

    @Test("is counted by tenant, provider and the model that was asked for")
    func counted() {
        var table = LiveTable()
        table.note(
            Self.record {
                $0.usage = Usage(input: 3, output: 2)
                $0.costNanos = 7
                $0.firstTokenMicroseconds = 1_500
            }
        )
        table.note(Self.record { $0.outcome = .failed })
        table.note(Self.record { $0.outcome = .refused })
        table.note(Self.record { $0.upstreamModel = "n" })
        table.note(Self.record(nil, nil, nil), of: "local")
        let rows = Self.rows([table])
        var expected = LiveCounts()
        (expected.requests, expected.failed, expected.input, expected.output) = (3, 1, 3, 2)
        (expected.cost, expected.firstTokens, expected.firstTokenMicroseconds) = (7, 1, 1_500)
        #expect(rows[LiveSubject(tenant: "ten_a", provider: "house", model: "m")] == expected)
        #expect(rows[LiveSubject(tenant: "ten_a", provider: "house", model: "n")]?.requests == 1)
        #expect(rows[LiveSubject(tenant: "local")]?.requests == 1)
        #expect(rows.count == 3)
    }

    @Test("tokens that nobody counted are those that the gateway estimates, and no claim of a provider is too large")
    func tokens() {
        var table = LiveTable()
        table.note(Self.record(), used: TokenAmounts(input: 10, output: 20))
        for _ in 0..<5 { table.note(Self.record { $0.usage = Usage(input: .max, output: -1) }) }
        let counts = Self.rows([table]).values.first
        #expect(counts?.input == 1 << 61 && counts?.output == 20)
    }

    @Test("beyond its bound all that is new is one row, and what has a row keeps it")
    func bounded() {
        var table = LiveTable(most: 3)
        for number in 0..<10 { table.note(Self.record("ten_\(number)")) }
        table.note(Self.record("ten_1"))
        let rows = Self.rows([table])
        #expect(rows.count == 3)
        #expect(rows[.other]?.requests == 8)
        #expect(rows[LiveSubject(tenant: "ten_1", provider: "house", model: "m")]?.requests == 2)
    }

    @Test("a name that is not known counts as other, and a known one is asked about once")
    func names() {
        var table = LiveTable()
        var asked: [String] = []
        for model in ["known", "known", "x1", "x2"] {
            table.note(Self.record("t", "house", model)) { name in
                asked.append(name)
                return name == "known" ? name : KnownNames.other
            }
        }
        table.note(Self.record("t", "house", String(repeating: "x", count: KnownNames.longest + 1)))
        let rows = Self.rows([table])
        #expect(rows.count == 2 && asked == ["known", "x1", "x2"])
        #expect(rows[LiveSubject(tenant: "t", provider: "house", model: "other")]?.requests == 3)
    }

    @Test("the loops' counts come together with what runs on them, for all or for one tenant")
    func merged() {
        var (first, second) = (LiveTable(), LiveTable())
        first.note(Self.record())
        second.note(Self.record())
        second.note(Self.record("ten_b"))
        let place = second.place(of: LiveSubject(tenant: "ten_b", provider: "house", model: "new"))
        var picture = LivePicture()
        picture.merge(first.snapshot())
        picture.merge(second.snapshot(running: [place, place]))
        let all = picture.rows(of: nil)
        #expect(all.map(\.subject.tenant) == ["ten_a", "ten_b", "ten_b"])
        #expect(all.map(\.counts.requests) == [2, 1, 0] && all.map(\.counts.inFlight) == [0, 0, 2])
        #expect(picture.rows(of: "ten_a").count == 1 && picture.rows(of: "").isEmpty)
    }

    @Test("a row in which nothing has run is not told")
    func empty() {
        var table = LiveTable()
        _ = table.place(of: LiveSubject(tenant: "t"))
        #expect(Self.rows([table]).isEmpty)
    }
}
