import Synchronization

/// The segments that this process writes, or has written and not yet made sure of.
///
/// No lock here is ever waited for while a record is appended, but for where a loop begins another segment.
final class JournalSegments: Sendable {
    let folder: JournalFolder
    let settings: JournalSettings
    let state: JournalState
    private let files = Mutex<[Int: SegmentFile]>([:])
    /// The highest number that is known to have been used.
    private let highest: Mutex<Int>
    private let hasNewFiles = Atomic<Bool>(false)

    init(_ folder: JournalFolder, _ settings: JournalSettings, _ state: JournalState, after highest: Int) {
        self.folder = folder
        self.settings = settings
        self.state = state
        self.highest = Mutex(highest)
    }

    /// Makes a segment for a writer.
    func begin() throws(JournalProblem) -> SegmentFile {
        // One after the other, so that the loops of a process do not take numbers from each other; they all do this at their start and
        // then once for each segment.
        let file = try highest.withLock { highest throws(JournalProblem) in
            let file = try folder.makeSegment(above: highest)
            highest = file.number
            return file
        }
        files.withLock { $0[file.number] = file }
        hasNewFiles.store(true, ordering: .relaxed)
        if settings.sync == .always { synchronise() }
        return file
    }

    /// Its writer is done with a segment.
    func leave(_ file: SegmentFile) {
        file.leave()
        // Otherwise the filing thread makes sure of it first, as that may take long.
        if settings.sync != .everySecond { drop(file.number) }
    }

    /// Numbers up to this one are taken.
    func noteUsed(_ number: Int) { highest.withLock { $0 = max($0, number) } }

    subscript(number: Int) -> SegmentFile? { files.withLock { $0[number] } }

    func drop(_ number: Int) { files.withLock { $0[number] = nil } }

    /// Makes everything that was written outlive a loss of power, as far as it does not yet; only where that is wanted.
    func synchronise() {
        guard settings.sync != .never else { return }
        do throws(JournalProblem) {
            for file in files.withLock({ Array($0.values) }) { try synchronise(file) }
            if hasNewFiles.load(ordering: .relaxed) { try synchroniseFolder() }
            state.synchronised(nil)
        } catch {
            state.synchronised(error)
        }
    }

    private func synchronise(_ file: SegmentFile) throws(JournalProblem) {
        let isLeft = file.isLeft
        let whole = file.whole
        if whole > file.synced {
            try synchroniseBytes(of: file)
            file.didSynchronise(upTo: whole)
        }
        if isLeft { drop(file.number) }
    }

    /// Waits for the disk to have what was written to a segment.
    func synchroniseBytes(of file: SegmentFile) throws(JournalProblem) {
        let answer = JournalDisk.insist { folder.disk.synchronise(file.descriptor) }
        guard answer < 0 else { return }
        throw JournalProblem(action: "synchronise \(SegmentName.name(of: file.number))", number: Int32(-answer))
    }

    private func synchroniseFolder() throws(JournalProblem) {
        hasNewFiles.store(false, ordering: .relaxed)
        do throws(JournalProblem) {
            try folder.synchronise()
        } catch {
            hasNewFiles.store(true, ordering: .relaxed)
            throw error
        }
    }
}
