import Foundation
import Logging

@testable import Gateway

/// A journal in a folder of its own, and what has been filed of it.
final class JournalUnderTest {
    let scratch: Scratch
    let faults = FaultyDisk()
    private let settings: JournalSettings
    private(set) var journal: Journal
    /// What somebody who files would have: where each record stands, and up to where all is filed.
    private(set) var filed: [JournalPlace: UsageRecord] = [:]
    private(set) var positions: [Int: Int] = [:]
    private(set) var damage: [String] = []
    /// Records that were read again from a place that was filed.
    private(set) var doubled = 0

    init(
        in scratch: Scratch? = nil,
        segmentBytes: Int = 1_000,
        maximumBytes: Int = 1 << 30,
        spoolBytes: Int = 1 << 20,
        sync: JournalSettings.Sync = .never
    ) throws {
        self.scratch = try scratch ?? Scratch()
        var settings = JournalSettings(
            place: .folder(self.scratch.path + "/journal"),
            maximumBytes: maximumBytes,
            spoolBytes: spoolBytes,
            sync: sync
        )
        // Behind the bounds that a configuration has, so that a few records take several segments.
        settings.segmentBytes = segmentBytes
        self.settings = settings
        journal = try Journal(settings, logger: Self.silent, disk: faults.disk)
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Ends this journal and begins another one in the same folder.
    func reopen() throws {
        journal.close()
        journal = try Journal(settings, after: positions.keys.max() ?? 0, logger: Self.silent, disk: faults.disk)
    }

    /// Reads and files once.
    @discardableResult
    func file(_ limit: Int = .max) throws -> Int {
        let batch = try journal.read(after: positions, limit: limit)
        for (place, record) in batch.records where filed.updateValue(record, forKey: place) != nil { doubled += 1 }
        positions.merge(batch.positions) { max($0, $1) }
        damage += batch.damage
        return batch.records.count
    }

    @discardableResult
    func forget() -> Set<Int>? { journal.forget(upTo: positions) }

    /// The ids of the requests that are filed, in their order.
    var requests: [String] { filed.sorted { $0.key < $1.key }.map(\.value.requestID) }

    /// The files in the folder, but for the lock.
    var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/journal")
                .filter { $0 != "filing.lock" }.sorted()
        }
    }

    func bytes(of number: Int) -> [UInt8] { scratch.bytes("journal/\(SegmentName.name(of: number))") }

    /// Puts a segment there as somebody might have left it.
    func leave(_ bytes: [UInt8], as number: Int) throws {
        try Data(bytes).write(to: URL(filePath: "\(scratch.path)/journal/\(SegmentName.name(of: number))"))
    }
}

extension JournalWriter {
    /// Appends records that are known by their numbers.
    func append(_ numbers: some Sequence<Int>) {
        for number in numbers { append(RecordSamples.plain(number)) }
    }
}

/// What `JournalUnderTest.requests` should be.
func requests(_ numbers: some Sequence<Int>) -> [String] { numbers.map { "req_\($0)" } }
