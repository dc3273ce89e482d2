/// Writes values one behind the other into room that is known to suffice for all of them.
///
/// Numbers take as few bytes as they need, seven bits in each, those near zero the fewest; texts stand behind their length.
struct RecordOutput {
    /// Longer texts are cut: nothing of a request that is to be billed is longer.
    static let longestText = 4_096
    /// What a number may take.
    static let longestNumber = 10

    private let room: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ room: UnsafeMutableBufferPointer<UInt8>) { self.room = room }

    /// What a text may take, with its length.
    static func room(for text: String?) -> Int { min(text?.utf8.count ?? 0, longestText) + 3 }

    mutating func byte(_ byte: UInt8) {
        room[count] = byte
        count &+= 1
    }

    mutating func flag(_ flag: Bool) { byte(flag ? 1 : 0) }

    mutating func number(_ number: Int) { varint(Self.folded(number)) }

    /// A number that may be missing; the least one there is counts as missing.
    mutating func number(_ number: Int?) { varint(number.map { Self.folded($0) &+ 1 } ?? 0) }

    mutating func text(_ text: String) { put(text, lengthOffset: 0) }

    mutating func text(_ text: String?) {
        guard let text else { return byte(0) }
        put(text, lengthOffset: 1)
    }

    private mutating func put(_ text: String, lengthOffset: Int) {
        var text = text
        text.withUTF8 { utf8 in
            let kept = utf8.count <= Self.longestText ? utf8.count : Self.cut(utf8)
            varint(UInt64(kept + lengthOffset))
            precondition(kept <= room.count - count, "no room for a text of a record")
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(room)[count...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(utf8)[..<kept]))
            count += kept
        }
    }

    /// The length of a long text without a character that the bound would part.
    private static func cut(_ utf8: UnsafeBufferPointer<UInt8>) -> Int {
        var end = longestText
        while end > 0, utf8[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    /// Numbers near zero as small ones: 0, -1, 1, -2 as 0, 1, 2, 3.
    private static func folded(_ number: Int) -> UInt64 { UInt64(bitPattern: Int64(number &<< 1 ^ number &>> 63)) }
}
