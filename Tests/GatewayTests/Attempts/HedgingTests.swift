import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("A second attempt beside a slow one")
struct HedgingTests {
    /// How long a first word takes while all is well.
    private static let usual = Duration.milliseconds(50)
    /// As many times as have to be known.
    private static let warmUp = 20

    private let clock = SteppedClock()

    private func pool(hedges: Bool = true, retries: Int = 0) -> Pool {
        var policy = AttemptPolicy.quick(retries: retries, backoff: .zero)
        policy.hedges = hedges
        var pool = Pool(policy: policy)
        pool.clock = clock
        return pool
    }

    /// Answers the first requests in the usual time, so that it is known how long one waits, and the next ones by `later`.
    private func usualAtFirst(_ first: [Step], then later: [Step]) async throws -> ScriptedUpstream {
        let served = Counter()
        return try await ScriptedUpstream.start { [clock] _ in
            guard served.next() <= Self.warmUp else { return later }
            clock.leap(Self.usual)
            return first
        }
    }

    private func warmUp(_ gateway: GatewayUnderTest, _ request: String) async throws {
        for _ in 0..<Self.warmUp { _ = try await gateway.send(request) }
    }

    /// Sends a request and lets the usual time pass, counted from when the provider has it.
    private func sendSlow(
        _ request: String,
        _ gateway: GatewayUnderTest,
        to one: ScriptedUpstream
    ) async throws -> RawClient {
        let before = one.requests.count
        let client = try await gateway.connect()
        try await client.send(request)
        _ = try await one.request(before)
        try await clock.advance(by: Self.usual)
        return client
    }

    @Test("the one that comes to its first word first answers, and the other is cancelled", arguments: Sample.allCases)
    func rivalWins(_ sample: Sample) async throws {
        let silent = [Answer.chunkedHead()] + sample.beginning.map(Answer.chunk) + [.stall]
        let one = try await usualAtFirst(sample.answer(stream: true), then: silent)
        let two = try await ScriptedUpstream.start(answers: [sample.answer(stream: true)])
        try await pool().run([one, two]) { gateway, _ in
            try await warmUp(gateway, sample.request(stream: true))
            #expect(one.requests.count == Self.warmUp && two.requests.isEmpty)
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            _ = try await one.request(Self.warmUp)
            try await clock.advance(by: Self.usual - .nanoseconds(1))
            #expect(try await gateway.provider(1, "in_flight") == 0, "it takes no longer than it may")
            try await clock.advance(by: .nanoseconds(1))
            let answer = try await client.answer()
            #expect(answer.status == 200 && answer.bodyText == sample.passedEvents().joined())
            let record = try await gateway.log.record(Self.warmUp)
            #expect(record["tried"] == "one:cancelled two:ok" && record.number("attempts") == 2)
            #expect(record["outcome"] == "ok" && record["provider"] == "two")
            _ = try await eventually("the slow one's end") { one.openConnections <= 1 ? true : nil }
            try await gateway.isIdle()
            for place in 0...1 {
                let running = try await gateway.provider(place, "in_flight")
                #expect(running == 0)
            }
            let breaker = try await gateway.status()["providers"]?[0]?["breaker"]?.string
            #expect(breaker == "closed")
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("the one that is cancelled has a record of its own, with an estimate of what it was asked")
    func loserIsPaid() async throws {
        let answer = Sample.chat.answer(stream: true)
        let one = try await usualAtFirst(answer, then: [Answer.chunkedHead(), .stall])
        let two = try await ScriptedUpstream.start(answers: [answer])
        var pool = pool()
        pool.settings = { $0.prices.unknown = .standard(Price(input: 1_000_000, output: 2_000_000)) }
        try await pool.run([one, two]) { gateway, _ in
            try await warmUp(gateway, Sample.chat.request(stream: true))
            #expect(try await sendSlow(Sample.chat.request(stream: true), gateway, to: one).answer().status == 200)
            let records = try await gateway.usageRecords(Self.warmUp + 2)
            let losses = records.filter { $0["part"]?.string == "hedge" }
            let loss = try #require(losses.first)
            #expect(losses.count == 1 && loss["provider"]?.string == "one" && loss["attempts"]?.int == 1)
            #expect(loss["outcome"]?.string == "interrupted" && loss["code"]?.string == "cancelled")
            #expect(loss["estimated"]?.bool == true && loss["output_tokens"]?.int == 0)
            let input = try #require(loss["input_tokens"]?.int)
            #expect(input > 0 && loss["cost_usd"]?.double == Double(input) / 1e6)
            let winner = records.first { record in
                record["part"]?.string == "request" && record["request_id"]?.string == loss["request_id"]?.string
            }
            #expect(winner?["provider"]?.string == "two" && winner?["input_tokens"]?.int == 3)
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("who loses is known to have taken as long as that: else the usual time would become shorter and shorter")
    func loserCounts() async throws {
        let answer = Sample.chat.answer(stream: true)
        let one = try await usualAtFirst(answer, then: [.stall])
        let two = try await ScriptedUpstream.start { [clock] _ in
            clock.leap(.milliseconds(150))
            return answer
        }
        try await pool().run([one, two]) { gateway, _ in
            let request = Sample.chat.request(stream: true)
            try await warmUp(gateway, request)
            // Two of twenty-two are more than one of twenty.
            for _ in 0..<2 { _ = try await sendSlow(request, gateway, to: one).answer() }
            #expect(two.requests.count == 2)
            let client = try await gateway.connect()
            try await client.send(request)
            _ = try await one.request(Self.warmUp + 2)
            try await clock.waits(for: Self.usual + .milliseconds(150))
            try await clock.advance(by: .milliseconds(199))
            #expect(try await gateway.provider(1, "in_flight") == 0)
            try await clock.advance(by: .milliseconds(1))
            #expect(try await client.answer().status == 200)
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test(
        "a rival that is slower still, or fails, is no more than a line in the log",
        arguments: [Sample.chat, .messages]
    )
    func rivalLoses(_ sample: Sample) async throws {
        let empty = [Answer.chunkedHead(), Answer.lastChunk]
        for (other, word) in [
            ([Step.stall], "cancelled"), (Answer.refusal(sample, 500), "upstream_error"),
            (empty, "upstream_interrupted"), (sample.answer(stream: false), "upstream_malformed"),
            ([Answer.chunkedHead(fields: [("content-encoding", "gzip")]), .stall], "upstream_malformed"),
        ] {
            let gate = Gate()
            let answer = sample.answer(stream: true)
            let one = try await usualAtFirst(answer, then: [.wait(gate)] + answer)
            let two = try await ScriptedUpstream.start(answers: [other])
            try await pool().run([one, two]) { gateway, _ in
                try await warmUp(gateway, sample.request(stream: true))
                let client = try await sendSlow(sample.request(stream: true), gateway, to: one)
                _ = try await two.request()
                if word != "cancelled" {
                    _ = try await eventually("the rival's end") {
                        try await gateway.provider(1, "in_flight") == 0 ? true : nil
                    }
                }
                gate.open()
                #expect(try await client.answer().bodyText == sample.passedEvents().joined())
                let record = try await gateway.log.record(Self.warmUp)
                #expect(record["tried"] == "two:\(word) one:ok")
                // Only one that might still have been worked on is paid for.
                let records = try await gateway.usageRecords(Self.warmUp + (word == "cancelled" ? 2 : 1))
                let losses = records.filter { $0["part"]?.string == "hedge" }
                #expect(losses.map { $0["provider"]?.string } == (word == "cancelled" ? ["two"] : []))
                try await gateway.isIdle()
                let running = try await gateway.provider(1, "in_flight")
                #expect(running == 0)
            }
            for upstream in [one, two] { await upstream.shutdown() }
        }
    }

    @Test("where there is one target and no retry, it is asked a second time", arguments: Sample.allCases)
    func sameTarget(_ sample: Sample) async throws {
        let served = Counter()
        let one = try await ScriptedUpstream.start { [clock] _ in
            let number = served.next()
            if number == Self.warmUp + 1 { return [.stall] }
            clock.leap(Self.usual)
            return sample.answer(stream: true)
        }
        try await pool().run([one]) { gateway, _ in
            try await warmUp(gateway, sample.request(stream: true))
            let client = try await sendSlow(sample.request(stream: true), gateway, to: one)
            #expect(try await client.answer().bodyText == sample.passedEvents().joined())
            #expect(one.requests.count == Self.warmUp + 2)
            #expect(one.requests.last?.bodyText == one.requests.first?.bodyText)
            try await gateway.isIdle()
            let running = try await gateway.provider(0, "in_flight")
            #expect(running == 0)
        }
        await one.shutdown()
    }

    @Test("when the first attempt fails, the second goes on alone")
    func firstFails() async throws {
        let (failure, word) = (Gate(), Gate())
        let answer = Sample.chat.answer(stream: true)
        let one = try await usualAtFirst(answer, then: [.wait(failure)] + Answer.refusal(.chat, 500))
        let two = try await ScriptedUpstream.start(answers: [[.wait(word)] + answer])
        try await pool().run([one, two]) { gateway, _ in
            try await warmUp(gateway, Sample.chat.request(stream: true))
            let client = try await sendSlow(Sample.chat.request(stream: true), gateway, to: one)
            _ = try await two.request()
            failure.open()
            _ = try await eventually("the first one's end") {
                try await gateway.provider(0, "in_flight") == 0 ? true : nil
            }
            word.open()
            #expect(try await client.answer().bodyText == Sample.chat.passedEvents().joined())
            #expect(two.requests.count == 1)
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test(
        "a rival may speak another dialect",
        arguments: [
            Pair(caller: .chat, provider: .responses), Pair(caller: .responses, provider: .messages),
            Pair(caller: .messages, provider: .ollama), Pair(caller: .ollama, provider: .chat),
        ]
    )
    func otherDialect(_ pair: Pair) async throws {
        let one = try await usualAtFirst(pair.caller.answer(stream: true), then: [.stall])
        let two = try await ScriptedUpstream.start(answers: [pair.provider.answer(stream: true)])
        var pool = pool()
        pool.provider = { place, provider in
            provider.dialect = place == 0 ? pair.caller.dialect : pair.provider.dialect
        }
        try await pool.run([one, two]) { gateway, _ in
            try await warmUp(gateway, pair.caller.request(stream: true))
            let answer = try await sendSlow(pair.caller.request(stream: true), gateway, to: one).answer()
            #expect(pair.caller.text(ofStream: answer.bodyText) == "Hello", "\(answer.bodyText)")
            #expect(pair.caller.hasEndedWell(answer.bodyText))
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("a second attempt for which there is no place costs no repetition")
    func noPlace() async throws {
        let gate = Gate()
        let served = Counter()
        let one = try await ScriptedUpstream.start { [clock] _ in
            let number = served.next()
            if number == Self.warmUp + 1 { return [.wait(gate)] + Answer.refusal(.chat, 503) }
            clock.leap(Self.usual)
            return Sample.chat.answer(stream: true)
        }
        var pool = pool(retries: 1)
        pool.provider = { _, provider in
            provider.limits.concurrency = 1
            (provider.limits.retries.ratio, provider.limits.retries.floor) = (0, 1)
        }
        try await pool.run([one]) { gateway, _ in
            try await warmUp(gateway, Sample.chat.request(stream: true))
            let client = try await sendSlow(Sample.chat.request(stream: true), gateway, to: one)
            #expect(try await gateway.provider(0, "in_flight") == 1)
            gate.open()
            #expect(try await client.answer().status == 200, "the repetition was there for the failure")
            #expect(one.requests.count == Self.warmUp + 2)
        }
        await one.shutdown()
    }

    @Test("F12: a client that leaves closes both attempts")
    func clientLeaves() async throws {
        let one = try await usualAtFirst(Sample.chat.answer(stream: true), then: [.stall])
        let two = try await ScriptedUpstream.start(answers: [[.stall]])
        try await pool().run([one, two]) { gateway, _ in
            try await warmUp(gateway, Sample.chat.request(stream: true))
            let client = try await sendSlow(Sample.chat.request(stream: true), gateway, to: one)
            _ = try await two.request()
            client.close()
            try await gateway.isIdle()
            for place in 0...1 {
                let running = try await gateway.provider(place, "in_flight")
                #expect(running == 0)
            }
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("where the route does not want it, nobody is asked twice")
    func off() async throws {
        let gate = Gate()
        let answer = Sample.chat.answer(stream: true)
        let one = try await usualAtFirst(answer, then: [.wait(gate)] + answer)
        let two = try await ScriptedUpstream.start(answers: [answer])
        try await pool(hedges: false).run([one, two]) { gateway, _ in
            try await warmUp(gateway, Sample.chat.request(stream: true))
            let client = try await sendSlow(Sample.chat.request(stream: true), gateway, to: one)
            try await clock.advance(by: .seconds(10))
            #expect(try await gateway.provider(1, "in_flight") == 0)
            gate.open()
            _ = try await client.answer()
            #expect(two.requests.isEmpty)
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }
}
