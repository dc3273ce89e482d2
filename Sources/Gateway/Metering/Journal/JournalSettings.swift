/// Where usage is written down first, and how much of it may wait.
package struct JournalSettings: Sendable, Hashable {
    /// Where the journal is.
    package enum Place: Sendable, Hashable {
        /// In the process: what is not filed when it ends is lost.
        case memory
        /// In a folder of this absolute path, which is made where it is missing; several processes may use one.
        case folder(String)
    }

    /// When what was written is made to outlive a loss of power; a process that is killed loses nothing in any case.
    package enum Sync: String, Sendable, Hashable, CaseIterable {
        /// Whenever the system does it.
        case never
        /// Once a second, in the background.
        case everySecond = "every_second"
        /// Before each response's end, which waits for the disk, and with it everything else on its event loop.
        case always
    }

    package var place: Place
    /// Bytes after which a writer begins another segment; from 64 KiB to 1 GiB.
    package var segmentBytes: Int
    /// Bytes that may wait to be filed before the journal says that it is full.
    package var maximumBytes: Int
    /// Bytes in memory that wait for a disk that refuses them; half of them make the journal full, all of them lose records.
    package var spoolBytes: Int
    package var sync: Sync

    /// A segment has room for any record: there would be as many files as records otherwise.
    package static let leastSegmentBytes = 64 << 10

    package init(
        place: Place = .memory,
        segmentBytes: Int = 64 << 20,
        maximumBytes: Int = 4 << 30,
        spoolBytes: Int = 16 << 20,
        sync: Sync = .everySecond
    ) {
        self.place = place
        self.segmentBytes = min(max(segmentBytes, Self.leastSegmentBytes), 1 << 30)
        self.maximumBytes = maximumBytes
        self.spoolBytes = spoolBytes
        self.sync = sync
    }
}
