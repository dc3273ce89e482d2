import JSON
import Testing

@Suite("JSONWriter and JSONValue")
struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("puts commas between members and elements and nowhere else")
    func commas() throws {
        let view = try JSONDocument("[ 1, 2 ]").root
        let result = text { writer in
            writer.object { writer in
                writer.member("a", "x")
                writer.member("b", 1)
                writer.member("c", 2.5)
                writer.member("d", true)
                writer.member("e", view)
                writer.member("f", ["k": nil, "l": [1, 2.5, "x", false]])
                writer.memberIfPresent("none", nil as Int?)
                writer.memberIfPresent("some", "y")
                writer.key("g")
                writer.array { writer in
                    writer.object { _ in }
                    writer.array { _ in }
                    writer.null()
                    writer.raw("[3]".utf8)
                    writer.bool(false)
                    writer.int(.min)
                }
            }
        }
        let members = #""a":"x","b":1,"c":2.5,"d":true,"e":[ 1, 2 ],"f":{"k":null,"l":[1,2.5,"x",false]},"some":"y""#
        #expect(result == "{\(members),\"g\":[{},[],null,[3],false,-9223372036854775808]}")
    }

    @Test("escapes what has to be escaped, wherever it stands", arguments: [0, 1, 14, 15, 16, 17, 31, 33])
    func escapes(before: Int) {
        let clean = String(repeating: "é", count: before)
        let result = text { $0.string(clean + "\"\\/\n\r\t\u{8}\u{C}\u{0}\u{1F}\u{7F}" + clean) }
        #expect(result == "\"\(clean)\\\"\\\\/\\n\\r\\t\\u0008\\u000c\\u0000\\u001f\u{7F}\(clean)\"")
    }

    @Test("doubles are the shortest that read back; what JSON lacks is null")
    func doubles() {
        #expect(text { $0.double(0.1) } == "0.1")
        #expect(text { $0.double(1e300) } == "1e+300")
        #expect(text { $0.double(-0.0) } == "-0.0")
        #expect(text { $0.double(.infinity) } == "null")
        #expect(text { $0.double(.nan) } == "null")
        #expect(JSONNumber(Double.nan) == nil)
    }

    @Test("a body that throws passes its error on")
    func throwing() {
        struct Fault: Error, Equatable {}
        var writer = JSONWriter()
        #expect(throws: Fault()) { try writer.array { _ throws(Fault) in throw Fault() } }
    }

    @Test("a number keeps every digit it was written with")
    func numbers() throws {
        let text = "[12345678901234567890.123456789012345678901234567890,1E+2,-0]"
        #expect(String(decoding: try JSONValue(parsing: Array(text.utf8)).bytes, as: UTF8.self) == text)
    }

    @Test("values are equal by bytes and order")
    func equality() {
        #expect(JSONValue.string("é") != .string("e\u{301}"))
        #expect((["a": 1, "b": 2] as JSONValue) != ["b": 2, "a": 1])
        #expect((["a": [1, nil, true]] as JSONValue) == ["a": [1, nil, true]])
        #expect((1 as JSONValue) != 1.0)
    }

    @Test("members of a value are read, set, appended and removed by name")
    func subscripts() {
        var value: JSONValue = ["a": 1, "b": [true, "x"]]
        #expect(value["a"]?.int == 1 && value["b"]?[1]?.string == "x" && value["b"]?[2] == nil && value["c"] == nil)
        value["a"] = 2.5
        value["c"] = nil
        value["d"] = "new"
        value["b"] = nil
        #expect(value == ["a": 2.5, "d": "new"])
        #expect(value["a"]?.double == 2.5 && value["a"]?.int == nil)
        value["e"] = .null
        #expect(value.object?.keys == ["a", "d", "e"])
    }
}
