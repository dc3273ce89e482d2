#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The folder of the journal's segments, which several processes may use.
///
/// Two rules keep a number from being used twice, without a lock between processes: the segment with the highest number is never
/// deleted, and a new one is only kept if it still has the highest when it is there. Who writes a segment holds a lock on it from before
/// its first byte, and who deletes one takes that lock first.
struct JournalFolder: Sendable {
    let path: String
    let disk: JournalDisk

    struct Listing: Hashable {
        /// The numbers of what can be read, in their order.
        var segments: [Int] = []
        /// The numbers of those that were set aside.
        var aside: [Int] = []
        /// The highest number that there is, of segments that were set aside too.
        var highest = 0
    }

    func list() throws(JournalProblem) -> Listing {
        guard let directory = opendir(path) else { throw problem("read the folder \(path)", -Int(errno)) }
        defer { closedir(directory) }
        var listing = Listing()
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let (number, isAside) = SegmentName.number(in: name) else { continue }
            listing.highest = max(listing.highest, number)
            if isAside { listing.aside.append(number) } else { listing.segments.append(number) }
        }
        listing.segments.sort()
        return listing
    }

    /// Makes a segment with a number that none ever had, as far as is known, and holds it.
    func makeSegment(above known: Int) throws(JournalProblem) -> SegmentFile {
        var known = known
        for _ in 0..<Self.patience {
            let number = max(known, try list().highest) + 1
            if let file = try attempt(number) { return file }
            known = number
        }
        throw problem("make a segment in \(path)", -Int(EBUSY))
    }

    /// Makes the segment of this number; nil where another process was quicker.
    ///
    /// - Throws: also where the file system keeps no locks, as nothing would say then that somebody writes a segment.
    private func attempt(_ number: Int) throws(JournalProblem) -> SegmentFile? {
        let name = SegmentName.name(of: number)
        let opened = disk.open(path(of: number), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC)
        if opened == -Int(EEXIST) { return nil }
        guard opened >= 0 else { throw problem("make \(name)", opened) }
        let file = SegmentFile(number: number, descriptor: Int32(opened))
        do throws(JournalProblem) {
            // Somebody who found it before it was locked may have deleted it already.
            guard try lock(file), access(path(of: number), F_OK) == 0 else { return nil }
            if try list().highest == number { return file }
        } catch {
            unlink(path(of: number))
            throw error
        }
        unlink(path(of: number))
        return nil
    }

    /// Locks a segment that was just made; false where somebody else has locked it.
    private func lock(_ file: SegmentFile) throws(JournalProblem) -> Bool {
        let answer = JournalDisk.insist { disk.lock(file.descriptor) }
        if answer == -Int(EWOULDBLOCK) { return false }
        guard answer >= 0 else { throw problem("lock \(SegmentName.name(of: file.number))", answer) }
        return true
    }

    /// Deletes a segment of which nobody writes and nothing is behind `position`; whether it is gone.
    func delete(_ number: Int, filedUpTo position: Int) -> Bool {
        guard let descriptor = openForReading(number) else { return errno == ENOENT }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.bytes(of: descriptor) <= position else { return false }
        return unlink(path(of: number)) == 0
    }

    /// Takes a segment out of what is read, and leaves it for the operator.
    func setAside(_ number: Int) throws(JournalProblem) {
        let name = SegmentName.asideName(of: number)
        guard rename(path(of: number), "\(path)/\(name)") == 0 else { throw problem("set aside \(name)", -Int(errno)) }
    }

    /// Has new segments found again after a loss of power.
    func synchronise() throws(JournalProblem) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw problem("open the folder \(path)", -Int(errno)) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw problem("synchronise the folder \(path)", -Int(errno)) }
    }

    /// A descriptor, which is the caller's to close; nil, and `errno` says why.
    func openForReading(_ number: Int) -> Int32? {
        let descriptor = open(path(of: number), O_RDONLY | O_CLOEXEC)
        return descriptor >= 0 ? descriptor : nil
    }

    /// Closes a descriptor, also where a type has a `close` of its own.
    static func release(_ descriptor: Int32) { close(descriptor) }

    /// A segment's length; 0 for one that is gone.
    func bytes(of number: Int) -> Int {
        guard let descriptor = openForReading(number) else { return 0 }
        defer { close(descriptor) }
        return Self.bytes(of: descriptor)
    }

    /// The length of an open segment, which is read by places and not from where it stands.
    static func bytes(of descriptor: Int32) -> Int {
        let end = lseek(descriptor, 0, SEEK_END)
        // A file that cannot be looked at has to stay.
        return end >= 0 ? Int(end) : .max
    }

    private func path(of number: Int) -> String { "\(path)/\(SegmentName.name(of: number))" }

    private func problem(_ action: String, _ answer: Int) -> JournalProblem {
        JournalProblem(action: action, number: Int32(-answer))
    }

    /// Others that make segments at the same moment, at most.
    private static let patience = 256
}
