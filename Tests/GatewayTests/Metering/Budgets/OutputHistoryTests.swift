import Testing

@testable import Gateway

@Suite("How long answers were lately")
struct OutputHistoryTests {
    @Test("nothing is said of a few answers")
    func few() {
        let history = OutputHistory()
        #expect(history.usualMost == nil)
        for _ in 1..<OutputHistogram.fewest { history.note(100) }
        #expect(history.usualMost == nil)
        history.note(100)
        #expect(history.usualMost.map { (100...125).contains($0) } == true)
    }

    @Test(
        "what is said is never less than what an answer had, and a fourth more at the most",
        arguments: [0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 1_023, 1_024, 4_095, 65_536, 1_000_000, 1 << 23, 1 << 40, .max]
    )
    func classes(_ tokens: Int) {
        var histogram = OutputHistogram()
        for _ in 0..<OutputHistogram.fewest { histogram.note(tokens) }
        let bounded = min(max(tokens, 1), (1 << 24) - 1)
        let found = histogram.quantile(1) ?? 0
        #expect(found >= bounded && found <= bounded + bounded / 4)
    }

    @Test("one of twenty may be longer than what is said, and no more")
    func share() {
        let history = OutputHistory()
        for number in 0..<400 { history.note(number.isMultiple(of: 25) ? 60_000 : 200) }
        #expect(history.usualMost.map { $0 < 300 } == true)
        for number in 0..<80 { history.note(number.isMultiple(of: 2) ? 60_000 : 200) }
        #expect(history.usualMost.map { $0 >= 60_000 } == true)
    }

    @Test("what was long ago counts for less and less")
    func decay() {
        var histogram = OutputHistogram()
        for _ in 0..<10_000 { histogram.note(50_000) }
        #expect(histogram.total < OutputHistogram.full)
        for _ in 0..<5_000 { histogram.note(10) }
        #expect(histogram.quantile(0.95).map { $0 < 20 } == true)
    }
}
