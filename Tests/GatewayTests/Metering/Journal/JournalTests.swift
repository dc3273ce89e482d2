import Testing

@testable import Gateway

@Suite("The journal")
struct JournalTests {
    @Test("a record can be read as soon as it is appended, once, and again by the next process")
    func appends() throws {
        let test = try JournalUnderTest()
        let writer = test.journal.writer()
        writer.append(1...3)
        #expect(try test.file() == 3)
        #expect(try test.file() == 0)
        writer.append(4...4)
        #expect(try test.file() == 1)
        #expect(test.requests == requests(1...4))
        #expect(test.filed.values.contains(RecordSamples.plain(2)))
        writer.append(5...6)
        writer.close()
        try test.reopen()
        #expect(try test.file() == 2)
        #expect(test.requests == requests(1...6) && test.damage.isEmpty && test.doubled == 0)
    }

    @Test("nothing is read beyond the limit, and the next reading goes on there")
    func limits() throws {
        let test = try JournalUnderTest()
        let writers = [test.journal.writer(), test.journal.writer()]
        writers[0].append(1...30)
        writers[1].append(31...60)
        for _ in 0..<20 { #expect(try test.file(3) == 3) }
        #expect(try test.file(3) == 0)
        #expect(test.requests.sorted() == requests(1...60).sorted() && test.doubled == 0)
        writers.forEach { $0.close() }
    }

    @Test("no writer has to wait for the others until what it wrote is read")
    func fairness() throws {
        let test = try JournalUnderTest(segmentBytes: 1 << 20)
        let writers = [test.journal.writer(), test.journal.writer()]
        writers[0].append(1...100)
        writers[1].append(101...101)
        try test.file(5)
        try test.file(5)
        #expect(test.requests.contains("req_101"))
        writers.forEach { $0.close() }
    }

    @Test("a segment that is large enough is followed by another; what is filed goes, but for the last")
    func rotates() throws {
        let test = try JournalUnderTest(segmentBytes: 1_000)
        let writer = test.journal.writer()
        writer.append(0..<50)
        let before = try test.files
        #expect(before.count > 5)
        #expect(try before.allSatisfy { try test.scratch.size("journal/\($0)") <= 1_000 })
        #expect(try before.allSatisfy { try test.scratch.mode("journal/\($0)") == 0o600 })
        #expect(try test.scratch.mode("journal") == 0o700)
        test.forget()
        #expect(try test.files == before)
        try test.file()
        test.forget()
        #expect(try test.files == before.suffix(1))
        #expect(test.requests == requests(0..<50))
        writer.close()
    }

    @Test("the bytes that are not filed are counted, and too many of them make the journal full until they are")
    func backlog() throws {
        let test = try JournalUnderTest(maximumBytes: 3_000)
        let writer = test.journal.writer()
        #expect(test.journal.condition == .writable && test.journal.unfiledBytes == 0)
        writer.append(0..<10)
        #expect(test.journal.condition == .writable)
        writer.append(10..<40)
        let written = try test.files.map { try test.scratch.size("journal/\($0)") }.reduce(0, +)
        #expect(test.journal.unfiledBytes == written)
        #expect(test.journal.condition == .full)
        try test.file()
        test.forget()
        #expect(test.journal.unfiledBytes == 0 && test.journal.condition == .writable)
        #expect(test.journal.lostRecords == 0)
        writer.close()
    }

    @Test("what an earlier process left unfiled counts from the first reading on")
    func earlierBacklog() throws {
        let test = try JournalUnderTest()
        let writer = test.journal.writer()
        writer.append(0..<20)
        writer.close()
        let bytes = test.journal.unfiledBytes
        try test.reopen()
        try test.file(1)
        #expect(test.journal.unfiledBytes == bytes)
    }

    @Test("no number is used twice, also when every segment is filed and the ledger alone knows of them")
    func numbers() throws {
        let test = try JournalUnderTest()
        var seen = Set<JournalPlace>()
        for round in 0..<10 {
            let writer = test.journal.writer()
            writer.append(round..<round + 1)
            writer.close()
            try test.file()
            test.forget()
            #expect(test.filed.count == round + 1)
            seen.formUnion(test.filed.keys)
            if round == 5 { try test.leave([], as: 50) }
            try test.reopen()
        }
        #expect(seen.count == 10 && test.doubled == 0)
        #expect(seen.contains { $0.segment > 50 })
        let later = try Journal(
            JournalSettings(place: .folder(test.scratch.path + "/journal")),
            after: 1_000,
            logger: JournalUnderTest.silent
        )
        let writer = later.writer()
        writer.append(0..<1)
        #expect(try test.files.last == SegmentName.name(of: 1_001))
        writer.close()
        later.close()
    }

    @Test("synchronising is what the settings say", arguments: JournalSettings.Sync.allCases)
    func synchronises(_ sync: JournalSettings.Sync) throws {
        let test = try JournalUnderTest(sync: sync)
        let writer = test.journal.writer()
        writer.append(0..<20)
        let atOnce = test.faults.synchronisations
        test.journal.synchronise()
        let later = test.faults.synchronisations - atOnce
        test.journal.synchronise()
        let again = test.faults.synchronisations - atOnce - later
        #expect(atOnce >= (sync == .always ? 20 : 0) && (atOnce == 0) == (sync != .always))
        #expect((later > 0) == (sync == .everySecond))
        #expect(again == 0)
        try test.file()
        test.forget()
        test.forget()
        #expect(try test.files.count == 1)
        writer.close()
    }
}
