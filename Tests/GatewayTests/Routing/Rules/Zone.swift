@testable import Gateway

/// Time zones for tests, which need no database of the machine's.
enum Zone {
    static let berlin = make("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3")
    static let newYork = make("America/New_York", "EST5EDT,M3.2.0,M11.1.0")
    static let sydney = make("Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3")
    static let kathmandu = make("Asia/Kathmandu", "<+0545>-5:45")

    static func make(_ name: String, _ footer: String, starts: [(time: Int, east: Int)] = []) -> ZoneRules {
        guard let zone = ZoneRules(name: name, file: file(footer, starts: starts)) else {
            preconditionFailure("\(footer) is a zone")
        }
        return zone
    }

    /// A zone file of the second version: an empty first block, then transitions and the footer.
    static func file(_ footer: String, starts: [(time: Int, east: Int)] = []) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        func head(_ transitions: Int, _ types: Int) -> [UInt8] {
            Array("TZif2".utf8) + Array(repeating: 0, count: 15)
                + [0, 0, 0, transitions, types, 4].flatMap { number($0, 4) }
        }
        func kind(_ east: Int) -> [UInt8] { number(east, 4) + [0, 0] }
        let name: [UInt8] = Array("ABC\0".utf8)
        let first = head(0, 1) + kind(0) + name
        var second = head(starts.count, starts.count + 1)
        second += starts.flatMap { number($0.time, 8) }
        second += starts.indices.map { UInt8($0 + 1) }
        second += kind(0) + starts.flatMap { kind($0.east) } + name
        return first + second + Array("\n\(footer)\n".utf8)
    }

    /// Seconds since 1970 of a time in UTC.
    static func utc(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int = 0) -> Int {
        Civil.day(year, month, day) * 86_400 + hour * 3_600 + minute * 60
    }
}
