import NIOCore
import Testing

@testable import Providers

@Suite("Responses out of bytes") struct ResponseDecoderTests {
    /// What came out, one line each; "…" where the connection's end completes the body.
    private static func read(_ chunks: [[UInt8]], answersHead: Bool = false) throws(HTTPSyntaxError) -> [String] {
        var decoder = ResponseDecoder(headBytes: 1_000, fields: 8)
        decoder.begin(answersHead: answersHead)
        var seen: [String] = []
        var body = ""
        for chunk in chunks {
            decoder.append(ByteBuffer(bytes: chunk))
            while let part = try decoder.next() {
                switch part {
                case .head(let status, let fields, let keepsAlive): seen.append("\(status) \(keepsAlive) \(fields)")
                case .body(let bytes): body += String(buffer: bytes)
                case .end: seen.append("body \(body)")
                }
            }
        }
        if decoder.endsWithConnection { seen.append("body \(body)…") }
        return seen + (decoder.hasBytes ? ["more"] : [])
    }

    @Test(
        "a response is the same at every chunking",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", ["200 true Content-Length", "body hi"]),
            ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", ["200 true Content-Length", "body "]),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 \r\n\r\n", ["204 true ", "body "]),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", ["304 true Content-Length", "body "]),
            ("HTTP/1.0 200 OK\r\n\r\nrest", ["200 false ", "body rest…"]),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
                ["200 true Transfer-Encoding", "body hi"]
            ),
            (
                "HTTP/1.1 503 é ü\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
                ["503 false Connection, Content-Length", "body x"]
            ),
        ]
    )
    func everyChunking(_ text: String, _ expected: [String]) throws {
        let bytes = Array(text.utf8)
        #expect(try Self.read([bytes]) == expected)
        #expect(try Self.read(bytes.map { [$0] }) == expected)
        for place in bytes.indices.dropFirst() {
            #expect(try Self.read([Array(bytes[..<place]), Array(bytes[place...])]) == expected)
        }
    }

    @Test("the answer to HEAD has no body, and what stands behind an answer is noticed")
    func leftovers() throws {
        let text = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n".utf8)
        #expect(try Self.read([text], answersHead: true) == ["200 true Content-Length", "body "])
        #expect(try Self.read([text + Array("hi!".utf8)]) == ["200 true Content-Length", "body hi", "more"])
    }

    @Test(
        "what is no response is refused",
        arguments: [
            "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 No\r\n\r\n",
            "HTTP/2 200\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        ]
    )
    func notHTTP(_ text: String) {
        #expect(throws: HTTPSyntaxError.self) { try Self.read([Array(text.utf8)]) }
    }
}
