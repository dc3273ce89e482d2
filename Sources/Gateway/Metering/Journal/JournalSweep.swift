import Logging
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Reads what all processes have written into a folder, and deletes what is filed; one process at a time does that.
final class JournalSweep: Sendable {
    private struct State {
        /// What holds `filing.lock`.
        var lock: Int32?
        /// The segment that was read last, so that the next reading begins behind it and none is ever left waiting for the others.
        var latest = 0
        /// What was said already and still is as it was.
        var told: Set<JournalPlace> = []
        var reader = SegmentReader()
    }

    private let segments: JournalSegments
    private let logger: Logger
    /// Only the filing thread takes it, so it may be held for long.
    private let state = Mutex(State())

    init(_ segments: JournalSegments, logger: Logger) {
        self.segments = segments
        self.logger = logger
    }

    private var folder: JournalFolder { segments.folder }

    var isFiling: Bool { state.withLock { $0.lock != nil } }

    func read(after positions: [Int: Int], limit: Int) throws(JournalProblem) -> Journal.Batch {
        if let highest = positions.keys.max() { segments.noteUsed(highest) }
        return try state.withLock { state throws(JournalProblem) in
            let listing = try folder.list()
            measure(listing.segments, positions)
            var batch = Journal.Batch()
            guard claim(&state) else { return batch }
            let start = listing.segments.firstIndex { $0 > state.latest } ?? 0
            for number in listing.segments[start...] + listing.segments[..<start] {
                guard batch.records.count < limit else { break }
                state.latest = number
                read(number, from: positions[number] ?? 0, limit: limit, into: &batch, &state)
            }
            return batch
        }
    }

    /// - Returns: the segments that are there yet; nil without the right to file, or where the folder cannot be read.
    func forget(upTo positions: [Int: Int]) -> Set<Int>? {
        state.withLock { state in
            guard claim(&state) else { return nil }
            do throws(JournalProblem) {
                let listing = try folder.list()
                // The highest one has to stay: it tells which numbers have been used.
                let present = listing.segments.filter { number in
                    number == listing.highest || !forget(number, upTo: positions[number] ?? 0)
                }
                measure(present, positions)
                return Set(present + listing.aside)
            } catch {
                logger.warning("segments that are filed stay where they are: \(error)")
                return nil
            }
        }
    }

    func close() {
        state.withLock { state in
            guard let lock = state.lock else { return }
            JournalFolder.release(lock)
            state.lock = nil
        }
    }

    // MARK: One segment

    private func read(
        _ number: Int,
        from position: Int,
        limit: Int,
        into batch: inout Journal.Batch,
        _ state: inout State
    ) {
        let own = segments[number]
        guard let source = own.map({ SegmentSource($0) }) ?? foreign(number, from: position) else { return }
        defer { source.close() }
        guard source.end > position else { return }
        var scan = SegmentScan(segment: number, from: position, isFinal: source.isFinal)
        let ending = state.reader.read(source, with: &scan, limit: limit, into: &batch)
        if scan.position > position { batch.positions[number] = scan.position }
        switch ending {
        case .done: break
        case .held(let words):
            own?.spoil()
            if state.told.insert(scan.place).inserted { batch.damage.append(words) }
        case .lost(let words):
            // What was read before it has to be filed first.
            guard scan.position == position else { return }
            setAside(number, words, &batch)
        }
    }

    private func setAside(_ number: Int, _ words: String, _ batch: inout Journal.Batch) {
        do throws(JournalProblem) {
            try folder.setAside(number)
            segments.drop(number)
            batch.damage.append("\(words), so \(SegmentName.asideName(of: number)) is left to be looked at")
        } catch {
            batch.damage.append("\(words); \(error)")
        }
    }

    /// A segment that no writer of this process has; nil where it holds nothing new.
    private func foreign(_ number: Int, from position: Int) -> SegmentSource? {
        guard folder.bytes(of: number) > position, let descriptor = folder.openForReading(number) else { return nil }
        return SegmentSource(opened: descriptor)
    }

    private func forget(_ number: Int, upTo position: Int) -> Bool {
        guard let own = segments[number] else { return folder.delete(number, filedUpTo: position) }
        guard own.isLeft, own.whole <= position else { return false }
        segments.drop(number)
        // It still may be locked for a moment by whoever else refers to it; then it goes the next time.
        return false
    }

    private func measure(_ numbers: [Int], _ positions: [Int: Int]) {
        let unfiled = numbers.reduce(0) { sum, number in
            sum + max(0, (segments[number]?.whole ?? folder.bytes(of: number)) - (positions[number] ?? 0))
        }
        segments.state.measured(unfiled: unfiled)
    }

    // MARK: The right to file

    private func claim(_ state: inout State) -> Bool {
        if state.lock != nil { return true }
        let descriptor = open("\(folder.path)/filing.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            JournalFolder.release(descriptor)
            return false
        }
        state.lock = descriptor
        return true
    }
}
