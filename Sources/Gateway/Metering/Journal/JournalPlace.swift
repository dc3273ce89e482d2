/// Where a record stands in the journal: its id everywhere, because no other record ever stands there.
package struct JournalPlace: Sendable, Hashable, Comparable {
    /// The number of its segment, from 1 on; no number is used twice.
    package var segment: Int
    /// The byte of the segment that its frame begins at, below 2^32.
    package var offset: Int

    package init(segment: Int, offset: Int) {
        self.segment = segment
        self.offset = offset
    }

    package init(id: Int) { self.init(segment: id >> 32, offset: id & 0xFFFF_FFFF) }

    /// Both numbers in one, in the same order.
    package var id: Int { segment << 32 | offset }

    package static func < (one: JournalPlace, other: JournalPlace) -> Bool { one.id < other.id }
}
