import Logging
import Providers
import Synchronization

/// How the journal is doing; every loop asks it for each request.
final class JournalState: Sendable {
    private let maximumBytes: Int
    private let spoolBytes: Int
    private let logger: Logger
    private let unfiled = Atomic<Int>(0)
    private let spooled = Atomic<Int>(0)
    /// Writers that the disk refuses.
    private let refused = Atomic<Int>(0)
    private let isUnsynchronised = Atomic<Bool>(false)
    private let lost = Atomic<Int>(0)
    /// Records of this process that are not filed, and since when about the oldest of them waits, in milliseconds since 1970.
    private let records = Atomic<Int>(0)
    private let oldest = Atomic<Int>(0)

    init(maximumBytes: Int, spoolBytes: Int, logger: Logger) {
        self.maximumBytes = maximumBytes
        self.spoolBytes = spoolBytes
        self.logger = logger
    }

    var condition: Journal.Condition {
        if unfiledBytes > maximumBytes || spooledBytes > spoolBytes / 2 { return .full }
        let isRefused = refused.load(ordering: .relaxed) > 0 || isUnsynchronised.load(ordering: .relaxed)
        return isRefused ? .failing : .writable
    }

    var unfiledBytes: Int { unfiled.load(ordering: .relaxed) }
    var spooledBytes: Int { spooled.load(ordering: .relaxed) }
    var lostRecords: Int { lost.load(ordering: .relaxed) }

    var pendingRecords: Int { max(0, records.load(ordering: .relaxed)) }

    /// About how long the oldest of them has waited, in milliseconds.
    var pendingMilliseconds: Int {
        pendingRecords > 0 ? max(0, WallClock.milliseconds() - oldest.load(ordering: .relaxed)) : 0
    }

    // MARK: What happens

    /// There is one more record to file.
    func didTakeRecord() {
        guard records.wrappingAdd(1, ordering: .relaxed).oldValue <= 0 else { return }
        oldest.store(WallClock.milliseconds(), ordering: .relaxed)
    }

    /// So many records were filed, and what is left came later than `begun` where they were all that there were.
    func didFile(_ count: Int, since begun: Int, wereAll: Bool) {
        let left = takeAway(count)
        if wereAll, left > 0 { oldest.store(begun, ordering: .relaxed) }
    }

    /// What was forgotten while another process filed is not taken away once more.
    @discardableResult
    private func takeAway(_ count: Int) -> Int {
        let left = records.wrappingSubtract(count, ordering: .relaxed).newValue
        if left < 0 { records.wrappingSubtract(left, ordering: .relaxed) }
        return left
    }

    /// Another process files, and does not say how far it is.
    func forgetPending() { records.store(0, ordering: .relaxed) }

    func didAppend(_ bytes: Int) { unfiled.wrappingAdd(bytes, ordering: .relaxed) }

    /// Says how much was found to be unfiled.
    func measured(unfiled bytes: Int) { unfiled.store(bytes, ordering: .relaxed) }

    /// Takes room in memory for what the disk refuses; false where there is none.
    func spool(_ bytes: Int) -> Bool {
        let sum = spooled.wrappingAdd(bytes, ordering: .relaxed).newValue
        guard sum > spoolBytes else { return true }
        unspool(bytes)
        return false
    }

    func unspool(_ bytes: Int) { spooled.wrappingSubtract(bytes, ordering: .relaxed) }

    func lose(_ records: Int, _ why: String) {
        let (before, _) = lost.wrappingAdd(records, ordering: .relaxed)
        takeAway(records)
        if before == 0 { logger.error("records of usage are lost: \(why)") }
    }

    /// A writer found that the disk refuses its records.
    func refuse(_ problem: JournalProblem) {
        guard refused.wrappingAdd(1, ordering: .relaxed).oldValue == 0 else { return }
        logger.error("records of usage wait in memory: \(problem)")
    }

    /// A writer whose records were refused has written them all.
    func recover() {
        guard refused.wrappingSubtract(1, ordering: .relaxed).newValue == 0 else { return }
        logger.notice("records of usage are written again")
    }

    /// Says whether what was written could be made to outlive a loss of power.
    func synchronised(_ problem: JournalProblem?) {
        let wasFailing = isUnsynchronised.exchange(problem != nil, ordering: .relaxed)
        if let problem, !wasFailing { logger.error("records of usage may not outlive a loss of power: \(problem)") }
        if problem == nil, wasFailing { logger.notice("records of usage outlive a loss of power again") }
    }
}
