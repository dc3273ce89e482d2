import Inference
import JSON

/// An event's `data` as JSON, checked only as far as it is looked at.
struct EventText {
    let bytes: UnsafeRawBufferPointer

    /// Whether the text begins and ends as an object does: `{"` or `{}`, and before the closing brace the end of a value.
    var looksWhole: Bool {
        let start = ByteScan.skippingSpace(in: bytes, from: 0)
        let end = endBeforeSpace(bytes.count)
        guard end &- start >= 2, bytes[start] == 0x7B, bytes[end &- 1] == 0x7D else { return false }
        let first = bytes[ByteScan.skippingSpace(in: bytes, from: start &+ 1)]
        guard first != 0x7D else { return true }
        switch bytes[endBeforeSpace(end &- 1) &- 1] {
        // A closing quote, bracket or brace, a digit, the end of true, false or null.
        case 0x22, 0x5D, 0x7D, 0x30...0x39, 0x65, 0x6C: return first == 0x22
        default: return false
        }
    }

    private func endBeforeSpace(_ end: Int) -> Int {
        var end = end
        while end > 0, bytes[end &- 1] <= 0x20 { end &-= 1 }
        return end
    }

    /// The members of the event, after one strict pass over all of it.
    func index() throws(InferenceError) -> JSONIndex {
        do throws(JSONError) {
            return try JSONIndex(scanning: bytes.bytes)
        } catch {
            throw InferenceError(
                .malformed,
                "An event of the upstream's stream is not valid JSON: \(error.message) at byte \(error.offset).",
                detail: error.code.rawValue,
                offset: error.offset
            )
        }
    }

    /// The members of a member that is an object; nil if it is absent or of another kind.
    func index(of name: String, in index: JSONIndex) throws(InferenceError) -> (EventText, JSONIndex)? {
        guard let member = index.member(name, in: bytes.bytes), member.kind == .object else { return nil }
        let inner = EventText(bytes: UnsafeRawBufferPointer(rebasing: bytes[member.value]))
        return (inner, try inner.index())
    }

    /// A copy of a member for reading in depth; nil if it is absent or null.
    func view(of name: String, in index: JSONIndex) -> JSONView? {
        guard let member = index.member(name, in: bytes.bytes), member.kind != .null else { return nil }
        return JSONDocument(scanned: Array(bytes[member.value])).root
    }

    /// A member's string.
    func string(of name: String, in index: JSONIndex) -> String? {
        index.member(name, in: bytes.bytes).flatMap { index.string($0, in: bytes.bytes) }
    }

    /// A member's integer, if it is written as one and not negative.
    func integer(of name: String, in index: JSONIndex) -> Int? {
        guard let member = index.member(name, in: bytes.bytes), member.kind == .number else { return nil }
        guard member.value.count < 19 else { return nil }
        var value = 0
        for byte in bytes[member.value] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value &* 10 &+ Int(byte &- 0x30)
        }
        return value
    }

    /// Hands over what kind of event this is: its name, else a `type` that comes first, else by parsing; nil for an
    /// event that has neither but an `error`.
    func withType<Value>(
        of event: ServerSentEvent,
        _ body: (UnsafeRawBufferPointer?) -> Value
    ) throws(InferenceError) -> Value {
        // `message` is what an event without a name is called, and some servers write it out.
        if !event.name.isEmpty, !ByteScan.isWhole("message", event.name) { return body(event.name) }
        if let type = leadingType { return body(type) }
        let index = try index()
        if var type = string(of: "type", in: index) { return type.withUTF8 { body(UnsafeRawBufferPointer($0)) } }
        let isError = view(of: "error", in: index) != nil
        return body(isError ? nil : UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// The value of `type` if it is the first member and has no escape in it.
    private var leadingType: UnsafeRawBufferPointer? {
        var at = ByteScan.skippingSpace(in: bytes, from: ByteScan.skippingSpace(in: bytes, from: 0) &+ 1)
        guard ByteScan.has("\"type\"", in: bytes, at: at) else { return nil }
        at = ByteScan.skippingSpace(in: bytes, from: at &+ 6)
        guard at < bytes.count, bytes[at] == 0x3A else { return nil }
        at = ByteScan.skippingSpace(in: bytes, from: at &+ 1)
        guard at < bytes.count, bytes[at] == 0x22 else { return nil }
        var end = at &+ 1
        while end < bytes.count, bytes[end] != 0x22, bytes[end] != 0x5C { end &+= 1 }
        guard end < bytes.count, bytes[end] == 0x22 else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[at &+ 1..<end])
    }
}
