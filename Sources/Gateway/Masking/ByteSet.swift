/// A set of byte values; asking whether one is in it takes a shift.
struct ByteSet: Sendable, Hashable {
    private var words = SIMD4<UInt64>()

    /// Nothing is in it.
    init() {}

    /// The characters of an ASCII text, in which `a-z` is a range; a dash at its end is a dash.
    init(_ characters: StaticString) {
        characters.withUTF8Buffer { bytes in
            var at = 0
            while at < bytes.count {
                if at + 2 < bytes.count, bytes[at + 1] == UInt8(ascii: "-") {
                    insert(bytes[at]...bytes[at + 2])
                    at += 3
                } else {
                    insert(bytes[at]...bytes[at])
                    at += 1
                }
            }
        }
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool { words[Int(byte &>> 6)] &>> UInt64(byte & 63) & 1 != 0 }

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range { words[Int(byte &>> 6)] |= 1 &<< UInt64(byte & 63) }
    }

    /// All that is in either of the two.
    func union(_ other: ByteSet) -> ByteSet {
        var all = self
        all.words |= other.words
        return all
    }

    /// All that is not in it.
    var inverted: ByteSet {
        var others = self
        others.words = ~words
        return others
    }

    /// Whether all of it is in another one too.
    func isSubset(of other: ByteSet) -> Bool { union(other) == other }

    static let digits = ByteSet("0-9")
    /// Letters and digits.
    static let alphanumeric = ByteSet("A-Za-z0-9")
    /// What names are made of in most languages of programs.
    static let word = ByteSet("A-Za-z0-9_")
}
