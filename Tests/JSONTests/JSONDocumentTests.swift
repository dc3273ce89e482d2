import JSON
import Testing

@Suite("JSONDocument")
struct JSONDocumentTests {
    @Test("reads members, elements and scalars lazily")
    func reads() throws {
        let root = try JSONDocument(#"{"a":[1,-2.5e1,"x\n\u00e9\ud83d\ude00",true,null],"b":{"c":{}}}"#).root
        let array = try #require(root["a"])
        #expect(array.elements.map(\.kind) == [.number, .number, .string, .bool, .null])
        #expect(array[0]?.int == 1)
        #expect(array[1]?.double == -25)
        #expect(array[2]?.string == "x\né😀")
        #expect(array[3]?.bool == true)
        #expect(array[4]?.isNull == true)
        #expect(array[5] == nil)
        #expect(root["b"]?["c"]?.kind == .object)
        #expect(root.members.map(\.key) == ["a", "b"])
        #expect(root["b"]?["c"]?.path == "b.c")
        #expect(array[2]?.path == "a[2]")
    }

    @Test("accepts any root between white space")
    func roots() throws {
        for text in [" 1 ", "\"\"", "null\n", "\ttrue", "[]", "{ }", "-0", "1E+2"] {
            #expect(throws: Never.self) { try JSONDocument(text) }
        }
    }

    @Test("B2: a duplicate key is found after unescaping, at any depth")
    func duplicates() {
        let error = #expect(throws: JSONError.self) { try JSONDocument(#"[{"model":1,"\u006dodel":2}]"#) }
        #expect(error?.code == .duplicateKey)
        #expect(error?.offset == 12)
    }
}
