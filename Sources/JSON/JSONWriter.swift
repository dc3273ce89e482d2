/// Writes compact JSON to the end of an array of bytes and puts the commas itself.
///
/// It does not stop a caller from writing a key outside of an object or two values for one key.
package struct JSONWriter: Sendable {
    /// What has been written so far.
    package private(set) var bytes: [UInt8] = []
    /// Whether the next key or element follows another.
    private var followsValue = false

    /// A writer with room for `capacity` bytes before it has to grow.
    package init(capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// An object whose members `body` writes.
    package mutating func object<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        open(UInt8(ascii: "{"))
        try body(&self)
        close(UInt8(ascii: "}"))
    }

    /// An array whose elements `body` writes.
    package mutating func array<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        open(UInt8(ascii: "["))
        try body(&self)
        close(UInt8(ascii: "]"))
    }

    /// A member's name; exactly one value has to follow.
    package mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        followsValue = false
    }

    /// A string with its quotes, escaped as little as JSON allows.
    package mutating func string(_ value: String) {
        separate()
        quote(value)
    }

    /// An integer in decimal digits.
    package mutating func int(_ value: Int) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// The shortest text that reads back as the same double; an infinity or NaN, which JSON lacks, becomes null.
    package mutating func double(_ value: Double) {
        separate()
        bytes.append(contentsOf: value.isFinite ? value.description.utf8 : "null".utf8)
    }

    /// `true` or `false`.
    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    /// `null`.
    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// A number as it was written.
    package mutating func number(_ value: JSONNumber) {
        separate()
        bytes.append(contentsOf: value.text.utf8)
    }

    /// A value with all that it holds.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .object(let object):
            self.object { writer in
                for member in object.members { writer.member(member.key, member.value) }
            }
        case .array(let elements):
            array { writer in
                for element in elements { writer.value(element) }
            }
        case .string(let value): string(value)
        case .number(let value): number(value)
        case .bool(let value): bool(value)
        case .null: null()
        }
    }

    /// Bytes that are one whole JSON value already; they are not checked.
    package mutating func raw(_ value: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: value)
    }

    /// A value of a scanned text, as it is written there.
    package mutating func view(_ value: JSONView) {
        raw(value.raw)
    }

    /// A value that is kept as text, as it was written.
    package mutating func fragment(_ value: JSONFragment) {
        raw(value.bytes)
    }

    /// Bytes between two texts, such as an event stream's `data: `; what follows begins a text of its own.
    package mutating func frame(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
        followsValue = false
    }

    /// The same for bytes that were written before, such as the unchanging beginning of each event.
    package mutating func frame(_ text: [UInt8]) {
        bytes.append(contentsOf: text)
        followsValue = false
    }

    /// Hands over what was written and begins anew.
    package mutating func take() -> [UInt8] {
        defer { (bytes, followsValue) = ([], false) }
        return bytes
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        followsValue = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        followsValue = true
    }

    private mutating func separate() {
        if followsValue { bytes.append(UInt8(ascii: ",")) }
        followsValue = true
    }

    private mutating func quote(_ text: String) {
        var text = text
        text.withUTF8 { buffer in
            let text = Bytes(UnsafeRawBufferPointer(buffer))
            bytes.append(UInt8(ascii: "\""))
            var at = 0
            while at < text.count { at = escape(text, from: at) }
            bytes.append(UInt8(ascii: "\""))
        }
    }

    /// Writes a piece of a text with its escapes, straight to where it belongs; returns how far it came.
    private mutating func escape(_ text: Bytes, from start: Int) -> Int {
        let end = min(start + Self.piece, text.count)
        var at = start
        bytes.append(addingCapacity: 6 * (end - start) + Bytes.escapeRoom) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                var output = Output(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
                while at < end { at = text.escape(at: at, to: &output) }
                count += output.count
            }
        }
        return at
    }

    /// Bytes of a text that are written in one go: each may need six, which is the room that has to be there.
    private static let piece = 1024
}
