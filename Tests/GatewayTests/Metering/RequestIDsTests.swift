import Testing

@testable import Gateway

@Suite("Request ids")
struct RequestIDsTests {
    @Test("an id is req_ and 24 hexadecimal digits")
    func form() {
        var generator = SystemRandomNumberGenerator()
        var ids = RequestIDs(using: &generator)
        for _ in 0..<100 {
            let id = ids.next()
            #expect(id.hasPrefix("req_") && id.utf8.count == 28)
            #expect(id.dropFirst(4).allSatisfy { "0123456789abcdef".contains($0) })
        }
    }

    @Test("no two ids of two loops are alike")
    func unique() {
        var generator = SystemRandomNumberGenerator()
        var (one, two) = (RequestIDs(using: &generator), RequestIDs(using: &generator))
        let ids = Set((0..<20_000).flatMap { _ in [one.next(), two.next()] })
        #expect(ids.count == 40_000)
    }
}
