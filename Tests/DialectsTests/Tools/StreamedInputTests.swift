import JSON
import Testing

@testable import Dialects

@Suite("The text of a custom call, read while it arrives")
struct StreamedInputTests {
    /// Feeds pieces; returns what was told on the way, what at the end, and the whole.
    private func read(_ pieces: [String]) -> (told: String, rest: String, whole: String) {
        var input = StreamedInput()
        var told = ""
        for piece in pieces { told += input.take(piece) }
        let end = input.finish(pieces.joined())
        return (told, end.rest, end.whole)
    }

    @Test(
        "every cut of the arguments gives the same text",
        arguments: [
            (#"{"input":"plain"}"#, "plain"),
            (#" { "input" : "spaced" } "#, "spaced"),
            ("{\n\t\"input\":\r\n\"x\"}", "x"),
            (
                #"{"input":"*** Begin Patch\n+a \"b\" \\ \/ \t\r\b\f\n"}"#,
                "*** Begin Patch\n+a \"b\" \\ / \t\r\u{8}\u{c}\n"
            ),
            (#"{"input":"é\u00e9\u0000👋\ud83d\udc4b\uD83D\uDC4B"}"#, "éé\0👋👋👋"),
            (#"{"input":""}"#, ""),
            (#"{"input":"a","more":1}"#, "a"),
            (#"{"more":1,"input":"late"}"#, "late"),
            // Something else altogether.
            (#"{"patch":"*** Begin"}"#, "*** Begin"),
            (#""just text""#, "just text"),
            ("*** Begin Patch\n+a\n", "*** Begin Patch\n+a\n"),
            (#"{"input":{"deep":1}}"#, #"{"input":{"deep":1}}"#),
            (#"{"a":1,"b":2}"#, #"{"a":1,"b":2}"#),
            (#"{"inputs":"x"}"#, "x"),
            ("{}", "{}"),
            ("", ""),
            // Not quite JSON, but plain enough.
            (#"{"input":"cut off"#, "cut off"),
            (#"{"input":"a\d+\x \u12zz b"}"#, #"a\d+\x zz b"#),
            ("{\"input\":\"two\nlines\"}", "two\nlines"),
            (#"{"input":"\ud83dx"}"#, "\u{FFFD}x"),
            (#"{"input":"\ud83d\n"}"#, "\u{FFFD}\n"),
            (#"{"input":"\ud83d\ud83d\udc4b"}"#, "\u{FFFD}👋"),
            (#"{"input":"\udc4b\ud83d"}"#, "\u{FFFD}\u{FFFD}"),
        ]
    )
    func cut(_ arguments: String, _ text: String) {
        for pieces in cuts(arguments) {
            let result = read(pieces)
            #expect(result.whole.unicodeScalars.elementsEqual(text.unicodeScalars), "\(pieces)")
            #expect((result.told + result.rest).utf8.elementsEqual(result.whole.utf8), "\(pieces)")
        }
    }

    @Test("the text is told while it comes, not at the end")
    func early() {
        var input = StreamedInput()
        #expect(input.take(#"{"inp"#).isEmpty)
        #expect(input.take(#"ut":"ab"#) == "ab")
        #expect(input.take(#"c\"#) == "c")
        #expect(input.take(#"n"#) == "\n")
        #expect(input.take(#"\ud83d"#).isEmpty)
        #expect(input.take(#"\udc4b"}"#) == "👋")
    }

    @Test("random texts come back at random cuts")
    func random() throws {
        var numbers = SeededNumbers(seed: 3)
        for _ in 0..<300 {
            let text = RandomRequest.text(&numbers)
            let arguments = String(decoding: JSONValue.object(["input": .string(text)]).bytes, as: UTF8.self)
            var pieces: [String] = []
            var rest = arguments.unicodeScalars[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...8, using: &numbers)
                pieces.append(String(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(read(pieces).whole.utf8.elementsEqual(text.utf8))
        }
    }
}
