import Testing

@testable import Gateway

@Suite("Windows of time")
struct RouteScheduleTests {
    @Test(
        "a zone's offset changes on the days that its rule names",
        arguments: [
            // Berlin goes to summer time on 29 March 2026 at 01:00 UTC and back on 25 October.
            (Zone.berlin, Zone.utc(2026, 3, 29, 0, 59), 3_600, Zone.utc(2026, 3, 29, 1)),
            (Zone.berlin, Zone.utc(2026, 3, 29, 1), 7_200, Zone.utc(2026, 10, 25, 1)),
            (Zone.berlin, Zone.utc(2026, 10, 25, 0, 59), 7_200, Zone.utc(2026, 10, 25, 1)),
            (Zone.berlin, Zone.utc(2026, 10, 25, 1), 3_600, Zone.utc(2027, 3, 28, 1)),
            (Zone.newYork, Zone.utc(2026, 3, 8, 6, 59), -18_000, Zone.utc(2026, 3, 8, 7)),
            (Zone.newYork, Zone.utc(2026, 3, 8, 7), -14_400, Zone.utc(2026, 11, 1, 6)),
            // The other half of the world: summer is over the turn of the year.
            (Zone.sydney, Zone.utc(2026, 1, 1, 0), 39_600, Zone.utc(2026, 4, 4, 16)),
            (Zone.sydney, Zone.utc(2026, 7, 1, 0), 36_000, Zone.utc(2026, 10, 3, 16)),
            (Zone.kathmandu, Zone.utc(2026, 7, 1, 0), 20_700, .max),
            (ZoneRules.utc, 0, 0, .max),
        ]
    )
    func offsets(zone: ZoneRules, time: Int, east: Int, until: Int) {
        #expect(zone.offset(at: time) == (east, until))
    }

    @Test("listed changes hold up to the last of them, and the yearly rule from there on")
    func listed() {
        let zone = Zone.make("X/Y", "ABC-2", starts: [(1_000, 60), (5_000, 7_200)])
        #expect(zone.offset(at: 999) == (0, 1_000))
        #expect(zone.offset(at: 1_000) == (60, 5_000))
        #expect(zone.offset(at: 4_999) == (60, 5_000))
        #expect(zone.offset(at: 5_000) == (7_200, .max))
    }

    @Test(
        "days without 29 February, days with it, and times beyond a day are read",
        arguments: [
            ("A0B,J60/0,J300/0", Zone.utc(2028, 3, 1, 0), 3_600), ("A0B,J60/0,J300/0", Zone.utc(2028, 2, 29, 23), 0),
            ("A0B,59/0,300/0", Zone.utc(2028, 2, 29, 0), 3_600), ("A0B,59/0,300/0", Zone.utc(2028, 2, 28, 23), 0),
            ("A3B2,M3.5.0/-2,M10.5.0/-1", Zone.utc(2026, 3, 29, 1), -7_200),
            ("A3B2,M3.5.0/-2,M10.5.0/-1", Zone.utc(2026, 3, 29, 0, 59), -10_800),
            ("A-1B,M1.1.1/26,M12.1.1", Zone.utc(2026, 1, 6, 1), 7_200),
        ]
    )
    func rules(rule: String, time: Int, east: Int) {
        #expect(Zone.make("X", rule).offset(at: time).east == east)
    }

    @Test(
        "what is no zone file is none",
        arguments: [
            [], Array("TZif2".utf8), Array(Zone.file("CET-1").dropLast(4)), Zone.file("CET"),
            Zone.file("CET-1CEST,M13.1.0"),
            Zone.file("CET-1CEST,M3.5.0"), Array(repeating: 0xFF, count: 200),
            Array("TZif2".utf8) + Array(repeating: 0xFF, count: 200),
        ] as [[UInt8]]
    )
    func damaged(file: [UInt8]) {
        #expect(ZoneRules(name: "X", file: file) == nil)
    }

    @Test("no part of a zone file is read beyond its end")
    func truncated() {
        let file = Zone.file("CET-1CEST,M3.5.0,M10.5.0/3", starts: [(1_000, 60), (5_000, 7_200)])
        for count in 0..<file.count - 30 { #expect(ZoneRules(name: "X", file: Array(file.prefix(count))) == nil) }
    }

    @Test("a window over midnight belongs to the day on which it begins")
    func overMidnight() {
        // 27 November 2026 is a Friday; Berlin is an hour ahead.
        let night = RouteSchedule([TimeWindow(days: [4], from: 22 * 60, to: 6 * 60, zone: Zone.berlin)])
        for (time, isOpen) in [
            (Zone.utc(2026, 11, 27, 20, 59), false), (Zone.utc(2026, 11, 27, 21), true),
            (Zone.utc(2026, 11, 28, 4, 59), true), (Zone.utc(2026, 11, 28, 5), false),
            (Zone.utc(2026, 11, 28, 22), false),
            // The night before it is Thursday's.
            (Zone.utc(2026, 11, 27, 3), false),
        ] {
            #expect(night.isOpen(at: time) == isOpen, "\(TimeWindow.clock(at: time, in: Zone.berlin))")
        }
    }

    @Test("a window of Sunday goes on into Monday, and 24:00 is the day's end")
    func overTheWeek() {
        let sunday = RouteSchedule([TimeWindow(days: [6], from: 23 * 60, to: 60)])
        #expect(sunday.isOpen(at: Zone.utc(2026, 11, 30, 0, 59)))
        #expect(!sunday.isOpen(at: Zone.utc(2026, 11, 30, 1)))
        let evening = RouteSchedule([TimeWindow(days: [0], from: 20 * 60, to: 24 * 60)])
        #expect(evening.isOpen(at: Zone.utc(2026, 11, 30, 23, 59)))
        #expect(!evening.isOpen(at: Zone.utc(2026, 12, 1, 0)))
        let always = RouteSchedule([TimeWindow(from: 0, to: 24 * 60)])
        #expect(stride(from: 0, to: 10_080, by: 7).allSatisfy { always.isOpen(at: $0 * 60) })
    }

    @Test("F16: an hour that summer time leaves out is not there, and one that comes twice counts twice")
    func summerTime() {
        let small = RouteSchedule([TimeWindow(from: 2 * 60, to: 3 * 60, zone: Zone.berlin)])
        func minutes(_ day: Int, _ month: Int) -> Int {
            let start = Zone.utc(2026, month, day, 0) - 3_600
            return (0..<1_500).count { small.isOpen(at: start + $0 * 60) }
        }
        #expect(minutes(28, 3) == 60)
        #expect(minutes(29, 3) == 0)
        #expect(minutes(25, 10) == 120)
    }

    @Test("what is remembered of a schedule is what it is, in whatever order times come")
    func clock() {
        let schedule = RouteSchedule([
            TimeWindow(days: [0, 1, 2, 3, 4], from: 22 * 60, to: 6 * 60, zone: Zone.berlin),
            TimeWindow(days: [5, 6], from: 90, to: 95, zone: Zone.newYork),
        ])
        let clock = ScheduleClock(schedule)
        var dice = RouteDice(seed: 7)
        let start = Zone.utc(2026, 10, 20, 0)
        var time = start
        for _ in 0..<20_000 {
            time = dice.next() % 10 == 0 ? start + Int(dice.next() % 1_000_000) : time + Int(dice.next() % 200)
            #expect(clock.isOpen(at: time) == schedule.isOpen(at: time))
        }
        // A clock that is set back by a day is believed.
        #expect(clock.isOpen(at: time - 86_400) == schedule.isOpen(at: time - 86_400))
    }

    @Test("nothing changes before the minute up to which nothing is said to change")
    func until() {
        let schedule = RouteSchedule([
            TimeWindow(days: [0, 6], from: 150, to: 200, zone: Zone.berlin),
            TimeWindow(days: [3], from: 1_400, to: 20, zone: Zone.kathmandu),
        ])
        var minute = Zone.utc(2026, 10, 20, 0) / 60
        let end = minute + 3 * 10_080
        while minute < end {
            let state = schedule.state(at: minute)
            #expect(state.until > minute)
            for later in minute..<min(state.until, end) { #expect(schedule.isOpen(at: later * 60) == state.isOpen) }
            minute = state.until
        }
    }
}
