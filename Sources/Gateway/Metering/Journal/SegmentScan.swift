/// Some of a segment's bytes.
struct SegmentWindow {
    let bytes: UnsafeRawBufferPointer
    /// Where in the segment the first of them stands.
    let start: Int
    /// Whether the segment has none behind them.
    let isLast: Bool

    var end: Int { start + bytes.count }
}

/// Goes through a segment frame by frame and says what it finds; a value that reads no file itself.
///
/// Whatever the bytes are, it passes over nothing without saying so, and it takes nothing for a record that is not one whole frame.
struct SegmentScan {
    enum Step {
        case record(JournalPlace, UsageRecord)
        /// Something was passed over, for good.
        case damage(String)
        /// It takes more bytes, from `cursor` on.
        case more
        /// There is nothing else for now.
        case end
        /// What comes cannot be read, but perhaps later; nothing behind it is read before that.
        case held(String)
        /// Here is no frame, and nothing says where the next one is.
        case lost(String)
    }

    private let segment: Int
    /// Whether nobody writes into it any more.
    private let isFinal: Bool
    /// Up to where everything was read or passed over.
    private(set) var position: Int
    /// Where to look next.
    ///
    /// It is ahead of `position` behind frames with a wrong checksum, whose lengths are not believed before they lead to a
    /// good frame or exactly to the end.
    private(set) var cursor: Int

    init(segment: Int, from position: Int, isFinal: Bool) {
        self.segment = segment
        self.position = position
        self.isFinal = isFinal
        cursor = position
    }

    /// Where it is.
    var place: JournalPlace { JournalPlace(segment: segment, offset: cursor) }

    /// Goes one step on in bytes that begin at `cursor` or before it.
    mutating func step(_ window: SegmentWindow) -> Step {
        while true {
            switch JournalFrame.look(at: cursor - window.start, in: window.bytes) {
            case .whole(let payload): return take(payload, of: window)
            case .wrong(let next): cursor = window.start + next
            case .short: return window.isLast ? end(window) : .more
            case .impossible: return noFrame(window)
            }
        }
    }

    private mutating func take(_ payload: Range<Int>, of window: SegmentWindow) -> Step {
        guard cursor == position else { return pass("have a wrong checksum") }
        let place = place
        do throws(RecordCodingError) {
            let record = try UsageRecord(decoding: UnsafeRawBufferPointer(rebasing: window.bytes[payload]))
            cursor = window.start + payload.upperBound
            position = cursor
            return .record(place, record)
        } catch {
            switch error {
            case .newer(let version):
                return .held("\(name): at byte \(cursor) is a record of a later version of torii (coding \(version))")
            case .malformed(let offset):
                cursor = window.start + payload.upperBound
                return pass("are no record (byte \(offset) of it)")
            }
        }
    }

    /// What to make of a segment's end.
    private mutating func end(_ window: SegmentWindow) -> Step {
        if cursor >= window.end {
            return isFinal && position < cursor ? pass("have a wrong checksum") : .end
        }
        guard isFinal else { return .end }
        guard cursor == position, !hasFrame(window) else { return .lost(lostWords) }
        cursor = window.end
        return pass("are a record that was never finished")
    }

    /// Whether a good frame stands anywhere behind the cursor, in a segment's last bytes.
    ///
    /// Then it is no torn end: a length that is wrong leads over records that are good.
    private func hasFrame(_ window: SegmentWindow) -> Bool {
        let first = cursor - window.start + 1
        return (first..<max(first, window.bytes.count)).contains { offset in
            if case .whole = JournalFrame.look(at: offset, in: window.bytes) { true } else { false }
        }
    }

    /// What to make of a place where no frame is.
    ///
    /// A loss of power can leave zeros where the last bytes should be; they are an end like any other.
    private mutating func noFrame(_ window: SegmentWindow) -> Step {
        let rest = UnsafeRawBufferPointer(rebasing: window.bytes[(cursor - window.start)...])
        if !window.isLast && rest.count <= JournalFrame.mostBytes { return .more }
        guard isFinal else { return .held("\(name): no record begins at byte \(cursor)") }
        let isZeros = window.isLast && rest.count <= JournalFrame.mostBytes && rest.allSatisfy { $0 == 0 }
        guard isZeros, cursor == position else { return .lost(lostWords) }
        cursor = window.end
        return pass("are a record that was never written")
    }

    /// Passes over everything up to the cursor.
    private mutating func pass(_ what: String) -> Step {
        defer { position = cursor }
        return .damage("\(name): bytes \(position)..<\(cursor) \(what)")
    }

    private var lostWords: String { "\(name): no record is to be found from byte \(position) on" }

    private var name: String { SegmentName.name(of: segment) }
}
