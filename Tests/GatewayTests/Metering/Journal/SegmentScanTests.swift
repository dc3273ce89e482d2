import Foundation
import Testing

@testable import Gateway

@Suite("Going through a segment")
struct SegmentScanTests {
    private static let records = (0..<8).map(RecordSamples.plain)

    @Test("F14: a segment that is cut at any byte gives exactly the whole frames before it, and says what the rest is")
    func cutAnywhere() {
        let (bytes, starts) = RecordSamples.segment(Self.records)
        let ends = starts.dropFirst() + [bytes.count]
        for cut in 0...bytes.count {
            let whole = ends.filter { $0 <= cut }.count
            let isClean = cut == 0 || ends.contains(cut)
            let read = ScannedSegment(Array(bytes[..<cut]), isFinal: true)
            #expect(read.records == Array(Self.records[..<whole]))
            #expect(read.places.map(\.offset) == Array(starts[..<whole]))
            #expect(read.damage.count == (isClean ? 0 : 1))
            #expect(read.position == cut)
        }
    }

    @Test("F14: while somebody writes it, what is behind the last whole frame is waited for in silence")
    func cutAnywhereLive() {
        let (bytes, starts) = RecordSamples.segment(Self.records)
        let ends = starts.dropFirst() + [bytes.count]
        for cut in 0...bytes.count {
            let read = ScannedSegment(Array(bytes[..<cut]), isFinal: false)
            let whole = ends.filter { $0 <= cut }.count
            #expect(read.records == Array(Self.records[..<whole]))
            #expect(read.damage.isEmpty && read.ending == .end)
            #expect(read.position == (whole == 0 ? 0 : ends[ends.startIndex + whole - 1]))
        }
    }

    @Test("F14: zeros at the end, as a loss of power leaves them, are an end", arguments: [1, 7, 8, 9, 4_096])
    func zeros(_ count: Int) {
        let (bytes, _) = RecordSamples.segment(Self.records)
        let read = ScannedSegment(bytes + [UInt8](repeating: 0, count: count), isFinal: true)
        #expect(read.records == Self.records)
        #expect(read.damage.count == 1 && read.ending == .end)
        #expect(read.position == bytes.count + count)
    }

    @Test("a wrong byte in any payload costs that record alone, and is told")
    func wrongPayload() {
        let (bytes, starts) = RecordSamples.segment(Self.records)
        for (number, start) in starts.enumerated() {
            var damaged = bytes
            damaged[start + JournalFrame.headBytes + 5] ^= 0x40
            let read = ScannedSegment(damaged, isFinal: true)
            var rest = Self.records
            rest.remove(at: number)
            #expect(read.records == rest)
            #expect(read.damage.count == 1 && read.damage[0].contains("bytes \(start)..<"))
            #expect(read.ending == .end && read.position == bytes.count)
        }
    }

    @Test("two wrong payloads side by side are passed over together")
    func wrongNeighbours() {
        let (bytes, starts) = RecordSamples.segment(Self.records)
        var damaged = bytes
        damaged[starts[2] + 20] ^= 1
        damaged[starts[3] + 20] ^= 1
        let read = ScannedSegment(damaged, isFinal: true)
        #expect(read.records == Array(Self.records[..<2] + Self.records[4...]))
        #expect(read.damage == ["usage-0000000003.journal: bytes \(starts[2])..<\(starts[4]) have a wrong checksum"])
    }

    @Test("a wrong length leads nowhere: what is behind it is not guessed at", arguments: [0, 1, 2, 3])
    func wrongLength(_ byte: Int) {
        let (bytes, starts) = RecordSamples.segment(Self.records)
        var damaged = bytes
        damaged[starts[4] + byte] ^= 0x15
        let read = ScannedSegment(damaged, isFinal: true)
        // Also a length that leads behind the end: there are good records behind it, so that it is no torn one.
        #expect(read.records == Array(Self.records[..<4]))
        #expect(read.ending == .lost && read.position == starts[4])
    }

    @Test("a record of a later version is kept for that one, and nothing behind it is read before")
    func laterVersion() {
        var bytes = RecordSamples.segment([Self.records[0]]).bytes
        let start = bytes.count
        bytes += FrameBytes.sealed([9, 1, 2, 3])
        bytes += RecordSamples.segment([Self.records[1]]).bytes
        let read = ScannedSegment(bytes, isFinal: true)
        #expect(read.records == [Self.records[0]])
        #expect(read.ending == .held && read.position == start)
        #expect(read.damage.first?.contains("later version of torii (coding 9)") == true)
    }

    @Test("a payload that is no record though its checksum is right is passed over")
    func noRecord() {
        let (bytes, _) = RecordSamples.segment([Self.records[0]])
        let read = ScannedSegment(FrameBytes.sealed([1, 2]) + bytes, isFinal: true)
        #expect(read.records == [Self.records[0]])
        #expect(read.damage.count == 1 && read.ending == .end)
    }

    @Test("a position behind the end is an end")
    func behindTheEnd() {
        let read = ScannedSegment([1, 2, 3], from: 10, isFinal: true)
        #expect(read.records.isEmpty && read.damage.isEmpty && read.ending == .end && read.position == 10)
    }

    @Test("every file of the fuzzer's corpus, and each cut or changed anywhere, reads the same through any window")
    func corpus() throws {
        for bytes in try Self.corpus() {
            JournalTarget.check(bytes)
            for place in bytes.indices.prefix(120) {
                JournalTarget.check(Array(bytes[..<place]))
                var changed = bytes
                changed[place] ^= [0x01, 0x80, 0x0F, 0x7F, 0xFF][place % 5]
                JournalTarget.check(changed)
            }
        }
    }

    private static func corpus() throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../../Fuzz/Corpus/Journal").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        return try files.map { [UInt8](try Data(contentsOf: $0)) }
    }
}
