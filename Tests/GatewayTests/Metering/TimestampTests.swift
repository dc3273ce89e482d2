import Foundation
import Testing

@testable import Gateway

@Suite("Times in the log")
struct TimestampTests {
    @Test(
        "dates by the Gregorian calendar, leap years included",
        arguments: [
            (0, "1970-01-01T00:00:00"), (951_782_399, "2000-02-28T23:59:59"), (951_782_400, "2000-02-29T00:00:00"),
            (951_868_800, "2000-03-01T00:00:00"),
            (1_709_164_800, "2024-02-29T00:00:00"), (1_735_689_599, "2024-12-31T23:59:59"),
            (1_740_787_200, "2025-03-01T00:00:00"),
            (4_107_542_400, "2100-03-01T00:00:00"), (4_107_456_000, "2100-02-28T00:00:00"),
            (2_147_483_648, "2038-01-19T03:14:08"),
        ]
    )
    func knownDates(_ seconds: Int, _ text: String) {
        #expect(Timestamp.dateAndTime(seconds) == text)
    }

    @Test("every third day of 140 years is the calendar's")
    func everyDay() {
        for day in stride(from: 0, to: 140 * 365, by: 3) {
            let seconds = day * 86_400 + (day * 7_919) % 86_400
            let expected = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
            guard Timestamp.dateAndTime(seconds) + "Z" == expected else {
                Issue.record("\(seconds): \(Timestamp.dateAndTime(seconds)) is not \(expected)")
                return
            }
        }
    }

    @Test("a time is read back as what it was written from, and what is no time is none")
    func reading() {
        for day in stride(from: 0, to: 140 * 365, by: 3) {
            let seconds = day * 86_400 + (day * 7_919) % 86_400
            guard Timestamp.milliseconds(of: Timestamp.text(of: seconds * 1_000)) == seconds * 1_000 else {
                Issue.record("\(seconds)")
                return
            }
        }
        #expect(Timestamp.milliseconds(of: "2027-01-31") == 1_801_353_600_000)
        #expect(Timestamp.milliseconds(of: "2027-01-31T00:00:00.123456789Z") == 1_801_353_600_000)
        for text in [
            "", "2027-01-31T00:00:00.Z", "2027-01-31T00:00:00.1234567890Z", "2027-01-31T00:00:00.5", "2027-1-31",
            "2027-02-29", "2027-04-31", "2027-13-01", "2027-00-10", "2027-01-00",
            "2027-01-31T24:00:00Z",
            "2027-01-31T23:59:60Z", "2027-01-31T00:00:00", "2027-01-31T00:00:00+01:00", "1969-12-31", "x027-01-31",
            "2027-01-31t00:00:00Z", "2027-01-31T-1:00:00Z", "\u{FF12}027-01-3",
        ] {
            #expect(Timestamp.milliseconds(of: text) == nil, "\(text)")
        }
    }

    @Test("the present has milliseconds and a Z, and does not run back")
    func present() throws {
        var timestamp = Timestamp()
        var last = ""
        for _ in 0..<1000 {
            let now = timestamp.now()
            #expect(now.utf8.count == 24 && now.hasSuffix("Z"))
            #expect(last <= now)
            last = now
        }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        #expect(abs(try style.parse(last).timeIntervalSinceNow) < 60)
    }
}
