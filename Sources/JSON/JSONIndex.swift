/// The root object's members as byte ranges, found by one strict pass over the whole text.
///
/// This is the gateway's way to read a request that it forwards as it is: every rule is checked in every nested
/// value, and nothing is copied. Offsets count from the start of the scanned bytes.
package struct JSONIndex: Sendable {
    /// One member of the root object.
    package struct Member: Sendable, Hashable {
        /// Half the size of two ranges: a hostile text may have half a million members.
        private let keyStart: UInt32
        private let keyEnd: UInt32
        private let valueStart: UInt32
        private let valueEnd: UInt32
        /// The value's kind.
        package let kind: JSONKind
        /// Whether `key` holds an escape, so that its bytes are not the name itself.
        package let keyIsEscaped: Bool

        init(key: Range<Int>, value: Range<Int>, kind: JSONKind, keyIsEscaped: Bool) {
            keyStart = UInt32(truncatingIfNeeded: key.lowerBound)
            keyEnd = UInt32(truncatingIfNeeded: key.upperBound)
            valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
            valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
            self.kind = kind
            self.keyIsEscaped = keyIsEscaped
        }

        /// The name as written, without its quotes and still escaped.
        package var key: Range<Int> { Int(keyStart)..<Int(keyEnd) }

        /// The whole value, with the quotes if it is a string.
        package var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// In the order of the text.
    package var members: [Member]
    /// The offset of the root's closing brace.
    package var closing: Int

    /// Checks the whole text and notes the root's members; a root that is not an object is `wrongType`.
    package init(scanning bytes: RawSpan, limits: JSONLimits = .init()) throws(JSONError) {
        self = try bytes.withBytes { (text) throws(JSONError) in
            var scan = StrictScan(text, limits: limits, notes: .members)
            let root = try scan.run()
            return JSONIndex(members: scan.members, closing: root.upperBound - 1)
        }
    }

    /// The same for an array of bytes.
    package init(scanning bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONError) {
        try self.init(scanning: bytes.span.bytes, limits: limits)
    }

    private init(members: [Member], closing: Int) {
        self.members = members
        self.closing = closing
    }

    /// The member of this name, compared byte by byte after unescaping; `bytes` has to be the text that was scanned.
    package func member(_ name: String, in bytes: RawSpan) -> Member? {
        bytes.withBytes { text in members.first { text.string($0.key, equals: name) } }
    }

    /// The same for an array of bytes.
    package func member(_ name: String, in bytes: [UInt8]) -> Member? {
        member(name, in: bytes.span.bytes)
    }

    /// A member's value as a string, unescaped; nil if it is not a string.
    package func string(_ member: Member, in bytes: RawSpan) -> String? {
        guard member.kind == .string else { return nil }
        return bytes.withBytes { text in text.string(member.value.lowerBound + 1..<member.value.upperBound - 1) }
    }

    /// A member's value as a boolean; nil if it is not one.
    package func bool(_ member: Member, in bytes: RawSpan) -> Bool? {
        guard member.kind == .bool else { return nil }
        return member.value.count == 4
    }

    /// A member's name, unescaped.
    package func name(_ member: Member, in bytes: RawSpan) -> String {
        bytes.withBytes { text in text.string(member.key) }
    }
}
