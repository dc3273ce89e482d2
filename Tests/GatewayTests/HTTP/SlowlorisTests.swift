import NIOCore
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("F22: clients that send or read a byte now and then")
struct SlowlorisTests {
    private let clock = SteppedClock()
    private let limits = Limits()

    /// Lets time pass until the gateway closes the connection, which it must not do before so much of it has passed.
    private func untilClosed(
        _ client: RawClient,
        after limit: Duration,
        _ each: () -> Void = {}
    ) async throws -> String {
        let begun = clock.now
        try await clock.advance(by: limit / 10, until: "the end of the connection") {
            each()
            return client.isClosed
        }
        #expect(clock.now - begun > TimeAmount(limit))
        return try await client.untilClosed()
    }

    @Test(
        "F22: a head that never ends is a 408 and the connection closes",
        arguments: [
            "G", "POST /v1/responses HTTP/1.1\r\n", "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nX: y\r\n",
        ]
    )
    func slowHead(_ start: String) async throws {
        try await withGateway(answers: [], clock: clock) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(start)
            let text = try await untilClosed(client, after: limits.headTimeout)
            #expect(text.hasPrefix("HTTP/1.1 408"))
            #expect(text.contains("request_timeout"))
        }
    }

    @Test("F22: bytes that keep coming do not put the deadline off")
    func drippingHead() async throws {
        try await withGateway(answers: [], clock: clock) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n")
            let text = try await untilClosed(client, after: limits.headTimeout) { client.post("x: y\r\n") }
            #expect(text.hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test("F22: a body that never ends is a 408 in the caller's dialect", arguments: Sample.allCases)
    func slowBody(_ sample: Sample) async throws {
        try await withGateway(answers: [], clock: clock) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(String(sample.request().dropLast(1)))
            _ = try await untilClosed(client, after: limits.bodyTimeout)
            let answer = try await client.answer()
            #expect(answer.status == 408)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(answer.field("connection") == "close")
            #expect(upstream.requests.isEmpty)
            #expect(try await gateway.log.record()["outcome"] == "refused")
        }
    }

    @Test("F22: a connection without a request is closed after the keep-alive time, without a record")
    func idle() async throws {
        try await withGateway(answers: [], clock: clock) { gateway, _ in
            let client = try await gateway.connect()
            #expect(try await untilClosed(client, after: limits.keepAliveTimeout).isEmpty)
            #expect(gateway.log.lines.isEmpty)
        }
    }

    @Test("F22: the rest of a refused body that never comes does not keep the connection")
    func slowRest() async throws {
        try await withGateway(answers: [], clock: clock) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(
                RawRequest.head("POST", "/nowhere", [("Host", "localhost"), ("Content-Length", "9")])
            )
            #expect(try await client.answer().status == 404)
            _ = try await untilClosed(client, after: limits.bodyTimeout)
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
