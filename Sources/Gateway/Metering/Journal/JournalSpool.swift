/// Frames in memory that wait for the disk, in their order.
struct JournalSpool {
    private var bytes: [UInt8] = []
    /// Where the first frame begins.
    private var start = 0

    var isEmpty: Bool { start == bytes.count }
    var count: Int { bytes.count - start }

    /// The number of frames.
    var frames: Int {
        bytes.withUnsafeBytes { bytes in
            var (count, place) = (0, start)
            while case .whole(let payload) = JournalFrame.look(at: place, in: bytes) {
                count += 1
                place = payload.upperBound
            }
            return count
        }
    }

    mutating func append(_ frame: UnsafeRawBufferPointer) { bytes.append(contentsOf: frame) }

    /// Lends the first frames: as many as fit in `most` bytes, but one at least; there has to be one.
    func withFirst<Result>(within most: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { all in
            let waiting = UnsafeRawBufferPointer(rebasing: all[start...])
            let fitting = JournalFrame.wholeBytes(in: waiting, within: min(most, waiting.count))
            let first = max(fitting, JournalFrame.firstBytes(of: waiting))
            return body(UnsafeRawBufferPointer(rebasing: waiting[..<first]))
        }
    }

    /// Takes out frames from the front.
    mutating func removeFirst(_ count: Int) {
        start += count
        guard start == bytes.count || start > Self.waste else { return }
        bytes.removeFirst(start)
        start = 0
        // A spool is used once in a long time: its memory is given back.
        if bytes.isEmpty { bytes = [] }
    }

    private static let waste = 1 << 20
}
