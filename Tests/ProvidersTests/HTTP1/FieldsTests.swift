import Testing

@testable import Providers

@Suite struct FieldsTests {
    @Test("fields keep order and spelling, and are found in any case")
    func lookup() {
        var fields = Fields([("X-A", "1"), ("b", "2")])
        fields.append("x-a", "3")
        #expect(fields.first("x-A") == "1")
        #expect(fields.all("X-a") == ["1", "3"])
        #expect(fields.map(\.name) == ["X-A", "b", "x-a"])
        fields.set("B", "4")
        #expect(fields.all("b") == ["4"])
        fields.remove("x-a")
        #expect(fields.count == 1 && !fields.contains("X-A") && fields.contains("b"))
    }

    @Test("a description shows names only, because a value may be a secret")
    func description() {
        #expect("\(Fields([("authorization", "Bearer sk-canary"), ("b", "2")]))" == "authorization, b")
    }
}
