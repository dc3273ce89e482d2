import Logging

/// Where every settled request is written down first: append-only files that a killed process leaves whole, or memory.
///
/// Each event loop has a writer of its own; one thread files what they wrote. The journal is the truth: what is filed elsewhere is made of it,
/// and a record's place in it is its id.
final class Journal: Sendable {
    /// What may be done now, for requests that have to be billed.
    enum Condition: Sendable, Hashable {
        case writable
        /// The disk refuses records, which wait in memory.
        case failing
        /// Too much waits, to be filed or to be written: a request that is begun now might never be counted.
        case full
    }

    /// Some of what is not filed yet.
    struct Batch: Sendable {
        /// In the order of each segment.
        var records: [(place: JournalPlace, record: UsageRecord)] = []
        /// Up to where segments have been read with these records, for those of which more has been read than before.
        var positions: [Int: Int] = [:]
        /// What could not be read, in words; it was passed over, or is left for the operator.
        var damage: [String] = []
    }

    private enum Store {
        case memory(JournalMemory)
        case folder(JournalSegments, JournalSweep)
    }

    /// The highest number of a segment that there was before this process; its own have higher ones.
    let inherited: Int
    private let state: JournalState
    private let store: Store

    /// `highest` is the highest number of a segment that was ever filed: no segment gets it, or one below it.
    ///
    /// - Throws: where the folder cannot be used.
    init(
        _ settings: JournalSettings,
        after highest: Int = 0,
        logger: Logger,
        disk: JournalDisk = .system
    ) throws {
        switch settings.place {
        case .memory:
            // All of it is in memory, so that the smaller bound holds, half of it for those who are under way.
            let state = JournalState(
                maximumBytes: settings.spoolBytes / 2,
                spoolBytes: settings.spoolBytes,
                logger: logger
            )
            self.state = state
            inherited = highest
            store = .memory(JournalMemory(maximumBytes: settings.spoolBytes, state: state, after: highest))
        case .folder(let path):
            try PrivateFolder.make(path)
            let folder = JournalFolder(path: path, disk: disk)
            let taken = max(highest, try folder.list().highest)
            let state = JournalState(
                maximumBytes: settings.maximumBytes,
                spoolBytes: settings.spoolBytes,
                logger: logger
            )
            self.state = state
            inherited = taken
            let segments = JournalSegments(folder, settings, state, after: taken)
            store = .folder(segments, JournalSweep(segments, logger: logger))
        }
    }

    /// A writer for an event loop, which closes it at its end.
    func writer() -> JournalWriter {
        switch store {
        case .memory(let memory): JournalWriter(memory)
        case .folder(let segments, _): JournalWriter(segments)
        }
    }

    /// How it is now; cheap enough to be asked for each request.
    var condition: Condition { state.condition }
    /// About how much is not filed yet, of all processes that use the folder.
    var unfiledBytes: Int { state.unfiledBytes }
    /// Records in memory that wait for the disk, in bytes.
    var spooledBytes: Int { state.spooledBytes }
    /// Records that this process could neither write nor keep.
    var lostRecords: Int { state.lostRecords }

    /// Records of this process that are not filed yet; none are known where another process files.
    var pendingRecords: Int { state.pendingRecords }
    /// About how long the oldest of them has waited, in milliseconds.
    var pendingMilliseconds: Int { state.pendingMilliseconds }

    /// What was read, beginning at `begun` in milliseconds since 1970, is filed; `wereAll` says that it was all that there was.
    func didFile(_ batch: Batch, since begun: Int, wereAll: Bool) {
        let own = batch.records.count { $0.place.segment > inherited }
        state.didFile(own, since: begun, wereAll: wereAll)
    }

    /// It is another process that files.
    func forgetPending() { state.forgetPending() }

    // MARK: Filing; for one thread at a time

    /// Whether it is this process that files what all write; asked for by `read`, and kept until `close`.
    var isFiling: Bool {
        switch store {
        case .memory: true
        case .folder(_, let sweep): sweep.isFiling
        }
    }

    /// Reads records behind what is filed; nothing where another process files them.
    ///
    /// `positions` says up to where each segment is filed. Whatever is filed already is not read again, and nothing is left out.
    ///
    /// - Throws: where the folder cannot be read.
    func read(after positions: [Int: Int], limit: Int) throws -> Batch {
        switch store {
        case .memory(let memory): memory.read(after: positions, limit: limit)
        case .folder(_, let sweep): try sweep.read(after: positions, limit: limit)
        }
    }

    /// Deletes segments that are wholly filed and that nobody writes any more, and counts what is unfiled.
    ///
    /// - Returns: the numbers of the segments that are there yet, those set aside too; nil where that cannot be said, as in
    ///   memory, or where another process files.
    @discardableResult
    func forget(upTo positions: [Int: Int]) -> Set<Int>? {
        switch store {
        case .memory(let memory):
            memory.forget(upTo: positions)
            return nil
        case .folder(_, let sweep): return sweep.forget(upTo: positions)
        }
    }

    /// Has everything that was written outlive a loss of power, where the settings want that; to be called once a second.
    func synchronise() {
        if case .folder(let segments, _) = store { segments.synchronise() }
    }

    /// Makes sure of everything and lets other processes file; the writers have to be closed before.
    func close() {
        guard case .folder(let segments, let sweep) = store else { return }
        segments.synchronise()
        sweep.close()
    }
}
