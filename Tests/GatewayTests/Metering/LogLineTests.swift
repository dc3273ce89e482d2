import JSON
import Testing

@testable import Gateway

@Suite("A line of the request log")
struct LogLineTests {
    private static let texts = ["", "plain", "two words", "a\"b\\c", "é\u{7F}", "line\nfeed", "\u{1}", "~!#[]^"]
    private static let numbers = [0, 7, 10, -1, 1_000_000, .max, .min]

    @Test("is JSON that says what was put in")
    func json() throws {
        for text in Self.texts {
            for number in Self.numbers {
                var line = LogLine(format: .json, time: "now", event: "test")
                line.text("text", text)
                line.number("number", number)
                line.flag("flag", number > 0)
                line.end()
                #expect(line.bytes.last == 0x0A && !line.bytes.dropLast().contains(0x0A))
                let root = try JSONDocument(Array(line.bytes.dropLast())).root
                #expect(
                    root["text"]?.string == text && root["number"]?.int == number && root["flag"]?.bool == (number > 0)
                )
                #expect(root["event"]?.string == "test" && root["time"]?.string == "now")
            }
        }
    }

    @Test("is pairs, of which a value that is not one plain word is quoted")
    func text() {
        var line = LogLine(behind: Array("earlier\n".utf8), format: .text, time: "now", event: "test")
        for text in Self.texts { line.text("t", text) }
        line.number("n", -12)
        line.flag("f", false)
        line.end()
        let expected =
            #"now info test t="" t=plain t="two words" t="a\"b\\c" t="é"# + "\u{7F}"
            + #"" t="line\nfeed" t="\u0001" t=~!#[]^ n=-12 f=false"#
        #expect(String(decoding: line.bytes, as: UTF8.self) == "earlier\n" + expected + "\n")
    }

    @Test(
        "an amount is a decimal number that loses no digit",
        arguments: [
            (0, "0"), (1, "0.000000001"), (1_500_000_000, "1.5"), (-20_000_000, "-0.02"), (100, "0.0000001"),
            (Int.max, "9223372036.854775807"),
        ]
    )
    func amount(_ nanos: Int, _ text: String) {
        var line = LogLine(format: .text, time: "now", event: "test")
        line.amount("c", nanos: nanos)
        #expect(String(decoding: line.bytes, as: UTF8.self) == "now info test c=\(text)")
    }
}
