/// A model's name, or a pattern of names: `*` stands for any text, `?` for any one byte.
package struct ModelPattern: Sendable, Hashable {
    private static let anyText = UInt8(ascii: "*")
    private static let anyByte = UInt8(ascii: "?")

    package let text: String
    private let bytes: [UInt8]

    package init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Whether it names exactly one model.
    package var isExact: Bool { !bytes.contains { $0 == Self.anyText || $0 == Self.anyByte } }

    /// How much of a name it fixes: of two patterns that match, the one with the larger number is meant.
    package var weight: Int {
        let literal = bytes.count { $0 != Self.anyText && $0 != Self.anyByte }
        return isExact ? literal + 1_000_000 : literal
    }

    /// The bytes in front of the first `*` or `?`, with which every name of the pattern begins.
    package var literalPrefix: ArraySlice<UInt8> {
        bytes.prefix { $0 != Self.anyText && $0 != Self.anyByte }
    }

    /// Compares byte by byte, in time that is linear in the name for each `*`.
    package func matches(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    /// The same for a name's bytes.
    package func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        var (at, place) = (0, 0)
        var star: (at: Int, place: Int)?
        while place < name.count {
            if at < bytes.count, bytes[at] == Self.anyText {
                star = (at, place)
                at += 1
            } else if at < bytes.count, bytes[at] == Self.anyByte || bytes[at] == name[place] {
                (at, place) = (at + 1, place + 1)
            } else if let last = star {
                // The star takes one byte more than it did.
                star = (last.at, last.place + 1)
                (at, place) = (last.at + 1, last.place + 1)
            } else {
                return false
            }
        }
        return bytes[at...].allSatisfy { $0 == Self.anyText }
    }
}
