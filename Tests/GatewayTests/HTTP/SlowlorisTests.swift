import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("F22: clients that send or read a byte now and then")
struct SlowlorisTests {
    private static func short(_ settings: inout GatewaySettings) {
        settings.limits.headTimeout = .milliseconds(300)
        settings.limits.bodyTimeout = .milliseconds(300)
        settings.limits.keepAliveTimeout = .milliseconds(300)
    }

    @Test(
        "F22: a head that never ends is a 408 and the connection closes",
        arguments: [
            "G", "POST /v1/responses HTTP/1.1\r\n", "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX: y\r\n",
        ]
    )
    func slowHead(_ start: String) async throws {
        try await withGateway(answers: [], Self.short) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(start)
            let text = try await client.untilClosed(within: .seconds(5))
            #expect(text.hasPrefix("HTTP/1.1 408"))
            #expect(text.contains("request_timeout"))
        }
    }

    @Test("F22: bytes that keep coming do not put the deadline off")
    func drippingHead() async throws {
        try await withGateway(answers: [], Self.short) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n")
            let dripping = Task {
                while !client.isClosed {
                    client.post("x: y\r\n")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let text = try await client.untilClosed(within: .seconds(5))
            dripping.cancel()
            #expect(text.hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test("F22: a body that never ends is a 408 in the caller's dialect", arguments: Sample.allCases)
    func slowBody(_ sample: Sample) async throws {
        try await withGateway(answers: [], Self.short) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(String(sample.request().dropLast(1)))
            let answer = try await client.answer()
            #expect(answer.status == 408)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(answer.field("connection") == "close")
            _ = try await client.untilClosed(within: .seconds(5))
            #expect(upstream.acceptedConnections == 0)
            #expect(try await gateway.log.record()["outcome"] == "refused")
        }
    }

    @Test("F22: a connection without a request is closed after the keep-alive time, without a record")
    func idle() async throws {
        try await withGateway(answers: [], Self.short) { gateway, _ in
            let client = try await gateway.connect()
            #expect(try await client.untilClosed(within: .seconds(5)).isEmpty)
            #expect(gateway.log.lines.isEmpty)
        }
    }

    @Test("F22: the rest of a refused body that never comes does not keep the connection")
    func slowRest() async throws {
        try await withGateway(answers: [], Self.short) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(
                RawRequest.head("POST", "/nowhere", [("Host", "localhost"), ("Content-Length", "9")])
            )
            #expect(try await client.answer().status == 404)
            _ = try await client.untilClosed(within: .seconds(5))
        }
    }

    @Test("F22: while slow clients wait, others are served")
    func othersAreServed() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: true)]) { gateway, _ in
            var slow: [RawClient] = []
            for _ in 0..<40 {
                let client = try await gateway.connect()
                try await client.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
                )
                slow.append(client)
            }
            for _ in 0..<3 { #expect(try await gateway.send(Sample.chat.request(stream: true)).status == 200) }
            for client in slow { client.close() }
            try await gateway.isIdle()
        }
    }
}
