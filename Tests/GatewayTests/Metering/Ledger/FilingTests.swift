import Logging
import Testing

@testable import Gateway

@Suite("Filing the journal")
struct FilingTests {
    /// Stands where a filing sleeps: notes how long, and lets it go on when it is told to.
    private final class Bed: Sendable {
        private struct State: Sendable {
            var pauses: [Duration] = []
            var allowed = 0
        }

        private let state = Watched(State())

        var pauses: [Duration] { state.value.pauses }

        func sleep(_ pause: Duration) async throws {
            state.change { $0.pauses.append(pause) }
            let number = state.value.pauses.count
            try await state.wait(for: "leave to go on") { $0.allowed >= number }
            try Task.checkCancellation()
        }

        /// Waits until it sleeps for so many times.
        func asleep(times count: Int) async throws {
            try await state.wait(for: "\(count) pauses") { $0.pauses.count >= count }
        }

        func wake() { state.change { $0.allowed = $0.pauses.count } }

        /// It never waits again.
        func end() { state.change { $0.allowed = .max } }
    }

    private static func journal() throws -> Journal { try Journal(JournalSettings(place: .memory), logger: .silent) }

    /// Runs a filing beside a test, which finds it asleep after its first round.
    private static func withFiling(
        _ journal: Journal,
        _ world: LedgerUnderTest,
        _ body: (Bed) async throws -> Void
    ) async throws {
        let bed = Bed()
        let filing = Filing(journal: journal, ledger: world.ledger, logger: .silent) { try await bed.sleep($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await filing.run() }
            defer {
                group.cancelAll()
                bed.end()
            }
            try await bed.asleep(times: 1)
            try await body(bed)
        }
    }

    @Test("what is written is in the ledger after the next round, and waits half a second where there is nothing to do")
    func rounds() async throws {
        let (journal, world) = (try Self.journal(), try LedgerUnderTest())
        let writer = journal.writer()
        try await Self.withFiling(journal, world) { bed in
            for count in 1...3 {
                writer.append(Used.record())
                bed.wake()
                try await bed.asleep(times: count + 1)
                #expect(try world.all().count == count)
            }
            #expect(bed.pauses.allSatisfy { $0 == .milliseconds(500) })
            #expect(journal.unfiledBytes == 0)
        }
        writer.close()
    }

    @Test(
        "F19: a ledger that fails is tried again with growing pauses while the journal grows, and then has everything"
    )
    func broken() async throws {
        let (journal, world) = (try Self.journal(), try LedgerUnderTest())
        let writer = journal.writer()
        try await Self.withFiling(journal, world) { bed in
            try world.limitFile(pages: 1)
            let records = (0..<400).map { number in Used.record { $0.requestID = "request \(number)" } }
            for record in records { writer.append(record) }
            for round in 2...5 {
                bed.wake()
                try await bed.asleep(times: round)
            }
            #expect(Array(bed.pauses.dropFirst()) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
            #expect(try world.all().isEmpty)
            #expect(journal.unfiledBytes > 0)
            try world.limitFile(pages: 1_000_000)
            bed.wake()
            try await bed.asleep(times: 6)
            #expect(try world.all() == records)
            #expect(bed.pauses.last == .milliseconds(500))
        }
        writer.close()
    }

    @Test("everything at once, for whoever waits for it")
    func all() throws {
        let (journal, world) = (try Self.journal(), try LedgerUnderTest())
        let writer = journal.writer()
        for _ in 0..<3 { writer.append(Used.record()) }
        let filing = Filing(journal: journal, ledger: world.ledger, logger: .silent)
        try filing.fileAll()
        try filing.fileAll()
        #expect(try world.all().count == 3)
        writer.close()
    }

    @Test("pauses double with each failure up to half a minute, and are as before after it")
    func pace() {
        var pace = FilingPace()
        let pauses = (0..<8).map { _ in pace.pause(after: .failed) }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 32, 32].map { .seconds($0) })
        #expect(pace.pause(after: .more) == .zero && pace.pause(after: .aside) == .milliseconds(50))
        #expect(pace.pause(after: .failed) == .seconds(1))
        #expect(pace.pause(after: .idle) == .milliseconds(500))
    }
}
