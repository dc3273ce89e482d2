import JSON

/// Puts the originals in the place of their placeholders, in a text that comes in pieces.
///
/// What could still become a placeholder is held back: fewer bytes than the longest one has.
struct Unmasker: Sendable {
    private let map: MaskMap
    /// Whether the text is that of a JSON value, in whose strings the originals have to be escaped.
    private let isJSON: Bool
    private var held: [UInt8] = []

    init(_ map: MaskMap, isJSON: Bool = false) {
        self.map = map
        self.isJSON = isJSON
    }

    /// Takes a piece, and gives what is certain by now.
    mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        if held.isEmpty, !bytes.contains(UInt8(ascii: "[")) { return bytes }
        return run(held.isEmpty ? bytes : held + bytes, isLast: false)
    }

    /// Gives what is left, at the end of the text.
    mutating func finish() -> [UInt8] { held.isEmpty ? [] : run(held, isLast: true) }

    /// The same for texts, whose pieces are never cut within a character.
    mutating func take(_ text: String) -> String { String(decoding: take(Array(text.utf8)), as: UTF8.self) }

    /// What is left at the end of the text.
    var rest: String {
        var copy = self
        return String(decoding: copy.finish(), as: UTF8.self)
    }

    /// A whole text with the originals in it.
    static func whole(_ text: String, _ map: MaskMap, isJSON: Bool = false) -> String {
        guard !map.isEmpty, text.utf8.contains(UInt8(ascii: "[")) else { return text }
        var unmasker = Unmasker(map, isJSON: isJSON)
        return String(decoding: unmasker.take(Array(text.utf8)) + unmasker.finish(), as: UTF8.self)
    }

    private mutating func run(_ text: [UInt8], isLast: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        let used = text.withUnsafeBufferPointer { text in
            var (at, copied) = (0, 0)
            while at < text.count {
                guard text[at] == UInt8(ascii: "[") else {
                    at &+= 1
                    continue
                }
                var cursor = MaskCursor(text, at: at, behind: MaskCursor.Before())
                let label = Placeholder.read(&cursor)
                if cursor.reachedEnd, !isLast { break }
                if label != nil, let original = map.original(of: Array(text[at..<cursor.at])) {
                    output += text[copied..<at]
                    output += isJSON ? Self.escaped(original) : original
                    (at, copied) = (cursor.at, cursor.at)
                } else {
                    at &+= 1
                }
            }
            output += text[copied..<at]
            return at
        }
        held = used == text.count ? [] : Array(text[used...])
        return output
    }

    private static func escaped(_ original: [UInt8]) -> [UInt8] {
        var writer = JSONWriter(capacity: original.count + 16)
        writer.string(String(decoding: original, as: UTF8.self))
        return Array(writer.bytes.dropFirst().dropLast())
    }
}
