import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("B9: framing that two readers could understand differently")
struct SmugglingTests {
    private static let start = "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    private static let body = Sample.responses.body()
    private static let length = "Content-Length: \(body.utf8.count)\r\n"
    private static let chunked = "Transfer-Encoding: chunked\r\n"
    private static let chunks = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
    /// A second request, which must never be seen.
    private static let smuggled = "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n\(length)\r\n\(body)"

    /// Expects a 400, the connection's end, and that nothing went up.
    private func refused(_ request: String, statuses: [Int] = [400]) async throws {
        try await withGateway(answers: [Sample.responses.answer(stream: false)]) { gateway, upstream in
            let client = try await gateway.connect()
            client.post(request + Self.smuggled)
            let text = try await client.untilClosed(within: .seconds(10))
            let status = Int(text.dropFirst(9).prefix(3))
            #expect(status.map(statuses.contains) == true, "\(text)")
            #expect(text.ranges(of: "x-request-id: ").count == 1, "\(text)")
            #expect(upstream.requests.isEmpty)
            try await gateway.isIdle()
        }
    }

    @Test(
        "B9: a length together with chunks",
        arguments: [
            length + chunked, chunked + length, "Content-Length: 0\r\n" + chunked, chunked + "content-length: 4\r\n",
        ]
    )
    func lengthAndChunks(_ fields: String) async throws {
        try await refused(Self.start + fields + "\r\n" + Self.chunks)
    }

    @Test(
        "B9: two lengths, or a length that is no plain number",
        arguments: [
            length + length, length + "Content-Length: 5\r\n", "Content-Length: +5\r\n", "Content-Length: 5, 5\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 0x10\r\n", "Content-Length: 5_0\r\n", "Content-Length: 1e1\r\n", "Content-Length: \r\n",
            "Content-Length: 5 5\r\n", "Content-Length: 5;\r\n", "Content-Length: 99999999999999999999\r\n",
            "Content-Length: ٣\r\n",
            "Content-Length: 5\u{B}\r\n", "Content-Length : \(body.utf8.count)\r\n", "Content-Length\t: 5\r\n",
        ]
    )
    func lengths(_ fields: String) async throws {
        try await refused(Self.start + fields + "\r\n" + Self.body)
    }

    @Test(
        "B9: a transfer coding that is not exactly chunked",
        arguments: [
            "Transfer-Encoding\u{B}: chunked\r\n", "Transfer-Encoding : chunked\r\n", "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: identity\r\n", "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked, chunked\r\n",
            "Transfer-Encoding: \u{B}chunked\r\n", "Transfer-Encoding:\u{C}chunked\r\n",
            "Transfer-Encoding: \"chunked\"\r\n",
            "Transfer-Encoding: chunked;a=b\r\n", "Transfer-Encoding: \r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
            "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\u{B}\r\n",
            "Transfer-Encoding: chunked,\r\n",
            " Transfer-Encoding: chunked\r\n", "X: y\r\n Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding:\r\n chunked\r\n",
        ]
    )
    func transferCodings(_ fields: String) async throws {
        try await refused(Self.start + fields + "\r\n" + Self.chunks)
    }

    @Test("B9: chunks in HTTP/1.0")
    func chunksInOldVersion() async throws {
        let old = "POST /v1/responses HTTP/1.0\r\nHost: localhost\r\n"
        try await refused(old + Self.chunked + "\r\n" + Self.chunks)
    }

    @Test(
        "B9: a chunk's size that is no plain hexadecimal number, and bare line feeds among chunks",
        arguments: [
            "0x5\r\nhello\r\n0\r\n\r\n", "5_\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n",
            "-5\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n",
            "5 \r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r\n0\n\r\n",
            "5\r\nhello\r\n0\r\n\n",
            "5\rhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n",
            "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
            "5;a\nb\r\nhello\r\n0\r\n\r\n", "5;a\u{0}\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n\r\n0\r\n\r\n", "5\t\r\nhello\r\n0\r\n\r\n",
            "g\r\nhello\r\n0\r\n\r\n", "5,\r\nhello\r\n0\r\n\r\n", "0\r\nX y: z\r\n\r\n", "0\r\nX: y\n\r\n",
            "0\r\n Folded: z\r\n\r\n",
        ]
    )
    func chunkSizes(_ chunks: String) async throws {
        try await refused(Self.start + Self.chunked + "\r\n" + chunks)
    }

    @Test(
        "B9: bare line feeds and folded lines in a head",
        arguments: [
            "POST /v1/responses HTTP/1.1\nHost: localhost\r\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n\(length)\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX: y\nZ: w\r\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX: y\r\n z\r\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\tz\r\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost:\r\n localhost\r\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1\r\n Host: localhost\r\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1\rHost: localhost\r\n\(length)\r\n",
            "POST\t/v1/responses HTTP/1.1\r\nHost: localhost\r\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1 \r\nHost: localhost\r\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n\(length)\r",
            "POST /v1/responses HTTP/1.1\r\nHost : localhost\r\n\(length)\r\n",
            "POST /v1/responses HTTP/1.1\n\nHost: localhost\r\n\(length)\r\n",
            "POST /v1/responses\r\nHost: localhost\r\n\(length)\r\n",
            " POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n\(length)\r\n",
        ]
    )
    func lineFeeds(_ head: String) async throws {
        try await refused(head + Self.body, statuses: [400, 505])
    }

    @Test(
        "B9: other versions of HTTP",
        arguments: ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/3", "HTTP/11.1", "http/1.1", "ICE/1.1", "HTTP/1.1x"]
    )
    func versions(_ version: String) async throws {
        try await refused(
            "POST /v1/responses \(version)\r\nHost: localhost\r\n\(Self.length)\r\n" + Self.body,
            statuses: [400, 505]
        )
    }

    @Test(
        "B9: an HTTP/2 preface and a TLS hello are no HTTP/1.1",
        arguments: ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}"]
    )
    func otherProtocols(_ bytes: String) async throws {
        try await refused(bytes, statuses: [400, 505])
    }

    @Test("B9: a faulty request behind a good one closes the connection after the good answer")
    func behindAGoodOne() async throws {
        try await withGateway(answers: [Sample.responses.answer(stream: false)]) { gateway, upstream in
            let client = try await gateway.connect()
            client.post(Self.smuggled + Self.start + Self.length + Self.chunked + "\r\n" + Self.chunks)
            let text = try await client.untilClosed(within: .seconds(10))
            #expect(text.hasPrefix("HTTP/1.1 200"))
            #expect(upstream.requests.count == 1)
        }
    }

    @Test("B9: a fault in the middle of a chunked body refuses the whole request")
    func inTheMiddle() async throws {
        let half = "1\r\n{\r\n"
        try await refused(Self.start + Self.chunked + "\r\n" + half + "0x1\r\n}\r\n0\r\n\r\n")
    }

    @Test("chunk extensions and trailers are thrown away")
    func trailersAreDropped() async throws {
        let chunks =
            "\(String(Self.body.utf8.count, radix: 16));a=b\r\n\(Self.body)\r\n0\r\nX-Provider: nobody\r\nAuthorization: x\r\n\r\n"
        try await withGateway(answers: [Sample.responses.answer(stream: false)]) { gateway, upstream in
            #expect(try await gateway.send(Self.start + Self.chunked + "\r\n" + chunks).status == 200)
            let request = try await upstream.request()
            #expect(request.bodyText == Self.body)
            #expect(!request.headText.lowercased().contains("x-provider"))
        }
    }
}
