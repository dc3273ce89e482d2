import JSON

/// The bytes around one string of an event, so that the next event that differs in this string alone is not parsed.
///
/// Model servers repeat everything but a few characters in each event of a stream. An event that was parsed once tells
/// where its text stands; if another one begins and ends with the same bytes and has one valid string between them, it
/// is the same JSON with another text, and reading that string is as strict as scanning the whole.
struct DeltaTemplate: Sendable {
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    /// How often in a row an event did not fit; after a few times there is nothing to be gained.
    private var misses = 0
    private static let patience = 3

    /// Whether learning from an event may be worth its time.
    var isUseful: Bool { misses < Self.patience }

    /// Remembers an event by its string `text`.
    mutating func learn(_ event: JSONView, around text: JSONView) {
        let raw = event.raw
        head = Array(raw[..<(text.range.lowerBound + 1)])
        tail = Array(raw[(text.range.upperBound - 1)...])
        misses += 1
    }

    /// The string in an event that is otherwise the one that was remembered.
    mutating func text(of event: UnsafeRawBufferPointer) -> String? {
        let end = event.count &- tail.count
        guard !head.isEmpty, head.count <= end else { return nil }
        guard ByteScan.has(tail, in: event, at: end), ByteScan.has(head, in: event, at: 0) else { return nil }
        // A fault in the string is told by the whole scan.
        guard let string = try? JSONString.read(event.bytes, from: head.count), string.end == end else { return nil }
        misses = 0
        return string.text
    }
}
