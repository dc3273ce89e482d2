import Testing

@testable import Gateway

@Suite("Masking of a text")
struct MaskerTests {
    private static func masked(_ text: String, _ rules: MaskRules = MaskRules()) -> String {
        var masker = Masker(rules)
        return String(decoding: masker.mask(Array(text.utf8)), as: UTF8.self)
    }

    @Test("puts a placeholder in the place of what it finds", arguments: MaskSample.found)
    func finds(_ sample: MaskSample) {
        #expect(Self.masked(sample.text) == sample.masked)
        #expect(Self.masked(sample.text, MaskRules(kinds: [sample.kind])) == sample.masked)
    }

    @Test("leaves alone what only looks like something", arguments: MaskSample.passed)
    func passes(_ text: String) {
        #expect(Self.masked(text) == text)
    }

    @Test("looks for nothing of a kind that is switched off", arguments: MaskSample.found)
    func switchedOff(_ sample: MaskSample) {
        let others = MaskRules(kinds: [])
        #expect(others.isEmpty)
        #expect(Self.masked(sample.text, others) == sample.text)
    }

    @Test("gives the same at every chunking, and holds back no more than it needs", arguments: MaskSample.found)
    func chunkings(_ sample: MaskSample) {
        let text = Array("é \(sample.text) 日 \(sample.text)".utf8)
        var whole = Masker(MaskRules())
        let expected = whole.mask(text)
        for place in text.indices {
            var masker = Masker(MaskRules())
            let parts = masker.take(Array(text[..<place])) + masker.take(Array(text[place...]))
            #expect(parts + masker.finish() == expected, "cut at \(place)")
        }
        var masker = Masker(MaskRules())
        var bytes: [UInt8] = []
        for byte in text { bytes += masker.take([byte]) }
        #expect(bytes + masker.finish() == expected)
        var plain = Masker(MaskRules())
        #expect(plain.take(Array("nothing here, ".utf8)).count == 14)
    }

    @Test("gives one value one placeholder, and numbers those of one kind")
    func numbers() {
        let text = "a@example.com b@example.com a@example.com 4111111111111111 b@example.com"
        #expect(Self.masked(text) == "[EMAIL_1] [EMAIL_2] [EMAIL_1] [CARD_1] [EMAIL_2]")
    }

    @Test("masks what looks like a placeholder, so that it comes back as it was")
    func literals() {
        var masker = Masker(MaskRules())
        let text = Array("[EMAIL_1] is a@example.com, [LITERAL_1]".utf8)
        let masked = masker.mask(text)
        #expect(String(decoding: masked, as: UTF8.self) == "[LITERAL_1] is [EMAIL_1], [LITERAL_2]")
        var unmasker = Unmasker(masker.map)
        #expect(unmasker.take(masked) + unmasker.finish() == text)
    }

    @Test("comes back whole from any text, however both ways are cut")
    func roundTrip() {
        var numbers = SeededMaskNumbers(seed: 11)
        let pieces =
            MaskSample.found.map(\.text) + MaskSample.passed + [
                "[EMAIL_1]", "[", "]", "é", "日本", "\u{0}", "@", "-", "1",
            ]
        for round in 0..<400 {
            let count = Int.random(in: 1...8, using: &numbers)
            let text = Array(
                (0..<count).map { _ in pieces.randomElement(using: &numbers) ?? "" }.joined(
                    separator: round % 2 == 0 ? " " : ""
                ).utf8
            )
            var whole = Masker(MaskRules())
            let expected = whole.mask(text)
            var masker = Masker(MaskRules())
            var masked: [UInt8] = []
            for chunk in Self.chunks(of: text, &numbers) { masked += masker.take(chunk) }
            masked += masker.finish()
            #expect(masked == expected)
            var unmasker = Unmasker(masker.map)
            var back: [UInt8] = []
            for chunk in Self.chunks(of: masked, &numbers) { back += unmasker.take(chunk) }
            #expect(back + unmasker.finish() == text)
        }
    }

    private static func chunks(of text: [UInt8], _ numbers: inout SeededMaskNumbers) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var rest = text[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...24, using: &numbers))
            chunks.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return chunks
    }

    @Test(
        "looks at each byte a bounded number of times, whatever the text",
        arguments: [
            "1", "@", "sk-", "a@", "a.", "4 ", "4444 ", "eyJ", "eyJaaaaaaaaa.", "-", "-----BEGIN RSA PRIVATE KEY-----",
            "Bearer ", "+1 ", "(", "[EMAIL_", "GB82", "A", "0 1", "ghp_", "xoxb-", "a-b@c.", "12345678-", "é", "[", ".",
            "%", "+", #"\n"#,
            String(repeating: ".", count: 64) + "@" + String(repeating: "a", count: 64),
        ]
    )
    func isLinear(_ piece: String) {
        let length = ["1", "@", "sk-"].contains(piece) ? 1 << 20 : 1 << 16
        let text = Array(String(repeating: piece, count: length / piece.utf8.count).utf8)
        for size in [text.count, 4_096] {
            var masker = Masker(MaskRules())
            var start = 0
            while start < text.count {
                _ = masker.take(Array(text[start..<min(start + size, text.count)]))
                start += size
            }
            _ = masker.finish()
            #expect(masker.steps < 100 * text.count, "\(masker.steps / text.count) a byte")
        }
    }

    @Test("holds a long key that comes byte by byte without reading it over and over")
    func longKeys() {
        let key = Array(("-----BEGIN PRIVATE KEY-----\n" + String(repeating: "Abc1", count: 3_000)).utf8)
        var masker = Masker(MaskRules())
        #expect(key.allSatisfy { masker.take([$0]).isEmpty })
        #expect(String(decoding: masker.finish(), as: UTF8.self) == "[SECRET_1]")
        #expect(masker.steps < 40 * key.count)
    }
}

/// The same numbers in every run.
struct SeededMaskNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ state >> 33) &* 0xFF51_AFD7_ED55_8CCD
    }
}
