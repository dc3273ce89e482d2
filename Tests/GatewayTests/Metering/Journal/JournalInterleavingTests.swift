import Testing

@testable import Gateway

@Suite("The journal in any order")
struct JournalInterleavingTests {
    private enum Act: CaseIterable {
        case append
        case appendMany
        case file
        case fileFew
        case forget
        case reopen
        case otherWriter
        case breakDisk
        case mendDisk
        case synchronise
    }

    @Test(
        "whatever is done in whatever order, no record is lost and none is there twice",
        arguments: 0..<40 as Range<UInt64>
    )
    func anyOrder(_ seed: UInt64) throws {
        var chance = SeededChance(seed)
        let sync = JournalSettings.Sync.allCases.randomElement(using: &chance) ?? .never
        let test = try JournalUnderTest(segmentBytes: Int.random(in: 100...2_000, using: &chance), sync: sync)
        var writers = [test.journal.writer()]
        var next = 0
        for _ in 0..<150 {
            switch Act.allCases.randomElement(using: &chance) ?? .append {
            case .append: Self.append(1, &next, writers.randomElement(using: &chance))
            case .appendMany: Self.append(12, &next, writers.randomElement(using: &chance))
            case .file: try test.file()
            case .fileFew: try test.file(Int.random(in: 1...5, using: &chance))
            case .forget: test.forget()
            case .reopen: try Self.reopen(test, &writers)
            case .otherWriter: writers.append(test.journal.writer())
            case .breakDisk:
                let space = Int.random(in: 0...600, using: &chance)
                test.faults.change { $0.space = space }
            case .mendDisk: Self.mend(test, writers)
            case .synchronise: test.journal.synchronise()
            }
        }
        try Self.reopen(test, &writers)
        while try test.file(100) > 0 {}
        #expect(test.requests.sorted() == requests(0..<next).sorted())
        #expect(test.doubled == 0 && test.damage.isEmpty && test.journal.lostRecords == 0)
        test.forget()
        #expect(test.journal.unfiledBytes == 0 && test.journal.condition == .writable)
        #expect(try test.files.count <= 1)
    }

    private static func append(_ count: Int, _ next: inout Int, _ writer: JournalWriter?) {
        writer?.append(next..<next + count)
        next += count
    }

    private static func mend(_ test: JournalUnderTest, _ writers: [JournalWriter]) {
        test.faults.change { $0.space = .max }
        for writer in writers { writer.retry() }
    }

    private static func reopen(_ test: JournalUnderTest, _ writers: inout [JournalWriter]) throws {
        mend(test, writers)
        for writer in writers { writer.close() }
        try test.reopen()
        writers = [test.journal.writer()]
    }
}
