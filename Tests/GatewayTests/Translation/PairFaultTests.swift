import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Faults of a provider that speaks any dialect, told to a client of any dialect")
struct PairFaultTests {
    /// The client must not take what it got for an answer.
    private func expectFailure(
        _ pair: Pair,
        _ answer: RawAnswer,
        _ record: LoggedRequest,
        code: String = "upstream_interrupted"
    ) {
        #expect(answer.status == 200)
        #expect(pair.caller.hasFailed(answer.bodyText), "\(answer.bodyText)")
        #expect(!pair.caller.hasEndedWell(answer.bodyText), "\(answer.bodyText)")
        #expect(record["outcome"] == "interrupted")
        #expect(record["code"] == code)
    }

    /// A failure before the answer began has a status, but where the bytes pass as they come.
    private func expectRefusal(_ pair: Pair, _ answer: RawAnswer, _ record: LoggedRequest, status: Int = 502) {
        guard pair.isTranslated else {
            #expect(pair.caller.hasFailed(answer.bodyText), "\(answer.bodyText)")
            return #expect(record["outcome"] == "interrupted")
        }
        #expect(answer.status == status)
        #expect(pair.caller.isError(answer.bodyText), "\(answer.bodyText)")
        #expect(record["outcome"] == "failed")
    }

    @Test("F2: a stream that breaks after the first word ends in the client's own failure", arguments: Pair.all)
    func cut(_ pair: Pair) async throws {
        for ending in [[Step.close], [Answer.lastChunk]] {
            try await streamed(pair, pair.provider.firstEvents, ending) { answer, record, upstream in
                expectFailure(pair, answer, record)
                #expect(pair.caller.text(ofStream: answer.bodyText) == "Hel")
                #expect(upstream.requests.count == 1)
            }
        }
    }

    @Test("F2: a stream that is reset ends in the client's own failure", arguments: Pair.all)
    func reset(_ pair: Pair) async throws {
        let gate = Gate()
        let head = Answer.chunkedHead(contentType: pair.provider.streamType)
        let steps = [head] + pair.provider.firstEvents.map(Answer.chunk) + [.wait(gate), .reset]
        try await withPair(pair, answers: [steps]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(pair.caller.request(stream: true))
            try await client.text(containing: "Hel")
            gate.open()
            let answer = try await client.answer()
            expectFailure(pair, answer, try await gateway.log.record())
        }
    }

    @Test("F2: a stream that breaks before the first word still has a status", arguments: Pair.all)
    func cutEarly(_ pair: Pair) async throws {
        let pieces = pair.provider == .ollama ? [] : [pair.provider.events()[0]]
        try await streamed(pair, pieces, [.close]) { answer, record, _ in
            expectRefusal(pair, answer, record)
        }
    }

    @Test("F2: half an event is no event", arguments: Pair.all)
    func half(_ pair: Pair) async throws {
        let next = pair.provider.events()[pair.provider.firstEvents.count]
        let pieces = pair.provider.firstEvents + [String(next.dropLast(9))]
        try await streamed(pair, pieces, [.close]) { answer, record, _ in
            expectFailure(pair, answer, record)
            #expect(pair.caller.text(ofStream: answer.bodyText) == "Hel")
        }
    }

    @Test("F2: a connection that breaks after the end does no harm", arguments: Pair.all)
    func breaksAfterTheEnd(_ pair: Pair) async throws {
        try await streamed(pair, [pair.provider.events().joined()], [.close]) { answer, record, _ in
            #expect(pair.caller.hasEndedWell(answer.bodyText), "\(answer.bodyText)")
            #expect(record["outcome"] == "ok")
        }
    }

    @Test("F5: an event that is no JSON ends the stream in a failure", arguments: Pair.all)
    func broken(_ pair: Pair) async throws {
        let pieces = pair.provider.firstEvents + [pair.provider.brokenEvent, pair.provider.events()[1]]
        try await streamed(pair, pieces, [.stall]) { answer, record, upstream in
            expectFailure(pair, answer, record, code: "upstream_malformed")
            try await upstream.connectionClosed(within: .promptly)
        }
    }

    @Test("F5: a stream may come in any pieces", arguments: Pair.all)
    func pieces(_ pair: Pair) async throws {
        let head = Answer.head(200, [("content-type", pair.provider.streamType)])
        let steps: [Step] = [.write(head), .pieces(pair.provider.events().joined(), size: 3), .close]
        try await withPair(pair, answers: [steps]) { gateway, _ in
            let answer = try await gateway.send(pair.caller.request(stream: true))
            #expect(pair.caller.text(ofStream: answer.bodyText) == "Hello")
            #expect(pair.caller.hasEndedWell(answer.bodyText))
        }
    }

    @Test("F6: a body that is cut or shorter than its length is a 502, never a 200", arguments: Pair.all)
    func truncated(_ pair: Pair) async throws {
        let whole = pair.provider.whole()
        let head = Answer.head(
            200,
            [("content-type", "application/json"), ("content-length", "\(whole.utf8.count + 1)")]
        )
        let answers: [[Step]] = [
            Answer.json(String(whole.dropLast(3))), [.write(head + whole), .close], Answer.json(""),
        ]
        try await withPair(pair, answers: answers) { gateway, _ in
            for _ in answers {
                let answer = try await gateway.send(pair.caller.request(stream: false))
                #expect(answer.status == 502)
                #expect(pair.caller.isError(answer.bodyText), "\(answer.bodyText)")
            }
        }
    }

    @Test("F7: an error that comes first keeps a status of its own", arguments: Pair.all)
    func errorFirst(_ pair: Pair) async throws {
        try await streamed(pair, [pair.provider.errorEvent], [.stall]) { answer, record, upstream in
            expectRefusal(pair, answer, record)
            #expect(record["code"] == "upstream_error")
            try await upstream.connectionClosed(within: .promptly)
        }
    }

    @Test(
        "F7: an error in the middle ends the stream in a failure, in one read with good events or not",
        arguments: Pair.all
    )
    func errorLater(_ pair: Pair) async throws {
        let first = pair.provider.firstEvents.joined()
        for pieces in [[first, pair.provider.errorEvent], [first + pair.provider.errorEvent]] {
            try await streamed(pair, pieces, [.stall]) { answer, record, upstream in
                expectFailure(pair, answer, record, code: "upstream_error")
                #expect(answer.bodyText.contains("out of luck"))
                try await upstream.connectionClosed(within: .promptly)
            }
        }
    }

    @Test(
        "F7: a 200 whose body is an error is a failure, whether a stream was asked for or not",
        arguments: Pair.all,
        [true, false]
    )
    func errorInside(_ pair: Pair, _ stream: Bool) async throws {
        try await withPair(pair, answers: [Answer.json(pair.provider.errorBody())]) { gateway, _ in
            let answer = try await gateway.send(pair.caller.request(stream: stream))
            #expect(answer.status == 502, "\(answer.bodyText)")
            #expect(pair.caller.isError(answer.bodyText), "\(answer.bodyText)")
            #expect(try await gateway.log.record()["outcome"] == "failed")
        }
    }

    @Test("F7: an empty stream is a failure", arguments: Pair.all)
    func empty(_ pair: Pair) async throws {
        try await streamed(pair, []) { answer, record, _ in expectRefusal(pair, answer, record) }
    }

    @Test("F11: an event over its limit ends the stream with bounded memory", arguments: Pair.all)
    func huge(_ pair: Pair) async throws {
        let piece = Array("10000\r\n".utf8) + [UInt8](repeating: 0x78, count: 1 << 16) + Array("\r\n".utf8)
        let ending = [Answer.chunk(pair.provider.endlessEvent), Step.endless(piece)]
        try await streamed(pair, pair.provider.firstEvents, ending, { $0.limits.event = 1 << 20 }) {
            answer,
            record,
            upstream in
            expectFailure(pair, answer, record, code: "upstream_malformed")
            try await upstream.connectionClosed(within: .promptly)
            #expect(upstream.bytesWritten < 16 << 20)
        }
    }

    @Test("F11: a body over its limit is a 502 with bounded memory", arguments: Pair.translated)
    func hugeBody(_ pair: Pair) async throws {
        let piece = Array("10000\r\n".utf8) + [UInt8](repeating: 0x78, count: 1 << 16) + Array("\r\n".utf8)
        let steps = [Answer.chunkedHead(contentType: "application/json"), Answer.chunk("{\"a\":\""), .endless(piece)]
        try await withPair(pair, answers: [steps], { $0.limits.event = 1 << 20 }) { gateway, upstream in
            let answer = try await gateway.send(pair.caller.request(stream: false))
            #expect(answer.status == 502)
            #expect(pair.caller.isError(answer.bodyText))
            try await upstream.connectionClosed(within: .promptly)
            #expect(upstream.bytesWritten < 16 << 20)
        }
    }

    // MARK: Time, and clients

    @Test("F1 F7: what fails before the first word is asked again, without a trace", arguments: Pair.all)
    func again(_ pair: Pair) async throws {
        let failing = [
            Answer.json(pair.provider.errorBody(), status: 503),
            Answer.stream([pair.provider.errorEvent], contentType: pair.provider.streamType),
        ]
        var policy = AttemptPolicy(retries: 2, backoff: .zero)
        policy.repeatsSent = true
        let change: (inout GatewaySettings) -> Void = { $0.attempts = policy }
        try await withPair(pair, answers: failing + [pair.provider.answer(stream: true)], change) { gateway, upstream in
            let answer = try await gateway.send(pair.caller.request(stream: true))
            #expect(answer.status == 200 && answer.field("x-torii-attempts") == "3", "\(answer.bodyText)")
            #expect(pair.caller.text(ofStream: answer.bodyText) == "Hello", "\(answer.bodyText)")
            #expect(pair.caller.hasEndedWell(answer.bodyText))
            #expect(upstream.requests.count == 3 && Set(upstream.requests.map(\.bodyText)).count == 1)
        }
    }

    @Test("F3: a stream that stalls ends in the client's own failure at the idle deadline", arguments: Pair.all)
    func stall(_ pair: Pair) async throws {
        let clock = SteppedClock()
        let head = Answer.chunkedHead(contentType: pair.provider.streamType)
        let steps = [head] + pair.provider.firstEvents.map(Answer.chunk) + [.stall]
        try await withPair(pair, answers: [steps], clock: clock) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(pair.caller.request(stream: true))
            try await client.text(containing: "Hel")
            try await clock.advance(by: .seconds(280))
            #expect(upstream.openConnections == 1, "no deadline passes early")
            try await clock.advance(by: .seconds(1))
            expectFailure(pair, try await client.answer(), try await gateway.log.record(), code: "upstream_timeout")
            try await upstream.connectionClosed()
        }
    }

    @Test("F4: a head that does not come is a 504 in the client's dialect", arguments: Pair.all, [true, false])
    func slowHead(_ pair: Pair, _ stream: Bool) async throws {
        let clock = SteppedClock()
        try await withPair(pair, answers: [[.stall]], clock: clock, { $0.streams.headDelay = .seconds(3_600) }) {
            gateway,
            upstream in
            let client = try await gateway.connect()
            try await client.send(pair.caller.request(stream: stream))
            _ = try await upstream.request()
            try await clock.advance(by: .seconds(601))
            let answer = try await client.answer()
            #expect(answer.status == 504)
            #expect(pair.caller.isError(answer.bodyText), "\(answer.bodyText)")
            #expect(try await gateway.log.record()["code"] == "upstream_timeout")
            try await upstream.connectionClosed()
        }
    }

    @Test("F12: a client that leaves stops the provider", arguments: Pair.translated)
    func clientLeaves(_ pair: Pair) async throws {
        let head = Answer.chunkedHead(contentType: pair.provider.streamType)
        let steps = [head] + pair.provider.firstEvents.map(Answer.chunk) + [.stall]
        try await withPair(pair, answers: [steps]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(pair.caller.request(stream: true))
            try await client.text(containing: "Hel")
            client.close()
            try await upstream.connectionClosed(within: .promptly)
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "client_gone")
            #expect(record.number("status") == 499)
        }
    }

    @Test(
        "what a provider refuses is told in the client's dialect by its code",
        arguments: Pair.translated,
        [
            (400, "invalid_request_error", "bad field", 400),
            (401, "authentication_error", "Incorrect API key provided: provider-key", 502),
            (404, "not_found_error", "model 'm' not found", 404), (429, "rate_limit_error", "too many requests", 429),
            (400, "invalid_request_error", "This model's maximum context length is 10 tokens", 400),
            (503, "overloaded_error", "server busy", 503), (500, "api_error", "oops", 502),
        ]
    )
    func refused(_ pair: Pair, _ refusal: (Int, String, String, Int)) async throws {
        let (status, type, message, expected) = refusal
        let body = pair.provider.errorBody(type: type, message: message)
        let steps = Answer.json(body, status: status, fields: [("retry-after", "7")])
        try await withPair(pair, answers: [steps]) { gateway, _ in
            for stream in [true, false] {
                let answer = try await gateway.send(pair.caller.request(stream: stream))
                #expect(answer.status == (pair.caller == .messages && expected == 503 ? 529 : expected))
                #expect(pair.caller.isError(answer.bodyText), "\(answer.bodyText)")
                #expect(!answer.bodyText.contains("provider-key"))
                if expected == 429 { #expect(answer.field("retry-after") == "7") }
            }
        }
    }
}
