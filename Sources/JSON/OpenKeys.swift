/// The names already seen in each open object, so that a second one of the same name is found.
///
/// All open objects share one stack of records, eight bytes a name; an object of more than `linear` names also has a
/// table, eight bytes a slot and at most two thirds full. So the memory is bounded by some thirty bytes for each name
/// of the objects that are open at one time, and each of that many different names takes eight bytes of text.
struct OpenKeys: ~Copyable {
    /// One open object.
    struct Object: BitwiseCopyable {
        /// The first of its records.
        var base: Int
        /// A bit for each name, by its sketch: a bit not yet set means a new name.
        var seen: UInt64 = 0
    }

    /// One name; not private because the compiler cannot yet put a private type into a `Stack` of another file.
    struct Record: BitwiseCopyable {
        private let start: UInt32
        /// The length, and in the top bit whether the name has an escape.
        private let extent: UInt32

        @inline(__always)
        init(_ name: Range<Int>, escaped: Bool) {
            start = UInt32(truncatingIfNeeded: name.lowerBound)
            extent = UInt32(truncatingIfNeeded: name.count) | (escaped ? 1 << 31 : 0)
        }

        var isEscaped: Bool { extent >> 31 == 1 }
        var name: Range<Int> { Int(start)..<Int(start) + Int(extent & 0x7FFF_FFFF) }

        func isSame(as other: Record, in text: Bytes) -> Bool {
            if (extent | other.extent) >> 31 == 0 {
                return extent == other.extent && text.slice(name).elementsEqual(text.slice(other.name))
            }
            return text.unescaped(name) == text.unescaped(other.name)
        }
    }

    private var records = Stack<Record>(capacity: 128)
    /// Those of the open objects that need one, the innermost last.
    private var tables: [NameTable] = []
    private static let linear = 16

    /// How many names are on the stack; an object's base is this number when it opens.
    @inline(__always)
    var count: Int { records.count }

    /// Forgets the names of an object that closes.
    @inline(__always)
    mutating func close(_ object: Object) {
        if count - object.base > Self.linear { tables.removeLast() }
        records.shrink(to: object.base)
    }

    /// Adds a name to the innermost object; false if it is there already.
    @inline(__always)
    mutating func insert(_ name: Range<Int>, escaped: Bool, into object: inout Object, of text: Bytes) -> Bool {
        let record = Record(name, escaped: escaped)
        let bit: UInt64 = 1 &<< (escaped ? unescapedSketch(name, in: text) : sketch(name, in: text))
        if object.seen & bit != 0 || count - object.base >= Self.linear {
            guard isNew(record, in: object, text) else { return false }
        }
        object.seen |= bit
        records.push(record)
        return true
    }

    /// A number below 64 that is the same for the same name, from its length and its outermost bytes.
    ///
    /// The bytes of an empty name are the quotes around it; a name with an escape is not empty.
    @inline(__always)
    private func sketch(_ name: Range<Int>, in text: Bytes) -> UInt64 {
        let length = UInt64(truncatingIfNeeded: name.count)
        let ends = UInt64(text[name.lowerBound]) | UInt64(text[name.upperBound &- 1]) &<< 8
        return ((ends | length &<< 16) &* 0x9E37_79B9_7F4A_7C15) &>> 58
    }

    @inline(never)
    private func unescapedSketch(_ name: Range<Int>, in text: Bytes) -> UInt64 {
        let name = text.unescaped(name)
        return name.withBytes { sketch(0..<name.count, in: $0) }
    }

    /// The rarer half of `insert`: compares with what is there; false if the name is among it.
    @inline(never)
    private mutating func isNew(_ record: Record, in object: Object, _ text: Bytes) -> Bool {
        if count - object.base < Self.linear {
            for number in object.base..<count where records[number].isSame(as: record, in: text) { return false }
            return true
        }
        if tables.last?.base != object.base {
            var table = NameTable(base: object.base, size: Self.linear * 4)
            for number in object.base..<count { _ = table.add(records[number], number: number, records, text) }
            tables.append(table)
        }
        return tables[tables.count - 1].add(record, number: count, records, text)
    }
}

/// An open object's many names by fingerprint, with open addressing.
struct NameTable {
    /// The object's first record.
    let base: Int
    /// A fingerprint in the upper half and a record's number plus one in the lower; 0 is an empty slot.
    private var slots: [UInt64]
    private var used = 0
    private let seed = Seed.ofThisProcess

    init(base: Int, size: Int) {
        self.base = base
        slots = [UInt64](repeating: 0, count: size)
    }

    /// Adds a record's number; false if there is another record of the same name.
    mutating func add(
        _ record: OpenKeys.Record,
        number: Int,
        _ records: borrowing Stack<OpenKeys.Record>,
        _ text: Bytes
    ) -> Bool {
        if (used + 1) * 3 > slots.count * 2 { grow() }
        let entry = fingerprint(record, text) & ~0xFFFF_FFFF | UInt64(number + 1)
        var slot = firstSlot(entry)
        while slots[slot] != 0 {
            if (slots[slot] ^ entry) >> 32 == 0 {
                let other = Int(slots[slot] & 0xFFFF_FFFF) - 1
                if records[other].isSame(as: record, in: text) { return false }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = entry
        used += 1
        return true
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 {
            var slot = firstSlot(entry)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = entry
        }
    }

    private func firstSlot(_ entry: UInt64) -> Int {
        Int(truncatingIfNeeded: entry >> 32) & (slots.count - 1)
    }

    private func fingerprint(_ record: OpenKeys.Record, _ text: Bytes) -> UInt64 {
        guard record.isEscaped else { return seed.fingerprint(of: record.name, in: text) }
        let name = text.unescaped(record.name)
        return name.withBytes { seed.fingerprint(of: 0..<name.count, in: $0) }
    }
}
