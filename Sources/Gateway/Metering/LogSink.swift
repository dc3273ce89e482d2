package import Logging
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes finished log lines to a file descriptor from a thread of its own, so that a slow reader never stops an event loop.
///
/// What waits is bounded: lines that find the queue full are dropped, and their number is written as soon as there is room.
package final class LogSink: Sendable {
    private struct Backlog {
        var bytes = 0
        var droppedLines = 0
    }

    private static let capacity = 8 << 20
    private let backlog = Mutex(Backlog())
    private let thread: NIOThreadPool
    private let descriptor: Int32
    private let threshold = Atomic<Int>(LogSink.rank(.info))

    /// - Parameter descriptor: an open file descriptor, which stays the caller's.
    package init(descriptor: Int32 = 2) {
        self.descriptor = descriptor
        thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
    }

    /// The least level of remarks that are written; the request log has a switch of its own.
    package var level: Logger.Level {
        get { Logger.Level.allCases[threshold.load(ordering: .relaxed)] }
        set { threshold.store(Self.rank(newValue), ordering: .relaxed) }
    }

    private static func rank(_ level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }

    /// Hands over whole lines, each with its line feed; returns at once.
    package func write(_ lines: [UInt8]) {
        let dropped: Int? = backlog.withLock { backlog in
            guard backlog.bytes + lines.count <= Self.capacity else {
                backlog.droppedLines += lines.count { $0 == UInt8(ascii: "\n") }
                return nil
            }
            backlog.bytes += lines.count
            defer { backlog.droppedLines = 0 }
            return backlog.droppedLines
        }
        guard let dropped else { return }
        thread.submit { [self] _ in
            if dropped > 0 {
                put(Array("{\"level\":\"warning\",\"event\":\"log_lines_dropped\",\"count\":\(dropped)}\n".utf8))
            }
            put(lines)
            backlog.withLock { $0.bytes -= lines.count }
        }
    }

    /// Writes what waits and ends the thread; call it once, after the last `write`.
    package func close() async {
        await withCheckedContinuation { done in
            thread.submit { _ in done.resume() }
        }
        try? await thread.shutdownGracefully()  // The pool only fails to stop when it was never started.
    }

    /// Blocks until the descriptor took all; a descriptor that fails loses the lines, as there is nowhere left to say so.
    private func put(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let written = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: buffer[offset...]))
                if written < 0 && errno == EINTR { continue }
                if written <= 0 { return }
                offset += written
            }
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
