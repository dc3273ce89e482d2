import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Faults of a stream that has begun")
struct StreamFaultTests {
    /// Streams these pieces and then does `ending`, and gives back what the client got until the response's end.
    private func stream(
        _ sample: Sample,
        _ pieces: [String],
        _ ending: [Step],
        _ change: (inout GatewaySettings) -> Void = { _ in },
        then check: (RawAnswer, LoggedRequest, ScriptedUpstream) async throws -> Void
    ) async throws {
        let steps = [Answer.chunkedHead()] + pieces.map(Answer.chunk) + ending
        try await withGateway(answers: [steps], change) { gateway, upstream in
            let answer = try await gateway.send(sample.request(stream: true))
            #expect(answer.status == 200)
            try await check(answer, gateway.log.record(), upstream)
            #expect(upstream.requests.count == 1, "\(upstream.requests.map(\.headText)), \(gateway.log.lines)")
            try await gateway.isIdle()
        }
    }

    @Test(
        "F2: a stream that is reset ends in the dialect's terminal event and is not tried again",
        arguments: Sample.allCases
    )
    func reset(_ sample: Sample) async throws {
        let gate = Gate()
        let events = Array(sample.events().prefix(3))
        let steps = [Answer.chunkedHead()] + events.map(Answer.chunk) + [.wait(gate), .reset]
        try await withGateway(answers: [steps]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await client.state.wait(for: "three events") {
                RawAnswer.partOfChunkedBody($0.bytes) == events.joined()
            }
            gate.open()
            let answer = try await client.answer()
            #expect(answer.bodyText.hasPrefix(events.joined() + sample.terminalMark))
            #expect(sample == .messages || answer.bodyText.contains("upstream_interrupted"))
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "interrupted")
            #expect(record["code"] == "upstream_interrupted")
            #expect(record.number("status") == 200)
            #expect(upstream.requests.count == 1)
            try await gateway.isIdle()
        }
    }

    @Test("F2: a stream that is closed early ends in the terminal event", arguments: Sample.allCases)
    func closed(_ sample: Sample) async throws {
        try await stream(sample, Array(sample.events().prefix(2)), [.close]) { answer, record, _ in
            #expect(answer.bodyText.hasPrefix(sample.events().prefix(2).joined() + sample.terminalMark))
            #expect(record["outcome"] == "interrupted")
        }
    }

    @Test("F2: a stream that ends by its framing without a terminal event is interrupted", arguments: Sample.allCases)
    func endsWithoutTerminal(_ sample: Sample) async throws {
        try await stream(sample, Array(sample.events().prefix(2)), [Answer.lastChunk]) { answer, record, _ in
            #expect(answer.bodyText.hasPrefix(sample.events().prefix(2).joined() + sample.terminalMark))
            #expect(record["outcome"] == "interrupted")
            #expect(record["code"] == "upstream_interrupted")
        }
    }

    @Test("F2: half an event is dropped before the terminal event", arguments: Sample.allCases)
    func halfAnEvent(_ sample: Sample) async throws {
        let first = sample.events()[0]
        let half = String(sample.events()[1].dropLast(9))
        try await stream(sample, [first + half], [.close]) { answer, _, _ in
            #expect(answer.bodyText.hasPrefix(first + sample.terminalMark))
            #expect(answer.bodyText.hasSuffix("\n\n"))
        }
    }

    @Test("F2: usage that came before the cut is on the record")
    func partialUsage() async throws {
        try await stream(.messages, Array(Sample.messages.events().prefix(3)), [.close]) { _, record, _ in
            #expect(record.number("input_tokens") == 3)
            #expect(record.number("output_tokens") == 1)
            #expect(record["outcome"] == "interrupted")
        }
    }

    @Test("F2: a terminal event without its last blank line is still an end", arguments: Sample.allCases)
    func noFinalBlankLine(_ sample: Sample) async throws {
        let text = sample.events().joined()
        try await stream(sample, [String(text.dropLast())], [Answer.lastChunk]) { answer, record, _ in
            #expect(answer.bodyText.hasPrefix(sample.passedEvents().joined()))
            #expect(!answer.bodyText.contains(sample.terminalMark))
            #expect(record["outcome"] == "ok")
        }
    }

    @Test("F2: a connection that breaks after the terminal event does no harm", arguments: Sample.allCases)
    func breaksAfterTheEnd(_ sample: Sample) async throws {
        try await stream(sample, [sample.events().joined()], [.close]) { answer, record, _ in
            #expect(answer.bodyText == sample.passedEvents().joined())
            #expect(record["outcome"] == "ok")
            #expect(record.number("output_tokens") == 2)
        }
    }

    @Test(
        "F3: a stream that stalls ends after the idle timeout, and the upstream is closed",
        arguments: Sample.allCases
    )
    func stall(_ sample: Sample) async throws {
        let steps = [Answer.chunkedHead(), Answer.chunk(sample.events()[0]), .stall]
        let upstream = try await ScriptedUpstream.start(answers: [steps])
        var provider = try Provider.scripted(upstream)
        provider.timeouts.idle = .seconds(280)
        let clock = SteppedClock()
        // Without signs of life in between.
        let change: (inout GatewaySettings) -> Void = { $0.streams.keepAlive = .seconds(3_600) }
        try await withGateway([provider], clock: clock, change) { gateway in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await client.state.wait(for: "an event") {
                RawAnswer.partOfChunkedBody($0.bytes) == sample.events()[0]
            }
            try await clock.advance(by: .seconds(279))
            #expect(upstream.openConnections == 1)
            try await clock.advance(by: .seconds(2))
            let answer = try await client.answer()
            #expect(answer.bodyText.hasPrefix(sample.events()[0] + sample.terminalMark))
            #expect(sample == .messages || answer.bodyText.contains("upstream_timeout"))
            try await upstream.connectionClosed()
            #expect(try await gateway.log.record()["code"] == "upstream_timeout")
            try await gateway.isIdle()
        }
        await upstream.shutdown()
    }

    @Test("F5: an event that is no JSON ends the stream in a failure", arguments: Sample.allCases)
    func badJSON(_ sample: Sample) async throws {
        let first = sample.events()[0]
        try await stream(sample, [first, "data: {\"a\":\n\n", sample.events()[1]], [.stall]) {
            answer,
            record,
            upstream in
            #expect(answer.bodyText.hasPrefix(first + sample.terminalMark))
            #expect(record["code"] == "upstream_malformed")
            try await upstream.connectionClosed()
        }
    }

    @Test("F5: CR, LF and CRLF, comments and a byte order mark pass as they came", arguments: ["\r", "\n", "\r\n"])
    func lineEnds(_ end: String) async throws {
        let text = "\u{FEFF}: hello\n\n" + Sample.chat.passedEvents().joined()
        let given = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: end)
        try await stream(.chat, [given], [Answer.lastChunk]) { answer, record, _ in
            #expect(answer.bodyText == given)
            #expect(record["outcome"] == "ok")
        }
    }

    @Test("F7: a 200 that holds an error event is a failure", arguments: Sample.allCases)
    func errorEvent(_ sample: Sample) async throws {
        let error =
            switch sample {
            case .chat, .completions: "data: {\"error\":{\"message\":\"out of luck\",\"type\":\"server_error\"}}\n\n"
            case .responses: "event: error\ndata: {\"type\":\"error\",\"code\":\"x\",\"message\":\"out of luck\"}\n\n"
            case .messages:
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"out of luck\"}}\n\n"
            }
        try await stream(sample, [sample.events()[0] + error], [.stall]) { answer, record, upstream in
            #expect(answer.bodyText == sample.events()[0] + error)
            #expect(record["outcome"] == "interrupted")
            #expect(record["code"] == "upstream_error")
            try await upstream.connectionClosed()
        }
    }

    @Test("F7: an empty stream is a failure", arguments: Sample.allCases)
    func emptyStream(_ sample: Sample) async throws {
        try await stream(sample, [], [Answer.lastChunk]) { answer, record, _ in
            #expect(answer.bodyText.hasPrefix(sample.terminalMark))
            #expect(sample == .messages || answer.bodyText.contains("empty_stream"))
            #expect(record["outcome"] == "interrupted")
        }
    }

    @Test("F11: an event over its limit ends the stream with bounded memory", arguments: Sample.allCases)
    func hugeEvent(_ sample: Sample) async throws {
        let piece = Array("10000\r\n".utf8) + [UInt8](repeating: 0x78, count: 1 << 16) + Array("\r\n".utf8)
        let ending = [Answer.chunk("data: {\"a\":\""), Step.endless(piece)]
        try await stream(sample, [sample.events()[0]], ending, { $0.limits.event = 1 << 20 }) {
            answer,
            record,
            upstream in
            #expect(answer.bodyText.hasPrefix(sample.events()[0] + sample.terminalMark))
            #expect(sample == .messages || answer.bodyText.contains("event_too_large"))
            #expect(record["code"] == "upstream_malformed")
            try await upstream.connectionClosed()
            #expect(upstream.bytesWritten < 16 << 20)
        }
    }

    @Test("F11: an endless stream ends at the limit of a response", arguments: Sample.allCases)
    func endlessStream(_ sample: Sample) async throws {
        let event = Answer.chunk(": \(String(repeating: "x", count: 8000))\n\n")
        guard case .write(let bytes) = event else { return }
        let ending = [Step.endless(bytes)]
        try await stream(sample, [sample.events()[0]], ending, { $0.limits.response = 1 << 20 }) {
            answer,
            record,
            upstream in
            #expect(answer.bodyText.contains(sample.terminalMark))
            #expect(answer.body.count < 2 << 20)
            #expect(record["outcome"] == "interrupted")
            try await upstream.connectionClosed()
        }
    }
}
