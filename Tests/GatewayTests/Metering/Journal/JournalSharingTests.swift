import Testing

@testable import Gateway

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

@Suite("Several processes with one journal")
struct JournalSharingTests {
    @Test("one files what all write, and the other takes over when it ends")
    func oneFiles() throws {
        let one = try JournalUnderTest()
        let other = try JournalUnderTest(in: one.scratch)
        let writers = [one.journal.writer(), other.journal.writer()]
        writers[0].append(0..<10)
        writers[1].append(10..<20)
        #expect(try one.file() == 20)
        #expect(try other.file() == 0)
        #expect(one.journal.isFiling && !other.journal.isFiling)
        writers[1].append(20..<21)
        #expect(try one.file() == 1)
        writers[0].close()
        one.journal.close()
        writers[1].append(21..<22)
        #expect(try other.file() == 22)
        #expect(other.requests.sorted() == requests(0..<22).sorted())
        writers[1].close()
    }

    @Test("a segment that somebody writes is not deleted, nor is its unfinished end taken for one")
    func inUse() throws {
        let one = try JournalUnderTest(segmentBytes: 1 << 20)
        let other = try JournalUnderTest(in: one.scratch, segmentBytes: 1 << 20)
        let foreign = other.journal.writer()
        foreign.append(0..<2)
        let own = one.journal.writer()
        own.append(2..<3)
        try one.file()
        one.forget()
        #expect(try one.files.count == 2)
        // The disk fills up in the middle of a record, and what came through cannot be taken back.
        other.faults.change { faults in
            faults.space = 20
            faults.truncate = EIO
        }
        foreign.append(3..<4)
        #expect(try one.file() == 0)
        other.faults.change { faults in
            faults.space = .max
            faults.truncate = nil
        }
        foreign.retry()
        foreign.append(4..<5)
        foreign.close()
        other.journal.close()
        for _ in 0..<2 { try one.file() }
        one.forget()
        #expect(one.requests.sorted() == requests(0..<5).sorted() && one.doubled == 0)
        #expect(one.damage.count <= 1)
        own.close()
    }

    @Test("segments that are there yet are told by whoever files, those that were set aside too, and by nobody else")
    func present() throws {
        let one = try JournalUnderTest()
        let other = try JournalUnderTest(in: one.scratch)
        for number in 1...3 { try one.leave(RecordSamples.segment([RecordSamples.plain(number)]).bytes, as: number) }
        try one.scratch.write("x", to: "journal/\(SegmentName.asideName(of: 9))")
        try one.leave([], as: 10)
        try one.file()
        #expect(one.forget() == [9, 10])
        #expect(other.forget() == nil)
    }

    @Test("writers that begin at the same moment never get one number")
    func numbers() async throws {
        let scratch = try Scratch()
        var settings = JournalSettings(place: .folder(scratch.path + "/journal"))
        settings.segmentBytes = 1
        let journals = try (0..<3).map { _ in try Journal(settings, logger: JournalUnderTest.silent) }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                let journal = journals[number % 3]
                group.addTask {
                    let writer = journal.writer()
                    writer.append(number * 10..<number * 10 + 10)
                    writer.close()
                }
            }
        }
        let batch = try journals[0].read(after: [:], limit: .max)
        #expect(Set(batch.records.map(\.record.requestID)) == Set(requests(0..<120)))
        #expect(Set(batch.records.map(\.place)).count == 120 && batch.damage.isEmpty)
        #expect(journals.allSatisfy { $0.lostRecords == 0 })
        for journal in journals { journal.close() }
    }
}
