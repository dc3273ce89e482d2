import Inference
import Testing

@testable import Gateway

@Suite("The coding of usage records")
struct RecordCodingTests {
    @Test("random records come back as they were", arguments: 0..<20 as Range<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var chance = SeededChance(seed)
        var bytes: [UInt8] = []
        for _ in 0..<50 {
            let record = RecordSamples.random(using: &chance)
            bytes.removeAll(keepingCapacity: true)
            record.encode(into: &bytes)
            #expect(try Self.decoded(bytes) == record)
        }
    }

    @Test("records with nothing and with everything come back, and take few bytes")
    func ends() throws {
        for (record, most) in [
            (UsageRecord(), 45), (RecordSamples.full, 180), (RecordSamples.fullest, 185), (RecordSamples.plain(1), 150),
        ] {
            let bytes = Self.coded(record)
            #expect(try Self.decoded(bytes) == record)
            #expect(bytes.count <= most)
        }
    }

    @Test("the bytes of version 1 stay as they are, so that what was written can always be read")
    func golden() throws {
        #expect(Self.coded(RecordSamples.full) == Self.versionOne)
        #expect(try Self.decoded(Self.versionOne) == RecordSamples.full)
    }

    @Test("the bytes of version 2 stay as they are, and are written only where version 1 has no room for a record")
    func goldenTwo() throws {
        #expect(Self.coded(RecordSamples.fullest) == Self.versionTwo)
        #expect(try Self.decoded(Self.versionTwo) == RecordSamples.fullest)
        // One that another torii wrote without need is as good.
        let plain: [UInt8] = Self.versionTwo.dropLast(3) + [0, 0, 0]
        #expect(try Self.decoded(plain) == RecordSamples.full)
        let unknown: [UInt8] = Self.versionTwo.dropLast() + [3]
        #expect(throws: RecordCodingError.malformed(at: unknown.count)) { try Self.decoded(unknown) }
        let changes: [(inout UsageRecord) -> Void] = [
            { $0.usage.cacheWrite1h = 0 }, { $0.price?.cacheWrite1h = 0 }, { $0.part = .shadow },
        ]
        for change in changes {
            var record = RecordSamples.full
            change(&record)
            let bytes = Self.coded(record)
            #expect(bytes.first == 2)
            #expect(try Self.decoded(bytes) == record)
        }
    }

    @Test("a later version is refused as such, and other bytes as no record")
    func versions() {
        let later = [UInt8(3)] + Self.versionOne.dropFirst()
        #expect(throws: RecordCodingError.newer(version: 3)) { try Self.decoded(later) }
        #expect(throws: RecordCodingError.malformed(at: 0)) { try Self.decoded([0] + Self.versionOne.dropFirst()) }
        #expect(throws: RecordCodingError.malformed(at: 0)) { try Self.decoded([]) }
    }

    @Test("a record that is cut anywhere, or goes on, is refused")
    func cut() {
        let bytes = Self.coded(RecordSamples.fullest)
        for end in bytes.indices {
            #expect(throws: RecordCodingError.self) { try Self.decoded(Array(bytes[..<end])) }
        }
        #expect(throws: RecordCodingError.malformed(at: bytes.count)) { try Self.decoded(bytes + [0]) }
    }

    @Test("any other byte in any place is a record or is refused, and nothing else")
    func damaged() {
        let bytes = Self.coded(RecordSamples.fullest)
        for place in bytes.indices {
            for value in 0...UInt8.max {
                var other = bytes
                other[place] = value
                // Either is right: what matters is that it ends.
                _ = try? Self.decoded(other)
            }
        }
    }

    @Test("a text that is too long is cut between two characters", arguments: ["x", "ü", "語", "🦊"])
    func longTexts(_ character: String) throws {
        var record = UsageRecord()
        record.model = "-" + String(repeating: character, count: 5_000)
        let text = try #require(try Self.decoded(Self.coded(record)).model)
        #expect(text.utf8.count <= RecordOutput.longestText)
        #expect(text.utf8.count > RecordOutput.longestText - 4)
        #expect(record.model?.hasPrefix(text) == true)
    }

    @Test("the longest record fits into a frame")
    func longest() throws {
        let long = String(repeating: "x", count: 10_000)
        var record = RecordSamples.full
        (record.requestID, record.client, record.route) = (long, long, long)
        (record.tenant, record.team, record.user, record.key, record.rule) = (long, long, long, long, long)
        (record.provider, record.model, record.upstreamModel) = (long, long, long)
        (record.code, record.tried) = (long, long)
        let bytes = Self.coded(record)
        #expect(bytes.count <= JournalFrame.mostPayload)
        #expect(try Self.decoded(bytes).tried?.utf8.count == RecordOutput.longestText)
    }

    private static func coded(_ record: UsageRecord) -> [UInt8] {
        var bytes: [UInt8] = []
        record.encode(into: &bytes)
        return bytes
    }

    private static func decoded(_ bytes: [UInt8]) throws -> UsageRecord {
        try bytes.withUnsafeBytes { try UsageRecord(decoding: $0) }
    }

    private static let versionOne: [UInt8] = [
        1, 142, 176, 131, 197, 152, 104, 218, 195, 2, 5, 114, 101, 113, 95, 55, 5, 97, 99, 109,
        101, 2, 116, 3, 195, 188, 17, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99,
        100, 101, 102, 5, 99, 111, 100, 101, 120, 18, 80, 79, 83, 84, 32, 47, 118, 49, 47, 114,
        101, 115, 112, 111, 110, 115, 101, 115, 2, 1, 6, 99, 104, 101, 97, 112, 4, 111, 110, 101,
        2, 109, 7, 109, 45, 50, 48, 50, 54, 1, 144, 3, 4, 8, 116, 105, 109, 101, 111, 117,
        116, 4, 19, 111, 110, 101, 58, 116, 105, 109, 101, 111, 117, 116, 32, 116, 119, 111, 58, 111,
        107, 19, 9, 7, 17, 11, 4, 1, 192, 168, 165, 4, 1, 2, 5, 7, 8, 11, 13, 15,
        20, 41, 61, 192, 194, 207, 1,
    ]

    private static let versionTwo: [UInt8] = [2] + Array(versionOne.dropFirst()) + [5, 17, 2]
}
