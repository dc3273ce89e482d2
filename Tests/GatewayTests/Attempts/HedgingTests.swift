import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("A second attempt beside a slow one")
struct HedgingTests {
    private static func pool(hedges: Bool = true, retries: Int = 0) -> Pool {
        var policy = AttemptPolicy.quick(retries: retries)
        policy.hedges = hedges
        return Pool(policy: policy)
    }

    /// Answers the first requests at once, so that it is known how long one waits, and the next ones by `later`.
    private func quickAtFirst(_ sample: Sample, then later: [Step]) async throws -> ScriptedUpstream {
        let served = Counter()
        return try await ScriptedUpstream.start { _ in
            let number = served.next()
            return number <= Self.warmUp ? sample.answer(stream: true) : later
        }
    }

    /// As many as have to be known.
    private static let warmUp = 20

    private func warmUp(_ gateway: GatewayUnderTest, _ sample: Sample) async throws {
        for _ in 0..<Self.warmUp { _ = try await gateway.send(sample.request(stream: true)) }
    }

    @Test("the one that comes to its first word first answers, and the other is cancelled", arguments: Sample.allCases)
    func rivalWins(_ sample: Sample) async throws {
        let silent = [Answer.chunkedHead()] + sample.beginning.map(Answer.chunk) + [.stall]
        let one = try await quickAtFirst(sample, then: silent)
        let two = try await ScriptedUpstream.start(answers: [sample.answer(stream: true)])
        try await Self.pool().run([one, two]) { gateway, _ in
            try await warmUp(gateway, sample)
            #expect(one.requests.count + two.requests.count >= Self.warmUp)
            let before = try await gateway.log.lines(Self.warmUp).count
            let answer = try await gateway.send(sample.request(stream: true))
            #expect(answer.status == 200 && answer.bodyText == sample.passedEvents().joined())
            let record = try await gateway.log.record(before)
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
            let one = try await quickAtFirst(sample, then: [.wait(gate)] + sample.answer(stream: true))
            let two = try await ScriptedUpstream.start(answers: [other])
            try await Self.pool().run([one, two]) { gateway, _ in
                try await warmUp(gateway, sample)
                let before = two.requests.count
                let lines = try await gateway.log.lines(Self.warmUp).count
                let client = try await gateway.connect()
                try await client.send(sample.request(stream: true))
                _ = try await two.request(before)
                if word != "cancelled" {
                    _ = try await eventually("the rival's end") {
                        try await gateway.provider(1, "in_flight") == 0 ? true : nil
                    }
                }
                gate.open()
                let answer = try await client.answer()
                #expect(answer.bodyText == sample.passedEvents().joined())
                let record = try await gateway.log.record(lines)
                #expect(record["tried"] == "two:\(word) one:ok")
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
        let one = try await ScriptedUpstream.start { _ in
            let number = served.next()
            return number == Self.warmUp + 1 ? [.stall] : sample.answer(stream: true)
        }
        try await Self.pool().run([one]) { gateway, _ in
            try await warmUp(gateway, sample)
            let answer = try await gateway.send(sample.request(stream: true))
            #expect(answer.bodyText == sample.passedEvents().joined())
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
        let one = try await quickAtFirst(.chat, then: [.wait(failure)] + Answer.refusal(.chat, 500))
        let two = try await ScriptedUpstream.start(answers: [[.wait(word)] + Sample.chat.answer(stream: true)])
        try await Self.pool().run([one, two]) { gateway, _ in
            try await warmUp(gateway, .chat)
            let before = two.requests.count
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(stream: true))
            _ = try await two.request(before)
            failure.open()
            _ = try await eventually("the first one's end") {
                try await gateway.provider(0, "in_flight") == 0 ? true : nil
            }
            word.open()
            let answer = try await client.answer()
            #expect(answer.bodyText == Sample.chat.passedEvents().joined())
            #expect(two.requests.count == before + 1)
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
        let served = Counter()
        let one = try await ScriptedUpstream.start { _ in
            let number = served.next()
            return number <= Self.warmUp ? pair.caller.answer(stream: true) : [.stall]
        }
        let two = try await ScriptedUpstream.start(answers: [pair.provider.answer(stream: true)])
        var pool = Self.pool()
        pool.provider = { place, provider in
            provider.dialect = place == 0 ? pair.caller.dialect : pair.provider.dialect
        }
        try await pool.run([one, two]) { gateway, _ in
            for _ in 0..<Self.warmUp { _ = try await gateway.send(pair.caller.request(stream: true)) }
            let answer = try await gateway.send(pair.caller.request(stream: true))
            #expect(pair.caller.text(ofStream: answer.bodyText) == "Hello", "\(answer.bodyText)")
            #expect(pair.caller.hasEndedWell(answer.bodyText))
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("a second attempt for which there is no place costs no repetition")
    func noPlace() async throws {
        let gate = Gate()
        let served = Counter()
        let one = try await ScriptedUpstream.start { _ in
            let number = served.next()
            return number == Self.warmUp + 1
                ? [.wait(gate)] + Answer.refusal(.chat, 503) : Sample.chat.answer(stream: true)
        }
        var pool = Self.pool(retries: 1)
        pool.provider = { _, provider in
            provider.limits.concurrency = 1
            (provider.limits.retries.ratio, provider.limits.retries.floor) = (0, 1)
        }
        try await pool.run([one]) { gateway, _ in
            try await warmUp(gateway, .chat)
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(stream: true))
            _ = try await one.request(Self.warmUp)
            // Longer than the second attempt is waited for with.
            try await Task.sleep(for: .milliseconds(300))
            gate.open()
            #expect(try await client.answer().status == 200, "the repetition was there for the failure")
            #expect(one.requests.count == Self.warmUp + 2)
        }
        await one.shutdown()
    }

    @Test("F12: a client that leaves closes both attempts")
    func clientLeaves() async throws {
        let one = try await quickAtFirst(.chat, then: [.stall])
        let two = try await ScriptedUpstream.start(answers: [[.stall]])
        try await Self.pool().run([one, two]) { gateway, _ in
            try await warmUp(gateway, .chat)
            let before = two.requests.count
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(stream: true))
            _ = try await two.request(before)
            client.close()
            try await gateway.isIdle(within: .seconds(1))
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
        let one = try await quickAtFirst(.chat, then: [.wait(gate)] + Sample.chat.answer(stream: true))
        let two = try await ScriptedUpstream.start(answers: [Sample.chat.answer(stream: true)])
        try await Self.pool(hedges: false).run([one, two]) { gateway, _ in
            try await warmUp(gateway, .chat)
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(stream: true))
            _ = try await one.request(Self.warmUp)
            // Longer than any of the loop's regular looks.
            try await Task.sleep(for: .milliseconds(300))
            gate.open()
            _ = try await client.answer()
            #expect(two.requests.isEmpty)
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }
}
