import JSON
import Testing

@Suite("JSONView, typed fields")
struct JSONViewFieldsTests {
    private func view(_ text: String) throws -> JSONView { try JSONDocument(text).root }

    private func error(_ body: () throws(JSONError) -> Void) -> JSONError? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "B5: 1e400, 1.5, −1, 2^63 and \"5\" for an integer are refused by the field's name",
        arguments: [
            ("1e400", JSONError.Code.outOfRange, "max_tokens must be from 1 to 4096, not 1e400"),
            ("1.5", .wrongType, "max_tokens must be an integer, not the number 1.5"),
            ("1.0", .wrongType, "max_tokens must be an integer, not the number 1.0"),
            ("1e2", .wrongType, "max_tokens must be an integer, not the number 1e2"),
            ("-1", .outOfRange, "max_tokens must be from 1 to 4096, not -1"),
            ("9223372036854775808", .outOfRange, "max_tokens must be from 1 to 4096, not 9223372036854775808"),
            ("4097", .outOfRange, "max_tokens must be from 1 to 4096, not 4097"),
            ("\"5\"", .wrongType, "max_tokens must be an integer, not a string"),
            ("true", .wrongType, "max_tokens must be an integer, not a boolean"),
            ("[5]", .wrongType, "max_tokens must be an integer, not an array"),
        ]
    )
    func integers(text: String, code: JSONError.Code, message: String) throws {
        let view = try view("{\"max_tokens\": \(text)}")
        let error = error { () throws(JSONError) in _ = try view.integer("max_tokens", in: 1...4096) }
        #expect(error == JSONError(code, at: 15, message, field: "max_tokens"))
    }

    @Test("B5: an error names the way to a nested field")
    func nestedPath() throws {
        let view = try view(#"{"messages":[{"role":"user"},{"content":[{},{"text":7}]}]}"#)
        let part = try #require(view["messages"]?[1]?["content"]?[1])
        let error = error { () throws(JSONError) in _ = try part.text("text") }
        #expect(error?.field == "messages[1].content[1].text")
        #expect(error?.code == .wrongType)
        #expect(error?.offset == 52)
    }

    @Test("absent and null are nil for every kind")
    func absent() throws {
        let view = try view(#"{"a":null}"#)
        for key in ["a", "b"] {
            #expect(try view.text(key) == nil)
            #expect(try view.integer(key) == nil)
            #expect(try view.number(key) == nil)
            #expect(try view.flag(key) == nil)
            #expect(try view.object(key) == nil)
            #expect(try view.array(key) == nil)
        }
    }

    @Test("fields of the right kind are read")
    func present() throws {
        let view = try view(#"{"t":"x","i":-9223372036854775808,"n":1e2,"f":false,"o":{"k":1},"a":[1,2]}"#)
        #expect(try view.text("t") == "x")
        #expect(try view.integer("i") == .min)
        #expect(try view.number("n", in: 0...100) == 100)
        #expect(try view.flag("f") == false)
        #expect(try view.object("o")?["k"]?.int == 1)
        #expect(try view.array("a")?.elements.map(\.int) == [1, 2])
        #expect(try view.required("t", view.text) == "x")
    }

    @Test("a required member that is absent or null is missing by its path")
    func required() throws {
        let view = try view(#"{"tools":[{"name":null}]}"#)
        let tool = try #require(view["tools"]?[0])
        let nested = error { () throws(JSONError) in _ = try tool.required("name", tool.text) }
        #expect(nested == JSONError(.missingMember, at: 10, "tools[0].name is missing", field: "tools[0].name"))
        let root = error { () throws(JSONError) in _ = try view.required("model", view.text) }
        #expect(root == JSONError(.missingMember, at: 0, "model is missing", field: "model"))
    }

    @Test("other kinds are refused by every accessor")
    func wrongKinds() throws {
        let view = try view(#"{"s":"x","n":1,"far":1e999}"#)
        #expect(error { () throws(JSONError) in _ = try view.text("n") }?.code == .wrongType)
        #expect(error { () throws(JSONError) in _ = try view.number("s") }?.code == .wrongType)
        #expect(error { () throws(JSONError) in _ = try view.number("far") }?.code == .outOfRange)
        #expect(error { () throws(JSONError) in _ = try view.flag("n") }?.code == .wrongType)
        #expect(error { () throws(JSONError) in _ = try view.object("n") }?.code == .wrongType)
        #expect(error { () throws(JSONError) in _ = try view.array("n") }?.code == .wrongType)
        let element = try JSONDocument("[1]").root
        #expect(
            error { () throws(JSONError) in _ = try element.text("x") }?.message
                == "the root must be an object, not an array"
        )
    }

    @Test("a long number is cut in the message")
    func longNumber() throws {
        let view = try view(#"{"n":\#(String(repeating: "9", count: 1000))}"#)
        let message = error { () throws(JSONError) in _ = try view.integer("n", in: 0...1) }?.message
        #expect(message == "n must be from 0 to 1, not \(String(repeating: "9", count: 32))…")
    }
}
