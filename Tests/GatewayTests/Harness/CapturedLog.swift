import Foundation
import JSON

@testable import Gateway

/// A log sink that writes into a file without a name, to be read back.
final class CapturedLog: @unchecked Sendable {  // The file is only ever written by the sink and read with `pread`.
    let sink: LogSink
    private let file: UnsafeMutablePointer<FILE>

    init() throws {
        guard let file = tmpfile() else { throw Missed(what: "a temporary file") }
        self.file = file
        sink = LogSink(descriptor: fileno(file))
    }

    deinit { fclose(file) }

    /// Everything that was written so far.
    var text: String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = pread(fileno(file), &piece, piece.count, off_t(bytes.count))
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
    }

    /// The whole lines so far.
    var lines: [String] {
        let text = text
        let end = text.utf8.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex
        return text[..<end].utf8.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Waits for so many lines.
    func lines(_ count: Int) async throws -> [String] {
        try await eventually("\(count) log lines; there are \(lines)") {
            let lines = lines
            return lines.count >= count ? lines : nil
        }
    }

    /// The line with this number from 0, as a JSON object.
    func record(_ number: Int = 0) async throws -> LoggedRequest {
        try LoggedRequest(await lines(number + 1)[number])
    }
}

/// One JSON line of the request log.
struct LoggedRequest {
    let view: JSONView
    let line: String

    init(_ line: String) throws {
        self.line = line
        view = try JSONDocument(Array(line.utf8)).root
    }

    subscript(_ name: String) -> String? { view[name]?.string }

    func number(_ name: String) -> Int? { view[name]?.int }

    /// The names of all members in their order.
    var names: [String] { view.members.map(\.key) }
}
