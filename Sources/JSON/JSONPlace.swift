/// A value of scanned bytes, read in place: without a copy and without counting references.
///
/// For what is read once and quickly, such as an event of a stream; what has to be kept is a `JSONView`. A place never
/// outlives the closure that lends it.
package struct JSONPlace {
    private let text: Bytes
    private let range: Range<Int>
    /// What the value is.
    package let kind: JSONKind

    private init(_ text: Bytes, _ range: Range<Int>) {
        self.text = text
        self.range = range
        kind = JSONKind(firstByte: text[range.lowerBound])
    }

    /// Checks a whole text as strictly as ever and lends its root.
    package static func scan<Result>(
        _ bytes: RawSpan,
        limits: JSONLimits = .init(),
        _ body: (JSONPlace) -> Result
    ) throws(JSONError) -> Result {
        try bytes.withBytes { (text) throws(JSONError) in
            var scan = StrictScan(text, limits: limits, notes: .nothing)
            let root = try scan.run()
            return body(JSONPlace(text, root))
        }
    }

    /// Whether this is null.
    package var isNull: Bool { kind == .null }

    /// The string, unescaped; nil for other kinds.
    package var string: String? {
        guard kind == .string else { return nil }
        return text.string(range.lowerBound + 1..<range.upperBound - 1)
    }

    /// Whether this is a string that is written as these bytes; one with an escape is not.
    package func isWritten(_ other: StaticString) -> Bool {
        let length = other.utf8CodeUnitCount
        guard kind == .string, range.count == length &+ 2 else { return false }
        for index in 0..<length where text[range.lowerBound &+ 1 &+ index] != other.utf8Start[index] { return false }
        return true
    }

    /// Whether this is the number zero, written as one digit.
    package var isZero: Bool { range.count == 1 && text[range.lowerBound] == UInt8(ascii: "0") }

    /// Hands over an object's members, a name and its value, until `body` says false; none for other kinds.
    ///
    /// - Returns: Whether all of them were handed over.
    package func members(_ body: (JSONPlace, JSONPlace) -> Bool) -> Bool {
        guard kind == .object else { return true }
        var at = text.skipSpace(at: range.lowerBound &+ 1)
        while at < range.upperBound &- 1 {
            let name = at..<text.endOfString(at: at)
            let start = text.skipSpace(at: text.skipSpace(at: name.upperBound) &+ 1)
            let end = text.endOfValue(at: start)
            guard body(JSONPlace(text, name), JSONPlace(text, start..<end)) else { return false }
            at = text.skipSpace(at: text.skipSpace(at: end) &+ 1)
        }
        return true
    }

    /// The one element of an array that has no other; nil for other values.
    package var onlyElement: JSONPlace? {
        guard kind == .array else { return nil }
        let start = text.skipSpace(at: range.lowerBound &+ 1)
        guard start < range.upperBound &- 1 else { return nil }
        let end = text.endOfValue(at: start)
        guard text.skipSpace(at: end) == range.upperBound &- 1 else { return nil }
        return JSONPlace(text, start..<end)
    }
}
