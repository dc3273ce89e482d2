import JSON
import Testing

@testable import torii

@Suite("What torii top draws")
struct TopScreenTests {
    private typealias Row = LiveReport.Row

    private static func row(_ tenant: String, _ provider: String, _ model: String, _ counts: TopCounts) -> Row {
        Row(subject: LiveReport.Subject(tenant: tenant, provider: provider, model: model), counts: counts)
    }

    private static var rates: TopRates {
        var rates = TopRates()
        (rates.seconds, rates.uptime, rates.names) = (2, 190_000, ["ten_1": "acme", "ten_2": "beta"])
        var good = TopRatesTests.counts(8, inFlight: 1, output: 50)
        (good.cost, good.firstTokens, good.firstTokenMicroseconds) = (0.01, 2, 500_000)
        rates.rows = [
            row("ten_1", "house", "small", good),
            row("ten_2", "house", "small", TopRatesTests.counts(2)),
            row("ten_2", "cloud", "large", TopRatesTests.counts(4, failed: 1, inFlight: 3)),
            row("", "", "", TopRatesTests.counts(0)),
        ]
        return rates
    }

    private static func model(_ change: (inout TopModel) -> Void = { _ in }) -> TopModel {
        var model = TopModel()
        model.take(rates)
        change(&model)
        return model
    }

    private static func screen(_ model: TopModel, columns: Int = 90, rows: Int = 20) -> TopScreen {
        TopScreen(model, place: "http://h:1", columns: columns, rows: rows)
    }

    private static func names(_ model: TopModel) -> [String] { model.table.rows.map(\.name) }

    @Test("lines are a title, all together, a head, a row for each, and the keys")
    func lines() {
        let lines = Self.screen(Self.model()).lines
        #expect(lines[0].text == "torii top  http://h:1  up 3m10s  by model" && lines[0].style == .title)
        let sum = "7.0 requests/s  4 in flight  7.1 % errors  250 ms to first token  25.0 tokens/s  0.3000 $/min"
        #expect(Self.screen(Self.model(), columns: 100).lines[1].text == sum)
        #expect(lines[1].text == String(sum.prefix(89)) + "…")
        #expect(lines[2].text == "")
        let width = 90 - (8 + 10 + 9 + 9 + 9 + 8 + 12)
        func padded(_ name: String) -> String { name + String(repeating: " ", count: width - name.count) }
        #expect(lines[3].text == padded("MODEL") + "    REQ/S↓   IN FLIGHT   ERRORS %   FIRST MS   TOKENS/S     $/MIN")
        #expect(lines[3].style == .heading)
        #expect(lines[4].text == padded("small") + "       5.0           1        0.0        250       25.0    0.3000")
        #expect(lines[5].text == padded("large") + "       2.0           3       25.0          -        0.0    0.0000")
        #expect(lines[4].style == .plain && lines[5].style == .failing)
        #expect(lines[6].text.hasPrefix("-  ") && lines.count == 8)
        #expect(lines[7].text.hasPrefix("q quit  s sort") && lines[7].style == .faint)
    }

    @Test("a terminal of any size gets no line that is longer and no more lines than it has", arguments: 0...120)
    func size(_ columns: Int) {
        for rows in [0, 1, 3, 5, 6, 50] {
            let lines = Self.screen(Self.model(), columns: columns, rows: rows).lines
            #expect(lines.count <= max(rows, 1))
            #expect(lines.allSatisfy { $0.text.count <= max(columns, 1) }, "\(columns)")
        }
        let few = Self.screen(Self.model(), columns: 90, rows: 6).lines
        #expect(few.count == 6 && few[5].text.hasSuffix("2 more"))
    }

    @Test("rows are grouped, with tenants by their names")
    func groups() {
        #expect(Self.names(Self.model()) == ["small", "large", "-"])
        #expect(Self.names(Self.model { $0.group = .provider }) == ["house", "cloud", "-"])
        #expect(Self.names(Self.model { $0.group = .tenant }) == ["acme", "beta", "-"])
    }

    @Test("rows are sorted by a column, the largest first and what is not known last, or the other way round")
    func sorting() {
        #expect(Self.names(Self.model { $0.sort = .errors }) == ["large", "small", "-"])
        #expect(Self.names(Self.model { ($0.sort, $0.isReversed) = (.errors, true) }) == ["-", "small", "large"])
        #expect(Self.names(Self.model { $0.sort = .name }) == ["-", "large", "small"])
        #expect(Self.names(Self.model { ($0.sort, $0.isReversed) = (.name, true) }) == ["small", "large", "-"])
        #expect(Self.names(Self.model { $0.sort = .inFlight }) == ["large", "small", "-"])
    }

    @Test(
        "a filter keeps what has the text as its tenant, provider or model, in whichever case, and the sum is of that",
        arguments: [
            ("ACME", ["small"], "4.0"), ("ten_2", ["large", "small"], "3.0"), ("clou", ["large"], "2.0"),
            ("small", ["small"], "5.0"), ("nobody", [], "0.0"),
        ] as [(String, [String], String)]
    )
    func filter(_ text: String, _ names: [String], _ sum: String) {
        let model = Self.model { $0.filter = text }
        #expect(Self.names(model) == names && model.table.total.text(.requests) == sum)
        #expect(Self.screen(model).lines[0].text.hasSuffix("filter \(text)"))
    }

    @Test("what is typed, a pause and a problem are to be seen")
    func conditions() {
        var model = Self.model()
        for key in TopKey.all(in: Array("fab".utf8)) { _ = model.press(key) }
        #expect(Self.screen(model).lines.last?.text.hasPrefix("filter: ab_") == true)
        var paused = Self.model()
        _ = paused.press(.character(" "))
        #expect(Self.screen(paused).lines[0].text.hasSuffix("PAUSED"))
        paused.note("no gateway answers")
        let line = Self.screen(paused).lines[2]
        #expect(line.text == "no gateway answers" && line.style == .failing)
    }

    @Test("no name drives the terminal, and colours come only where they are wanted")
    func sequences() {
        var rates = TopRates()
        rates.rows = [Self.row("t", "p", "a\u{1B}[2J\nb", TopRatesTests.counts(1))]
        var model = TopModel()
        model.take(rates)
        let screen = Self.screen(model, rows: 8)
        #expect(screen.lines[4].text.hasPrefix("a[2J b "))
        let plain = screen.sequences(inColour: false)
        #expect(plain.hasPrefix("\u{1B}[Htorii top") && plain.hasSuffix("\u{1B}[K\u{1B}[J"))
        #expect(!plain.contains("\u{1B}[2J") && !plain.contains("\u{1B}[7m"))
        #expect(screen.sequences(inColour: true).contains("\u{1B}[7mMODEL"))
    }

    @Test("without a terminal it is a table, or an object on a line")
    func printed() throws {
        let table = Self.model { $0.filter = "ten_" }.table
        let expected = """
            MODEL  REQ/S  IN FLIGHT  ERRORS %  FIRST MS  TOKENS/S  $/MIN
            small  5.0    1          0.0       250       25.0      0.3000
            large  2.0    3          25.0      -         0.0       0.0000
            all    7.0    4          7.1       250       25.0      0.3000

            """
        #expect(table.text(by: .model) == expected)
        let text = Self.model { $0.group = .tenant }.table.json(Self.rates, by: .tenant)
        #expect(text.hasSuffix("}\n") && text.count(where: { $0 == "\n" }) == 1)
        let root = try JSONDocument(Array(text.utf8)).root
        #expect(root["seconds"]?.double == 2 && root["by"]?.string == "tenant")
        #expect(root["data"]?[0]?["tenant"]?.string == "ten_1" && root["data"]?[0]?["name"]?.string == "acme")
        #expect(root["data"]?[0]?["first_token_ms"]?.double == 250)
        #expect(root["data"]?[2]?["errors_percent"]?.isNull == true)
        #expect(root["total"]?["in_flight"]?.int == 4)
    }
}
