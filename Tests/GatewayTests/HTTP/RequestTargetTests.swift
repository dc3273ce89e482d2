import Dialects
import Testing

@testable import Gateway

@Suite("The request target")
struct RequestTargetTests {
    @Test(
        "a plain path is taken with its query as it stands",
        arguments: [
            ("/", "/", ""), ("/v1/responses", "/v1/responses", ""), ("/v1/responses?", "/v1/responses", "?"),
            ("/a?b=%2F&c=;//..", "/a", "?b=%2F&c=;//.."),
            ("/a?b?c", "/a", "?b?c"), ("/a.b/c..d", "/a.b/c..d", ""), ("/~a:b@c!$&'()*+,=", "/~a:b@c!$&'()*+,=", ""),
        ]
    )
    func plain(_ text: String, _ path: String, _ query: String) throws {
        let target = try RequestTarget(text)
        #expect(target.path == path)
        #expect(target.query == query)
    }

    @Test(
        "B7: what two readers could understand differently is refused",
        arguments: [
            "", "*", "a", "http://h/", "//", "//a", "/a//b", "/a/", "/.", "/..", "/a/../b", "/a/./b", "/.a", "/%61",
            "/a;b", "/a\\b", "/a b", "/a\u{7F}",
            "/a#b", "/a?b#c", "/é", "/a?\u{1}", "/a\n",
        ]
    )
    func odd(_ text: String) throws {
        if text == "/a/" { return #expect(try RequestTarget(text).path == "/a/") }
        let refusal = try #require(throws: Refusal.self) { _ = try RequestTarget(text) }
        #expect(refusal.body.status == 400)
        #expect(refusal.body.code == "invalid_request_target")
    }
}
