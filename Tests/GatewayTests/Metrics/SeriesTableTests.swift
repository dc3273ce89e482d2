import Testing

@testable import Gateway

@Suite("A table of series")
struct SeriesTableTests {
    private static let counter = MetricName(.counter, "torii_things", "Things.", labels: ["model", "tenant"])

    @Test("has one series for one set of values, in the order of their making")
    func series() {
        var table = SeriesTable(Self.counter, most: 10)
        let first = table.index(of: ["m", "local"])
        let second = table.index(of: ["m", "ten_1"])
        #expect(first != second)
        #expect(table.index(of: ["m", "local"]) == first)
        table.add(2, at: first)
        table.add(0.5, at: first)
        table.add(4, at: second)
        #expect(
            table.snapshot()
                == MetricFamily(
                    name: Self.counter,
                    series: [
                        MetricFamily.Series(labels: ["m", "local"], value: .number(2.5)),
                        MetricFamily.Series(labels: ["m", "ten_1"], value: .number(4)),
                    ]
                )
        )
    }

    @Test("sets a gauge, and notes a histogram's values with their exemplars")
    func kinds() {
        var gauge = SeriesTable(MetricName(.gauge, "torii_state", "A state."), most: 1)
        let only = gauge.index(of: [])
        gauge.set(2, at: only)
        gauge.add(-0.5, at: only)
        #expect(gauge.snapshot().series == [MetricFamily.Series(labels: [], value: .number(1.5))])

        var table = SeriesTable(MetricName(.histogram, "torii_wait_seconds", "A wait.", bounds: [1]), most: 1)
        let index = table.index(of: [])
        let exemplar = Exemplar(requestID: "req_1", value: 3, at: 5)
        table.note(0.5, at: index)
        table.note(3, at: index, exemplar: exemplar)
        var expected = Histogram(bounds: [1])
        expected.note(0.5)
        expected.note(3, exemplar: exemplar)
        #expect(table.snapshot().series == [MetricFamily.Series(labels: [], value: .histogram(expected))])
    }

    @Test(
        "has no more series than it may and one beside them, whatever it is asked for, and loses no count",
        arguments: 0..<30 as Range<UInt64>
    )
    func bounded(_ seed: UInt64) {
        var chance = SeededChance(seed)
        let most = Int.random(in: 1...40, using: &chance)
        var table = SeriesTable(Self.counter, most: most)
        var kept: [[String]: Double] = [:]
        var rest = 0.0
        for _ in 0..<1_000 {
            let values = (0..<2).map { _ in "v\(Int.random(in: 0..<12, using: &chance))" }
            let amount = Double(Int.random(in: 0...100, using: &chance)) / 4
            if kept[values] != nil || kept.count < most { kept[values, default: 0] += amount } else { rest += amount }
            let index = table.index(of: values)
            table.add(amount, at: index)
            #expect(index <= most)
        }
        #expect(table.count == most + 1)
        #expect(table.overflowed > 0)
        let series = table.snapshot().series
        #expect(series.last == MetricFamily.Series(labels: ["other", "other"], value: .number(rest)))
        for one in series.dropLast() { #expect(kept[one.labels].map(MetricFamily.Value.number) == one.value) }
    }

    @Test("counts what overflows with those who are named that")
    func named() {
        var table = SeriesTable(Self.counter, most: 1)
        let index = table.index(of: ["other", "other"])
        #expect(table.index(of: ["a", "b"]) == index)
        #expect(table.count == 1)
    }
}
