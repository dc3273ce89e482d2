/// The offsets of a time zone from UTC, as the tz database has them (RFC 9636).
package struct ZoneRules: Sendable, Hashable {
    /// The zone's name, such as `Europe/Berlin`.
    package let name: String
    /// When an offset begins, in seconds since 1970; ascending.
    private let starts: [Int]
    private let offsets: [Int]
    /// What holds before the first of them.
    private let earliest: Int
    /// What holds behind the last of them.
    private let rest: YearlyRule?

    package static let utc = ZoneRules(name: "UTC")

    private init(name: String) {
        self.name = name
        (starts, offsets, earliest, rest) = ([], [], 0, nil)
    }

    /// Reads a compiled zone file; nil for bytes that are none.
    package init?(name: String, file: [UInt8]) {
        var reader = ZoneFileReader(file)
        guard let content = reader.read() else { return nil }
        self.name = name
        (starts, offsets, earliest) = (content.starts, content.offsets, content.earliest)
        rest = content.footer.isEmpty ? nil : YearlyRule(content.footer)
        if !content.footer.isEmpty, rest == nil { return nil }
    }

    /// Seconds east of UTC at a time, and the next time at which that may change.
    package func offset(at seconds: Int) -> (east: Int, until: Int) {
        guard let last = starts.last else { return rest?.offset(at: seconds) ?? (earliest, .max) }
        if seconds >= last, let rest { return rest.offset(at: seconds) }
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        let until = low < starts.count ? starts[low] : .max
        return (low == 0 ? earliest : offsets[low - 1], until)
    }
}

/// Reads the newest block of a zone file and the text behind it.
private struct ZoneFileReader {
    struct Content {
        var starts: [Int] = []
        var offsets: [Int] = []
        var earliest = 0
        var footer: [UInt8] = []
    }

    private struct Head {
        var version: UInt8
        /// How many there are: UT flags, standard flags, leap seconds, transitions, types, bytes of names.
        var counts: [Int]

        func length(time: Int) -> Int {
            counts[3] * (time + 1) + counts[4] * 6 + counts[5] + counts[2] * (time + 4) + counts[1] + counts[0]
        }
    }

    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() -> Content? {
        guard let first = head() else { return nil }
        guard first.version >= UInt8(ascii: "2") else { return content(first, time: 4) }
        place += first.length(time: 4)
        guard let second = head(), var content = content(second, time: 8) else { return nil }
        guard place < bytes.count, bytes[place] == 0x0A else { return nil }
        content.footer = Array(bytes[(place + 1)...].prefix { $0 != 0x0A })
        return content
    }

    private mutating func head() -> Head? {
        guard place + 44 <= bytes.count, bytes[place..<place + 4].elementsEqual("TZif".utf8) else { return nil }
        let version = bytes[place + 4]
        place += 20
        let counts = (0..<6).map { _ in number(4) }
        guard counts.allSatisfy({ (0...65_536).contains($0) }), counts[4] > 0 else { return nil }
        return Head(version: version, counts: counts)
    }

    private mutating func content(_ head: Head, time: Int) -> Content? {
        guard place + head.length(time: time) <= bytes.count else { return nil }
        var content = Content()
        let (transitions, types) = (head.counts[3], head.counts[4])
        content.starts = (0..<transitions).map { _ in number(time) }
        let kinds = (0..<transitions).map { _ in number(1) & 0xFF }
        var east: [Int] = []
        var isSummer: [Bool] = []
        for _ in 0..<types {
            east.append(number(4))
            isSummer.append(bytes[place] != 0)
            place += 2
        }
        guard kinds.allSatisfy({ $0 < types }) else { return nil }
        content.offsets = kinds.map { east[$0] }
        content.earliest = isSummer.firstIndex(of: false).map { east[$0] } ?? east[0]
        place += head.counts[5] + head.counts[2] * (time + 4) + head.counts[1] + head.counts[0]
        return content
    }

    /// A big-endian number with a sign.
    private mutating func number(_ count: Int) -> Int {
        var value = Int(Int8(bitPattern: bytes[place]))
        for byte in bytes[place + 1..<place + count] { value = value << 8 | Int(byte) }
        place += count
        return value
    }
}
