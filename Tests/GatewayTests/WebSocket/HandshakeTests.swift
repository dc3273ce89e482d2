import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("The handshake of a WebSocket on /v1/responses")
struct HandshakeTests {
    private static let good = SocketClient.fields

    private static func without(_ name: String, _ value: String? = nil) -> [(String, String)] {
        good.compactMap { $0.0 == name ? value.map { (name, $0) } : $0 }
    }

    @Test("is answered with RFC 6455's own proof, without an extension or a subprotocol")
    func answer() async throws {
        try await withGateway(answers: []) { gateway, _ in
            let offers = [("Sec-WebSocket-Extensions", "permessage-deflate"), ("Sec-WebSocket-Protocol", "chat")]
            let client = try await SocketClient.open(gateway, fields: offers)
            #expect(client.handshake.field("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(client.handshake.field("upgrade") == "websocket")
            #expect(client.handshake.field("connection") == "Upgrade")
            #expect(client.handshake.names.isDisjoint(with: ["sec-websocket-extensions", "sec-websocket-protocol"]))
            #expect(client.handshake.names.isDisjoint(with: ["transfer-encoding", "content-length"]))
            let record = try await gateway.log.record()
            #expect(record["route"] == "GET /v1/responses")
            #expect(record.number("status") == 101)
            #expect(record["request_id"] == client.handshake.field("x-request-id"))
            #expect(try await gateway.status("connections") == 1)
            client.close()
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fields: [(String, String)]
        let status: Int
        let code: String
    }

    static let bad: [Bad] = [
        Bad(testDescription: "no Connection", fields: without("Connection"), status: 400, code: "invalid_header"),
        Bad(
            testDescription: "another Connection",
            fields: without("Connection", "keep-alive"),
            status: 400,
            code: "invalid_header"
        ),
        Bad(testDescription: "no key", fields: without("Sec-WebSocket-Key"), status: 400, code: "invalid_header"),
        Bad(
            testDescription: "a short key",
            fields: without("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j"),
            status: 400,
            code: "invalid_header"
        ),
        Bad(
            testDescription: "a key that is no Base64",
            fields: without("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ!=="),
            status: 400,
            code: "invalid_header"
        ),
        Bad(testDescription: "two keys", fields: good + [good[2]], status: 400, code: "invalid_header"),
        Bad(testDescription: "a body", fields: good + [("Content-Length", "5")], status: 400, code: "invalid_header"),
        Bad(
            testDescription: "no version",
            fields: without("Sec-WebSocket-Version"),
            status: 426,
            code: "upgrade_required"
        ),
        Bad(
            testDescription: "an old version",
            fields: without("Sec-WebSocket-Version", "8"),
            status: 426,
            code: "upgrade_required"
        ),
        Bad(
            testDescription: "another protocol",
            fields: without("Upgrade", "h2c"),
            status: 405,
            code: "method_not_allowed"
        ),
        Bad(
            testDescription: "a page's Origin",
            fields: good + [("Origin", "http://evil.example")],
            status: 403,
            code: "forbidden"
        ),
    ]

    @Test("that is not right is refused as HTTP", arguments: bad)
    func refused(_ bad: Bad) async throws {
        try await withGateway(answers: []) { gateway, _ in
            let answer = try await gateway.send(RawRequest.get("/v1/responses", fields: bad.fields))
            #expect(answer.status == bad.status)
            #expect(answer.bodyText.contains(#""code":"\#(bad.code)""#))
            if bad.status == 426 { #expect(answer.field("sec-websocket-version") == "13") }
        }
    }

    @Test("needs a host that is served, and a key where keys are wanted")
    func authentication() async throws {
        try await withGateway(answers: [], { $0.clientKeys = [Secret("client-key")] }) { gateway, _ in
            let stranger = try await gateway.send(SocketClient.request())
            #expect(stranger.status == 401)
            let host = try await gateway.send(RawRequest.get("/v1/responses", fields: Self.good, host: "evil.example"))
            #expect(host.status == 403)
            let client = try await SocketClient.open(gateway, fields: [("Authorization", "Bearer client-key")])
            client.close()
        }
    }

    @Test("is a 426 where WebSocket is not served and for HTTP/1.0, so that Codex falls back to HTTP at once")
    func notServed() async throws {
        try await withGateway(answers: [], { $0.webSocket.isServed = false }) { gateway, _ in
            let answer = try await gateway.send(SocketClient.request())
            #expect(answer.status == 426)
            #expect(answer.field("upgrade") == "HTTP/1.1")
        }
        try await withGateway(answers: []) { gateway, _ in
            let fields = [("Host", "localhost")] + Self.good
            let answer = try await gateway.send(RawRequest.head("GET", "/v1/responses", fields, version: "1.0"))
            #expect(answer.status == 426)
        }
    }

    @Test("goes on with what the client sent behind it, over TLS as well", arguments: [false, true])
    func behind(_ tls: Bool) async throws {
        let certificate: (inout GatewaySettings) -> Void = {
            guard tls else { return }
            $0.tls = .init(certificateFile: TestCertificate.valid.file, keyFile: TestCertificate.keyFile)
        }
        try await withGateway(answers: [Sample.responses.answer(stream: true)], certificate) { gateway, _ in
            let message = SentFrame.text(Create.message()).bytes
            let client = try await SocketClient.open(gateway, behind: message, tls: tls)
            #expect(try await client.response().text == "Hello")
            #expect(try await client.ask(Create.message()).text == "Hello")
            client.close()
        }
    }

    @Test("comes behind other requests on its connection, and none of their bytes are lost")
    func pipelined() async throws {
        try await withGateway(answers: [Sample.responses.answer(stream: true)]) { gateway, _ in
            let raw = try await gateway.connect()
            let first = Sample.responses.request(stream: true)
            try await raw.send(
                Array((first + SocketClient.request()).utf8) + SentFrame.text(Create.message()).bytes
            )
            #expect(try await raw.answer().status == 200)
            let handshake = try await raw.answer()
            #expect(handshake.status == 101)
            #expect(try await SocketClient(raw: raw, handshake: handshake).response().text == "Hello")
            raw.close()
        }
    }
}
