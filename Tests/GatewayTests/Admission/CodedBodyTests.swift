import Dialects
import NIOCore
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Request bodies in a coding")
struct CodedBodyTests {
    /// Long enough for several pieces, and neither all alike nor all different.
    private static let text = Array((0..<9_000).map { "item \($0 % 97) of \($0 % 31), " }.joined().utf8)

    /// Undoes a coding, fed in pieces of one size.
    private static func inflated(_ bytes: [UInt8], _ coding: BodyCoding, by size: Int) throws(Refusal) -> [UInt8] {
        let inflater = BodyInflater(coding)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
            try inflater.take(piece) { output += $0.readableBytesView }
        }
        try inflater.finish()
        return output
    }

    // MARK: The decoders

    @Test(
        "a body comes out as it was, however it is cut",
        arguments: BodyCoding.allCases,
        [1, 2, 3, 7, 64, 4_096, 1 << 20]
    )
    func roundTrip(_ coding: BodyCoding, _ size: Int) throws {
        let coded = Coder.encode(Self.text, as: coding)
        #expect(coded.count < Self.text.count)
        #expect(try Self.inflated(coded, coding, by: size) == Self.text)
    }

    @Test(
        "a body in two parts, each with an end of its own, is one body",
        arguments: [BodyCoding.gzip, .zstd],
        [1, 5, 1 << 20]
    )
    func severalParts(_ coding: BodyCoding, _ size: Int) throws {
        let half = Self.text.count / 2
        let coded =
            Coder.encode(Array(Self.text[..<half]), as: coding) + Coder.encode(Array(Self.text[half...]), as: coding)
        #expect(try Self.inflated(coded, coding, by: size) == Self.text)
    }

    @Test("B3: a body that ends early is refused, wherever it is cut", arguments: BodyCoding.allCases)
    func truncated(_ coding: BodyCoding) {
        let coded = Coder.encode(Array(Self.text.prefix(300)), as: coding)
        for count in 0..<coded.count {
            let refusal = #expect(throws: Refusal.self) { try Self.inflated(Array(coded[..<count]), coding, by: 16) }
            #expect(refusal?.body.code == "invalid_content_encoding")
        }
    }

    @Test("B3: a damaged body is refused, or its damage changed nothing", arguments: BodyCoding.allCases)
    func damaged(_ coding: BodyCoding) {
        let text = Array(Self.text.prefix(300))
        let coded = Coder.encode(text, as: coding)
        var refused = 0
        for place in coded.indices {
            var bytes = coded
            bytes[place] ^= 0x41
            do throws(Refusal) {
                #expect(try Self.inflated(bytes, coding, by: 16) == text)
            } catch {
                refused += 1
                #expect(error.body.status == 400)
            }
        }
        #expect(refused > coded.count / 2)
    }

    @Test("B3: bytes behind a body's end are refused", arguments: BodyCoding.allCases)
    func trailing(_ coding: BodyCoding) {
        let coded = Coder.encode(Self.text, as: coding) + Array("more".utf8)
        for size in [1, 1 << 20] {
            #expect(throws: Refusal.self) { try Self.inflated(coded, coding, by: size) }
        }
    }

    @Test("B3: a bare deflate stream is none in the zlib format")
    func bareDeflate() {
        #expect(throws: Refusal.self) {
            try Self.inflated(Coder.deflated(Self.text, windowBits: -15), .deflate, by: 1 << 20)
        }
    }

    @Test(
        "B3: a zstd frame may make the decoder keep 8 MiB and no more",
        arguments: [(23, true), (24, false), (27, false)]
    )
    func window(_ log: Int32, _ isTaken: Bool) {
        let text = [UInt8](repeating: 0x20, count: 20 << 20)
        let coded = Coder.zstd(text, windowLog: log, tellsSize: false)
        let inflater = BodyInflater(.zstd)
        var count = 0
        var isRefused = false
        do throws(Refusal) {
            try inflater.take(ByteBuffer(bytes: coded)) { count += $0.readableBytes }
        } catch {
            isRefused = true
        }
        #expect(isRefused != isTaken)
        #expect(count == (isTaken ? text.count : 0))
        #expect(inflater.memory < 12 << 20)
    }

    @Test("B3: nothing more comes out of a bomb once it is refused", arguments: BodyCoding.allCases)
    func bomb(_ coding: BodyCoding) {
        let coded = Coder.encode([UInt8](repeating: 0x20, count: 64 << 20), as: coding)
        #expect(coded.count < 100_000)
        var count = 0
        let refusal = #expect(throws: Refusal.self) {
            try BodyInflater(coding).take(ByteBuffer(bytes: coded)) { (piece) throws(Refusal) in
                count += piece.readableBytes
                if count > 1 << 20 { throw Refusal(.bodyTooLarge) }
            }
        }
        #expect(refusal?.body.code == "request_too_large")
        #expect(count <= 1 << 20 + 64 << 10)
    }

    // MARK: Over the wire

    private static func request(
        _ body: [UInt8],
        _ coding: String,
        path: String = Sample.chat.path,
        isChunked: Bool = false
    ) -> [UInt8] {
        var fields = [("Host", "localhost"), ("Content-Type", "application/json"), ("Content-Encoding", coding)]
        guard isChunked else {
            fields.append(("Content-Length", "\(body.count)"))
            return Array(RawRequest.head("POST", path, fields).utf8) + body
        }
        fields.append(("Transfer-Encoding", "chunked"))
        let chunks = stride(from: 0, to: body.count, by: 11).flatMap { start -> [UInt8] in
            let piece = body[start..<min(start + 11, body.count)]
            return Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
        }
        return Array(RawRequest.head("POST", path, fields).utf8) + chunks + Array("0\r\n\r\n".utf8)
    }

    private static func send(_ bytes: [UInt8], to gateway: GatewayUnderTest) async throws -> RawAnswer {
        let client = try await gateway.connect()
        defer { client.close() }
        client.post(bytes)
        return try await client.answer()
    }

    @Test(
        "the provider gets the body without its coding",
        arguments: ["gzip", "GZIP", "x-gzip", "deflate", "zstd"],
        [true, false]
    )
    func forwarded(_ name: String, _ isChunked: Bool) async throws {
        let coding = BodyCoding(rawValue: name.lowercased()) ?? .gzip
        let body = Sample.chat.body(extra: #""user":"\#(String(repeating: "é", count: 50_000))","#)
        let coded = Coder.encode(Array(body.utf8), as: coding)
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, upstream in
            let answer = try await Self.send(Self.request(coded, name, isChunked: isChunked), to: gateway)
            #expect(answer.status == 200)
            let received = try await upstream.request()
            #expect(received.bodyText == body)
            #expect(received.field("content-encoding") == nil)
            #expect(received.field("content-length") == "\(body.utf8.count)")
            #expect(try await gateway.log.record().number("bytes_in") == body.utf8.count)
        }
    }

    @Test("a coded body is translated like any other", arguments: Side.allCases)
    func translated(_ side: Side) async throws {
        let body = Array(Side.responses.body(stream: false).utf8)
        let request = Self.request(Coder.encode(body, as: .zstd), "zstd", path: Side.responses.path)
        try await withPair(Pair(caller: .responses, provider: side), answers: [side.answer(stream: false)]) {
            gateway,
            _ in
            let answer = try await Self.send(request, to: gateway)
            #expect(Side.responses.text(ofWhole: answer.bodyText) == "Hello")
        }
    }

    @Test("B2: what the gateway checks is what was inflated", arguments: BodyCoding.allCases)
    func checked(_ coding: BodyCoding) async throws {
        let coded = Coder.encode(Array(#"{"model":"m","model":"n","messages":[]}"#.utf8), as: coding)
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, upstream in
            let answer = try await Self.send(Self.request(coded, coding.rawValue), to: gateway)
            #expect(answer.status == 400)
            #expect(answer.bodyText.contains("json_duplicate_key"))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B3: a bomb is a 413 before it is held", arguments: BodyCoding.allCases, [true, false])
    func bombOverTheWire(_ coding: BodyCoding, _ isChunked: Bool) async throws {
        let coded = Coder.encode([UInt8](repeating: 0x20, count: 64 << 20), as: coding)
        try await withGateway(answers: [], { $0.limits.body = 1 << 20 }) { gateway, upstream in
            let answer = try await Self.send(Self.request(coded, coding.rawValue, isChunked: isChunked), to: gateway)
            #expect(answer.status == 413)
            #expect(upstream.requests.isEmpty)
            try await gateway.isIdle()
        }
    }

    @Test("B3: what comes out counts among all bodies", arguments: BodyCoding.allCases)
    func budget(_ coding: BodyCoding) async throws {
        let coded = Coder.encode([UInt8](repeating: 0x20, count: 4 << 20), as: coding)
        try await withGateway(answers: [], { $0.limits.bodiesInMemory = 1 << 20 }) { gateway, _ in
            let answer = try await Self.send(Self.request(coded, coding.rawValue), to: gateway)
            #expect(answer.status == 503)
            #expect(answer.field("retry-after") == "1")
        }
    }

    @Test("B3: a body that is not in its coding is a 400 with a word of its own", arguments: BodyCoding.allCases)
    func wrong(_ coding: BodyCoding) async throws {
        let whole = Coder.encode(Array(Sample.chat.body().utf8), as: coding)
        try await withGateway(answers: []) { gateway, upstream in
            for body in [Array(Sample.chat.body().utf8), Array(whole.dropLast(3)), []] {
                let answer = try await Self.send(Self.request(body, coding.rawValue), to: gateway)
                #expect(answer.status == 400)
                #expect(answer.bodyText.contains("invalid_content_encoding"))
            }
            #expect(upstream.requests.isEmpty)
        }
    }
}
