/// The sums of one slot for a run of subjects, and the bytes of a row that they are.
///
/// Each stands behind the number that its subject is higher by than the one before, and the days that its tenant's day is
/// away from the slot's. To add up a million of them takes less time than to step to half as many rows.
struct UsagePack: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        var subject: Int
        /// The day in the tenant's time zone.
        var day: Int
        var sums: UsageSums

        func comes(before other: Entry) -> Bool { (subject, day) < (other.subject, other.day) }

        func isAbout(_ other: Entry) -> Bool { subject == other.subject && day == other.day }
    }

    let id: UsagePackID
    /// Sorted by their subjects, and those of a subject by their days.
    private(set) var entries: [Entry] = []

    init(_ id: UsagePackID) { self.id = id }

    /// - Throws: where the bytes are no such pack.
    init(_ id: UsagePackID, decoding bytes: UnsafeRawBufferPointer) throws {
        self.init(id)
        try Self.read(bytes, of: id) { key, sums in
            entries.append(Entry(subject: key.subject, day: key.day, sums: sums))
        }
    }

    /// Adds sums of subjects of its run; they are sorted as its own, and no two are about the same.
    mutating func add(_ others: [Entry]) {
        var merged: [Entry] = []
        merged.reserveCapacity(entries.count + others.count)
        var next = 0
        for var entry in entries {
            while next < others.count, others[next].comes(before: entry) {
                merged.append(others[next])
                next += 1
            }
            if next < others.count, others[next].isAbout(entry) {
                entry.sums.add(others[next].sums)
                next += 1
            }
            merged.append(entry)
        }
        entries = merged + others[next...]
    }

    // MARK: Coding

    var bytes: [UInt8] {
        let numbers = entries.count * (2 + UsageSums.columns.count)
        return Array(unsafeUninitializedCapacity: numbers * RecordOutput.longestNumber) { room, count in
            var output = RecordOutput(room)
            var subject = id.subjects.lowerBound
            for entry in entries {
                output.number(entry.subject - subject)
                output.number(entry.day - id.day)
                entry.sums.encode(into: &output)
                subject = entry.subject
            }
            count = output.count
        }
    }

    /// Reads sums one after the other; whatever the bytes are, subjects are of the run and days are days.
    ///
    /// - Throws: where the bytes are no such pack, and what `body` does.
    static func read(
        _ bytes: UnsafeRawBufferPointer,
        of id: UsagePackID,
        _ body: (RollupKey, UsageSums) throws -> Void
    ) throws {
        var input = RecordInput(bytes)
        let (subjects, day) = (id.subjects, id.day)
        var key = RollupKey(grain: id.grain, slot: id.slot, day: day, subject: subjects.lowerBound)
        while !input.isAtEnd {
            key.subject &+= try input.number()
            key.day = day &+ (try input.number())
            guard subjects.contains(key.subject), key.day == UsageGrain.boundedDay(key.day) else {
                throw input.problem
            }
            try body(key, try UsageSums(decoding: &input))
        }
    }
}
