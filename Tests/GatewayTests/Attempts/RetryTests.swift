import Inference
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Requests that are tried again")
struct RetryTests {
    @Test(
        "F1: a status that passes is tried again at the same provider",
        arguments: Sample.allCases,
        [408, 409, 425, 429, 500, 502, 503, 504, 529]
    )
    func statuses(_ sample: Sample, _ status: Int) async throws {
        for stream in [false, true] {
            let refusal = Answer.refusal(sample, status, fields: [("retry-after-ms", "1")])
            try await Pool().run([[refusal, refusal, sample.answer(stream: stream)]]) { gateway, upstreams in
                let answer = try await gateway.send(sample.request(stream: stream))
                #expect(answer.status == 200)
                #expect(answer.bodyText == (stream ? sample.passedEvents().joined() : sample.whole))
                #expect(answer.field("x-torii-attempts") == "3")
                #expect(upstreams[0].requests.count == 3)
                #expect(Set(upstreams[0].requests.map(\.bodyText)).count == 1)
                let record = try await gateway.log.record()
                #expect(record["outcome"] == "ok" && record.number("attempts") == 3 && record.number("retries") == 2)
                #expect(record["fallback_cause"] == nil)
                #expect(record.number("output_tokens") == 2)
                try await gateway.isIdle()
            }
        }
    }

    @Test("F1: after the last attempt the provider's own words come down", arguments: Sample.allCases, [true, false])
    func allFail(_ sample: Sample, _ stream: Bool) async throws {
        try await Pool().run([[Answer.refusal(sample, 500)]]) { gateway, upstreams in
            let answer = try await gateway.send(sample.request(stream: stream))
            #expect(answer.status == 500)
            #expect(answer.bodyText == sample.errorMark + #""type":"odd_error","message":"no"}}"#)
            #expect(answer.field("x-torii-attempts") == "3")
            #expect(upstreams[0].requests.count == 3)
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "failed")
            #expect(record["tried"] == "one:upstream_error one:upstream_error one:upstream_error")
        }
    }

    @Test(
        "an invalid request is sent once",
        arguments: Sample.allCases,
        [400, 413, 422]
    )
    func invalid(_ sample: Sample, _ status: Int) async throws {
        try await Pool().run([[Answer.refusal(sample, status)], [sample.answer(stream: false)]]) { gateway, upstreams in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == status)
            #expect(upstreams[0].requests.count == 1 && upstreams[1].requests.isEmpty)
        }
    }

    @Test("F1: a reset before the head is tried again only where that is allowed", arguments: Sample.allCases)
    func reset(_ sample: Sample) async throws {
        for repeats in [false, true] {
            let pool = Pool(policy: .quick(repeatsSent: repeats))
            try await pool.run([[[.reset], sample.answer(stream: true)]]) { gateway, upstreams in
                let answer = try await gateway.send(sample.request(stream: true))
                #expect(answer.status == (repeats ? 200 : 502))
                #expect(upstreams[0].requests.count == (repeats ? 2 : 1))
                if repeats { #expect(answer.bodyText == sample.passedEvents().joined()) }
            }
        }
    }

    @Test("F1 F25: a provider that refuses connections is tried again, because nothing was sent")
    func refused() async throws {
        let closed = try ClosedPort()
        let upstream = try await ScriptedUpstream.start(answers: [Sample.chat.answer(stream: false)])
        let pool = Pool { place, provider in
            if place == 0, let url = try? BaseURL("http://127.0.0.1:\(closed.port)") { provider.baseURL = url }
        }
        try await pool.run([upstream, upstream]) { gateway, _ in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 200)
            let record = try await gateway.log.record()
            let failed = "one:upstream_unreachable"
            #expect(record["tried"] == "\(failed) \(failed) \(failed) two:ok")
            #expect(record["fallback_cause"] == "upstream_unreachable" && record["provider"] == "two")
        }
        await upstream.shutdown()
        withExtendedLifetime(closed) {}
    }

    @Test("F7: an error event before the first word is tried again without a trace", arguments: Sample.allCases)
    func errorFirst(_ sample: Sample) async throws {
        let failing = Answer.stream(sample.beginning + [sample.errorEvent])
        try await Pool().run([[failing, sample.answer(stream: true)]]) { gateway, upstreams in
            let answer = try await gateway.send(sample.request(stream: true))
            #expect(answer.status == 200)
            #expect(answer.bodyText == sample.passedEvents().joined())
            #expect(upstreams[0].requests.count == 2)
            #expect(try await gateway.log.record()["outcome"] == "ok")
        }
    }

    @Test(
        "F7: an error event before the first word has a status of its own when nothing helps",
        arguments: Sample.allCases
    )
    func errorFirstOnly(_ sample: Sample) async throws {
        try await Pool().run([[Answer.stream(sample.beginning + [sample.errorEvent])]]) { gateway, upstreams in
            let answer = try await gateway.send(sample.request(stream: true))
            #expect(answer.status == 502)
            #expect(answer.bodyText.hasPrefix(sample.errorMark) && answer.bodyText.contains("out of luck"))
            #expect(upstreams[0].requests.count == 3)
            #expect(try await gateway.log.record()["outcome"] == "failed")
        }
    }

    @Test("F7: a 200 whose body is an error is tried again", arguments: Sample.allCases)
    func errorBody(_ sample: Sample) async throws {
        let failing = Answer.json(#"{"error":{"message":"out of luck","type":"server_error"}}"#)
        try await Pool().run([[failing, sample.answer(stream: false)]]) { gateway, _ in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == 200 && answer.bodyText == sample.whole)
        }
    }

    @Test(
        "F2 F6 F7: an answer that breaks off before its first word is tried again only where that is allowed",
        arguments: Sample.allCases,
        [true, false]
    )
    func brokenEarly(_ sample: Sample, _ repeats: Bool) async throws {
        let endings: [[Step]] = [[.close], [Answer.lastChunk], [.reset]]
        for ending in endings {
            let failing = [Answer.chunkedHead()] + sample.beginning.map(Answer.chunk) + ending
            let pool = Pool(policy: .quick(repeatsSent: repeats))
            try await pool.run([[failing, sample.answer(stream: true)]]) { gateway, upstreams in
                let answer = try await gateway.send(sample.request(stream: true))
                #expect(answer.status == (repeats ? 200 : 502), "\(answer.bodyText)")
                #expect(upstreams[0].requests.count == (repeats ? 2 : 1))
                if repeats { #expect(answer.bodyText == sample.passedEvents().joined()) }
            }
        }
    }

    @Test("F2: once a word has come down nothing is tried again, whatever the route allows", arguments: Sample.allCases)
    func brokenLate(_ sample: Sample) async throws {
        let events = Array(sample.events().prefix { !$0.contains("lo\"") })
        for ending in [[Answer.chunk(sample.errorEvent), .stall], [Step.close], [Answer.lastChunk]] {
            let failing = [Answer.chunkedHead()] + events.map(Answer.chunk) + ending
            let pool = Pool(policy: .quick(repeatsSent: true))
            try await pool.run([[failing], [sample.answer(stream: true)]]) { gateway, upstreams in
                let answer = try await gateway.send(sample.request(stream: true))
                #expect(answer.status == 200)
                #expect(answer.bodyText.hasPrefix(events.joined()))
                #expect(answer.bodyText.contains(sample.terminalMark) || answer.bodyText.hasSuffix(sample.errorEvent))
                #expect(upstreams[0].requests.count == 1 && upstreams[1].requests.isEmpty)
                #expect(try await gateway.log.record()["outcome"] == "interrupted")
            }
        }
    }

    @Test("the first word goes down at once, with all that was held before it", arguments: Sample.allCases)
    func firstWord(_ sample: Sample) async throws {
        let gate = Gate()
        let events = sample.events()
        let first = (events.firstIndex { $0.contains("Hel") } ?? 0) + 1
        let steps =
            [Answer.chunkedHead()] + events[..<first].map(Answer.chunk) + [.wait(gate)]
            + events[first...].map(Answer.chunk) + [Answer.lastChunk]
        try await Pool().run([[steps]]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await client.state.wait(for: "the first word") {
                RawAnswer.partOfChunkedBody($0.bytes) == events[..<first].joined()
            }
            gate.open()
            #expect(try await client.answer().bodyText == sample.passedEvents().joined())
        }
    }

    @Test(
        "behind a head that went down early another attempt goes on with the same stream, and nothing stands twice",
        arguments: Sample.allCases
    )
    func behindHead(_ sample: Sample) async throws {
        let gate = Gate()
        let failing = [Answer.chunkedHead()] + sample.beginning.map(Answer.chunk) + [.wait(gate), .reset]
        let clock = SteppedClock()
        let pool = Pool(policy: .quick(backoff: .zero, repeatsSent: true), clock: clock)
        try await pool.run([[failing], [sample.answer(stream: true)]]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await clock.advance(by: .seconds(1), untilThereIs: "HTTP/1.1 200", at: client)
            gate.open()
            let answer = try await client.answer()
            #expect(answer.bodyText == sample.passedEvents().joined())
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "ok")
        }
    }

    @Test("behind a head that went down early the last failure is told in the stream", arguments: Sample.allCases)
    func behindHeadOnly(_ sample: Sample) async throws {
        let clock = SteppedClock()
        let pool = Pool(policy: .quick(retries: 0, repeatsSent: true), clock: clock)
        for second in [Answer.refusal(sample, 500), sample.answer(stream: false), [.reset]] {
            let gate = Gate()
            let failing = [Answer.chunkedHead()] + sample.beginning.map(Answer.chunk) + [.wait(gate), .reset]
            try await pool.run([[failing], [second]]) { gateway, _ in
                let client = try await gateway.connect()
                try await client.send(sample.request(stream: true))
                try await clock.advance(by: .seconds(1), untilThereIs: "HTTP/1.1 200", at: client)
                gate.open()
                let answer = try await client.answer()
                #expect(answer.bodyText.hasPrefix(sample.terminalMark), "\(answer.bodyText)")
                #expect(try await gateway.log.record()["outcome"] == "interrupted")
            }
        }
    }

    @Test("F20: a stop lets a request that waits for its next attempt come to its end")
    func drain() async throws {
        let gate = Gate()
        let clock = SteppedClock()
        let pool = Pool(policy: AttemptPolicy(retries: 1, backoff: .zero), clock: clock)
        let failing: [Step] = [.wait(gate)] + Answer.refusal(.chat, 503, fields: [("retry-after", "3")])
        try await pool.run([[failing, Sample.chat.answer(stream: true)]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(stream: true))
            _ = try await upstreams[0].request()
            await gateway.beginStop()
            gate.open()
            try await clock.waits(for: .seconds(3))
            try await clock.advance(by: .seconds(3))
            #expect(try await client.answer().bodyText == Sample.chat.passedEvents().joined())
            try await gateway.hasEnded()
        }
    }

    @Test("F12: a client that leaves between two attempts frees everything, and is not asked for again")
    func leavesBetween() async throws {
        let pool = Pool(policy: AttemptPolicy(retries: 2, backoff: .seconds(60), longestWait: .seconds(60)))
        let refusal = Answer.refusal(.chat, 503, fields: [("retry-after", "30")])
        try await pool.run([[refusal]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(stream: true))
            _ = try await eventually("the wait") {
                try await gateway.provider(0, "in_flight") == 0 && upstreams[0].requests.count == 1 ? true : nil
            }
            client.close()
            try await gateway.isIdle(within: .promptly)
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "client_gone")
            #expect(upstreams[0].requests.count == 1)
        }
    }
}
