import JSON
import Testing

@Suite("JSONDocument and JSONView")
struct JSONDocumentTests {
    @Test("reads members, elements and scalars")
    func reads() throws {
        let root = try JSONDocument(#"{"a":[1,-2.5e1,"x\n\u00e9\ud83d\ude00",true,null],"b":{"c":{}}}"#).root
        let array = try #require(root["a"])
        #expect(array.elements.map(\.kind) == [.number, .number, .string, .bool, .null])
        #expect(array[0]?.int == 1)
        #expect(array[1]?.double == -25)
        #expect(array[2]?.string == "x\né😀")
        #expect(array[2]?.utf8 == Array("x\né😀".utf8))
        #expect(array[2]?.isString("x\né😀") == true)
        #expect(array[2]?.isString("x") == false)
        #expect(array[3]?.bool == true)
        #expect(array[4]?.isNull == true)
        #expect(array[5] == nil)
        #expect(array[-1] == nil)
        #expect(root["b"]?["c"]?.kind == .object)
        #expect(root.members.map(\.key) == ["a", "b"])
        #expect(root["b"].map { String(decoding: $0.raw, as: UTF8.self) } == #"{"c":{}}"#)
    }

    @Test("a value of another kind reads as nil or as nothing")
    func otherKinds() throws {
        let root = try JSONDocument(#"{"n":1,"s":"[]"}"#).root
        let (number, string) = try (#require(root["n"]), #require(root["s"]))
        #expect(number.string == nil && number.bool == nil && number["a"] == nil && number[0] == nil)
        #expect(string.int == nil && string.double == nil && string.number == nil && !string.isNull)
        #expect(Array(string.elements).isEmpty && Array(string.members).isEmpty && Array(root.elements).isEmpty)
    }

    @Test("a name is compared after unescaping, byte by byte")
    func names() throws {
        let root = try JSONDocument(#"{"\u006dodel":1,"mod":2,"model\u0000":3,"e\u0301":4}"#).root
        #expect(root["model"]?.int == 1)
        #expect(root["mod"]?.int == 2)
        #expect(root["model\u{0}"]?.int == 3)
        #expect(root["é"] == nil)
        #expect(root["e\u{301}"]?.int == 4)
        #expect(root[""] == nil)
    }

    @Test("members behind long values are found, at every depth")
    func longValues() throws {
        let long = JSONValue.string(String(repeating: "long \"text\" ", count: 100))
        let list = JSONValue.array((0..<200).map { ["id": .number(JSONNumber($0)), "text": long, "short": [1, 2]] })
        let value: JSONValue = ["first": long, "list": list, "empty": [], "nested": ["x": [long], "y": 2], "last": 3]
        let root = try JSONDocument(value.bytes).root
        #expect(root["last"]?.int == 3)
        #expect(root["nested"]?["y"]?.int == 2)
        #expect(root["list"]?[199]?["id"]?.int == 199)
        #expect(root["list"]?[77]?["short"]?[1]?.int == 2)
        #expect(root["list"]?[3]?["text"]?.path == "list[3].text")
        #expect(root["empty"]?.elements.first { _ in true } == nil)
        #expect(JSONValue(root) == value)
    }

    @Test(
        "an integer is what is written as one and fits",
        arguments: [
            ("0", 0), ("-0", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min), ("1.0", nil),
            ("1e2", nil),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1E0", nil),
        ] as [(String, Int?)]
    )
    func integers(text: String, expected: Int?) throws {
        #expect(try JSONDocument(text).root.int == expected)
    }

    @Test(
        "a double is the nearest one, or nothing beyond its range",
        arguments: [
            ("1e400", nil), ("-1e400", nil), ("1e-400", 0), ("0.1", 0.1), ("5e-324", .leastNonzeroMagnitude), ("1", 1),
            ("1.7976931348623157e308", .greatestFiniteMagnitude),
        ] as [(String, Double?)]
    )
    func doubles(text: String, expected: Double?) throws {
        #expect(try JSONDocument(text).root.double == expected)
    }

    @Test("an error describes itself with its code and byte")
    func description() {
        let error = #expect(throws: JSONError.self) { try JSONDocument("[1,]") }
        #expect(error?.description == "expected a value (syntax at byte 3)")
    }

    @Test("an integer is what is written as one and fits")
    func integers() throws {
        let texts = [
            "0", "-0", "7", "-7", "120", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "-9223372036854775809", "99999999999999999999", "1.0", "1e2", "-1E2", "1000000000000000000",
        ]
        for text in texts {
            #expect(try JSONDocument(text).root.int == Int(text), "\(text)")
            #expect(try JSONDocument("[\(text)]").root[0]?.int == Int(text), "\(text)")
        }
    }

    @Test("a value that was scanned as part of a text is read as the same value by itself")
    func scanned() throws {
        let long = String(repeating: "x", count: 400)
        let whole = try JSONDocument(#"{"a":{"b":[1,{"c":"\#(long)"}],"d":"é\u00e9","e":null},"f":1}"#)
        let part = try #require(whole.root["a"])
        let alone = JSONDocument(scanned: Array(part.raw)).root
        #expect(JSONValue(alone) == JSONValue(part))
        #expect(alone["b"]?[1]?["c"]?.string == long && alone["d"]?.string == "éé" && alone["e"]?.isNull == true)
        #expect(alone["f"] == nil)
    }
}
