import Synchronization

/// A journal without files: frames wait in memory until it is said that they were filed.
final class JournalMemory: Sendable {
    private struct Frames {
        /// What they would have on a disk: the number of their segment, and where in it the first one begins.
        var segment: Int
        var start = 0
        var bytes: [UInt8] = []

        var end: Int { start + bytes.count }
    }

    let state: JournalState
    private let maximumBytes: Int
    private let frames: Mutex<Frames>

    /// `highest` is the highest number that is taken already.
    init(maximumBytes: Int, state: JournalState, after highest: Int) {
        self.maximumBytes = maximumBytes
        self.state = state
        frames = Mutex(Frames(segment: highest + 1))
    }

    func append(_ frame: [UInt8]) {
        let isKept = frames.withLock { frames in
            guard frames.bytes.count + frame.count <= maximumBytes, frames.end < Self.lastOffset else { return false }
            frames.bytes.append(contentsOf: frame)
            return true
        }
        if isKept { state.didAppend(frame.count) } else { state.lose(1, "there is no room for them in memory") }
    }

    func read(after positions: [Int: Int], limit: Int) -> Journal.Batch {
        forget(upTo: positions)
        let piece = frames.withLock { frames in
            Frames(segment: frames.segment, start: frames.start, bytes: Array(frames.bytes.prefix(Self.bytesAtOnce)))
        }
        var batch = Journal.Batch()
        var scan = SegmentScan(segment: piece.segment, from: piece.start, isFinal: false)
        piece.bytes.withUnsafeBytes { bytes in
            let window = SegmentWindow(bytes: bytes, start: piece.start, isLast: true)
            while batch.records.count < limit, case .record(let place, let record) = scan.step(window) {
                batch.records.append((place, record))
            }
        }
        if scan.position > piece.start { batch.positions[piece.segment] = scan.position }
        return batch
    }

    func forget(upTo positions: [Int: Int]) {
        let unfiled = frames.withLock { frames in
            let filed = min(max(0, (positions[frames.segment] ?? 0) - frames.start), frames.bytes.count)
            frames.bytes.removeFirst(filed)
            frames.start += filed
            if frames.bytes.isEmpty, frames.start > Self.longSegment {
                frames = Frames(segment: frames.segment + 1)
            }
            return frames.bytes.count
        }
        state.measured(unfiled: unfiled)
    }

    /// What is copied for one reading, while appending waits.
    private static let bytesAtOnce = 4 << 20
    /// A segment that is longer ends as soon as all of it is filed.
    private static let longSegment = 1 << 30
    /// Where no frame can begin, because its place has no room for the number.
    private static let lastOffset = (1 << 32) - JournalFrame.mostBytes
}
