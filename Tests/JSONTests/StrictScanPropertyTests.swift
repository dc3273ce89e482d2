import JSON
import Testing

/// Properties of the scan over seeded random texts; a failure names the seed that makes it again.
@Suite("Strict scan, properties")
struct StrictScanPropertyTests {
    private func fault(_ bytes: [UInt8]) -> Reference.Fault? {
        do {
            _ = try JSONDocument(bytes)
            return nil
        } catch {
            return Reference.Fault(error)
        }
    }

    @Test("any value round-trips through the writer and back", arguments: 0..<300)
    func roundTrip(seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let value = generator.value()
        #expect(try JSONValue(parsing: value.bytes) == value, "seed \(seed)")
        let text = generator.text(of: value)
        let root = try JSONDocument(text).root
        #expect(JSONValue(root) == value, "seed \(seed)")
        #expect(lazily(root) == value, "seed \(seed)")
    }

    /// The same value, read through the sequences instead of in one pass.
    private func lazily(_ view: JSONView) -> JSONValue {
        switch view.kind {
        case .object: .object(JSONObject(view.members.map { .init($0.key, lazily($0.value)) }))
        case .array: .array(view.elements.map { lazily($0) })
        case .string: view.string.map { .string($0) } ?? .null
        default: JSONValue(view)
        }
    }

    @Test("a mutated text is judged like the reference does, to the byte", arguments: 0..<400)
    func mutations(seed: UInt64) {
        var generator = Generator(seed: seed)
        let bytes = Array(generator.text(of: generator.value()).utf8)
        for round in 0..<10 {
            let mutated = generator.mutated(bytes)
            #expect(fault(mutated) == Reference.fault(in: mutated), "seed \(seed), round \(round)")
        }
    }

    @Test("every truncation of a container is an unexpected end", arguments: 0..<40)
    func truncations(seed: UInt64) {
        var generator = Generator(seed: seed)
        let bytes = Array(generator.text(of: .array([generator.value(), generator.value()])).utf8)
        for length in bytes.count < 500 ? Array(bytes.indices) : (0..<500).map({ _ in generator.below(bytes.count) }) {
            let expected = Reference.Fault(.unexpectedEnd, length)
            #expect(fault(Array(bytes[..<length])) == expected, "seed \(seed), length \(length)")
        }
    }

    @Test("a string is judged alike wherever it stands against the blocks", arguments: 0..<70)
    func alignments(shift: Int) {
        let insides: [[UInt8]] = [
            Array(#"\\\\\"\/\n"#.utf8), Array(#"\ud83d\ude00"#.utf8), Array(#"\ude00"#.utf8), Array(#"\ud83dx"#.utf8),
            Array("é→😀".utf8), [0xC3], [0x80], [0xE2, 0x86], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xC0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xE0, 0x9F, 0x80], Array(#"\"#.utf8), [0x1F], [0x00], Array(#"\x"#.utf8),
        ]
        for inside in insides {
            for tail in [0, 1, 70] {
                let before = [UInt8](repeating: 0x61, count: shift)
                let after = [UInt8](repeating: 0x62, count: tail)
                let text = [UInt8](#"{"k":""#.utf8) + before + inside + after + [UInt8](#"","n":1}"#.utf8)
                #expect(fault(text) == Reference.fault(in: text), "shift \(shift), inside \(inside), tail \(tail)")
            }
        }
    }

    @Test("the index and the document agree, wherever the text stands in memory", arguments: 0..<150)
    func agreement(seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let text = Array(generator.text(of: .object(generator.object())).utf8)
        for bytes in [text, generator.mutated(text)] where bytes.first == UInt8(ascii: "{") {
            let padded = [UInt8](repeating: 0x20, count: generator.below(64)) + bytes
            let part = padded.span.bytes.extracting(last: bytes.count)
            let index: JSONIndex
            do {
                index = try JSONIndex(scanning: part)
            } catch {
                #expect(Reference.Fault(error) == fault(bytes), "seed \(seed)")
                continue
            }
            let members = Array(try JSONDocument(bytes).root.members)
            #expect(index.members.map { name($0, index, part) } == members.map(\.key), "seed \(seed)")
            #expect(index.members.map(\.value) == members.map(\.value.range), "seed \(seed)")
            #expect(index.members.map(\.kind) == members.map(\.value.kind), "seed \(seed)")
            #expect(bytes[index.closing] == UInt8(ascii: "}"))
        }
    }

    private func name(_ member: JSONIndex.Member, _ index: JSONIndex, _ bytes: borrowing RawSpan) -> String {
        index.name(member, in: bytes)
    }
}
