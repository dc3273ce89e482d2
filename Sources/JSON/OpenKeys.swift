/// The names already seen in each open object, so that a second one of the same name is found.
///
/// All open objects share one stack of records, twelve bytes a name; an object of more than `linear` names also has a
/// table of record numbers, four bytes a slot and at most two thirds full. So the memory is bounded by some twenty
/// bytes for each name of the objects that are open at one time, and a name takes at least four bytes of text.
struct OpenKeys: ~Copyable {
    /// One open object.
    struct Object: BitwiseCopyable {
        /// The first of its records.
        var base: Int
        /// A bit for each name, by its fingerprint: a bit not yet set means a new name.
        var seen: UInt64 = 0
    }

    struct Record: BitwiseCopyable {
        var start: UInt32
        var length: UInt32
        /// The fingerprint's upper half; its lowest bit says whether the name has an escape.
        var mark: UInt32
    }

    /// The record numbers of an object with many names by fingerprint, open addressing; 0 is an empty slot.
    private struct Table {
        let base: Int
        var slots: [UInt32]
        var used = 0
    }

    private var records = Stack<Record>(capacity: 128)
    /// Those of the open objects that need one, the innermost last.
    private var tables: [Table] = []
    private let seed = Seed.ofThisProcess
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
        let fingerprint = escaped ? unescapedFingerprint(name, in: text) : seed.fingerprint(of: name, in: text)
        let record = Record(
            start: UInt32(truncatingIfNeeded: name.lowerBound),
            length: UInt32(truncatingIfNeeded: name.count),
            mark: UInt32(truncatingIfNeeded: fingerprint >> 32) & ~1 | (escaped ? 1 : 0)
        )
        let bit: UInt64 = 1 &<< (fingerprint & 63)
        if object.seen & bit != 0 || count - object.base >= Self.linear {
            guard insertWithCare(record, object, text) else { return false }
        }
        object.seen |= bit
        records.push(record)
        return true
    }

    /// The rarer half of `insert`: compares with what is there; false if the name is among it.
    @inline(never)
    private mutating func insertWithCare(_ record: Record, _ object: Object, _ text: Bytes) -> Bool {
        if count - object.base < Self.linear {
            for number in object.base..<count where isSame(records[number], record, text) { return false }
            return true
        }
        var table = takeTable(of: object) ?? makeTable(object, Self.linear * 4)
        if (table.used + 1) * 3 > table.slots.count * 2 { table = makeTable(object, table.slots.count * 2) }
        let added = add(record, number: count, to: &table, text)
        tables.append(table)
        return added
    }

    private mutating func takeTable(of object: Object) -> Table? {
        tables.last?.base == object.base ? tables.removeLast() : nil
    }

    private func makeTable(_ object: Object, _ size: Int) -> Table {
        var table = Table(base: object.base, slots: [UInt32](repeating: 0, count: size))
        for number in object.base..<count {
            _ = add(records[number], number: number, to: &table, nil)
        }
        return table
    }

    /// Puts a record's number into the first free slot; false if a slot on the way holds the same name of `text`.
    private func add(_ record: Record, number: Int, to table: inout Table, _ text: Bytes?) -> Bool {
        let mask = table.slots.count - 1
        var slot = Int(record.mark >> 1) & mask
        while table.slots[slot] != 0 {
            if let text, isSame(records[Int(table.slots[slot]) - 1], record, text) { return false }
            slot = (slot + 1) & mask
        }
        table.slots[slot] = UInt32(truncatingIfNeeded: number + 1)
        table.used += 1
        return true
    }

    private func isSame(_ left: Record, _ right: Record, _ text: Bytes) -> Bool {
        guard left.mark | 1 == right.mark | 1 else { return false }
        if (left.mark | right.mark) & 1 == 0 {
            guard left.length == right.length else { return false }
            return text.slice(range(left)).elementsEqual(text.slice(range(right)))
        }
        return text.unescaped(range(left)) == text.unescaped(range(right))
    }

    private func range(_ record: Record) -> Range<Int> {
        Int(record.start)..<Int(record.start) + Int(record.length)
    }

    @inline(never)
    private func unescapedFingerprint(_ name: Range<Int>, in text: Bytes) -> UInt64 {
        let name = text.unescaped(name)
        return name.withBytes { seed.fingerprint(of: 0..<name.count, in: $0) }
    }
}

/// Two secret words that make it impossible to choose names whose fingerprints collide.
struct Seed {
    private let first: UInt64
    private let second: UInt64

    static let ofThisProcess = Seed()

    private init() {
        var source = SystemRandomNumberGenerator()
        first = source.next()
        second = source.next()
    }

    /// A number that is the same for the same bytes.
    @inline(__always)
    func fingerprint(of range: Range<Int>, in text: Bytes) -> UInt64 {
        guard range.count <= 16, range.lowerBound + 16 <= text.count else {
            return longFingerprint(of: range, in: text)
        }
        let bits = UInt64(truncatingIfNeeded: range.count &* 8)
        let low = text.word(at: range.lowerBound) & ~(~0 << bits)
        let high = text.word(at: range.lowerBound + 8) & ~(~0 << (bits < 64 ? 0 : bits &- 64))
        return fold(low ^ first, high ^ second ^ bits)
    }

    @inline(never)
    private func longFingerprint(of range: Range<Int>, in text: Bytes) -> UInt64 {
        var result: UInt64 = 0
        var at = range.lowerBound
        repeat {
            var words: (UInt64, UInt64) = (0, 0)
            for index in 0..<min(16, range.upperBound - at) {
                let byte = UInt64(text[at + index]) << UInt64(index % 8 * 8)
                if index < 8 { words.0 |= byte } else { words.1 |= byte }
            }
            at += 16
            let bits = at < range.upperBound ? 0 : UInt64(range.count) * 8
            result = fold(words.0 ^ first ^ result, words.1 ^ second ^ bits)
        } while at < range.upperBound
        return result
    }

    @inline(__always)
    private func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
