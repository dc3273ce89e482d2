import Testing

@testable import Gateway

@Suite("The times that sums are about")
struct UsageSpanTests {
    /// The first hour of a date.
    private static func hour(_ date: String) -> Int { (Timestamp.milliseconds(of: date) ?? -1) / 3_600_000 }

    @Test("the first day of a month is that of all its days")
    func months() {
        for day in 0..<60_000 {
            let first = UsageGrain.firstOfMonth(day)
            let (text, start) = (Timestamp.dateAndTime(day * 86_400), Timestamp.dateAndTime(first * 86_400))
            guard first <= day, text.prefix(7) == start.prefix(7), start.hasSuffix("-01T00:00:00") else {
                Issue.record("\(text): \(start)")
                return
            }
        }
    }

    @Test("whole months, then whole days, then hours make up a time")
    func parts() {
        let start = Self.hour("2027-01-30") + 5
        let end = Self.hour("2027-04-02") + 7
        let spans = UsageSpan.covering(start..<end, upTo: .month)
        let days = ["2027-01-31", "2027-02-01", "2027-04-01", "2027-04-02"].map { Self.hour($0) / 24 }
        #expect(
            spans == [
                UsageSpan(grain: .hour, slots: start..<Self.hour("2027-01-31")),
                UsageSpan(grain: .day, slots: days[0]..<days[1]),
                UsageSpan(grain: .month, slots: days[1]..<days[2]),
                UsageSpan(grain: .day, slots: days[2]..<days[3]),
                UsageSpan(grain: .hour, slots: Self.hour("2027-04-02")..<end),
            ]
        )
        #expect(UsageSpan.covering(start..<end, upTo: .hour) == [UsageSpan(grain: .hour, slots: start..<end)])
        #expect(UsageSpan.covering(UsageGrain.hours, upTo: .month).map(\.grain) == [.month])
        #expect(UsageSpan.covering(start..<start, upTo: .month).isEmpty)
    }

    @Test("any time is made up of exactly its hours, each once", arguments: UsageGrain.allCases)
    func exact(_ coarsest: UsageGrain) {
        let first = Self.hour("2027-01-28")
        for number in 0..<100 {
            let start = first + number * 7 % 97
            let hours = start..<start + number * 53 % 2_400
            let spans = UsageSpan.covering(hours, upTo: coarsest)
            let found = hours.filter { hour in
                spans.count { $0.slots.contains($0.grain.slot(ofHour: hour)) } == 1
            }
            let before = spans.contains { $0.slots.contains($0.grain.slot(ofHour: hours.lowerBound - 1)) }
            let behind = spans.contains { $0.slots.contains($0.grain.slot(ofHour: hours.upperBound)) }
            guard found.count == hours.count, !before, !behind,
                spans.allSatisfy({ $0.grain.rawValue <= coarsest.rawValue })
            else {
                Issue.record("\(hours): \(spans)")
                return
            }
        }
    }

    @Test(
        "a report counts whole hours",
        arguments: [
            (0, 1, 0..<1), (1, 3_600_000, 0..<1), (1, 3_600_001, 0..<2), (3_600_000, 3_600_000, 1..<1),
            (7_200_000, 0, 2..<2), (-5, -1, 0..<0), (7_199_999, 7_200_001, 1..<3),
        ] as [(Int, Int, Range<Int>)]
    )
    func wholeHours(_ since: Int, _ until: Int, _ hours: Range<Int>) {
        #expect(UsageQuery(since: since, until: until).hours == hours)
        #expect(UsageQuery().hours == UsageGrain.hours)
    }
}
