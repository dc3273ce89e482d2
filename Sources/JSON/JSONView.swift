/// One value of a scanned text, read when asked.
///
/// It shares the text's bytes and holds a range; nothing is decoded before it is read, and nothing is remembered. A
/// member or an element is found by walking, so loop over `members` and `elements` rather than over names and numbers.
package struct JSONView: Sendable {
    private let bytes: [UInt8]
    /// Where the value stands in the text.
    package let range: Range<Int>
    package let kind: JSONKind

    init(bytes: [UInt8], range: Range<Int>) {
        self.bytes = bytes
        self.range = range
        kind = JSONKind(firstByte: bytes[range.lowerBound])
    }

    /// The value's first byte, counted from the start of the text.
    package var offset: Int { range.lowerBound }

    /// The value as it is written.
    package var raw: ArraySlice<UInt8> { bytes[range] }

    /// The whole text that the value is a part of.
    var text: [UInt8] { bytes }

    /// The member of this name, compared byte by byte after unescaping; nil if there is none or this is no object.
    package subscript(_ key: String) -> JSONView? {
        var walk = Members.Iterator(self)
        return bytes.withBytes { text in
            while let next = walk.advance(in: text) {
                if text.string(next.key, equals: key) { return JSONView(bytes: bytes, range: next.value) }
            }
            return nil
        }
    }

    /// The element at this place; nil if there is none or this is no array.
    package subscript(_ index: Int) -> JSONView? {
        guard index >= 0 else { return nil }
        return elements.dropFirst(index).first { _ in true }
    }

    /// An object's members in the order of the text; empty for other kinds.
    package var members: Members { Members(view: self) }

    /// An array's elements; empty for other kinds.
    package var elements: Elements { Elements(view: self) }

    /// The string, unescaped; nil for other kinds.
    package var string: String? {
        guard kind == .string else { return nil }
        return bytes.withBytes { text in text.string(range.lowerBound + 1..<range.upperBound - 1) }
    }

    /// The string's UTF-8, unescaped; nil for other kinds.
    package var utf8: [UInt8]? {
        guard kind == .string else { return nil }
        return bytes.withBytes { text in
            var output: [UInt8] = []
            output.reserveCapacity(range.count - 2)
            text.unescape(range.lowerBound + 1..<range.upperBound - 1, into: &output)
            return output
        }
    }

    /// Whether this is a string with exactly these bytes after unescaping.
    package func isString(_ text: String) -> Bool {
        guard kind == .string else { return false }
        return bytes.withBytes { $0.string(range.lowerBound + 1..<range.upperBound - 1, equals: text) }
    }

    /// The number as written; nil for other kinds.
    package var number: JSONNumber? {
        guard kind == .number else { return nil }
        return JSONNumber(valid: String(decoding: raw, as: UTF8.self))
    }

    /// An integer that is written as one and fits; `1.0` and `1e2` are nil, and so is 2^63.
    package var int: Int? { number?.int }

    /// The nearest double; nil for other kinds and beyond a double's range, such as 1e400.
    package var double: Double? { number?.double }

    /// The boolean; nil for other kinds.
    package var bool: Bool? { kind == .bool ? range.count == 4 : nil }

    package var isNull: Bool { kind == .null }
}

extension JSONView {
    /// The members of an object, in the order of the text.
    package struct Members: Sequence, Sendable {
        let view: JSONView

        package func makeIterator() -> Iterator { Iterator(view) }

        package struct Iterator: IteratorProtocol {
            private let bytes: [UInt8]
            private var at: Int
            private let end: Int

            init(_ view: JSONView) {
                bytes = view.bytes
                at = view.range.lowerBound + 1
                end = view.kind == .object ? view.range.upperBound - 1 : 0
            }

            package mutating func next() -> (key: String, value: JSONView)? {
                bytes.withBytes { text in
                    advance(in: text).map { (text.string($0.key), JSONView(bytes: bytes, range: $0.value)) }
                }
            }

            /// The next member's ranges, the name without its quotes.
            mutating func advance(in text: Bytes) -> (key: Range<Int>, value: Range<Int>)? {
                guard at < end else { return nil }
                at = text.skipSpace(at: at)
                guard at < end else { return nil }
                let key = at + 1..<text.endOfString(at: at) - 1
                let start = text.skipSpace(at: text.skipSpace(at: key.upperBound + 1) + 1)
                let value = start..<text.endOfValue(at: start)
                at = text.skipSpace(at: value.upperBound) + 1
                return (key, value)
            }
        }
    }

    /// The elements of an array.
    package struct Elements: Sequence, Sendable {
        let view: JSONView

        package func makeIterator() -> Iterator { Iterator(view) }

        package struct Iterator: IteratorProtocol {
            private let bytes: [UInt8]
            private var at: Int
            private let end: Int

            init(_ view: JSONView) {
                bytes = view.bytes
                at = view.range.lowerBound + 1
                end = view.kind == .array ? view.range.upperBound - 1 : 0
            }

            package mutating func next() -> JSONView? {
                bytes.withBytes { text in
                    guard at < end else { return nil }
                    at = text.skipSpace(at: at)
                    guard at < end else { return nil }
                    let value = at..<text.endOfValue(at: at)
                    at = text.skipSpace(at: value.upperBound) + 1
                    return JSONView(bytes: bytes, range: value)
                }
            }
        }
    }
}
