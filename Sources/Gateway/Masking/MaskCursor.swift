/// Reads forward from a place of a text, and notes when it wanted more than there is.
///
/// What a detector finds may be different with more of the text exactly if `reachedEnd` is set; so it need not think about
/// chunks, as long as it looks at nothing that it can decide without.
struct MaskCursor {
    private let text: UnsafeBufferPointer<UInt8>
    private let before: Before
    /// Where the next byte stands.
    var at: Int
    private(set) var reachedEnd = false
    /// How many bytes were looked at.
    private(set) var steps = 0

    /// What stands before the text; 0 for nothing.
    struct Before: Sendable, Hashable {
        var last: UInt8 = 0
        var secondLast: UInt8 = 0
    }

    init(_ text: UnsafeBufferPointer<UInt8>, at start: Int, behind before: Before) {
        self.text = text
        self.before = before
        at = start
    }

    /// The next byte, or one further ahead; nil at the end of what is known.
    @inline(__always)
    mutating func peek(_ ahead: Int = 0) -> UInt8? {
        steps &+= 1
        let place = at &+ ahead
        guard place < text.count else {
            reachedEnd = true
            return nil
        }
        return text[place]
    }

    /// A byte before the next one, 1 or 2 away; 0 for nothing.
    func behind(_ distance: Int) -> UInt8 {
        let place = at - distance
        if place >= 0 { return text[place] }
        return place == -1 ? before.last : before.secondLast
    }

    /// Whether a word that began before goes on here.
    var isWithinWord: Bool { ByteSet.word.contains(Self.edge(behind(1), behind: behind(2))) }

    /// A byte as what follows it sees it: the letter of an escape such as `\n` belongs to no word.
    static func edge(_ byte: UInt8, behind other: UInt8) -> UInt8 {
        other == slash && escapes.contains(byte) ? blank : byte
    }

    static let slash = UInt8(ascii: "\\")
    static let blank = UInt8(ascii: " ")
    /// The letters of escapes for white space.
    static let escapes = ByteSet("nrt")

    /// Whether the next byte is in a set; false at the end.
    mutating func isNext(in set: ByteSet) -> Bool { peek().map(set.contains) ?? false }

    /// Steps over a byte, if it is the next one.
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        at += 1
        return true
    }

    /// Steps over a text; false, somewhere within it, if another one stands here.
    mutating func take(_ other: StaticString) -> Bool {
        for offset in 0..<other.utf8CodeUnitCount where !take(other.utf8Start[offset]) { return false }
        return true
    }

    /// The same without regard to the case of letters; `other` has small ones.
    mutating func takeAnyCase(_ other: StaticString) -> Bool {
        for offset in 0..<other.utf8CodeUnitCount {
            guard let byte = peek() else { return false }
            let small = ByteSet.capitals.contains(byte) ? byte | 0x20 : byte
            guard small == other.utf8Start[offset] else { return false }
            at += 1
        }
        return true
    }

    /// Steps over bytes of a set, and looks no further than `most` of them.
    @discardableResult
    mutating func skip(_ set: ByteSet, most: Int) -> Int {
        var count = 0
        while count < most, let byte = peek(), set.contains(byte) {
            at &+= 1
            count &+= 1
        }
        return count
    }
}

extension ByteSet {
    static let capitals = ByteSet("A-Z")
}
