import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("F13: a client that reads slowly")
struct SlowReaderTests {
    /// An answer that begins as others do and never ends.
    private static func endless(_ side: Side) -> [Step] {
        let first = side.firstEvents
        let event = side.events(["Hel", String(repeating: "x", count: 4_000)])[first.count]
        let chunk = "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n"
        return [Answer.chunkedHead(contentType: side.streamType)] + first.map(Answer.chunk)
            + [.endless(Array(chunk.utf8))]
    }

    @Test(
        "F13: while a client does not read its provider is paused, goes on when it does, and is let go after the write timeout",
        arguments: Pair.all
    )
    func pairs(_ pair: Pair) async throws {
        let clock = SteppedClock()
        try await withPair(pair, answers: [Self.endless(pair.provider)], clock: clock) { gateway, upstream in
            let client = try await gateway.connect(receiveBuffer: 16 << 10, reads: false)
            try await client.send(pair.caller.request(stream: true))
            // What the systems' own buffers hold, and little more.
            let paused = try await standsStill(upstream)
            #expect(paused < 32 << 20)
            try await client.setReading(true)
            try await upstream.written(paused + (1 << 20), within: .seconds(20))
            try await client.setReading(false)
            let read = client.received.count
            #expect(try await standsStill(upstream) < paused + read + (32 << 20))
            // The first look finds that it stands still, the last one that it has for too long.
            try await clock.advance(by: .milliseconds(250))
            try await clock.advance(by: Limits().writeTimeout)
            #expect(upstream.openConnections == 1)
            // What the systems' buffers let through meanwhile begins the wait anew.
            _ = try await eventually("the provider let go") {
                try await clock.advance(by: .seconds(1))
                return upstream.openConnections == 0 ? true : nil
            }
            #expect(try await gateway.log.record()["outcome"] == "client_gone")
            try await gateway.isIdle()
            client.close()
        }
    }

    @Test("F13: the provider is let go at once where a client that does not read leaves", arguments: Pair.all)
    func leaves(_ pair: Pair) async throws {
        try await withPair(pair, answers: [Self.endless(pair.provider)]) { gateway, upstream in
            let client = try await gateway.connect(receiveBuffer: 16 << 10, reads: false)
            try await client.send(pair.caller.request(stream: true))
            _ = try await standsStill(upstream)
            client.close()
            try await upstream.connectionClosed(within: .seconds(5))
            #expect(try await gateway.log.record()["outcome"] == "client_gone")
        }
    }

    @Test("F13: a slow reader does not hold up the others")
    func othersGoOn() async throws {
        let upstream = try await ScriptedUpstream.start { request in
            request.bodyText.contains("endless") ? Self.endless(.chat) : Sample.chat.answer(stream: true)
        }
        try await withGateway(to: upstream) { gateway, _ in
            let slow = try await gateway.connect(receiveBuffer: 16 << 10, reads: false)
            try await slow.send(Sample.chat.request(model: "endless", stream: true))
            _ = try await standsStill(upstream)
            let answer = try await gateway.send(Sample.chat.request(stream: true))
            #expect(answer.bodyText == Sample.chat.passedEvents().joined())
            slow.close()
        }
    }

    @Test("F13: the last answer of a closing connection is not cut for a slow reader")
    func lastAnswerIsWhole() async throws {
        let long = #"{"data":""# + String(repeating: "x", count: 12 << 20) + #""}"#
        let clock = SteppedClock()
        let change: (inout GatewaySettings) -> Void = { $0.limits.heldResponse = 16 << 20 }
        try await withGateway(answers: [Answer.json(long)], clock: clock, change) { gateway, _ in
            let client = try await gateway.connect(receiveBuffer: 16 << 10, reads: false)
            try await client.send(Sample.chat.request(fields: [("Connection", "close")]))
            _ = try await gateway.log.record()
            // Longer than a closing connection lingers.
            try await clock.advance(by: .seconds(3))
            try await client.setReading(true)
            #expect(try await client.answer().body.count == long.utf8.count)
        }
    }

    /// Waits until the upstream cannot write any more, and says how much it had written.
    private func standsStill(_ upstream: ScriptedUpstream) async throws -> Int {
        try await upstream.written(1)
        var last = 0
        var same = 0
        return try await eventually("the upstream's pause") {
            let now = upstream.bytesWritten
            same = now == last ? same + 1 : 0
            last = now
            return same > 40 ? now : nil
        }
    }
}
