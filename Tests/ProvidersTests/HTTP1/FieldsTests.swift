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

    @Test("names are compared byte by byte without regard to case, of letters alone")
    func names() {
        // Every byte at every place within eight, against every other.
        for length in [1, 7, 8, 9, 16, 17] {
            for one in UInt8.min ... .max {
                for other in [one, one ^ 0x20, one &+ 1, 0x40, 0x5B, 0x60, 0x7B] {
                    let place = Int(one) % length
                    var (left, right) = (
                        [UInt8](repeating: 0x61, count: length), [UInt8](repeating: 0x41, count: length)
                    )
                    (left[place], right[place]) = (one, other)
                    let expected = ASCII.lower(one) == ASCII.lower(other)
                    let isEqual = left.withUnsafeBytes { left in
                        right.withUnsafeBytes { ASCII.areEqual(left, $0) }
                    }
                    #expect(isEqual == expected, "\(one) and \(other) at \(place) of \(length)")
                }
            }
        }
    }
}
