import Testing

@testable import JSON

@Suite("A value that is kept as text")
struct JSONFragmentTests {
    @Test("It is written as it was, and equal to what says the same")
    func kept() throws {
        let text = #"{"a": [1, 2.50], "b":"\u0061"}"#
        let fragment = JSONFragment(try JSONDocument(text).root)
        var writer = JSONWriter()
        writer.object { $0.member("schema", fragment: fragment) }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"schema":\#(text)}"#)
        #expect(fragment == JSONFragment(fragment.value))
        #expect(fragment.value["b"] == "a")
        #expect(fragment != ["a": [1, 2.5], "b": "b"])
    }

    @Test("It is one line, however it was written", arguments: ["\n", "\r", "\r\n"])
    func oneLine(end: String) throws {
        let fragment = JSONFragment(try JSONDocument("{\"a\":\(end) [\(end)1 ,\"\\n\"]}").root)
        #expect(String(decoding: fragment.bytes, as: UTF8.self) == #"{"a":[1,"\n"]}"#)
    }
}
