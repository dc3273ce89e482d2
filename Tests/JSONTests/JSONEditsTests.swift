import JSON
import Testing

@Suite("JSONEdits")
struct JSONEditsTests {
    private struct Subject {
        let bytes: [UInt8]
        let index: JSONIndex
        var edits: JSONEdits

        init(_ text: String) throws {
            bytes = Array(text.utf8)
            index = try JSONIndex(scanning: bytes)
            edits = JSONEdits(index)
        }

        func member(_ name: String) throws -> JSONIndex.Member { try #require(index.member(name, in: bytes)) }

        var result: String { String(decoding: edits.apply(to: bytes), as: UTF8.self) }
    }

    @Test("replaces one value and leaves the rest")
    func replaces() throws {
        var subject = try Subject(#"{ "\u006dodel" : "a" , "x":1}"#)
        #expect(subject.edits.isEmpty)
        subject.edits.replace(try subject.member("model"), with: "b\n")
        #expect(subject.result == #"{ "\u006dodel" : "b\n" , "x":1}"#)
        subject.edits.replace(try subject.member("model"), raw: Array("[ ]".utf8))
        #expect(subject.result == #"{ "\u006dodel" : [ ] , "x":1}"#)
    }

    @Test("inserts before the closing brace, with a comma if one is due")
    func inserts() throws {
        var empty = try Subject("{ }")
        empty.edits.insert("a", 1)
        empty.edits.insert("b\"", [1])
        #expect(empty.result == #"{ "a":1,"b\"":[1]}"#)
        var full = try Subject(#"{"x":1 }"#)
        full.edits.insert("a", raw: Array("true".utf8))
        #expect(full.result == #"{"x":1 ,"a":true}"#)
    }

    @Test(
        "removes any members with their commas, also before an insertion",
        arguments: [
            ("a", false, #"{ "b":2, "c":3}"#), ("b", false, #"{ "a":1, "c":3}"#), ("c", false, #"{ "a":1, "b":2}"#),
            ("ab", false, #"{ "c":3}"#), ("ac", false, #"{ "b":2}"#), ("bc", false, #"{ "a":1}"#),
            ("abc", false, "{ }"),
            ("ac", true, #"{ "b":2,"d":4}"#), ("abc", true, #"{ "d":4}"#), ("", true, #"{ "a":1, "b":2, "c":3,"d":4}"#),
        ]
    )
    func removes(names: String, inserts: Bool, expected: String) throws {
        var subject = try Subject(#"{ "a":1, "b":2, "c":3}"#)
        for name in names { subject.edits.remove(try subject.member(String(name))) }
        if inserts { subject.edits.insert("d", 4) }
        #expect(subject.result == expected)
    }

    @Test("any edits give the object that they describe and leave every other byte", arguments: 0..<300)
    func property(seed: UInt64) throws {
        var generator = Generator(seed: seed)
        var object = generator.object()
        var subject = try Subject(generator.text(of: .object(object)))
        for member in subject.index.members {
            let name = subject.index.name(member, in: subject.bytes.span.bytes)
            switch generator.below(4) {
            case 0:
                subject.edits.remove(member)
                object[name] = nil
            case 1:
                let value = generator.value(depth: 3)
                subject.edits.replace(member, with: value)
                object[name] = value
            default: break
            }
        }
        for _ in 0..<generator.below(3) {
            let (name, value) = ("new " + String(generator.next()), generator.value(depth: 3))
            subject.edits.insert(name, value)
            object[name] = value
        }
        let result = subject.edits.apply(to: subject.bytes)
        #expect(try JSONValue(parsing: result) == .object(object), "seed \(seed)")
        #expect(untouched(result, by: subject.edits.list, of: subject.bytes), "seed \(seed)")
    }

    /// Whether the bytes between the edits are the same, in order, and the edits do not overlap.
    private func untouched(_ result: [UInt8], by edits: [JSONEdit], of text: [UInt8]) -> Bool {
        var (at, place) = (0, 0)
        for edit in edits {
            guard edit.range.lowerBound >= at else { return false }
            let kept = text[at..<edit.range.lowerBound]
            guard result[place...].starts(with: kept) else { return false }
            place += kept.count + edit.replacement.count
            at = edit.range.upperBound
        }
        return result[place...].elementsEqual(text[at...])
    }
}
