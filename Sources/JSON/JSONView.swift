/// One value of a scanned text, read when asked.
///
/// It shares the text's bytes and holds a range; nothing is decoded before it is read, and nothing is remembered. A
/// member or an element is found by walking, though quickly over long values, so loop over `members` and `elements`
/// where there are many.
package struct JSONView: Sendable {
    let text: JSONText
    /// Where the value stands in the text.
    package let range: Range<Int>
    /// What the value is.
    package let kind: JSONKind

    init(text: JSONText, range: Range<Int>) {
        self.text = text
        self.range = range
        kind = JSONKind(firstByte: text.bytes[range.lowerBound])
    }

    /// The value's first byte, counted from the start of the text.
    package var offset: Int { range.lowerBound }

    /// The value as it is written.
    package var raw: ArraySlice<UInt8> { text.bytes[range] }

    /// The member of this name, compared byte by byte after unescaping; nil if there is none or this is no object.
    package subscript(_ key: String) -> JSONView? {
        guard kind == .object, let value = text.value(of: key, in: range) else { return nil }
        return JSONView(text: text, range: value)
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
        return text.bytes.withBytes { $0.string(range.lowerBound + 1..<range.upperBound - 1) }
    }

    /// The string's UTF-8, unescaped; nil for other kinds.
    package var utf8: [UInt8]? {
        guard kind == .string else { return nil }
        return text.bytes.withBytes { $0.unescaped(range.lowerBound + 1..<range.upperBound - 1) }
    }

    /// Whether this is a string with exactly these bytes after unescaping.
    package func isString(_ other: String) -> Bool {
        guard kind == .string else { return false }
        return text.bytes.withBytes { $0.string(range.lowerBound + 1..<range.upperBound - 1, equals: other) }
    }

    /// The number as written; nil for other kinds.
    package var number: JSONNumber? {
        guard kind == .number else { return nil }
        return JSONNumber(valid: String(decoding: raw, as: UTF8.self))
    }

    /// An integer that is written as one and fits; `1.0` and `1e2` are nil, and so is 2^63.
    package var int: Int? {
        guard kind == .number else { return nil }
        return text.bytes.withBytes { $0.integer(range) }
    }

    /// The nearest double; nil for other kinds and beyond a double's range, such as 1e400.
    package var double: Double? { number?.double }

    /// The boolean; nil for other kinds.
    package var bool: Bool? { kind == .bool ? range.count == 4 : nil }

    /// Whether this is null; a member that is absent is nil instead.
    package var isNull: Bool { kind == .null }
}
