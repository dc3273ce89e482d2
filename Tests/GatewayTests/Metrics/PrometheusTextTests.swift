import Testing

@testable import Gateway

@Suite("The text of a scrape")
struct PrometheusTextTests {
    private static let nasty: [Unicode.Scalar] = [
        "a", "Z", "7", " ", "\\", "\"", "\n", "\r", "\t", "\0", "{", "}", "=", ",", "#", "ü", "語", "🦊", "\u{301}",
        "\u{2028}",
    ]

    private static func words(_ chance: inout SeededChance) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &chance) {
            text.unicodeScalars.append(nasty[Int.random(in: 0..<nasty.count, using: &chance)])
        }
        return text
    }

    @Test("gives every label's value back as it was", arguments: ExpositionFormat.allCases, 0..<20 as Range<UInt64>)
    func labels(format: ExpositionFormat, seed: UInt64) throws {
        var chance = SeededChance(seed)
        let name = MetricName(.gauge, "torii_state", Self.words(&chance), labels: ["model", "tenant", "scope"])
        let values = (0..<50).map { _ in (0..<3).map { _ in Self.words(&chance) } }
        let series = values.map { MetricFamily.Series(labels: $0, value: .number(1)) }
        let bytes = PrometheusText.bytes(of: [MetricFamily(name: name, series: series)], as: format)
        let text = try ScrapedText(bytes)
        #expect(text.samples.count == values.count)
        for (sample, expected) in zip(text.samples, values) {
            #expect(sample.labels.map(\.name) == name.labels)
            // As bytes: two texts that mean the same are not the same value.
            #expect(sample.labels.map { Array($0.value.utf8) } == expected.map { Array($0.utf8) })
        }
        #expect(text.isEnded == (format == .openMetrics))
    }

    @Test("gives every number back as it was", arguments: 0..<20 as Range<UInt64>)
    func numbers(_ seed: UInt64) throws {
        var chance = SeededChance(seed)
        var values: [Double] = [0, 1, -1, 0.1, 1e15, 1e16, 9_007_199_254_740_992, .infinity, -Double.infinity, .nan]
        values += (0..<200).map { _ in Double(bitPattern: chance.next()) }
        values += (0..<200).map { _ in Double(Int.random(in: -1_000_000...1_000_000, using: &chance)) / 1_000 }
        let series = values.map { MetricFamily.Series(labels: [], value: .number($0)) }
        let family = MetricFamily(name: MetricName(.gauge, "torii_state", "A state."), series: series)
        let text = try ScrapedText(PrometheusText.bytes(of: [family], as: .prometheus))
        for (sample, value) in zip(text.samples, values) {
            #expect(sample.value == value || (sample.value.isNaN && value.isNaN))
        }
        for value in values where value.isFinite {
            #expect(Double(ExpositionBytes.bound(value)) == value)
        }
    }

    @Test(
        "writes bounds as OpenMetrics has them",
        arguments: [
            (0, "0.0"), (1e-10, "1e-10"), (1e-9, "1e-09"), (0.00001, "1e-05"), (0.0001, "0.0001"), (0.001, "0.001"),
            (0.95, "0.95"), (1, "1.0"), (1.7, "1.7"), (10, "10.0"), (100_000, "100000.0"), (999_999.5, "999999.5"),
            (1e6, "1e+06"), (67_108_864, "6.7108864e+07"), (1e10, "1e+10"), (-2e6, "-2e+06"), (1e100, "1e+100"),
            (.infinity, "+Inf"),
        ] as [(Double, String)]
    )
    func bounds(value: Double, text: String) {
        #expect(ExpositionBytes.bound(value) == text)
    }

    @Test("adds buckets up", arguments: ExpositionFormat.allCases, 0..<10 as Range<UInt64>)
    func buckets(format: ExpositionFormat, seed: UInt64) throws {
        var chance = SeededChance(seed)
        let bounds: [Double] = [0.25, 1, 2.5, 10]
        let name = MetricName(.histogram, "torii_wait_seconds", "A wait.", labels: ["tenant"], bounds: bounds)
        var table = SeriesTable(name, most: 10)
        var values: [Double] = []
        for _ in 0..<300 {
            let value = Double(Int.random(in: 0...60, using: &chance)) / 4
            values.append(value)
            let index = table.index(of: ["local"])
            table.note(value, at: index)
        }
        let text = try ScrapedText(PrometheusText.bytes(of: [table.snapshot()], as: format))
        #expect(text.types == ["torii_wait_seconds": "histogram"])
        let buckets = text.samples.filter { $0.name == "torii_wait_seconds_bucket" }
        #expect(buckets.compactMap { $0["le"] } == ["0.25", "1.0", "2.5", "10.0", "+Inf"])
        for (bucket, bound) in zip(buckets, bounds + [Double.infinity]) {
            #expect(bucket.value == Double(values.filter { $0 <= bound }.count))
            #expect(bucket["tenant"] == "local")
        }
        let rest = text.samples.filter { $0.name != "torii_wait_seconds_bucket" }
        #expect(rest.map(\.name) == ["torii_wait_seconds_sum", "torii_wait_seconds_count"])
        #expect(rest.map(\.value) == [values.reduce(0, +), 300])
        #expect(rest.allSatisfy { $0.labels == [ScrapedText.Label(name: "tenant", value: "local")] })
    }

    @Test("names a counter's family with _total in the text format, and without it in OpenMetrics")
    func counters() throws {
        let name = MetricName(.counter, "torii_spent_usd", "Spent.")
        let family = MetricFamily(name: name, series: [MetricFamily.Series(labels: [], value: .number(2))])
        let prometheus = try ScrapedText(PrometheusText.bytes(of: [family], as: .prometheus))
        #expect(prometheus.types == ["torii_spent_usd_total": "counter"])
        #expect(prometheus.helps == ["torii_spent_usd_total": "Spent."])
        #expect(prometheus.units.isEmpty)
        let openMetrics = try ScrapedText(PrometheusText.bytes(of: [family], as: .openMetrics))
        #expect(openMetrics.types == ["torii_spent_usd": "counter"])
        #expect(openMetrics.helps == ["torii_spent_usd": "Spent."])
        #expect(openMetrics.units == ["torii_spent_usd": "usd"])
        #expect(openMetrics.samples == prometheus.samples)
        #expect(prometheus.samples.map(\.name) == ["torii_spent_usd_total"])
    }

    @Test(
        "has exemplars in OpenMetrics alone, and none that is longer than that allows",
        arguments: [
            ("req_\"1\\", true), (String(repeating: "ü", count: 118), true),
            (String(repeating: "r", count: 119), false),
        ]
    )
    func exemplars(id: String, isShown: Bool) throws {
        var table = SeriesTable(MetricName(.histogram, "torii_wait_seconds", "A wait.", bounds: [1, 4]), most: 1)
        let index = table.index(of: [])
        table.note(0.5, at: index)
        table.note(2, at: index, exemplar: Exemplar(requestID: id, value: 2, at: 1_700_000_000.25))
        let family = table.snapshot()
        let openMetrics = try ScrapedText(PrometheusText.bytes(of: [family], as: .openMetrics))
        let note = ScrapedText.Note(
            labels: [ScrapedText.Label(name: "request_id", value: id)],
            value: 2,
            at: 1_700_000_000.25
        )
        #expect(openMetrics.samples.map(\.exemplar) == [nil, isShown ? note : nil, nil, nil, nil])
        let prometheus = try ScrapedText(PrometheusText.bytes(of: [family], as: .prometheus))
        #expect(prometheus.samples.allSatisfy { $0.exemplar == nil })
    }

    @Test("has an end in OpenMetrics where there is nothing else")
    func nothing() {
        #expect(PrometheusText.bytes(of: [], as: .openMetrics) == Array("# EOF\n".utf8))
        #expect(PrometheusText.bytes(of: [], as: .prometheus).isEmpty)
    }
}
