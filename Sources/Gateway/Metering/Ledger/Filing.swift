import Logging
import NIOPosix
import Providers

/// Files what the journal has, until it is cancelled.
///
/// A ledger that is slow or broken lets the journal grow, and is tried again with growing pauses; nothing is lost by that.
/// What is too old is deleted in between.
struct Filing: Sendable {
    private let journal: Journal
    private let ledger: Ledger
    private let logger: Logger
    /// What has to be filed before budgets can be trusted.
    private let leftovers: Leftovers?
    private let sleep: @Sendable (Duration) async throws -> Void

    init(
        journal: Journal,
        ledger: Ledger,
        logger: Logger,
        leftovers: Leftovers? = nil,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.journal = journal
        self.ledger = ledger
        self.logger = logger
        self.leftovers = leftovers
        self.sleep = sleep
    }

    /// What is known between two pieces of the work.
    private struct Course: Sendable {
        /// Up to where the journal has been filed; nil where the ledger has to be asked.
        var positions: [Int: Int]?
        var rounds = 0
        /// Whether there may be more that is too old.
        var isRetaining = true
        /// Whether there may be sums of an earlier version.
        var isPacking = true
        /// The damage that was told.
        var told: Set<String> = []
        var failure: String?
    }

    func run() async {
        var pace = FilingPace()
        var course = Course()
        while !Task.isCancelled {
            do {
                let before = course.failure
                let (next, outcome) = try await Self.thread.runIfActive { [course] in piece(course) }
                course = next
                tell(course.failure, after: before)
                let pause = pace.pause(after: outcome)
                if pause > .zero { try await sleep(pause) }
            } catch {
                // Only cancellation throws.
                return
            }
        }
    }

    /// Files all that the journal has; for a thread that may block, when nobody else files.
    ///
    /// - Throws: what keeps the journal from being read or the ledger from being written; what was filed stays filed.
    func fileAll() throws {
        var course = Course()
        var (count, told) = (0, 0)
        while let more = try fileOnce(&course) {
            count += more
            guard count / Self.recordsToTell > told else { continue }
            told = count / Self.recordsToTell
            logger.notice("\(count) records of usage have been filed so far")
        }
        leftovers?.didFileAll()
    }

    /// The same, tried a few times, with room made in between: whether all is filed.
    ///
    /// A ledger that somebody else holds is waited for as long as SQLite does each time.
    func catchUp() -> Bool {
        for attempt in 1...Self.attempts {
            do {
                try fileAll()
                return true
            } catch {
                logger.error("usage records of before cannot be filed (\(attempt) of \(Self.attempts)): \(error)")
                makeRoom()
            }
        }
        return false
    }

    private func makeRoom() {
        do {
            var pieces = 0
            while try ledger.retain(), pieces < Self.piecesOfRoom { pieces += 1 }
        } catch {
            logger.warning("what is too old for the ledger cannot be deleted: \(error)")
        }
    }

    private func piece(_ course: Course) -> (Course, FilingPace.Outcome) {
        var course = course
        var isMore = false
        course.failure = nil
        do {
            isMore = try fileOnce(&course) ?? 0 >= Self.batch
            if !isMore { leftovers?.didFileAll() }
        } catch {
            course.failure = "\(error)"
            course.positions = nil
        }
        course.rounds += 1
        // Also where filing fails: on a disk that is full it may make room.
        if course.isRetaining || course.failure != nil || course.rounds.isMultiple(of: Self.roundsToRetain) {
            do { course.isRetaining = try ledger.retain() } catch {
                course.failure = course.failure ?? "\(error)"
                course.isRetaining = false
            }
        }
        if course.failure != nil { return (course, .failed) }
        if isMore || course.isRetaining { return (course, .more) }
        return (course, pack(&course) ? .aside : .idle)
    }

    /// Whether there may be more to pack; nothing that is filed waits for it, nor does it fail with it.
    private func pack(_ course: inout Course) -> Bool {
        guard course.isPacking, journal.isFiling else { return false }
        do { course.isPacking = try ledger.packEarlierSums() } catch {
            logger.warning("sums of an earlier version stay as they are until the next start: \(error)")
            course.isPacking = false
        }
        return course.isPacking
    }

    /// Files one batch.
    ///
    /// - Returns: its records; nil where there was nothing new.
    private func fileOnce(_ course: inout Course) throws -> Int? {
        var positions = try course.positions ?? ledger.positions()
        let begun = WallClock.milliseconds()
        let batch = try journal.read(after: positions, limit: Self.batch)
        tellDamage(batch.damage, &course)
        let isNew = batch.positions.contains { segment, offset in offset > positions[segment] ?? 0 }
        if isNew || !batch.records.isEmpty {
            try ledger.file(batch)
            journal.didFile(batch, since: begun, wereAll: batch.records.count < Self.batch)
            leftovers?.didFile(batch.records)
            positions.merge(batch.positions) { max($0, $1) }
        }
        // Now and then also where nothing was filed: a segment may have been closed since.
        if isNew || course.rounds.isMultiple(of: Self.roundsToForget) { try forget(&positions) }
        if !journal.isFiling { journal.forgetPending() }
        // Where another process files, only the ledger says how far that is.
        course.positions = journal.isFiling ? positions : nil
        return isNew ? batch.records.count : nil
    }

    /// Deletes what is filed as a whole, and then what was noted of it, but for the highest number.
    private func forget(_ positions: inout [Int: Int]) throws {
        guard let present = journal.forget(upTo: positions), let highest = positions.keys.max() else { return }
        let kept = positions.filter { present.contains($0.key) || $0.key == highest }
        guard kept.count < positions.count else { return }
        try ledger.forgetPositions(except: present)
        positions = kept
    }

    private func tell(_ failure: String?, after before: String?) {
        switch (before, failure) {
        case (nil, let failure?):
            logger.error("usage records cannot be filed and wait in the journal: \(failure)")
        case (.some, nil): logger.notice("usage records are filed again")
        default: break
        }
    }

    private func tellDamage(_ damage: [String], _ course: inout Course) {
        if course.told.count > Self.mostTold { course.told.removeAll() }
        for text in damage where course.told.insert(text).inserted { logger.error("the journal is damaged: \(text)") }
    }

    /// A thread of its own, so that a ledger that hangs keeps nobody else; it runs as long as the process.
    private static let thread: NIOThreadPool = {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        return thread
    }()

    /// Records in one transaction.
    private static let batch = 10_000
    private static let roundsToForget = 20
    private static let attempts = 3
    private static let piecesOfRoom = 100
    private static let recordsToTell = 1_000_000
    private static let roundsToRetain = 120
    private static let mostTold = 1_000
}
