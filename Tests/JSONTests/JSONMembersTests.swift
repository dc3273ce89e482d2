import Testing

@testable import JSON

@Suite("An object's members, found in one pass")
struct JSONMembersTests {
    private static let long = String(repeating: "x", count: 400)

    private func members(_ text: String) throws -> JSONMembers {
        JSONMembers(try JSONDocument(text).root)
    }

    @Test("Members are found by their names, however they are written")
    func found() throws {
        let members = try members(#" { "a" : 1 , "b\n":{"a":2},"\u0063":"x", "é":[] } "#)
        #expect(members["a"]?.int == 1)
        #expect(members["b\n"]?["a"]?.int == 2)
        #expect(members["c"]?.string == "x")
        #expect(members["é"]?.kind == .array)
        #expect(members["e\u{301}"] == nil)
        #expect(members["b"] == nil)
        #expect(members.all.map(\.key) == ["a", "b\n", "c", "é"])
    }

    @Test("A member that is null is absent")
    func null() throws {
        let members = try members(#"{"a":null,"b":0}"#)
        #expect(members["a"] == nil)
        #expect(!members.has("a"))
        #expect(members.all.map(\.key) == ["b"])
    }

    @Test("What is taken is not there any more")
    func taken() throws {
        var members = try members(#"{"a":1,"long":"\#(Self.long)","b":[2],"id":3}"#)
        #expect(members.take("long")?.string == Self.long)
        #expect(members.take("long") == nil)
        #expect(members.take("a")?.int == 1)
        #expect(members.has("b"))
        #expect(members.others(than: ["id", "type"]).map(\.key) == ["b"])
        #expect(members.all.map(\.key) == ["b", "id"])
    }

    @Test("Other kinds have no members", arguments: ["1", "[1]", #""a""#, "null", "{}", "{ }"])
    func empty(text: String) throws {
        #expect(try members(text).all.isEmpty)
    }

    @Test("It finds what the view's own way finds", arguments: 0..<200)
    func same(seed: Int) throws {
        var generator = Generator(seed: UInt64(seed))
        let text = JSONValue.object(generator.object(depth: 1)).bytes
        let view = try JSONDocument(text).root
        let found = JSONMembers(view).all
        let expected = view.members.filter { !$0.value.isNull }
        #expect(found.map(\.key) == expected.map(\.key))
        #expect(found.map(\.value.range) == expected.map(\.value.range))
        for (key, value) in expected { #expect(JSONMembers(view)[key]?.range == value.range) }
    }
}
