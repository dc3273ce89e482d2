import Testing

@testable import Gateway

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

@Suite("A disk that refuses the journal")
struct JournalFaultTests {
    @Test("F15: where a file system keeps no locks nothing is written unlocked, and no file is left behind")
    func noLocks() throws {
        let test = try JournalUnderTest()
        let writer = test.journal.writer()
        test.faults.change { $0.lock = ENOLCK }
        writer.append(0..<2)
        #expect(test.journal.condition == .failing && writer.isWaiting)
        #expect(try test.files.isEmpty)
        test.faults.change { $0.lock = nil }
        writer.retry()
        try test.file()
        #expect(test.requests == requests(0..<2) && test.journal.condition == .writable)
        writer.close()
    }

    @Test("a segment has room for any record, whatever a configuration says")
    func leastSegment() {
        #expect(JournalSettings(segmentBytes: 1).segmentBytes >= JournalFrame.mostPayload)
        #expect(JournalSettings(segmentBytes: 1 << 40).segmentBytes == 1 << 30)
    }

    @Test("F15: on a full disk records wait in memory, in their order, and are written once there is space")
    func full() throws {
        let test = try JournalUnderTest()
        let writer = test.journal.writer()
        writer.append(0..<3)
        test.faults.change { $0.write = ENOSPC }
        writer.append(3..<30)
        writer.retry()
        #expect(test.journal.condition == .failing && writer.isWaiting)
        try test.file()
        #expect(test.requests == requests(0..<3))
        test.faults.change { $0.write = nil }
        writer.append(30..<32)
        #expect(test.journal.condition == .failing)
        writer.retry()
        #expect(test.journal.condition == .writable && !writer.isWaiting && test.journal.spooledBytes == 0)
        writer.append(32..<34)
        try test.file()
        #expect(test.requests == requests(0..<34))
        #expect(test.damage.isEmpty && test.doubled == 0 && test.journal.lostRecords == 0)
        writer.close()
    }

    @Test("F15: a disk that fills up at any byte of a record leaves no part of it between two others")
    func shortWrites() throws {
        let frame = RecordSamples.segment([RecordSamples.plain(0)]).bytes.count
        for space in stride(from: 0, through: 2 * frame, by: 11) {
            for isStuck in [false, true] {
                let test = try JournalUnderTest()
                let writer = test.journal.writer()
                test.faults.change { faults in
                    faults.space = space
                    faults.truncate = isStuck ? EIO : nil
                }
                writer.append(0..<3)
                try test.file()
                #expect(test.requests == requests(0..<(space / frame)))
                test.faults.change { $0.space = .max }
                writer.retry()
                writer.append(3..<5)
                writer.close()
                try test.reopen()
                try test.file()
                #expect(test.requests == requests(0..<5))
                #expect(test.doubled == 0 && (isStuck || test.damage.isEmpty))
            }
        }
    }

    @Test("F15: writes that are cut short or interrupted come through", arguments: [1, 3, 50])
    func pieces(_ piece: Int) throws {
        let test = try JournalUnderTest()
        test.faults.change { faults in
            faults.piece = piece
            faults.isInterrupted = true
        }
        let writer = test.journal.writer()
        writer.append(0..<10)
        #expect(test.journal.condition == .writable && !writer.isWaiting)
        try test.file()
        #expect(test.requests == requests(0..<10) && test.damage.isEmpty)
        writer.close()
    }

    @Test("F15: after an error that is not for want of space the next try is made in another segment")
    func broken() throws {
        let test = try JournalUnderTest(segmentBytes: 1 << 20)
        let writer = test.journal.writer()
        writer.append(0..<2)
        test.faults.change { $0.write = EIO }
        writer.append(2..<4)
        #expect(test.journal.condition == .failing)
        writer.retry()
        test.faults.change { $0.write = nil }
        writer.retry()
        try test.file()
        #expect(test.requests == requests(0..<4) && test.doubled == 0)
        #expect(Set(test.filed.keys.map(\.segment)).count == 2)
        writer.close()
    }

    @Test(
        "F15, F23: without a segment records wait too, and no try leaves anything behind",
        arguments: [ENOSPC, EMFILE]
    )
    func noSegment(_ fault: Int32) throws {
        let test = try JournalUnderTest()
        test.faults.change { $0.open = fault }
        let writer = test.journal.writer()
        writer.append(0..<4)
        for _ in 0..<10 { writer.retry() }
        #expect(test.journal.condition == .failing)
        #expect(try test.files.isEmpty)
        test.faults.change { $0.open = nil }
        writer.retry()
        try test.file()
        #expect(test.requests == requests(0..<4) && test.journal.condition == .writable)
        writer.close()
    }

    @Test("F15: half of the memory makes the journal full, all of it loses records, which are counted")
    func spoolIsBounded() throws {
        let frame = RecordSamples.segment([RecordSamples.plain(0)]).bytes.count
        let test = try JournalUnderTest(spoolBytes: 10 * frame)
        let writer = test.journal.writer()
        test.faults.change { $0.write = EDQUOT }
        writer.append(0..<5)
        #expect(test.journal.condition == .failing)
        writer.append(5..<6)
        #expect(test.journal.condition == .full && test.journal.lostRecords == 0)
        writer.append(6..<10)
        #expect(test.journal.lostRecords == 0)
        writer.append(10..<13)
        #expect(test.journal.lostRecords == 3)
        test.faults.change { $0.write = nil }
        writer.retry()
        #expect(test.journal.condition == .writable)
        try test.file()
        #expect(test.requests == requests(0..<10))
        writer.close()
    }

    @Test("F15: one loop that cannot write is enough to say so, and the last to recover ends it")
    func severalWriters() throws {
        let test = try JournalUnderTest()
        let (one, other) = (test.journal.writer(), test.journal.writer())
        test.faults.change { $0.write = ENOSPC }
        one.append(0..<1)
        other.append(1..<2)
        test.faults.change { $0.write = nil }
        one.retry()
        #expect(test.journal.condition == .failing)
        other.retry()
        #expect(test.journal.condition == .writable)
        one.close()
        other.close()
    }

    @Test("F15: what waits at the end is tried once more, and counted as lost where that fails")
    func closing() throws {
        let test = try JournalUnderTest()
        let (one, other) = (test.journal.writer(), test.journal.writer())
        test.faults.change { $0.write = ENOSPC }
        one.append(0..<2)
        other.append(2..<5)
        one.close()
        #expect(test.journal.lostRecords == 2)
        test.faults.change { $0.write = nil }
        other.close()
        #expect(test.journal.lostRecords == 2 && test.journal.condition == .writable && test.journal.spooledBytes == 0)
        try test.file()
        #expect(test.requests == requests(2..<5))
    }

    @Test("F15: a disk that does not keep what it took makes the journal fail until it does", arguments: [false, true])
    func unsynchronised(_ isAlways: Bool) throws {
        let test = try JournalUnderTest(sync: isAlways ? .always : .everySecond)
        let writer = test.journal.writer()
        test.faults.change { $0.synchronise = EIO }
        writer.append(0..<1)
        test.journal.synchronise()
        #expect(test.journal.condition == .failing)
        test.faults.change { $0.synchronise = nil }
        writer.append(1..<2)
        test.journal.synchronise()
        #expect(test.journal.condition == .writable)
        try test.file()
        #expect(test.requests == requests(0..<2))
        writer.close()
    }
}
