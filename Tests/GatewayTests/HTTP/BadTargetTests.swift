import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Targets and methods that are refused")
struct BadTargetTests {
    @Test(
        "B6: a wrong method is a 405 with Allow",
        arguments: ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]
    )
    func wrongMethod(_ method: String) async throws {
        try await withGateway(answers: []) { gateway, upstream in
            for sample in Sample.allCases {
                let answer = try await gateway.send(RawRequest.head(method, sample.path, [("Host", "localhost")]))
                #expect(answer.status == 405)
                #expect(answer.field("allow") == "POST")
                #expect(answer.bodyText.hasPrefix(sample.errorMark))
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B6: the lists take GET alone", arguments: ["/v1/models", "/health"])
    func wrongMethodForLists(_ path: String) async throws {
        try await withGateway(answers: []) { gateway, _ in
            let answer = try await gateway.send(RawRequest.post(path, "{}"))
            #expect(answer.status == 405)
            #expect(answer.field("allow") == "GET, HEAD")
        }
    }

    @Test("B6: an unknown method is refused", arguments: ["BREW", "get", "G@T", ""])
    func unknownMethod(_ method: String) async throws {
        try await withGateway(answers: []) { gateway, upstream in
            let answer = try await gateway.send("\(method) /v1/responses HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect([400, 405].contains(answer.status))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test(
        "B7: a path that two readers could understand differently is refused",
        arguments: [
            "//v1/responses", "/v1//responses", "/v1/%2e%2e/responses", "/v1/./responses", "/v1/../v1/responses",
            "/v1%2fresponses",
            "/v1/responses;x=1", "/v1/responses%00", "/v1\\responses", "/v1/responses%20", "/./v1/responses",
            "/v1/.responses",
            "http://localhost/v1/responses", "https://evil/v1/responses", "localhost:80", "*", "v1/responses",
            "/v1/responses#x",
            "/v1/responses?a#b", "/v1/r\u{E9}sponses",
        ]
    )
    func ambiguousPath(_ target: String) async throws {
        try await withGateway(answers: []) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post(target, Sample.responses.body()))
            #expect(answer.status == 400)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test(
        "B7: a path that is none is a 404 in the caller's dialect",
        arguments: [
            "/x", "/v1", "/v1/", "/v1/responses/", "/V1/responses", "/v1/Responses", "/v1/responsesx", "/v1/chat",
            "/metrics", "/status",
        ]
    )
    func unknownPath(_ target: String) async throws {
        try await withGateway(answers: []) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post(target, "{}"))
            #expect(answer.status == 404)
            #expect(answer.bodyText.hasPrefix(#"{"error":{"#))
            let messages = try await gateway.send(
                RawRequest.post(target, "{}", fields: [("anthropic-version", "2023-06-01")])
            )
            #expect(messages.status == 404)
            #expect(messages.bodyText.hasPrefix(Sample.messages.errorMark))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test(
        "B7: a Host that is no host is a 400 and closes",
        arguments: [
            "localhost?", "localhost#x", "user@localhost", "localhost/x", "localhost:80:80", "localhost:x",
            "localhost,evil", "", " ",
            "[::1", "[::1]x", "local host", "localhost:123456", "%6cocalhost",
        ]
    )
    func badHost(_ host: String) async throws {
        try await withGateway(answers: []) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(RawRequest.post("/v1/responses", Sample.responses.body(), host: host))
            #expect(try await client.answer().status == 400)
            _ = try await client.untilClosed()
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B7: a missing or a doubled Host is a 400", arguments: ["/v1/responses", "/health", "/v1/models"])
    func hostCount(_ path: String) async throws {
        try await withGateway(answers: []) { gateway, _ in
            let missing = try await gateway.send(RawRequest.get(path, host: nil))
            #expect(missing.status == 400)
            let doubled = try await gateway.send(RawRequest.get(path, fields: [("Host", "localhost")]))
            #expect(doubled.status == 400)
            let tricks = [("Host", "localhost"), ("Origin", "x"), ("Origin", "x")]
            let disguised = try await gateway.send(RawRequest.get(path, fields: tricks))
            #expect(disguised.status == 400)
        }
    }

    @Test(
        "B8: a control character in a field or a path is a 400 and closes",
        arguments: [
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX-Provider: a\rb\r\n",
            "POST /v1/responses\u{1} HTTP/1.1\r\nHost: localhost\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX-A: b\u{0}c\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX-A: b\u{7F}c\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX-A\u{1}: c\r\n",
            "POST /v1/res\tponses HTTP/1.1\r\nHost: localhost\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX-Provider: house\u{B}\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n: empty\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nno-colon\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX(y): z\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX y: z\r\n",
        ]
    )
    func controls(_ head: String) async throws {
        try await withGateway(answers: [Sample.responses.answer(stream: false)]) { gateway, upstream in
            let body = Sample.responses.body()
            let client = try await gateway.connect()
            try await client.send(
                head + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
            )
            #expect(try await client.answer().status == 400)
            _ = try await client.untilClosed()
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B10: more than 100 fields or 32 KiB of them are a 431 and close")
    func manyFields() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, upstream in
            let three = 3
            for fields in [
                (three..<101).map { ("X-\($0)", "y") }, [("X-Long", String(repeating: "y", count: 33_000))],
                (0..<40).map { ("X-\($0)", String(repeating: "y", count: 1000)) },
                [(String(repeating: "y", count: 33_000), "x")],
            ] {
                let client = try await gateway.connect()
                client.post(Sample.chat.request(fields: fields))
                #expect(try await client.answer().status == 431)
                _ = try await client.untilClosed()
            }
            let client = try await gateway.connect()
            client.post(RawRequest.get("/" + String(repeating: "y", count: 40_000)))
            #expect(try await client.answer().status == 431)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B10: exactly 100 fields pass")
    func exactlyTheLimit() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let fields = (3..<100).map { ("X-\($0)", "y") }
            let answer = try await gateway.send(Sample.chat.request(fields: fields))
            #expect(answer.status == 200)
        }
    }

    @Test("B10: a head that never ends is bounded")
    func endlessHead() async throws {
        try await withGateway(answers: []) { gateway, _ in
            let client = try await gateway.connect()
            client.post("GET /health HTTP/1.1\r\nX: ")
            for _ in 0..<64 { client.post(String(repeating: "y", count: 4096)) }
            #expect(try await client.answer().status == 431)
        }
    }
}
