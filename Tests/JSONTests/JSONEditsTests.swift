import JSON
import Testing

@Suite("JSONEdits")
struct JSONEditsTests {
    private func edit(
        _ text: String,
        _ body: (inout JSONEdits, (String) -> JSONIndex.Member) throws -> Void
    ) throws -> String {
        let bytes = Array(text.utf8)
        let index = try JSONIndex(scanning: bytes)
        var edits = JSONEdits(index)
        try body(&edits) { index.member($0, in: bytes) ?? index.members[0] }
        return String(decoding: edits.apply(to: bytes), as: UTF8.self)
    }

    @Test("replaces one value and leaves the rest")
    func replaces() throws {
        #expect(
            try edit(#"{ "model" : "a" , "x":1}"#) { $0.replace($1("model"), with: "b") }
                == #"{ "model" : "b" , "x":1}"#
        )
    }

    @Test("inserts before the closing brace, with a comma if one is due")
    func inserts() throws {
        #expect(
            try edit("{}") { edits, _ in
                edits.insert("a", 1); edits.insert("b", [1])
            } == #"{"a":1,"b":[1]}"#
        )
        #expect(try edit(#"{"x":1 }"#) { edits, _ in edits.insert("a", 1) } == #"{"x":1 ,"a":1}"#)
    }

    @Test("removes any set of members with their commas, also before an insertion")
    func removes() throws {
        let text = #"{"a":1, "b":2, "c":3}"#
        #expect(try edit(text) { $0.remove($1("a")) } == #"{"b":2, "c":3}"#)
        #expect(try edit(text) { $0.remove($1("b")) } == #"{"a":1, "c":3}"#)
        #expect(try edit(text) { $0.remove($1("c")) } == #"{"a":1, "b":2}"#)
        #expect(
            try edit(text) {
                $0.remove($1("a")); $0.remove($1("b")); $0.remove($1("c")); $0.insert("d", 4)
            } == #"{"d":4}"#
        )
        #expect(
            try edit(text) {
                $0.remove($1("a")); $0.remove($1("c")); $0.insert("d", 4)
            } == #"{"b":2,"d":4}"#
        )
    }
}
