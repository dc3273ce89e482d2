@testable import Gateway

/// Checks the reading of a segment on any bytes: the fuzzer's target, and a test over its corpus.
///
/// However much is read at once, the same is found. Nothing is read twice, nothing is passed over in silence, and what is found can be
/// written and read again.
enum JournalTarget {
    static func check(_ bytes: [UInt8]) {
        for isFinal in [false, true] {
            let expected = ScannedSegment(bytes, isFinal: isFinal)
            checkWhole(expected, bytes, isFinal: isFinal)
            for size in [1, 9, 64] where size < bytes.count {
                let pieces = ScannedSegment(bytes, isFinal: isFinal, windowBytes: size)
                precondition(pieces == expected, "read in pieces of \(size) bytes it is something else")
            }
        }
    }

    private static func checkWhole(_ read: ScannedSegment, _ bytes: [UInt8], isFinal: Bool) {
        precondition(read.position <= bytes.count, "more is read than there is")
        precondition(zip(read.places, read.places.dropFirst()).allSatisfy { $0 < $1 }, "something is read twice")
        if isFinal && read.ending == .end {
            precondition(read.position == bytes.count, "something is left over in silence")
        }
        var again: [UInt8] = []
        for record in read.records { JournalFrame.append(record, to: &again) }
        let second = ScannedSegment(again, isFinal: true)
        precondition(second.records == read.records && second.damage.isEmpty, "a record changed when it was written")
    }
}

/// All that is found in a segment with the number 3.
struct ScannedSegment: Equatable {
    enum Ending: Equatable {
        case end
        case held
        case lost
    }

    private(set) var records: [UsageRecord] = []
    private(set) var places: [JournalPlace] = []
    private(set) var damage: [String] = []
    private(set) var ending = Ending.end
    private(set) var position = 0

    /// Reads through windows that begin with so many bytes and grow only where that is too few.
    init(_ bytes: [UInt8], from start: Int = 0, isFinal: Bool, windowBytes: Int = .max) {
        var scan = SegmentScan(segment: 3, from: start, isFinal: isFinal)
        var size = min(windowBytes, max(bytes.count, 1))
        reading: while true {
            switch Self.step(&scan, bytes, size) {
            case .record(let place, let record):
                places.append(place)
                records.append(record)
            case .damage(let words): damage.append(words)
            case .more:
                size += windowBytes
                continue reading
            case .end: break reading
            case .held(let words):
                damage.append(words)
                ending = .held
                break reading
            case .lost(let words):
                damage.append(words)
                ending = .lost
                break reading
            }
            size = min(windowBytes, max(bytes.count, 1))
        }
        position = scan.position
    }

    private static func step(_ scan: inout SegmentScan, _ bytes: [UInt8], _ size: Int) -> SegmentScan.Step {
        let start = min(scan.cursor, bytes.count)
        let end = min(start + size, bytes.count)
        return bytes[start..<end].withUnsafeBytes { piece in
            scan.step(SegmentWindow(bytes: piece, start: start, isLast: end == bytes.count))
        }
    }
}
