#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A segment that is open to be read.
struct SegmentSource {
    let descriptor: Int32
    /// Whether nobody writes it any more.
    let isFinal: Bool
    /// How many of its bytes may be read.
    let end: Int
    /// The segment of a writer of this process, whose descriptor it is.
    private let own: SegmentFile?

    init(_ own: SegmentFile) {
        self.own = own
        descriptor = own.descriptor
        isFinal = own.isLeft
        end = own.whole
    }

    /// Takes over a descriptor, and keeps others from writing or deleting it where nobody writes it now.
    init(opened descriptor: Int32) {
        own = nil
        self.descriptor = descriptor
        isFinal = flock(descriptor, LOCK_SH | LOCK_NB) == 0
        end = JournalFolder.bytes(of: descriptor)
    }

    func close() {
        if own == nil { JournalFolder.release(descriptor) }
    }
}

/// Reads a segment through a window of fixed size.
struct SegmentReader {
    enum Ending: Hashable {
        /// It came to the end, or to the limit.
        case done
        case held(String)
        case lost(String)
    }

    private var window: [UInt8] = []

    /// Reads until there are so many records in the batch; `scan` says how far it came.
    mutating func read(
        _ source: SegmentSource,
        with scan: inout SegmentScan,
        limit: Int,
        into batch: inout Journal.Batch
    ) -> Ending {
        if window.isEmpty { window = [UInt8](repeating: 0, count: Self.windowBytes) }
        while batch.records.count < limit {
            let start = scan.cursor
            let count = fill(from: source, at: start)
            guard count >= 0 else { return .held(Self.words(errno, scan.place)) }
            let ending = window.withUnsafeBytes { all in
                let bytes = UnsafeRawBufferPointer(rebasing: all[..<count])
                let isLast = count < all.count || start + count >= source.end
                let window = SegmentWindow(bytes: bytes, start: start, isLast: isLast)
                return Self.step(through: window, with: &scan, limit: limit, into: &batch)
            }
            if let ending { return ending }
        }
        return .done
    }

    /// Goes through what is in the window; nil where more is to be read.
    private static func step(
        through window: SegmentWindow,
        with scan: inout SegmentScan,
        limit: Int,
        into batch: inout Journal.Batch
    ) -> Ending? {
        while batch.records.count < limit {
            switch scan.step(window) {
            case .record(let place, let record): batch.records.append((place, record))
            case .damage(let words): batch.damage.append(words)
            case .more: return nil
            case .end: return .done
            case .held(let words): return .held(words)
            case .lost(let words): return .lost(words)
            }
        }
        return .done
    }

    /// Reads as much as fits and is there; less than 0 where the system refuses.
    private mutating func fill(from source: SegmentSource, at offset: Int) -> Int {
        let most = max(0, min(source.end - offset, window.count))
        var done = 0
        while done < most {
            let count = window.withUnsafeMutableBytes { window in
                pread(source.descriptor, window.baseAddress?.advanced(by: done), most - done, off_t(offset + done))
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return -1 }
            // It is shorter than it was: somebody took back a part of a frame.
            if count == 0 { break }
            done += count
        }
        return done
    }

    private static func words(_ number: Int32, _ place: JournalPlace) -> String {
        let name = SegmentName.name(of: place.segment)
        return "\(name): cannot read from byte \(place.offset) on: \(String(cString: strerror(number)))"
    }

    /// More than one frame can take, so that each reading gets further.
    private static let windowBytes = 256 << 10
}
