import NIOCore
import Testing

@testable import Providers

@Suite("Requests out of bytes") struct RequestDecoderTests {
    /// What came out, one line each.
    static func read(_ chunks: [[UInt8]], headBytes: Int = 1_000, fields: Int = 8) throws(HTTPSyntaxError) -> [String] {
        var decoder = RequestDecoder(headBytes: headBytes, fields: fields)
        var seen: [String] = []
        var body = ""
        for chunk in chunks {
            decoder.append(ByteBuffer(bytes: chunk))
            while let part = try decoder.next() {
                switch part {
                case .head(let head):
                    let fields = head.fields.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
                    seen.append("\(head.method) \(head.target) 1.\(head.minorVersion) \(head.keepsAlive) \(fields)")
                case .body(let bytes): body += String(buffer: bytes)
                case .end:
                    seen.append("body \(body)")
                    body = ""
                }
            }
        }
        return seen
    }

    private static let conversation = """
        \r\nPOST /v1/responses?a=b HTTP/1.1\r\nHost: here:1\r\nX:\t a b \t\r\nEmpty:\r\nContent-Length: 5\r\n\r\nhello\
        GET /health HTTP/1.0\r\n\r\n\
        POST /x HTTP/1.1\r\ntransfer-encoding: Chunked\r\nconnection: close\r\n\r\n\
        3;ext="y"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n\
        HEAD / HTTP/1.0\r\nConnection: Keep-Alive, x\r\n\r\n
        """

    @Test("one connection's requests are the same at every chunking")
    func everyChunking() throws {
        let bytes = Array(Self.conversation.utf8)
        let expected = [
            "POST /v1/responses?a=b 1.1 true Host=here:1&X=a b&Empty=&Content-Length=5", "body hello",
            "GET /health 1.0 false ", "body ",
            "POST /x 1.1 false transfer-encoding=Chunked&connection=close", "body abc0123456789",
            "HEAD / 1.0 true Connection=Keep-Alive, x", "body ",
        ]
        #expect(try Self.read([bytes]) == expected)
        #expect(try Self.read(bytes.map { [$0] }) == expected)
        for place in bytes.indices.dropFirst() {
            #expect(try Self.read([Array(bytes[..<place]), Array(bytes[place...])]) == expected)
        }
    }

    @Test(
        "what is no request of HTTP/1 is told from what is another version",
        arguments: [
            ("\u{16}\u{3}\u{1}", HTTPSyntaxError.badStart), ("GET / HTTP/1.1\nHost: a\r\n", .badStart),
            ("GET  / HTTP/1.1\r\n\r\n", .badStart), ("GET /\r\n\r\n", .badStart), ("GET / http/1.1\r\n\r\n", .badStart),
            ("GET / HTTP/2.0\r\n\r\n", .wrongVersion), ("GET / HTTP/1.2\r\n\r\n", .wrongVersion),
            ("GET / HTTP/1.1\r\nA : b\r\n\r\n", .badField), ("GET / HTTP/1.1\r\n: b\r\n\r\n", .badField),
            ("GET / HTTP/1.1\r\nA: b\u{1}\r\n\r\n", .badField), ("GET / HTTP/1.1\r\nA\r\n\r\n", .badField),
        ]
    )
    func badHeads(_ text: String, _ error: HTTPSyntaxError) {
        #expect(throws: error) { try Self.read([Array(text.utf8)]) }
        #expect(throws: error) { try Self.read(Array(text.utf8).map { [$0] }) }
    }

    @Test(
        "a length that is no plain number, or a second one, or one beside chunks, is refused",
        arguments: [
            "Content-Length: +5", "Content-Length: 5, 5", "Content-Length: 0x5", "Content-Length:",
            "Content-Length: 9223372036854775808", "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
        ]
    )
    func badFraming(_ fields: String) {
        #expect(throws: HTTPSyntaxError.badFraming) {
            try Self.read([Array("POST / HTTP/1.1\r\n\(fields)\r\n\r\n".utf8)])
        }
    }

    @Test("a head has its limits, whole or on its way")
    func limits() throws {
        let many = "GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 9) + "\r\n"
        #expect(throws: HTTPSyntaxError.headTooLarge) { try Self.read([Array(many.utf8)]) }
        let long = "GET / HTTP/1.1\r\nA: " + String(repeating: "b", count: 1_000)
        #expect(throws: HTTPSyntaxError.headTooLarge) { try Self.read([Array(long.utf8)]) }
        #expect(throws: HTTPSyntaxError.headTooLarge) { try Self.read([Array((long + "\r\n\r\n").utf8)]) }
    }

    @Test("no damage makes the decoder crash, or see a request where there is none")
    func damage() {
        let text = Array(Self.conversation.utf8)
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var bytes = text
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                bytes[Int.random(in: bytes.indices, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            let cut = Int.random(in: 0...bytes.count, using: &numbers)
            let whole = Result { try Self.read([bytes]) }
            let parts = Result { try Self.read([Array(bytes[..<cut]), Array(bytes[cut...])]) }
            #expect((try? whole.get()) == (try? parts.get()))
        }
    }
}
