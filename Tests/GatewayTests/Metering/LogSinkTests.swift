import Foundation
import Logging
import Testing

@testable import Gateway

@Suite("The place where log lines go")
struct LogSinkTests {
    @Test("a reader that stops reading loses lines, and is told how many")
    func boundedBacklog() async throws {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let line = Array((String(repeating: "x", count: 1023) + "\n").utf8)
        for _ in 0..<(10 << 10) { sink.write(line) }
        let read = Watched<[UInt8]>([])
        Self.read(pipe, into: read)
        try await read.wait(for: "room") { $0.count > 4 << 20 }
        sink.write(line)
        await sink.close()
        try pipe.fileHandleForWriting.close()
        let whole = try await read.wait(for: "the end") { $0.last == 0 }
        let text = String(decoding: whole.dropLast(), as: UTF8.self)
        let news = text.split(separator: "\n").filter { $0.contains("log_lines_dropped") }
        let lost = news.compactMap { $0.firstMatch(of: /"count":(\d+)/).flatMap { Int($0.output.1) } }.reduce(0, +)
        let kept = text.split(separator: "\n").count - news.count
        #expect(news.count == 1)
        #expect(lost > 1000)
        #expect(kept + lost == (10 << 10) + 1)
    }

    @Test("what waits is written before the sink closes, in its order")
    func closesAfterAll() async throws {
        let log = try CapturedLog()
        for number in 0..<1000 { log.sink.write(Array("\(number)\n".utf8)) }
        await log.sink.close()
        #expect(log.lines == (0..<1000).map(String.init))
    }

    @Test("remarks stand beside the requests in the same form", arguments: LogSettings.Format.allCases)
    func remarks(_ format: LogSettings.Format) async throws {
        let log = try CapturedLog()
        let logger = Logger(label: "test") { _ in SinkLogHandler(sink: log.sink, format: format) }
        logger.warning("two\nlines", metadata: ["b": "2", "a": "1\n"])
        await log.sink.close()
        let lines = log.lines
        #expect(lines.count == 1)
        let expected =
            format == .json
            ? #""level":"warning","event":"log","message":"two\nlines","details":"a=1\n b=2"}"#
            : #" warning log message="two\nlines" details="a=1\n b=2""#
        #expect(lines.first?.hasSuffix(expected) == true, "\(lines)")
    }

    /// Reads to the end, which it marks with a NUL.
    private static func read(_ pipe: Pipe, into bytes: Watched<[UInt8]>) {
        DispatchQueue.global().async {
            // An error ends the reading as the end does.
            while let data = try? pipe.fileHandleForReading.read(upToCount: 1 << 16), !data.isEmpty {
                bytes.change { $0 += data }
            }
            bytes.change { $0.append(0) }
        }
    }
}
