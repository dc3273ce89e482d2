import JSON
import Testing

@Suite("JSONWriter")
struct JSONWriterTests {
    @Test("puts commas and escapes")
    func writes() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("a", "q\"\\\n\u{1}é")
            writer.memberIfPresent("none", nil as Int?)
            writer.key("b")
            writer.array { writer in
                writer.int(-1)
                writer.double(0.5)
                writer.object { _ in }
                writer.null()
                writer.raw("[1]".utf8)
            }
            writer.member("c", true)
            writer.member("d", ["k": nil, "l": [1, 2.5, "x"]])
        }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":"q\"\\\n\u0001é","b":[-1,0.5,{},null,[1]],"c":true,"d":{"k":null,"l":[1,2.5,"x"]}}"#
        )
    }
}
