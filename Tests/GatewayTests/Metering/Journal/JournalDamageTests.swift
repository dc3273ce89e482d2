import Foundation
import Testing

@testable import Gateway

@Suite("A journal that is damaged")
struct JournalDamageTests {
    @Test("F14: a segment that was cut at any byte is filed up to there, told once, and goes")
    func torn() throws {
        let (bytes, starts) = RecordSamples.segment((0..<3).map(RecordSamples.plain))
        for cut in stride(from: 1, through: bytes.count, by: 7) {
            let test = try JournalUnderTest()
            try test.leave(Array(bytes[..<cut]), as: 4)
            try test.leave([], as: 5)
            try test.file()
            try test.file()
            let whole = (starts.dropFirst() + [bytes.count]).filter { $0 <= cut }.count
            #expect(test.requests == requests(0..<whole))
            #expect(test.damage.count == (cut == bytes.count || starts.contains(cut) ? 0 : 1))
            test.forget()
            #expect(try test.files == [SegmentName.name(of: 5)])
            #expect(test.journal.unfiledBytes == 0)
        }
    }

    @Test("a wrong checksum costs its record, and the rest is filed")
    func wrongChecksum() throws {
        let (whole, starts) = RecordSamples.segment((0..<5).map(RecordSamples.plain))
        var bytes = whole
        bytes[starts[2] + 30] ^= 1
        let test = try JournalUnderTest()
        try test.leave(bytes, as: 1)
        try test.file(3)
        try test.file(3)
        #expect(test.requests == requests([0, 1, 3, 4]))
        #expect(test.damage.count == 1)
    }

    @Test("where no next record is to be found, all before is filed first and then the segment is set aside")
    func setAside() throws {
        let (whole, starts) = RecordSamples.segment((0..<5).map(RecordSamples.plain))
        var bytes = whole
        bytes[starts[2] + 3] = 0xFF
        let test = try JournalUnderTest()
        try test.leave(bytes, as: 1)
        try test.file()
        #expect(test.requests == requests(0..<2) && test.damage.isEmpty)
        #expect(try test.files == [SegmentName.name(of: 1)])
        try test.file()
        #expect(try test.files == [SegmentName.asideName(of: 1)])
        #expect(test.damage.count == 1)
        try test.file()
        #expect(test.damage.count == 1 && test.journal.unfiledBytes == 0)
        let writer = test.journal.writer()
        writer.append(9...9)
        #expect(try test.files == [SegmentName.asideName(of: 1), SegmentName.name(of: 2)])
        writer.close()
    }

    @Test("a segment that is damaged while it is written is left for another one")
    func damagedWhileWritten() throws {
        let test = try JournalUnderTest(segmentBytes: 1 << 20)
        let writer = test.journal.writer()
        writer.append(0..<3)
        let bytes = test.bytes(of: 1)
        var damaged = bytes
        damaged[bytes.count / 3 + 3] = 0xFF
        try Self.overwrite(test, damaged)
        try test.file()
        #expect(test.requests == requests(0..<1) && test.damage.count == 1)
        writer.append(3..<5)
        writer.close()
        for _ in 0..<3 { try test.file() }
        #expect(test.requests == requests([0, 3, 4]))
        #expect(try test.files == [SegmentName.asideName(of: 1), SegmentName.name(of: 2)])
    }

    @Test("a record of a later version waits for that version, told once, while others are filed")
    func laterVersion() throws {
        let test = try JournalUnderTest()
        try test.leave(FrameBytes.sealed([7, 7, 7]), as: 1)
        try test.leave(RecordSamples.segment([RecordSamples.plain(3)]).bytes, as: 2)
        for _ in 0..<3 { try test.file() }
        test.forget()
        #expect(test.requests == requests([3]) && test.damage.count == 1)
        #expect(try test.files.contains(SegmentName.name(of: 1)))
    }

    @Test("files of others in the folder are nobody's business")
    func others() throws {
        let test = try JournalUnderTest()
        for name in ["usage-1.journal", "usage-0000000002.journal~", "usage-.journal", "x", "usage--000000001.journal"]
        {
            try test.scratch.write("x", to: "journal/\(name)")
        }
        let writer = test.journal.writer()
        writer.append(0..<1)
        try test.file()
        test.forget()
        #expect(test.requests == requests(0..<1) && test.damage.isEmpty)
        #expect(try test.files.count == 6)
        writer.close()
    }

    /// Changes the bytes of the first segment in place, as a broken disk does.
    private static func overwrite(_ test: JournalUnderTest, _ bytes: [UInt8]) throws {
        let path = "\(test.scratch.path)/journal/\(SegmentName.name(of: 1))"
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }
}
