import Testing

@testable import Gateway

@Suite("Parts of a family")
struct MetricFamilyTests {
    private static let names = [
        MetricName(.counter, "torii_things", "Things.", labels: ["model", "tenant"]),
        MetricName(.gauge, "torii_state", "A state.", labels: ["model", "tenant"]),
        MetricName(.histogram, "torii_wait_seconds", "A wait.", labels: ["model", "tenant"], bounds: [1, 4, 16]),
    ]

    @Test("which several loops counted come to what one would have counted", arguments: 0..<20 as Range<UInt64>)
    func merges(_ seed: UInt64) {
        var chance = SeededChance(seed)
        for name in Self.names {
            var whole = SeriesTable(name, most: 1_000)
            var parts = (0..<4).map { _ in SeriesTable(name, most: 1_000) }
            for moment in 0..<400 {
                let values = (0..<2).map { _ in "v\(Int.random(in: 0..<6, using: &chance))" }
                // Quarters: their sums are exact in any order.
                let amount = Double(Int.random(in: 0...80, using: &chance)) / 4
                let part = Int.random(in: 0..<parts.count, using: &chance)
                Self.note(amount, moment, values, in: &whole)
                Self.note(amount, moment, values, in: &parts[part])
            }
            let families = parts.map { $0.snapshot() }
            var together = families[0]
            together.merge(parts: Array(families.dropFirst()))
            var inTurn = MetricFamily(name: name)
            for family in families.reversed() { inTurn.merge(family) }
            let expected = Self.sorted(whole.snapshot())
            #expect(Self.sorted(together) == expected)
            #expect(Self.sorted(inTurn) == expected)
        }
    }

    private static func note(_ amount: Double, _ moment: Int, _ values: [String], in table: inout SeriesTable) {
        let index = table.index(of: values)
        guard table.name.kind == .histogram else {
            table.add(amount, at: index)
            return
        }
        let exemplar = Exemplar(requestID: "req_\(moment)", value: amount, at: Double(moment))
        table.note(amount, at: index, exemplar: moment % 3 == 0 ? exemplar : nil)
    }

    private static func sorted(_ family: MetricFamily) -> [MetricFamily.Series] {
        family.series.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
    }
}
