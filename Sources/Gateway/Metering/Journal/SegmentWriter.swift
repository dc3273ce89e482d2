#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes frames into one segment after the other; confined to a loop.
///
/// Everything is written where it belongs and not just behind what is there, so that whatever was refused can simply be written again: it
/// lands on what came through of it before, and no part of a frame is ever left between two others.
struct SegmentWriter {
    private let segments: JournalSegments
    private var file: SegmentFile?
    /// The bytes of the segment's whole frames.
    private var end = 0

    init(_ segments: JournalSegments) { self.segments = segments }

    /// The room that is left in the segment.
    var room: Int { max(0, segments.settings.segmentBytes - end) }

    /// Writes frames that belong into one segment.
    ///
    /// - Returns: the bytes of those that are in the journal now, and why that is not all of them.
    mutating func put(_ frames: UnsafeRawBufferPointer) -> (written: Int, problem: JournalProblem?) {
        do throws(JournalProblem) {
            return put(frames, into: try segment(for: frames.count))
        } catch {
            return (0, error)
        }
    }

    private mutating func put(_ frames: UnsafeRawBufferPointer, into file: SegmentFile) -> (Int, JournalProblem?) {
        var done = 0
        while done < frames.count {
            let rest = UnsafeRawBufferPointer(rebasing: frames[done...])
            let answer = JournalDisk.insist { segments.folder.disk.write(file.descriptor, rest, end + done) }
            guard answer > 0 else {
                let whole = JournalFrame.wholeBytes(in: frames, within: done)
                note(whole, in: file)
                return (whole, refused(answer, isParted: whole < done, by: file))
            }
            done += answer
        }
        note(done, in: file)
        if segments.settings.sync == .always { synchronise(file) }
        return (done, nil)
    }

    /// Is done with the segment; the next frame begins another.
    mutating func leave() {
        guard let file else { return }
        segments.leave(file)
        self.file = nil
        end = 0
    }

    /// Leaves a segment in which damage was found.
    mutating func leaveIfSpoiled() {
        if file?.isSpoiled == true { leave() }
    }

    private mutating func segment(for bytes: Int) throws(JournalProblem) -> SegmentFile {
        if let file {
            if !file.isSpoiled, end == 0 || bytes <= room { return file }
            leave()
        }
        let next = try segments.begin()
        file = next
        return next
    }

    /// So many bytes more are there in whole frames.
    private mutating func note(_ bytes: Int, in file: SegmentFile) {
        guard bytes > 0 else { return }
        end += bytes
        file.didWrite(upTo: end)
        segments.state.didAppend(bytes)
    }

    /// Takes back what came through of a frame.
    ///
    /// Where that fails too, or where something other than space is missing, the segment is given up: a reader takes a part of a frame at its end
    /// for what it is.
    private mutating func refused(_ answer: Int, isParted: Bool, by file: SegmentFile) -> JournalProblem {
        let number = answer < 0 ? Int32(-answer) : EIO
        let problem = JournalProblem(action: "write \(SegmentName.name(of: file.number))", number: number)
        let isClean = isParted || !problem.isForSpace ? segments.folder.disk.truncate(file.descriptor, end) >= 0 : true
        if !problem.isForSpace || !isClean { leave() }
        return problem
    }

    private func synchronise(_ file: SegmentFile) {
        do throws(JournalProblem) {
            try segments.synchroniseBytes(of: file)
            file.didSynchronise(upTo: end)
            segments.state.synchronised(nil)
        } catch {
            segments.state.synchronised(error)
        }
    }
}
