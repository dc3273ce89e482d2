import JSON
import Testing

/// Texts by the verdict that RFC 8259 demands.
@Suite("Strict scan")
struct StrictScanTests {
    @Test(
        "accepts what RFC 8259 allows",
        arguments: [
            "null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "-0.0", "1e1", "1E+1", "1e-1", "0e0", "1.0e10",
            "123456789012345678901234567890", "1e400", "0.1e-999", "\"\"", "[]", "{}", "[[]]", "[{}]", "{\"a\":{}}",
            "[1]",
            "[1,2]", "[ 1 , 2 ]", "{ \"a\" : 1 , \"b\" : 2 }", "\t\n\r 1 \t\n\r ", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
            "\"\\u0041\"", "\"\\u0000\"", "\"\\uabCD\"", "\"\\ud83d\\ude00\"", "\"\\uDBFF\\uDFFF\"", "\"\u{7F}\"",
            "\"é\"",
            "\"\u{10FFFF}\"", "\"\u{FEFF}\"", "\"\u{2028}\"", "{\"\":0}", "{\"a\":1,\"A\":2}",
            "{\"é\":1,\"e\u{301}\":2}",
            "[{\"a\":1},{\"a\":1}]", "{\"a\":{\"a\":{\"a\":1}}}", "[null,true,false]", "\"//*comment*/\"",
        ]
    )
    func accepts(text: String) {
        #expect(throws: Never.self) { try JSONDocument(text) }
    }

    /// A text that is refused, with the code and the byte that the error has to name.
    struct Refused: Sendable, CustomTestStringConvertible {
        var text: [UInt8]
        var code: JSONError.Code
        var offset: Int
        var testDescription: String { String(decoding: text.prefix(40), as: UTF8.self) }

        init(_ text: String, _ code: JSONError.Code, _ offset: Int) {
            self.init(Array(text.utf8), code, offset)
        }

        init(_ text: [UInt8], _ code: JSONError.Code, _ offset: Int) {
            (self.text, self.code, self.offset) = (text, code, offset)
        }
    }

    private func refuses(_ refused: Refused) {
        let error = #expect(throws: JSONError.self) { try JSONDocument(refused.text) }
        #expect(error?.code == refused.code)
        #expect(error?.offset == refused.offset)
    }

    private static let grammar: [Refused] = [
        .init("", .unexpectedEnd, 0), .init("  ", .unexpectedEnd, 2), .init("[", .unexpectedEnd, 1),
        .init("{\"a\"", .unexpectedEnd, 4), .init("{\"a\":", .unexpectedEnd, 5), .init("[1,", .unexpectedEnd, 3),
        .init("\"abc", .unexpectedEnd, 4), .init("\"\\", .unexpectedEnd, 2), .init("\"\\u12", .unexpectedEnd, 5),
        .init("tru", .unexpectedEnd, 3), .init("-", .unexpectedEnd, 1), .init("1.", .unexpectedEnd, 2),
        .init("1e", .unexpectedEnd, 2), .init("1e+", .unexpectedEnd, 3),
        .init("[1 2]", .syntax, 3), .init("[,1]", .syntax, 1), .init("[1,,2]", .syntax, 3), .init("{1:2}", .syntax, 1),
        .init("{\"a\" 1}", .syntax, 5), .init("{\"a\":}", .syntax, 5), .init("{\"a\"}", .syntax, 4),
        .init("{a:1}", .syntax, 1), .init("{'a':1}", .syntax, 1), .init("[1}", .syntax, 2),
        .init("{\"a\":1]", .syntax, 6),
        .init("nul1", .syntax, 3), .init("True", .syntax, 0), .init("NaN", .syntax, 0),
        .init("-Infinity", .invalidNumber, 1),
        .init("[1/*c*/]", .syntax, 2), .init("//c\n1", .syntax, 0), .init("]", .syntax, 0), .init(":", .syntax, 0),
        .init("\u{A0}1", .syntax, 0), .init("\u{B}1", .syntax, 0), .init("[\u{C}1]", .syntax, 1),
        .init("é", .syntax, 0),
        .init("1 2", .trailingData, 2), .init("{}}", .trailingData, 2), .init("[]]", .trailingData, 2),
        .init("{} {}", .trailingData, 3), .init("\"a\"b", .trailingData, 3), .init("nullx", .trailingData, 4),
        .init("1\u{0}", .wrongEncoding, 0), .init("[]\u{0}", .trailingData, 2),
        .init("01", .invalidNumber, 1), .init("-01", .invalidNumber, 2), .init("00", .invalidNumber, 1),
        .init("+1", .syntax, 0), .init(".5", .syntax, 0), .init("1.e1", .invalidNumber, 2),
        .init("[1.]", .invalidNumber, 3),
        .init("-a", .invalidNumber, 1), .init("1e1.5", .trailingData, 3), .init("0x1", .trailingData, 1),
        .init("[1e]", .invalidNumber, 3), .init("[-]", .invalidNumber, 2), .init("1_000", .trailingData, 1),
    ]

    private static let strings: [Refused] = [
        .init("\"a\nb\"", .controlCharacter, 2), .init("\"\u{0}\"", .wrongEncoding, 0),
        .init("[\"\u{0}\"]", .controlCharacter, 2),
        .init("\"\u{1F}\"", .controlCharacter, 1), .init("\"\t\"", .controlCharacter, 1),
        .init("\"\\x41\"", .invalidEscape, 1), .init("\"\\'\"", .invalidEscape, 1),
        .init("\"a\\u12G4\"", .invalidEscape, 2),
        .init("\"\\U0041\"", .invalidEscape, 1), .init("\"\\\u{0}\"", .invalidEscape, 1),
        .init("\"\\é\"", .invalidEscape, 1),
        .init("\"\\ud800\"", .invalidEscape, 1), .init("\"\\udc00\"", .invalidEscape, 1),
        .init("\"\\ud800\\ud800\"", .invalidEscape, 1), .init("\"\\ud800\\n\"", .invalidEscape, 1),
        .init("\"\\ud800x\"", .invalidEscape, 1), .init("\"\\udc00\\ud800\"", .invalidEscape, 1),
        .init("{\"\\ud800\":1}", .invalidEscape, 2),
        .init([0x22, 0x80, 0x22], .invalidUTF8, 1), .init([0x22, 0xC3, 0x22], .invalidUTF8, 1),
        .init([0x22, 0xC0, 0xAF, 0x22], .invalidUTF8, 1), .init([0x22, 0xC1, 0xBF, 0x22], .invalidUTF8, 1),
        .init([0x22, 0xE0, 0x80, 0xAF, 0x22], .invalidUTF8, 1),
        .init([0x22, 0xF0, 0x80, 0x80, 0xAF, 0x22], .invalidUTF8, 1),
        .init([0x22, 0xED, 0xA0, 0x80, 0x22], .invalidUTF8, 1),
        .init([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], .invalidUTF8, 1),
        .init([0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], .invalidUTF8, 1), .init([0x22, 0xFF, 0x22], .invalidUTF8, 1),
        .init([0x22, 0x61, 0xE2, 0x82, 0x22], .invalidUTF8, 2), .init([0x22, 0xE2, 0x82], .unexpectedEnd, 3),
        .init([0xFF], .syntax, 0),
    ]

    @Test("refuses what the grammar does not have, at the byte", arguments: grammar)
    func refusesGrammar(refused: Refused) { refuses(refused) }

    @Test("refuses bad escapes, control characters and UTF-8, at the byte", arguments: strings)
    func refusesStrings(refused: Refused) { refuses(refused) }

    @Test("B1: invalid JSON names the byte offset, also deep in a long text")
    func offsetInLongText() {
        let text = "{\"a\":\"" + String(repeating: "é\\n", count: 5000) + "\",\"b\":[1,2,}"
        let error = #expect(throws: JSONError.self) { try JSONIndex(scanning: Array(text.utf8)) }
        #expect(error == JSONError(.syntax, at: text.utf8.count - 1, "expected a value"))
    }

    @Test(
        "B2: too deep, duplicate, trailing comma, UTF-16 and UTF-32, BOM and bad UTF-8 have codes of their own",
        arguments: [
            Refused(String(repeating: "[", count: 65), .tooDeep, 64),
            Refused(String(repeating: "{\"a\":", count: 64) + "[]", .tooDeep, 320),
            Refused("{\"model\":\"a\",\"\\u006dodel\":\"b\"}", .duplicateKey, 13),
            Refused("{\"a\":[{\"x\":1,\"y\":{},\"x\":2}]}", .duplicateKey, 20),
            Refused("{\"\":1,\"\":2}", .duplicateKey, 6),
            Refused("{\"\\ud83d\\ude00\":1,\"😀\":2}", .duplicateKey, 18),
            Refused("{\"a\\/b\":1,\"a/b\":2}", .duplicateKey, 10),
            Refused("[1,]", .syntax, 3), Refused("{\"a\":1,}", .syntax, 7), Refused("{,}", .syntax, 1),
            Refused([0xEF, 0xBB, 0xBF, 0x7B, 0x7D], .byteOrderMark, 0),
            Refused([0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], .wrongEncoding, 0),
            Refused([0xFE, 0xFF, 0x00, 0x7B], .wrongEncoding, 0),
            Refused([0x7B, 0x00, 0x7D, 0x00], .wrongEncoding, 0), Refused([0x00, 0x7B, 0x00, 0x7D], .wrongEncoding, 0),
            Refused([0x7B, 0x00, 0x00, 0x00], .wrongEncoding, 0), Refused([0x00, 0x00, 0x00, 0x7B], .wrongEncoding, 0),
            Refused([0xFF, 0xFE, 0x00, 0x00], .wrongEncoding, 0), Refused([0x00, 0x00, 0xFE, 0xFF], .wrongEncoding, 0),
            Refused([0x5B, 0x22, 0xC0, 0x80, 0x22, 0x5D], .invalidUTF8, 2),
        ]
    )
    func distinctCodes(refused: Refused) { refuses(refused) }

    @Test("depth 64 is allowed, and a limit of one's own holds")
    func depth() throws {
        let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { try JSONDocument(text) }
        #expect(throws: Never.self) { try JSONDocument("[[]]", limits: JSONLimits(depth: 2)) }
        let error = #expect(throws: JSONError.self) { try JSONDocument("[[[]]]", limits: JSONLimits(depth: 2)) }
        #expect(error?.code == .tooDeep)
        #expect(error?.offset == 2)
    }

    @Test("an index wants an object at the root")
    func indexRoot() {
        let error = #expect(throws: JSONError.self) { try JSONIndex(scanning: Array(" [1]".utf8)) }
        #expect(error == JSONError(.wrongType, at: 1, "the root must be an object"))
    }
}
