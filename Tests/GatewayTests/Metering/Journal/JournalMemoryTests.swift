import Testing

@testable import Gateway

@Suite("A journal without files")
struct JournalMemoryTests {
    @Test("records wait until they are filed, and are read again where they were not")
    func waits() throws {
        let journal = try Journal(JournalSettings(), after: 7, logger: JournalUnderTest.silent)
        let writer = journal.writer()
        writer.append(0..<5)
        let first = try journal.read(after: [:], limit: 3)
        #expect(first.records.map(\.record.requestID) == requests(0..<3))
        #expect(first.records.allSatisfy { $0.place.segment == 8 })
        #expect(try journal.read(after: [:], limit: 3).records.map(\.place) == first.records.map(\.place))
        let second = try journal.read(after: first.positions, limit: 10)
        #expect(second.records.map(\.record.requestID) == requests(3..<5))
        journal.forget(upTo: second.positions)
        #expect(journal.unfiledBytes == 0 && journal.isFiling)
        #expect(try journal.read(after: second.positions, limit: 10).records.isEmpty)
        writer.close()
        journal.close()
    }

    @Test("records that were forgotten, since another process filed, are not missed once this one files them")
    func forgotten() throws {
        let journal = try Journal(JournalSettings(), logger: JournalUnderTest.silent)
        let writer = journal.writer()
        writer.append(0..<3)
        #expect(journal.pendingRecords == 3)
        journal.forgetPending()
        #expect(journal.pendingRecords == 0)
        let batch = try journal.read(after: [:], limit: .max)
        journal.didFile(batch, since: 0, wereAll: true)
        writer.append(3..<5)
        #expect(journal.pendingRecords == 2)
        writer.close()
        journal.close()
    }

    @Test("it is bounded: half of it makes it full, and what finds no room is counted as lost")
    func bounded() throws {
        let frame = RecordSamples.segment([RecordSamples.plain(0)]).bytes.count
        let journal = try Journal(JournalSettings(spoolBytes: 10 * frame), logger: JournalUnderTest.silent)
        let writer = journal.writer()
        writer.append(0..<5)
        #expect(journal.condition == .writable)
        writer.append(5..<10)
        #expect(journal.condition == .full && journal.lostRecords == 0)
        writer.append(10..<12)
        #expect(journal.lostRecords == 2)
        let batch = try journal.read(after: [:], limit: .max)
        #expect(batch.records.count == 10)
        journal.forget(upTo: batch.positions)
        #expect(journal.condition == .writable)
        writer.append(0..<10)
        #expect(journal.lostRecords == 2)
        writer.close()
    }

    @Test("many loops lose nothing to each other while it is filed")
    func together() async throws {
        let journal = try Journal(JournalSettings(), logger: JournalUnderTest.silent)
        let read = await withTaskGroup(of: [String].self) { group in
            for number in 0..<4 {
                group.addTask {
                    let writer = journal.writer()
                    writer.append(number * 1_000..<number * 1_000 + 1_000)
                    writer.close()
                    return []
                }
            }
            group.addTask { Self.file(journal, until: 4_000) }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(read.count == 4_000 && Set(read).count == 4_000)
        #expect(journal.unfiledBytes == 0 && journal.lostRecords == 0)
    }

    private static func file(_ journal: Journal, until count: Int) -> [String] {
        var positions: [Int: Int] = [:]
        var seen: [String] = []
        // Reading never throws in memory.
        while seen.count < count, let batch = try? journal.read(after: positions, limit: 100) {
            seen += batch.records.map(\.record.requestID)
            positions.merge(batch.positions) { max($0, $1) }
            journal.forget(upTo: positions)
        }
        return seen
    }
}
