import Testing

@testable import torii

@Suite struct TextTests {
    @Test(
        "a duration is read with its unit, and a bare number is seconds",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("10s", .seconds(10)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
            ("280", .seconds(280)), ("1.5s", .milliseconds(1500)), ("10 s", .seconds(10)), ("0", nil), ("-1s", nil),
            ("soon", nil), ("", nil), ("1d", nil), ("99999h", nil), ("1e3", nil),
        ] as [(String, Duration?)]
    )
    func durations(text: String, expected: Duration?) { #expect(Quantity.duration(text) == expected) }

    @Test(
        "a duration or a size that is written reads back as the same",
        arguments: [1, 250, 1500, 60_000, 3_600_000, 280_000]
    )
    func quantities(number: Int) {
        #expect(Quantity.duration(Quantity.text(.milliseconds(number))) == .milliseconds(number))
        #expect(Quantity.size(Quantity.text(bytes: number * 1024)) == number * 1024)
    }

    @Test(
        "a size is read with its unit, binary or decimal",
        arguments: [
            ("32MiB", 32 << 20), ("64KiB", 64 << 10), ("1GiB", 1 << 30), ("10MB", 10_000_000), ("5", 5), ("0", nil),
            ("-1", nil), ("big", nil),
        ] as [(String, Int?)]
    )
    func sizes(text: String, expected: Int?) { #expect(Quantity.size(text) == expected) }

    @Test(
        "a YAML scalar that is written reads back as the same text",
        arguments: [
            "plain", "http://localhost:11434/v1", "***", "", " ", "no", "True", "null", "~", "4", "1.5", "127.0.0.1",
            "::1",
            "a: b", "a #b", "- a", "[a]", "é", "\u{1B}[31m", "tab\there", "quote\"d", "back\\slash", "a:", "0x10",
            "1e3",
            "2026-01-01", "@a", "%a", "`a", "!a", "&a", "*a", "|", ">", "'a'", "…", "\u{85}",
        ]
    )
    func scalars(text: String) throws {
        let tree = try YAMLTree.read("key: \(YAMLText.scalar(text))\n", file: "f")
        let node = try #require(tree["key"])
        #expect(MappingReader.text(node) == text)
        let list = try YAMLTree.read("key: \(YAMLText.list([text, "x"]))\n", file: "f")
        guard case .sequence(let elements) = list["key"]?.content else { throw Unexpected() }
        #expect(elements.map(MappingReader.text) == [text, "x"])
    }

    private struct Unexpected: Error {}

    @Test(
        "the nearest word is found for a slip of the fingers and not for another word",
        arguments: [
            ("respones", "responses"), ("chta", "chat"), ("Chat", "chat"), ("x", nil), ("banana", nil),
            ("messsages", "messages"),
        ] as [(String, String?)]
    )
    func spelling(word: String, expected: String?) {
        #expect(Spelling.nearest(to: word, among: ["chat", "responses", "messages"]) == expected)
    }

    @Test("a TOML key is found wherever TOML lets it stand")
    func tomlPlaces() {
        let text = """
            a = 1 # b = 2
            "c d".e = '''
            f = 3
            '''
            [g.h]
            i = [
              { j = "]" }, # k
              { j = "}" },
            ]
            [[l]]
            m = "x\\"y = z"
            [[l]]
            m = 2
              [l.n]
              o = 1
            """
        let places = TOMLKeyLocator.places(in: text)
        let lines = places.mapValues(\.line)
        #expect(
            lines == [
                ["a"]: 1, ["c d"]: 2, ["c d", "e"]: 2, ["g"]: 5, ["g", "h"]: 5, ["g", "h", "i"]: 6,
                ["g", "h", "i", "0"]: 7,
                ["g", "h", "i", "0", "j"]: 7, ["g", "h", "i", "1"]: 8, ["g", "h", "i", "1", "j"]: 8, ["l"]: 10,
                ["l", "0"]: 10,
                ["l", "0", "m"]: 11, ["l", "1"]: 12, ["l", "1", "m"]: 13, ["l", "1", "n"]: 14,
                ["l", "1", "n", "o"]: 15,
            ]
        )
        #expect(places[["l", "1", "n", "o"]]?.column == 3)
    }
}
