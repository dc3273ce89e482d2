import JSON
import Testing

@Suite("Reading in place")
struct JSONPlaceTests {
    /// The names and strings of an object, as they are handed over.
    private func pairs(_ text: String) throws(JSONError) -> [String] {
        try JSONPlace.scan(Array(text.utf8).span.bytes) { root in
            var pairs: [String] = []
            _ = root.members { name, value in
                pairs.append("\(name.string ?? "")=\(value.string ?? "\(value.kind)")")
                return true
            }
            return pairs
        }
    }

    @Test("members come in their order, at any white space")
    func members() throws {
        #expect(
            try pairs(#"{"a":"x","b\n":{"c":"d"},"e":[1,"]"],"f":null}"#) == ["a=x", "b\n=object", "e=array", "f=null"]
        )
        #expect(try pairs(" { \"a\" :\n\"x\\u00e9\" ,\t\"b\" : -1.5e3 } ") == ["a=xé", "b=number"])
        #expect(try pairs("{}").isEmpty && pairs("[1]").isEmpty && pairs("{ }").isEmpty)
    }

    @Test(
        "what is not JSON is refused as ever",
        arguments: ["", "{", #"{"a":1,"a":2}"#, #"{"a":}"#, "{} x", #"["\x"]"#]
    )
    func faults(_ text: String) {
        #expect(throws: JSONError.self) { try pairs(text) }
    }

    @Test("a walk ends where it is told to")
    func ends() throws {
        let text = Array(#"{"a":1,"b":2,"c":3}"#.utf8)
        let (seen, isWhole) = try JSONPlace.scan(text.span.bytes) { root in
            var seen = 0
            let isWhole = root.members { name, _ in
                seen += 1
                return !name.isWritten("b")
            }
            return (seen, isWhole)
        }
        #expect(seen == 2 && !isWhole)
    }

    @Test(
        "an only element is one without neighbours",
        arguments: [("[1]", true), ("[ {\"a\":[1,2]} ]", true), ("[]", false), ("[1,2]", false), ("{}", false)]
    )
    func onlyElement(_ text: String, _ isThere: Bool) throws {
        #expect(try JSONPlace.scan(Array(text.utf8).span.bytes) { $0.onlyElement != nil } == isThere)
    }

    @Test("a string is compared as it is written")
    func written() throws {
        let text = Array(#"["abc","ab","\u0061bc",0,10]"#.utf8)
        let root = try JSONDocument(text).root
        let expected: [(Bool, Bool)] = [(true, false), (false, false), (false, false), (false, true), (false, false)]
        for (element, (isWritten, isZero)) in zip(root.elements, expected) {
            try JSONPlace.scan(Array(element.raw).span.bytes) { place in
                #expect(place.isWritten("abc") == isWritten)
                #expect(place.isZero == isZero)
            }
        }
    }

    @Test("one string is read within bytes that are known already")
    func string() throws {
        let text = Array(#"{"a":"x\n\ud83d\ude00é","b":1}"#.utf8)
        let read = try JSONString.read(text.span.bytes, from: 6)
        #expect(read.text == "x\n😀é")
        #expect(text[read.end] == UInt8(ascii: "\""))
        for bad in [#"{"a":"x"#, #"{"a":"\ud83d""#, "{\"a\":\"\u{1}\""] {
            #expect(throws: JSONError.self) { try JSONString.read(Array(bad.utf8).span.bytes, from: 6) }
        }
    }
}
