package import Inference

/// One event of a stream, seen in place: its bytes live only as long as the call that hands it over.
package struct ServerSentEvent {
    /// The `event` field; empty where there is none.
    package var name: UnsafeRawBufferPointer
    /// The `data` lines, joined by LF.
    package var data: UnsafeRawBufferPointer
    /// The `id` field; nil where there is none.
    package var id: UnsafeRawBufferPointer?
    /// The `retry` field in milliseconds.
    package var retry: Int?
    /// Where the event's own bytes stand in the chunk that ended it; begins at 0 if it began in an earlier chunk.
    package var position: Range<Int>
    /// Whether the event began in an earlier chunk.
    package var isContinued: Bool
}

/// Cuts a `text/event-stream` into events at any chunking, by the WHATWG specification's section 9.2.
///
/// Line ends may be LF, CR or CRLF in any mix; one byte order mark, comments and unknown fields are skipped. An event
/// that lies in one chunk is never copied. Only the part of an event that is not whole yet is kept.
package struct ServerSentEvents: Sendable {
    /// The most bytes that one event may have, its field names and line ends included.
    package let limit: Int
    /// The unfinished event's bytes from earlier chunks.
    private var held: [UInt8] = []
    /// How many bytes of the unfinished line earlier chunks had.
    private var lineHasContent = false
    /// The last chunk ended with CR; an LF at the start of the next one belongs to it.
    private var endedWithReturn = false
    private var isAtStart = true

    package init(limit: Int = 16 << 20) {
        self.limit = limit
    }

    /// How many bytes of an unfinished event are held.
    package var heldBytes: Int { held.count }

    /// Reads one chunk and hands over each event that it completes.
    ///
    /// - Returns: The offset in this chunk up to which whole events reach. The bytes after it, and what was left of
    ///   earlier chunks while this offset is 0, belong to an event that is not whole yet.
    /// - Throws: What `body` throws, or `malformed` for an event larger than `limit`.
    package mutating func scan(
        _ chunk: UnsafeRawBufferPointer,
        _ body: (ServerSentEvent) throws(InferenceError) -> Void
    ) throws(InferenceError) -> Int {
        guard !chunk.isEmpty else { return 0 }
        var lineStart = endedWithReturn && chunk[0] == 0x0A ? 1 : 0
        endedWithReturn = false
        var eventStart = held.isEmpty ? lineStart : 0
        var fields = EventFields()
        while true {
            let lineEnd = ByteScan.lineEnd(in: chunk, from: lineStart)
            guard lineEnd < chunk.count else { break }
            let next = skipLineEnd(chunk, at: lineEnd)
            if lineEnd == lineStart, !lineHasContent {
                try deliver(chunk, eventStart..<next, fields, body)
                eventStart = next
                fields = EventFields()
            } else if held.isEmpty {
                fields.add(chunk, lineStart..<lineEnd)
            }
            lineHasContent = false
            lineStart = next
        }
        if lineStart < chunk.count { lineHasContent = true }
        try hold(chunk, from: eventStart)
        return eventStart
    }

    /// Hands over the event that the stream's end cut from its closing blank line, if one is held.
    ///
    /// - Returns: Whether there was one.
    package mutating func finish(
        _ body: (ServerSentEvent) throws(InferenceError) -> Void
    ) throws(InferenceError) -> Bool {
        guard !held.isEmpty else { return false }
        let bytes = held
        held = []
        lineHasContent = false
        return try Self.whole(bytes, skippingMark: isAtStart, position: 0..<0, isContinued: true, body)
    }

    private mutating func skipLineEnd(_ chunk: UnsafeRawBufferPointer, at end: Int) -> Int {
        guard chunk[end] == 0x0D else { return end &+ 1 }
        guard end &+ 1 < chunk.count else {
            endedWithReturn = true
            return end &+ 1
        }
        return chunk[end &+ 1] == 0x0A ? end &+ 2 : end &+ 1
    }
}

extension ServerSentEvents {
    private mutating func deliver(
        _ chunk: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        _ fields: EventFields,
        _ body: (ServerSentEvent) throws(InferenceError) -> Void
    ) throws(InferenceError) {
        guard held.count &+ range.count <= limit else { throw tooLarge }
        let first = isAtStart
        isAtStart = false
        if held.isEmpty, !first, fields.isSimple {
            guard fields.hasData else { return }
            try body(fields.event(in: chunk, position: range, isContinued: false))
            return
        }
        let isContinued = !held.isEmpty
        var whole = held
        held = []
        whole.append(contentsOf: chunk[range])
        _ = try Self.whole(whole, skippingMark: first, position: range, isContinued: isContinued, body)
    }

    private mutating func hold(_ chunk: UnsafeRawBufferPointer, from start: Int) throws(InferenceError) {
        guard start < chunk.count else { return }
        guard held.count &+ (chunk.count &- start) <= limit else { throw tooLarge }
        held.append(contentsOf: chunk[start...])
    }

    private var tooLarge: InferenceError {
        InferenceError(.malformed, "An event of the stream is larger than \(limit) bytes.", detail: "event_too_large")
    }

    /// Reads one event's bytes that stand together, whatever they hold.
    private static func whole(
        _ bytes: [UInt8],
        skippingMark: Bool,
        position: Range<Int>,
        isContinued: Bool,
        _ body: (ServerSentEvent) throws(InferenceError) -> Void
    ) throws(InferenceError) -> Bool {
        try bytes.span.bytes.withUnsafeBytes { raw throws(InferenceError) in
            var fields = EventFields()
            let start = skippingMark && ByteScan.has("\u{FEFF}", in: raw) ? 3 : 0
            var at = start
            while at < raw.count {
                let end = ByteScan.lineEnd(in: raw, from: at)
                fields.add(raw, at..<end)
                at = end &+ 1
            }
            guard fields.hasData else { return false }
            var event = fields.event(in: raw, position: position, isContinued: isContinued)
            guard !fields.isSimple else {
                try body(event)
                return true
            }
            try EventFields.joinedData(raw, from: start).span.bytes.withUnsafeBytes { data throws(InferenceError) in
                event.data = data
                try body(event)
            }
            return true
        }
    }
}
