/// One replacement in a text: the bytes of `range` give way to `replacement`; every other byte stays.
package struct JSONEdit: Sendable, Hashable {
    /// Where, in the scanned text; empty for an insertion.
    package var range: Range<Int>
    /// What comes there; empty for a removal.
    package var replacement: [UInt8]

    /// An edit by hand; `JSONEdits` makes those that fit together.
    package init(range: Range<Int>, replacement: [UInt8]) {
        self.range = range
        self.replacement = replacement
    }
}

/// Changes to the root object of a scanned text that go together: commas come out right whatever is combined.
package struct JSONEdits: Sendable {
    private let index: JSONIndex
    private var changes: [Int: Change] = [:]
    private var inserted: [UInt8] = []

    private enum Change: Sendable {
        case replaced([UInt8])
        case removed
    }

    /// Nothing is changed yet.
    package init(_ index: JSONIndex) {
        self.index = index
    }

    /// Whether nothing would change.
    package var isEmpty: Bool { changes.isEmpty && inserted.isEmpty }

    /// Puts another value, a valid JSON text, in the place of a member's.
    ///
    /// The last change of a member counts.
    package mutating func replace(_ member: JSONIndex.Member, raw value: [UInt8]) {
        changes[position(of: member)] = .replaced(value)
    }

    /// The same with a value yet to be written.
    package mutating func replace(_ member: JSONIndex.Member, with value: JSONValue) {
        replace(member, raw: value.bytes)
    }

    /// Takes a member out together with one comma.
    ///
    /// The last change of a member counts.
    package mutating func remove(_ member: JSONIndex.Member) {
        changes[position(of: member)] = .removed
    }

    /// Puts a new member before the closing brace; the object must not have one of this name.
    package mutating func insert(_ key: String, raw value: [UInt8]) {
        var writer = JSONWriter(capacity: key.utf8.count + value.count + 4)
        writer.key(key)
        writer.raw(value)
        if !inserted.isEmpty { inserted.append(UInt8(ascii: ",")) }
        inserted += writer.bytes
    }

    /// The same with a value yet to be written.
    package mutating func insert(_ key: String, _ value: JSONValue) {
        insert(key, raw: value.bytes)
    }

    /// The replacements in the order of the text, none overlapping.
    package var list: [JSONEdit] {
        var edits: [JSONEdit] = []
        var lastKept: Int?
        for (position, member) in index.members.enumerated() {
            switch changes[position] {
            case .removed: edits.append(JSONEdit(range: removal(position, after: lastKept), replacement: []))
            case .replaced(let value):
                edits.append(JSONEdit(range: member.value, replacement: value))
                lastKept = position
            case nil: lastKept = position
            }
        }
        if !inserted.isEmpty {
            let comma = lastKept == nil ? [] : [UInt8(ascii: ",")]
            edits.append(JSONEdit(range: index.closing..<index.closing, replacement: comma + inserted))
        }
        return edits
    }

    /// The text with all changes made; `bytes` has to be the text that was scanned.
    package func apply(to bytes: RawSpan) -> [UInt8] {
        let edits = list
        return bytes.withBytes { text in
            let growth = edits.reduce(0) { $0 + $1.replacement.count - $1.range.count }
            var output: [UInt8] = []
            output.reserveCapacity(text.count + growth)
            var at = 0
            for edit in edits {
                output.append(contentsOf: text.slice(at..<edit.range.lowerBound))
                output.append(contentsOf: edit.replacement)
                at = edit.range.upperBound
            }
            output.append(contentsOf: text.slice(at..<text.count))
            return output
        }
    }

    /// The same for an array of bytes.
    package func apply(to bytes: [UInt8]) -> [UInt8] {
        apply(to: bytes.span.bytes)
    }

    /// A kept member before takes the comma with it; the first ones take the comma behind.
    private func removal(_ position: Int, after kept: Int?) -> Range<Int> {
        let member = index.members[position]
        if kept != nil { return index.members[position - 1].value.upperBound..<member.value.upperBound }
        let start = member.key.lowerBound - 1
        guard position + 1 < index.members.count else { return start..<member.value.upperBound }
        return start..<index.members[position + 1].key.lowerBound - 1
    }

    private func position(of member: JSONIndex.Member) -> Int {
        guard let position = index.members.firstIndex(of: member) else {
            preconditionFailure("the member belongs to another text")
        }
        return position
    }
}
