import JSON
import Providers
import ScriptedUpstream
import Synchronization
import Testing

@testable import Gateway

@Suite("A WebSocket session in bad weather")
struct SessionFaultTests {
    private static let frame = SentFrame.text(Create.message())

    /// A provider that streams its first events and then says nothing.
    private static let stalled: [Step] =
        [Answer.chunkedHead()] + Side.responses.firstEvents.map(Answer.chunk) + [.stall]

    private let clock = SteppedClock()

    private func withSession(
        _ answers: [[Step]],
        _ change: (inout GatewaySettings) -> Void = { _ in },
        by clock: any LoopClock = MachineClock(),
        receiveBuffer: CInt? = nil,
        body: (SocketClient, GatewayUnderTest, ScriptedUpstream) async throws -> Void
    ) async throws {
        let pair = Pair(caller: .responses, provider: .responses)
        try await withPair(pair, answers: answers, clock: clock, change) { gateway, upstream in
            let client = try await SocketClient.open(gateway, receiveBuffer: receiveBuffer)
            try await body(client, gateway, upstream)
            client.close()
        }
    }

    // MARK: Frames

    @Test("pings are answered, between the fragments of a message and while a response runs")
    func pings() async throws {
        try await withSession([Sample.responses.answer(stream: true), Self.stalled]) { client, _, _ in
            let text = Array(Create.message().utf8)
            try await client.send(SentFrame(opcode: 1, payload: Array(text[..<20]), isFinal: false))
            try await client.send(SentFrame(opcode: 9, payload: Array("one".utf8)))
            #expect(try await client.frame() == ReceivedFrame(opcode: 10, isFinal: true, payload: Array("one".utf8)))
            try await client.send(SentFrame(opcode: 10, payload: []))
            try await client.send(SentFrame(opcode: 0, payload: Array(text[20...])))
            #expect(try await client.response().text == "Hello")
            try await client.send(Self.frame)
            while try await client.message()["delta"] == nil {}
            try await client.send(SentFrame(opcode: 9, payload: Array("two".utf8)))
            #expect(try await client.frame() == ReceivedFrame(opcode: 10, isFinal: true, payload: Array("two".utf8)))
        }
    }

    @Test("messages in random fragments and writes are the same conversation")
    func fragments() async throws {
        try await withSession([Sample.responses.answer(stream: true)]) { client, _, upstream in
            var random = RouteDice(seed: 6_455)
            for round in 0..<20 {
                let text = Array(Create.message("é漢😀 \(round)").utf8)
                var bytes: [UInt8] = []
                var rest = text[...]
                while true {
                    let piece = rest.prefix(Int.random(in: 0...rest.count, using: &random))
                    rest = rest.dropFirst(piece.count)
                    let opcode: UInt8 = bytes.isEmpty ? 1 : 0
                    bytes += SentFrame(opcode: opcode, payload: Array(piece), isFinal: rest.isEmpty).bytes
                    if rest.isEmpty { break }
                }
                var sent = bytes[...]
                while !sent.isEmpty {
                    let piece = sent.prefix(Int.random(in: 1...sent.count, using: &random))
                    sent = sent.dropFirst(piece.count)
                    try await client.raw.send(Array(piece))
                }
                #expect(try await client.response().text == "Hello")
                #expect(try await upstream.request(round).bodyText.contains("é漢😀 \(round)"))
            }
        }
    }

    @Test(
        "a message right behind a response's last event is answered, though its provider has not ended the body yet",
        arguments: Side.allCases
    )
    func messageBehindTheLastEvent(_ provider: Side) async throws {
        let gate = Gate()
        let late =
            [Answer.chunkedHead(contentType: provider.streamType)] + provider.events().map(Answer.chunk)
            + [.wait(gate), Answer.lastChunk]
        let pair = Pair(caller: .responses, provider: provider)
        try await withPair(pair, answers: [late, provider.answer(stream: true)]) { gateway, upstream in
            let client = try await SocketClient.open(gateway)
            let first = try await client.ask(Create.message())
            #expect(first.text == "Hello")
            let next = try await client.ask(Create.message("more", previous: first.responseID))
            #expect(next.text == "Hello" && next.last?["type"]?.string == "response.completed")
            #expect(upstream.requests.count == 2)
            try await upstream.connectionClosed(within: .seconds(5))
            for number in [1, 2] { #expect(try await gateway.log.record(number)["outcome"] == "ok") }
            gate.open()
            client.close()
            try await gateway.isIdle()
        }
    }

    @Test("B2, B3: a frame that must not be closes the session with its code", arguments: FrameTests.faults)
    func badFrame(_ fault: FrameTests.Fault) async throws {
        try await withSession([], { $0.limits.body = 1 << 20 }) { client, gateway, _ in
            client.raw.post(fault.bytes)
            #expect(try await client.closed() == fault.code)
            try await gateway.isIdle()
        }
    }

    @Test("a client's close is answered with its own code, and ends what runs")
    func clientCloses() async throws {
        try await withSession([Self.stalled]) { client, gateway, upstream in
            try await client.send(Self.frame)
            while try await client.message()["delta"] == nil {}
            try await client.send(SentFrame(opcode: 8, payload: [0x03, 0xE8]))
            #expect(try await client.frame().closeCode == 1000)
            _ = try await client.raw.untilClosed(within: .seconds(2))
            try await upstream.connectionClosed(within: .promptly)
            #expect(try await gateway.log.record(1)["outcome"] == "client_gone")
        }
    }

    // MARK: Time

    @Test("F22: a message that does not come in time closes the session", arguments: [true, false])
    func slowMessage(_ isFragmented: Bool) async throws {
        try await withSession([], by: clock) { client, _, _ in
            let text = Array(Create.message().utf8)
            if isFragmented {
                try await client.send(SentFrame(opcode: 1, payload: text, isFinal: false))
            } else {
                try await client.raw.send(Array(SentFrame(opcode: 1, payload: text).bytes.dropLast(5)))
            }
            try await clock.advance(by: .seconds(30), until: "the close") { client.hasMore }
            #expect(try await client.closed() == 1008)
        }
    }

    @Test("a session in which nothing is asked is closed after a time")
    func idle() async throws {
        try await withSession([], { $0.webSocket.idleTimeout = .seconds(60) }, by: clock) { client, _, _ in
            try await clock.advance(by: .seconds(60))
            #expect(!client.hasMore)
            try await clock.advance(by: .seconds(1))
            let code = try await client.closed()
            #expect(code == 1000)
        }
    }

    @Test("a session that is too old says so in the word that Codex knows, after the response that runs")
    func age() async throws {
        let gate = Gate()
        let events = Sample.responses.events().map(Answer.chunk)
        let steps = [Answer.chunkedHead(), events[0], .wait(gate)] + events.dropFirst() + [Answer.lastChunk]
        try await withSession([steps], { $0.webSocket.maximumAge = .seconds(60) }, by: clock) { client, _, _ in
            try await client.send(Self.frame)
            #expect(try await client.message()["type"]?.string == "response.created")
            // Past the age and the loop's regular look at it, which must leave the running response alone.
            try await clock.advance(by: .seconds(61))
            gate.open()
            #expect(try await client.response().text == "Hello")
            try await clock.advance(by: .seconds(1), until: "the close") { client.hasMore }
            let error = try await client.message()
            #expect(error["error"]?["code"]?.string == "websocket_connection_limit_reached")
            #expect(error["status"]?.int == 400)
            #expect(try await client.closed() == 1001)
        }
    }

    @Test("a stream that says nothing is kept alive by a message that resets Codex's timer")
    func keepAlive() async throws {
        try await withSession([Self.stalled], { $0.streams.keepAlive = .seconds(15) }, by: clock) { client, _, _ in
            try await client.send(Self.frame)
            while try await client.message()["delta"] == nil {}
            for _ in 0..<3 {
                try await clock.advance(by: .seconds(16))
                #expect(try await client.message()["type"]?.string == "ping")
            }
        }
    }

    @Test("F3: a stall ends in response.failed, and the session goes on")
    func stall() async throws {
        let answers = [Self.stalled, Sample.responses.answer(stream: true)]
        let pair = Pair(caller: .responses, provider: .responses)
        let idle: (inout Provider) -> Void = { $0.timeouts.idle = .seconds(280) }
        try await withPair(pair, answers: answers, clock: clock, provider: idle) { gateway, _ in
            let client = try await SocketClient.open(gateway)
            try await client.send(Create.message())
            while try await client.message()["delta"] == nil {}
            try await clock.advance(by: .seconds(281))
            #expect(try await client.response().types.last == "response.failed")
            #expect(try await client.ask(Create.message()).text == "Hello")
            client.close()
        }
    }

    // MARK: The client

    enum Leaving: String, CaseIterable, Sendable { case close, reset, halfClose }

    @Test("F12: a client that leaves cancels the upstream within a second", arguments: Leaving.allCases, [true, false])
    func clientGone(_ leaving: Leaving, _ isBeforeFirstToken: Bool) async throws {
        try await withSession([isBeforeFirstToken ? [.stall] : Self.stalled]) { client, gateway, upstream in
            try await client.send(Self.frame)
            _ = try await upstream.request()
            if !isBeforeFirstToken { while try await client.message()["delta"] == nil {} }
            switch leaving {
            case .close: client.close()
            case .reset: try await client.raw.reset()
            case .halfClose: try await client.raw.halfClose()
            }
            try await upstream.connectionClosed(within: .promptly)
            let record = try await gateway.log.record(1)
            #expect(record["outcome"] == "client_gone")
            #expect(record.number("status") == 499)
            try await gateway.isIdle(within: .promptly)
        }
    }

    private static var endless: [Step] {
        let delta = String(repeating: "x", count: 4_000)
        let event = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"\(delta)\"}\n\n"
        return [Answer.chunkedHead(), .endless(Array("\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n".utf8))]
    }

    @Test("F13: the upstream is paused while the client does not read, and goes on when it does")
    func slowReader() async throws {
        try await withSession([Self.endless], receiveBuffer: 16 << 10) { client, gateway, upstream in
            try await client.raw.setReading(false)
            try await client.send(Self.frame)
            try await upstream.written(1)
            var (last, same) = (0, 0)
            let paused = try await eventually("the upstream's pause") {
                let now = upstream.bytesWritten
                (same, last) = (now == last ? same + 1 : 0, now)
                return same > 40 ? now : nil
            }
            #expect(paused < 32 << 20)
            try await client.raw.setReading(true)
            try await upstream.written(paused + (4 << 20), within: .seconds(20))
            client.close()
            try await upstream.connectionClosed(within: .promptly)
            #expect(try await gateway.log.record(1)["outcome"] == "client_gone")
        }
    }

    @Test("F13: a client that reads nothing is closed after the write timeout, whatever it still sends")
    func writeTimeout() async throws {
        let change: (inout GatewaySettings) -> Void = { $0.limits.writeTimeout = .milliseconds(300) }
        try await withSession([Self.endless], change, receiveBuffer: 16 << 10) { client, gateway, upstream in
            try await client.raw.setReading(false)
            try await client.send(Self.frame)
            _ = try await upstream.request()
            for _ in 0..<100 { client.raw.post(SentFrame(opcode: 9, payload: []).bytes) }
            try await upstream.connectionClosed(within: .seconds(10))
            #expect(try await gateway.log.record(1)["outcome"] == "client_gone")
            try await gateway.isIdle()
        }
    }

    // MARK: The gateway's end

    @Test("F20: a stop closes what is idle at once and a running response after its end")
    func drain() async throws {
        let gate = Gate()
        let events = Sample.responses.events().map(Answer.chunk)
        let steps = [Answer.chunkedHead(), events[0], .wait(gate)] + events.dropFirst() + [Answer.lastChunk]
        try await withSession([steps]) { client, gateway, _ in
            let idle = try await SocketClient.open(gateway)
            try await client.send(Self.frame)
            #expect(try await client.message()["type"]?.string == "response.created")
            await gateway.beginStop()
            #expect(try await idle.closed(within: .seconds(5)) == 1001)
            gate.open()
            #expect(try await client.response().text == "Hello")
            #expect(try await client.closed(within: .seconds(5)) == 1001)
            try await gateway.hasEnded()
            #expect(try await gateway.log.record(2)["outcome"] == "ok")
        }
    }

    @Test("F20: what still runs at the deadline ends in response.failed")
    func drainDeadline() async throws {
        try await withSession([Self.stalled], { $0.limits.drainTimeout = .milliseconds(300) }) { client, gateway, _ in
            try await client.send(Self.frame)
            while try await client.message()["delta"] == nil {}
            await gateway.beginStop()
            #expect(try await client.response().types.last == "response.failed")
            #expect(try await client.frame().closeCode == 1001)
            try await gateway.hasEnded()
        }
    }

    // MARK: Limits

    @Test("B3: messages count among all bodies, and give back what they took")
    func budget() async throws {
        let change: (inout GatewaySettings) -> Void = { $0.limits.bodiesInMemory = 64 << 10 }
        try await withSession([Sample.responses.answer(stream: true)], change) { client, gateway, _ in
            let greedy = try await SocketClient.open(gateway)
            let part = [UInt8](repeating: 0x20, count: 63 << 10)
            try await greedy.send(SentFrame(opcode: 1, payload: part, isFinal: false))
            // The pong says that the part is counted: what the other session remembers would leave no room for it.
            try await greedy.send(SentFrame(opcode: 9, payload: []))
            #expect(try await greedy.frame().opcode == 10)
            // Short enough to come in one piece.
            let message = Create.message(String(repeating: "x", count: 1_200))
            _ = try await eventually("the refusal") {
                try await client.ask(message).last?["error"]?["code"]?.string == "gateway_overloaded" ? true : nil
            }
            try await greedy.send(SentFrame(opcode: 0, payload: part, isFinal: false))
            #expect(try await greedy.closed() == 1013)
            let answer = try await client.ask(message)
            #expect(answer.text == "Hello")
        }
    }

    @Test("what a session remembers is bounded: beyond that a client says all of it again")
    func memoryLimit() async throws {
        let long = Answer.stream(ModelAnswers.responses([String(repeating: "y", count: 16 << 10)]))
        try await withSession([long], { $0.limits.body = 16 << 10 }) { client, _, _ in
            let first = try await client.ask(Create.message())
            #expect(first.types.last == "response.completed")
            let second = try await client.ask(Create.message(previous: first.responseID))
            #expect(second.last?["error"]?["code"]?.string == "previous_response_not_found")
            #expect(try await client.ask(Create.message()).types.last == "response.completed")
        }
    }
}
