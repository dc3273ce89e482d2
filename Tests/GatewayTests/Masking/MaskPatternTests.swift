import Testing

@testable import Gateway

@Suite("Patterns of an operator's own")
struct MaskPatternTests {
    private static func masked(_ text: String, _ pattern: String) throws -> String {
        var masker = Masker(MaskRules(kinds: [], patterns: [try MaskPattern("part_no", pattern)]))
        return String(decoding: masker.mask(Array(text.utf8)), as: UTF8.self)
    }

    @Test(
        "find what they say, and nothing that goes on at an end",
        arguments: [
            ("[A-Z]{2,4}-\\d{6}", "AB-123456 ABCDE-123456 AB-1234567", "[PART_NO_1] ABCDE-123456 AB-1234567"),
            ("EMP\\d{3}", "EMP123 XEMP123 EMP1234", "[PART_NO_1] XEMP123 EMP1234"),
            ("社員\\d{3}", "社員123です", "[PART_NO_1]です"), ("a\\.b\\?c", "a.b?c aXbYc", "[PART_NO_1] aXbYc"),
            ("#[^#]{1,8}#", "x#abc#y", "x[PART_NO_1]y"), ("ab?c+d", "acccd abd abbcd", "[PART_NO_1] abd abbcd"),
            ("[a\\]-]{3}x", "a]-x", "[PART_NO_1]"), ("x*abc", "xxabc abc", "[PART_NO_1] [PART_NO_2]"),
            ("EMP\\d{3}", #"a\nEMP123\tEMP124"#, #"a\n[PART_NO_1]\t[PART_NO_2]"#),
            ("[#A-Z]MP\\d{3}", #"a\nEMP123\t#MP124"#, #"a\n[PART_NO_1]\t[PART_NO_2]"#),
        ]
    )
    func find(_ pattern: String, _ text: String, _ masked: String) throws {
        #expect(try Self.masked(text, pattern) == masked)
    }

    @Test(
        "say what is wrong with them",
        arguments: [
            "a(b)c", "abc|def", "^abc", "a.c.d", "[abc", "abc{", "abc{x}", "abc{3,2}", "abc\\", "ab\\q", "ab", "x*y*z?",
            "\\d{200}\\d{200}", "日{3}", "[é]ab", "[z-a]bc", "{3}abc", "a\\d{0,300}bc",
        ]
    )
    func faults(_ pattern: String) {
        #expect(throws: MaskPatternFault.self) { try MaskPattern("x", pattern) }
    }

    @Test("have names that no placeholder has yet", arguments: ["", "Email", "email", "id", "literal", "9a", "a-b"])
    func names(_ name: String) {
        #expect(throws: MaskPatternFault.self) { try MaskPattern(name, "abc") }
    }

    @Test("are the same at every chunking behind an escape", arguments: [#"a\nEMP123"#, #"EMP123\nEMP124\t"#])
    func chunkings(_ text: String) throws {
        let rules = MaskRules(kinds: [], patterns: [try MaskPattern("badge", "[#A-Z]MP\\d{3}")])
        var whole = Masker(rules)
        let expected = whole.mask(Array(text.utf8))
        #expect(!String(decoding: expected, as: UTF8.self).contains("EMP"))
        var masker = Masker(rules)
        var bytes: [UInt8] = []
        for byte in text.utf8 { bytes += masker.take([byte]) }
        #expect(bytes + masker.finish() == expected)
    }

    @Test("are looked for once in a word, where they can begin with nothing else")
    func words() throws {
        var masker = Masker(MaskRules(kinds: [], patterns: [try MaskPattern("x", "[a-z]{3}\\d{3}")]))
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 10_000)
        #expect(masker.mask(text) == text)
        #expect(masker.steps < text.count + 100)
    }

    @Test("take no longer for a text that almost fits")
    func isBounded() throws {
        let pattern = try MaskPattern("x", "[a ]{1,120}b[a ]{1,120}c")
        var masker = Masker(MaskRules(kinds: [], patterns: [pattern]))
        let text = Array(String(repeating: "a ", count: 100_000).utf8)
        #expect(masker.mask(text) == text)
        #expect(masker.steps < 2 * MaskPattern.longest * text.count)
    }
}
