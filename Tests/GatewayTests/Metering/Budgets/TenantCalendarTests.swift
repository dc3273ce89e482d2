import Foundation
import Testing

@testable import Gateway

@Suite("Days and months begin by the clocks of a tenant's zone")
struct TenantCalendarTests {
    private static func milliseconds(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int = 0) -> Int {
        Zone.utc(year, month, day, hour, minute) * 1_000
    }

    @Test("a month is that of its day", arguments: [(1970, 1, 1), (2027, 1, 31), (2027, 12, 31), (2028, 2, 29)])
    func months(_ year: Int, _ month: Int, _ day: Int) {
        let found = BudgetDay(day: Civil.day(year, month, day))
        #expect(found.month == year * 12 + month - 1)
        #expect(found.number(of: .day) == Civil.day(year, month, day) && found.number(of: .month) == found.month)
    }

    @Test("midnight is that of the zone")
    func midnight() {
        let day = Civil.day(2027, 1, 15)
        for (zone, last) in [(Zone.berlin, (22, 59)), (Zone.kathmandu, (18, 14)), (ZoneRules.utc, (23, 59))] {
            let calendar = TenantCalendar(zone: zone)
            let before = Self.milliseconds(2027, 1, 15, last.0, last.1)
            #expect(calendar.day(at: before).day == day, "\(zone.name)")
            #expect(calendar.day(at: before + 60_000).day == day + 1, "\(zone.name)")
            #expect(calendar.day(at: before).day == day, "the clock goes back in \(zone.name)")
            #expect(calendar.end(of: .day, at: before) == before + 60_000, "\(zone.name)")
        }
        let newYork = TenantCalendar(zone: Zone.newYork)
        #expect(newYork.day(at: Self.milliseconds(2027, 1, 16, 4, 59)).day == day)
    }

    @Test("F16: a day on which the clocks change is one day, of 23 hours or of 25")
    func changes() {
        let calendar = TenantCalendar(zone: Zone.berlin)
        for (month, day, hours, begin) in [(3, 28, 23, 23), (10, 31, 25, 22)] {
            let start = Self.milliseconds(2027, month, day - 1, begin)
            let number = Civil.day(2027, month, day)
            for hour in 0..<hours {
                #expect(calendar.day(at: start + hour * 3_600_000).day == number, "\(month), hour \(hour)")
            }
            #expect(calendar.day(at: start - 1).day == number - 1)
            #expect(calendar.day(at: start + hours * 3_600_000).day == number + 1)
            #expect(calendar.end(of: .day, at: start) == start + hours * 3_600_000)
        }
    }

    @Test("a month ends at its last midnight, in winter as in summer")
    func ends() {
        let calendar = TenantCalendar(zone: Zone.berlin)
        let march = Self.milliseconds(2027, 3, 2, 12)
        #expect(calendar.end(of: .month, at: march) == Self.milliseconds(2027, 3, 31, 22))
        let december = Self.milliseconds(2027, 12, 31, 22, 30)
        #expect(calendar.end(of: .month, at: december) == Self.milliseconds(2027, 12, 31, 23))
        #expect(calendar.end(of: .month, at: december + 3_600_000) == Self.milliseconds(2028, 1, 31, 23))
        #expect(TenantCalendar.utc.end(of: .month, at: december) == Self.milliseconds(2028, 1, 1, 0))
    }

    @Test("F16: a midnight that a change of the clocks leaves out is the first moment behind it")
    func noMidnight() {
        // At midnight of 2027-01-16 the clocks go forward by an hour.
        let change = Zone.utc(2027, 1, 16, 0)
        let calendar = TenantCalendar(zone: Zone.make("Nowhere", "XXX-1", starts: [(change, 3_600)]))
        #expect(calendar.day(at: change * 1_000 - 1).day == Civil.day(2027, 1, 15))
        #expect(calendar.day(at: change * 1_000).day == Civil.day(2027, 1, 16))
        #expect(calendar.end(of: .day, at: change * 1_000 - 5_000) == change * 1_000)
    }

    @Test("a database is read by safe names alone, and gives back nothing for what is no zone")
    func database() throws {
        let scratch = try Scratch()
        let file = Zone.file("CET-1CEST,M3.5.0,M10.5.0/3")
        try Data(file).write(to: URL(filePath: scratch.path + "/Berlin"))
        try Data("no zone".utf8).write(to: URL(filePath: scratch.path + "/Atlantis"))
        let database = ZoneDatabase(folder: scratch.path + "/x/..")
        let plain = ZoneDatabase(folder: scratch.path)
        #expect(plain.rules(of: "Berlin") == ZoneRules(name: "Berlin", file: file))
        try FileManager.default.removeItem(atPath: scratch.path + "/Berlin")
        #expect(plain.rules(of: "Berlin") != nil, "it is read once")
        #expect(database.rules(of: "Berlin") == nil && database.rules(of: "UTC") == .utc)
        for name in ["Atlantis", "Nowhere", "../Berlin", "/Berlin", "Ber.lin", "", "a/", "é"] {
            #expect(plain.rules(of: name) == nil, "\(name)")
        }
        #expect(ZoneDatabase(environment: ["TZDIR": "relative"]).folder == "/usr/share/zoneinfo")
        #expect(ZoneDatabase(environment: ["TZDIR": "/elsewhere"]).folder == "/elsewhere")
    }

    @Test("a tenant's calendar goes on as long as its zone is the same, and a zone that is gone is UTC")
    func same() {
        let calendar = TenantCalendar.of("UTC", after: nil)
        #expect(TenantCalendar.of("UTC", after: calendar) === calendar)
        #expect(TenantCalendar.of("No/Zone", after: calendar).zone == .utc)
    }
}
