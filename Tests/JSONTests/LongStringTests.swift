import Testing

@testable import JSON

@Suite("Escapes across the blocks of a long string")
struct LongStringTests {
    /// What stands at a place: every short escape, and characters of one to four bytes written as escapes.
    private static let pieces = [
        "\n", "\t", "\r", "\"", "\\", "\u{8}", "\u{C}", "\u{1}", "\u{1F}", "é", "日", "😀", "\\\\", "\\\"", "\n\n\n",
        "\\n",
    ]

    @Test("A string comes back the same wherever its escapes stand", arguments: Self.pieces)
    func everywhere(piece: String) throws {
        for length in [0, 15, 16, 47, 48, 63, 64, 65, 79, 80, 127, 128, 129, 200, 1023, 1024, 1025, 2100] {
            for place in Set([0, 1, 14, 15, 16, 62, 63, 64, length / 2, length - 1, length])
            where (0...length).contains(place) {
                let text =
                    String(repeating: "a", count: place) + piece + String(repeating: "b", count: length - place)
                let written = JSONValue.string(text).bytes
                #expect(try JSONValue(parsing: written) == .string(text))
                #expect(try JSONDocument(written + Array("   ".utf8)).root.utf8 == Array(text.utf8))
                let unicode =
                    "\"" + text.utf16.map { "\\u" + String(UInt32($0) + 0x10000, radix: 16).dropFirst() }.joined()
                    + "\""
                #expect(try JSONDocument(unicode).root.string == text)
            }
        }
    }
}
