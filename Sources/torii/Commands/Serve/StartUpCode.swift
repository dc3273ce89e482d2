#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// The program's code that only its start has run.
///
/// Around each page that runs first the kernel maps fifteen more, so that a start, which goes through the whole program
/// once, leaves most of it resident. What is needed later comes back page by page from the file, mostly without reading:
/// it is in the system's cache.
enum StartUpCode {
    /// Takes the code out of memory, in the hope that most of it is not needed again.
    ///
    /// Nothing happens where the system does not tell where the code is.
    static func giveBack() {
        #if canImport(Glibc)
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            let maps = try? Data(contentsOf: URL(filePath: "/proc/self/maps"))
        else { return }
        for range in ranges(of: program, in: String(decoding: maps, as: UTF8.self)) {
            // Advice: a kernel that does not follow it leaves everything as it was.
            _ = madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), Int(range.count), MADV_DONTNEED)
        }
        #endif
    }

    /// The addresses of a program's code, from a text in the form of `/proc/PID/maps` (proc(5)).
    ///
    /// Only what may run and may not be written: other parts hold what the linker has put there in memory.
    static func ranges(of program: String, in maps: String) -> [Range<UInt>] {
        maps.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard words.count == 6, words[1] == "r-xp", words[5].drop(while: { $0 == " " }) == program else {
                return nil
            }
            let ends = words[0].split(separator: "-").map { UInt($0, radix: 16) }
            guard ends.count == 2, let start = ends[0], let end = ends[1], start < end else { return nil }
            return start..<end
        }
    }
}
