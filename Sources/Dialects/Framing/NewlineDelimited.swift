package import Inference

/// Cuts newline-delimited JSON into lines at any chunking.
///
/// Lines end with LF; a CR before it and empty lines are white space. A line that lies in one chunk is never copied.
package struct NewlineDelimited: Sendable {
    /// The most bytes that one line may have.
    package let limit: Int
    private var held: [UInt8] = []
    private var isAtStart = true

    package init(limit: Int = 16 << 20) {
        self.limit = limit
    }

    /// Reads one chunk and hands over each line that it completes; the bytes live only as long as the call.
    ///
    /// - Returns: The offset in this chunk up to which whole lines reach.
    /// - Throws: What `body` throws, or `malformed` for a line larger than `limit`.
    package mutating func scan(
        _ chunk: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(InferenceError) -> Void
    ) throws(InferenceError) -> Int {
        var start = 0
        var at = 0
        while at < chunk.count {
            let end = ByteScan.lineEnd(in: chunk, from: at)
            guard end < chunk.count else { break }
            at = end &+ 1
            guard chunk[end] == 0x0A else { continue }
            try deliver(UnsafeRawBufferPointer(rebasing: chunk[start..<end]), body)
            start = at
        }
        guard start < chunk.count else { return start }
        guard held.count &+ (chunk.count &- start) <= limit else { throw tooLarge }
        held.append(contentsOf: chunk[start...])
        return start
    }

    /// Hands over the last line if the stream ended without a newline.
    ///
    /// - Returns: Whether there was one.
    package mutating func finish(
        _ body: (UnsafeRawBufferPointer) throws(InferenceError) -> Void
    ) throws(InferenceError) -> Bool {
        guard !held.isEmpty else { return false }
        try deliver(UnsafeRawBufferPointer(start: nil, count: 0), body)
        return true
    }

    private mutating func deliver(
        _ line: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(InferenceError) -> Void
    ) throws(InferenceError) {
        guard held.count &+ line.count <= limit else { throw tooLarge }
        guard held.isEmpty else {
            var whole = held
            held = []
            whole.append(contentsOf: line)
            return try whole.span.bytes.withUnsafeBytes { raw throws(InferenceError) in try trimmed(raw, body) }
        }
        try trimmed(line, body)
    }

    private mutating func trimmed(
        _ line: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(InferenceError) -> Void
    ) throws(InferenceError) {
        let mark = isAtStart && ByteScan.has("\u{FEFF}", in: line) ? 3 : 0
        isAtStart = false
        var end = line.count
        while end > mark, line[end &- 1] == 0x0D || line[end &- 1] == 0x20 { end &-= 1 }
        let start = ByteScan.skippingSpace(in: line, from: mark)
        guard start < end else { return }
        try body(UnsafeRawBufferPointer(rebasing: line[start..<end]))
    }

    private var tooLarge: InferenceError {
        InferenceError(.malformed, "A line of the stream is larger than \(limit) bytes.", detail: "event_too_large")
    }
}
