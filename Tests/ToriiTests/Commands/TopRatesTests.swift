import JSON
import Testing

@testable import torii

@Suite("The rates of torii top")
struct TopRatesTests {
    private static let text = """
        {"uptime_ms":5000,"data":[
        {"tenant":"ten_1","provider":"house","model":"m","requests":4,"failed":1,"in_flight":2,"input_tokens":40,
        "output_tokens":20,"cost_usd":0.5,"first_tokens":2,"first_token_us":3000}],"names":{"ten_1":"acme"}}
        """

    static func report(uptime: Int, _ models: [String: TopCounts]) -> LiveReport {
        let rows = models.sorted { $0.key < $1.key }.map { model, counts in
            LiveReport.Row(subject: .init(tenant: "t", provider: "house", model: model), counts: counts)
        }
        return LiveReport(uptime: uptime, rows: rows)
    }

    static func counts(_ requests: Int, failed: Int = 0, inFlight: Int = 0, output: Int = 0) -> TopCounts {
        var counts = TopCounts()
        (counts.requests, counts.failed, counts.inFlight, counts.output) = (requests, failed, inFlight, output)
        return counts
    }

    @Test("a report is read, and what is none is none")
    func read() throws {
        let report = try #require(LiveReport(try JSONDocument(Array(Self.text.utf8)).root))
        #expect(report.uptime == 5_000 && report.names == ["ten_1": "acme"])
        #expect(report.rows[0].subject == .init(tenant: "ten_1", provider: "house", model: "m"))
        var expected = Self.counts(4, failed: 1, inFlight: 2, output: 20)
        (expected.input, expected.cost) = (40, 0.5)
        (expected.firstTokens, expected.firstTokenMicroseconds) = (2, 3_000)
        #expect(report.rows[0].counts == expected)
        for text in ["{}", "[]", #"{"uptime_ms":1}"#, #"{"uptime_ms":-1,"data":[]}"#] {
            #expect(LiveReport(try JSONDocument(Array(text.utf8)).root) == nil)
        }
    }

    @Test("no count of whatever answers is too large")
    func hostile() throws {
        let text = #"{"uptime_ms":1,"data":[{"requests":9223372036854775807,"output_tokens":-5},{"requests":5}]}"#
        let report = try #require(LiveReport(try JSONDocument(Array(text.utf8)).root))
        #expect(report.rows.map(\.counts.output) == [0, 0])
        let table = TopTable(
            TopRates(report, since: LiveReport(uptime: 0)),
            by: .model,
            filter: "",
            sort: .requests,
            isReversed: false
        )
        #expect(table.rows.count == 1)
        #expect(!table.total.text(.requests).isEmpty)
    }

    @Test("rates are differences of two reports over the gateway's own time")
    func difference() {
        let old = Self.report(uptime: 1_000, ["m": Self.counts(10, failed: 1, inFlight: 9, output: 100)])
        let new = Self.report(uptime: 3_000, ["m": Self.counts(14, failed: 2, inFlight: 3, output: 300)])
        let rates = TopRates(new, since: old)
        #expect(rates.seconds == 2 && rates.uptime == 3_000)
        let figures = TopFigures(counts: rates.rows[0].counts, seconds: rates.seconds)
        #expect(figures.value(.requests) == 2 && figures.value(.inFlight) == 3)
        #expect(figures.value(.errors) == 25 && figures.value(.tokens) == 100)
        #expect(figures.value(.firstToken) == nil && figures.value(.cost) == 0)
        #expect(TopColumn.figures.map { figures.text($0) } == ["2.0", "3", "25.0", "-", "100.0", "0.0000"])
    }

    @Test("a row that is new counts from nothing")
    func newRow() {
        let old = Self.report(uptime: 1_000, [:])
        let rates = TopRates(Self.report(uptime: 2_000, ["m": Self.counts(3)]), since: old)
        #expect(rates.rows[0].counts.requests == 3 && rates.seconds == 1)
    }

    @Test("of one report alone there are no rates, but what runs")
    func single() {
        let rates = TopRates(Self.report(uptime: 9_000, ["m": Self.counts(3, inFlight: 1)]), since: nil)
        let figures = TopFigures(counts: rates.rows[0].counts, seconds: rates.seconds)
        #expect(TopColumn.figures.map { figures.text($0) } == ["-", "1", "-", "-", "-", "-"])
    }

    @Test(
        "after a restart it is what happened since then",
        arguments: [
            // Its time has gone back; or only its counts, where it was asked again after a long while.
            (9_000, 2_000), (1_000, 2_000),
        ]
    )
    func restart(_ before: Int, _ after: Int) {
        let old = Self.report(uptime: before, ["m": Self.counts(100, output: 50), "n": Self.counts(7)])
        let new = Self.report(uptime: after, ["m": Self.counts(4, output: 60), "n": Self.counts(8)])
        let rates = TopRates(new, since: old)
        #expect(rates.seconds == 2 && rates.rows.map(\.counts.requests) == [4, 8])
        #expect(rates.rows.map(\.counts.output) == [60, 0])
    }

    @Test("a row that is gone was of another run, unless nothing had ended in it")
    func goneRow() {
        let new = Self.report(uptime: 2_000, ["m": Self.counts(5)])
        let gone = Self.report(uptime: 1_000, ["m": Self.counts(5), "n": Self.counts(1)])
        #expect(TopRates(new, since: gone).seconds == 2)
        let running = Self.report(uptime: 1_000, ["m": Self.counts(5), "n": Self.counts(0, inFlight: 1)])
        #expect(TopRates(new, since: running).seconds == 1)
    }

    @Test("rates are over the last five seconds, or over the last two reports, and begin anew with the gateway")
    func history() {
        var history = TopHistory()
        #expect(history.rates == TopRates())
        for second in 0...20 {
            history.note(Self.report(uptime: second * 1_000, ["m": Self.counts(second * 2)]))
        }
        #expect(history.rates.seconds == 5 && history.rates.rows[0].counts.requests == 10)
        history.note(Self.report(uptime: 60_000, ["m": Self.counts(50)]))
        #expect(history.rates.seconds == 40 && history.rates.rows[0].counts.requests == 10)
        history.note(Self.report(uptime: 500, ["m": Self.counts(1)]))
        #expect(history.rates.seconds == 0.5 && history.rates.rows[0].counts.requests == 1)
        history.note(Self.report(uptime: 1_500, ["m": Self.counts(3)]))
        #expect(history.rates.seconds == 1.5 && history.rates.rows[0].counts.requests == 3)
    }
}
