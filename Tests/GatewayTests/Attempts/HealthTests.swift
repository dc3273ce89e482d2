import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Providers that are left alone for a while")
struct HealthTests {
    private static let ok = Sample.chat.answer(stream: false)

    private let clock = SteppedClock()

    /// Without a retry, and with a time that stands still.
    private func pool(_ provider: @escaping @Sendable (Int, inout Provider) -> Void = { _, _ in }) -> Pool {
        Pool(policy: .quick(retries: 0), provider: provider, clock: clock)
    }

    private func ask(_ gateway: GatewayUnderTest, _ count: Int, expect status: Int = 200) async throws {
        for _ in 0..<count { #expect(try await gateway.send(Sample.chat.request()).status == status) }
    }

    @Test("F9: five failures open the breaker, and the next requests go elsewhere at once", arguments: Sample.allCases)
    func opens(_ sample: Sample) async throws {
        try await pool().run([[Answer.refusal(sample, 500)], [sample.answer(stream: true)]]) { gateway, upstreams in
            for _ in 0..<12 {
                let answer = try await gateway.send(sample.request(stream: true))
                #expect(answer.bodyText == sample.passedEvents().joined())
            }
            #expect(upstreams[0].requests.count == 5 && upstreams[1].requests.count == 12)
            let status = try await gateway.status()
            let one = status["providers"]?[0]
            #expect(one?["breaker"]?.string == "open" && one?["in_flight"]?.int == 0)
            #expect(one?["credentials"]?[0]?["cause"]?.string == "upstream_error")
            #expect(one?["credentials"]?[0]?["failures_in_row"]?.int == 5)
            #expect(one?["cooldown"]?.double == 5)
            #expect(status["providers"]?[1]?["breaker"]?.string == "closed")
            try await clock.advance(by: .seconds(4))
            #expect(try await gateway.status()["providers"]?[0]?["cooldown"]?.double == 1)
            try await clock.advance(by: .seconds(1))
            #expect(try await gateway.status()["providers"]?[0]?["breaker"]?.string == "half_open")
        }
    }

    @Test("F9: half-open lets one probe, and its success lets everybody in again")
    func halfOpen() async throws {
        let gate = Gate()
        let served = Counter()
        let one = try await ScriptedUpstream.start { _ in
            let number = served.next()
            return number <= 5 ? Answer.refusal(.chat, 503) : [.wait(gate)] + Self.ok
        }
        let two = try await ScriptedUpstream.start(answers: [Self.ok])
        try await pool().run([one, two]) { gateway, _ in
            try await ask(gateway, 5)
            let probe = try await gateway.connect()
            try await clock.advance(by: .milliseconds(4_999))
            try await ask(gateway, 1)
            #expect(one.requests.count == 5, "it rests")
            try await clock.advance(by: .milliseconds(1))
            try await probe.send(Sample.chat.request())
            _ = try await one.request(5)
            try await ask(gateway, 6)
            #expect(one.requests.count == 6, "one probe at a time")
            #expect(try await gateway.status()["providers"]?[0]?["breaker"]?.string == "half_open")
            gate.open()
            #expect(try await probe.answer().status == 200)
            try await ask(gateway, 3)
            #expect(one.requests.count == 9)
            #expect(try await gateway.status()["providers"]?[0]?["breaker"]?.string == "closed")
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("F12: a probe whose client leaves frees its place for the next one")
    func probeLeaves() async throws {
        let served = Counter()
        let one = try await ScriptedUpstream.start { _ in
            let number = served.next()
            return number <= 5 ? Answer.refusal(.chat, 503) : number == 6 ? [.stall] : Self.ok
        }
        let two = try await ScriptedUpstream.start(answers: [Self.ok])
        try await pool().run([one, two]) { gateway, _ in
            try await ask(gateway, 5)
            let probe = try await gateway.connect()
            try await clock.advance(by: .seconds(5))
            try await probe.send(Sample.chat.request())
            _ = try await one.request(5)
            probe.close()
            try await gateway.isIdle()
            try await ask(gateway, 1)
            #expect(one.requests.count == 7)
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("F9: of many requests on many event loops one alone finds out whether a provider has recovered")
    func oneProbe() async throws {
        let gate = Gate()
        let served = Counter()
        let one = try await ScriptedUpstream.start { _ in
            served.next() <= 5 ? Answer.refusal(.chat, 503) : [.wait(gate)] + Self.ok
        }
        let two = try await ScriptedUpstream.start(answers: [Self.ok])
        var pool = pool()
        pool.settings = { $0.threads = 4 }
        try await pool.run([one, two]) { gateway, _ in
            try await ask(gateway, 5)
            try await clock.advance(by: .seconds(5))
            let answered = Counter()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        let status = try await gateway.send(Sample.chat.request()).status
                        // All but the probe have been answered elsewhere.
                        if answered.next() == 39 { gate.open() }
                        return status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(one.requests.count == 6 && two.requests.count == 5 + 39)
        }
        for upstream in [one, two] { await upstream.shutdown() }
    }

    @Test("F9: who waits for the next attempt asks again how its provider stands, and goes elsewhere")
    func restsBehindPause() async throws {
        let policy = AttemptPolicy(retries: 1, backoff: .zero)
        var pool = Pool(policy: policy, clock: clock)
        pool.provider = { place, provider in if place == 0 { provider.limits.breaker.failures = 2 } }
        // Only what calls the provider overloaded is waited for at the same target; the other one takes over for all.
        let patient = Answer.refusal(.chat, 503, fields: [("retry-after", "3")])
        try await pool.run([[patient, Answer.refusal(.chat, 500)], [Self.ok]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request())
            try await clock.waits(for: .seconds(3))
            // Another one finds out meanwhile that it is in trouble.
            try await ask(gateway, 1)
            #expect(try await gateway.status()["providers"]?[0]?["breaker"]?.string == "open")
            #expect(upstreams[0].requests.count == 2 && upstreams[1].requests.count == 1)
            try await clock.advance(by: .seconds(3))
            #expect(try await client.answer().status == 200)
            #expect(upstreams[0].requests.count == 2 && upstreams[1].requests.count == 2)
        }
    }

    @Test("F9: a pool is never empty: where all rest, the one that began first is tried, once for each request")
    func neverEmpty() async throws {
        let failing = Answer.refusal(.chat, 500)
        let pool = Pool(policy: .quick(retries: 2))
        try await pool.run([[failing], [failing], [failing]]) { gateway, upstreams in
            try await ask(gateway, 100, expect: 500)
            let counts = upstreams.map(\.requests.count)
            #expect(counts.reduce(0, +) <= 120, "\(counts)")
            #expect(counts[0] >= 80)
        }
    }

    @Test("F9: one provider that is down is asked a fifth more often than it would be, and ten times more, and no more")
    func amplification() async throws {
        // Without a breaker, which would keep it from being asked as well.
        let pool = Pool(policy: .quick(retries: 5)) { _, provider in
            (provider.limits.breaker.failures, provider.limits.breaker.errorRate) = (.max, 1)
            provider.limits.breaker.minimum = .max
        }
        try await pool.run([[Answer.refusal(.chat, 503)]]) { gateway, upstreams in
            try await ask(gateway, 60, expect: 503)
            #expect(upstreams[0].requests.count == 60 + 60 / 5 + 10)
        }
    }

    @Test("F8: a 429 of one credential lets only that one rest, and the next key serves", arguments: [true, false])
    func credentials(_ stream: Bool) async throws {
        let upstream = try await ScriptedUpstream.start { request in
            request.field("authorization") == "Bearer first"
                ? Answer.refusal(.chat, 429, fields: [("retry-after", "120")]) : Sample.chat.answer(stream: stream)
        }
        let pool = Pool { _, provider in
            provider.apiKeys = [Secret("first"), Secret("second")]
        }
        try await pool.run([upstream]) { gateway, _ in
            for _ in 0..<4 {
                #expect(try await gateway.send(Sample.chat.request(stream: stream)).status == 200)
            }
            let keys = upstream.requests.compactMap { $0.field("authorization") }
            // Keys take turns, so that the resting one may be the second to be asked.
            #expect(keys.count == 5 && keys.count { $0 == "Bearer first" } == 1)
            let one = try await gateway.status()["providers"]?[0]
            #expect(one?["breaker"]?.string == "closed" && one?["cooldown"]?.double == nil)
            #expect(one?["credentials"]?[0]?["cause"]?.string == "rate_limit_exceeded")
            #expect(one?["credentials"]?[0]?["cooldown"]?.double ?? 0 > 100)
            #expect(one?["credentials"]?[1]?["cooldown"]?.double == nil)
        }
        await upstream.shutdown()
    }

    @Test(
        "F8: Retry-After is waited for, in each spelling",
        arguments: [("retry-after", "7"), ("retry-after-ms", "7000"), ("x-ratelimit-reset", "7s")],
        Sample.allCases
    )
    func waits(_ spelling: (String, String), _ sample: Sample) async throws {
        let refusal = Answer.refusal(sample, 429, fields: [spelling])
        let pool = Pool(policy: .quick(backoff: .zero), clock: clock)
        try await pool.run([[refusal, sample.answer(stream: true)]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await clock.waits(for: .seconds(7))
            try await clock.advance(by: .seconds(7) - .nanoseconds(1))
            #expect(try await gateway.provider(0, "in_flight") == 0, "never less than asked")
            try await clock.advance(by: .nanoseconds(1))
            #expect(try await client.answer().status == 200)
            let record = try await gateway.log.record()
            #expect(record.number("waited_ms") == 7_000 && record.number("total_us") == 7_000_000)
            #expect(upstreams[0].requests.count == 2)
        }
    }

    @Test("F8: who asks for 7 s each time is asked three times in 14 s, and who asks for 15 s twice in 15 s")
    func waitsTogether() async throws {
        for (seconds, count) in [(7, 3), (15, 2)] {
            let refusal = Answer.refusal(.chat, 429, fields: [("retry-after", "\(seconds)")])
            try await Pool(policy: .quick(backoff: .zero), clock: clock).run([[refusal]]) { gateway, upstreams in
                let client = try await gateway.connect()
                try await client.send(Sample.chat.request())
                for _ in 1..<count {
                    try await clock.waits(for: .seconds(seconds))
                    try await clock.advance(by: .seconds(seconds))
                }
                let answer = try await client.answer()
                #expect(answer.status == 429 && answer.field("retry-after") == "\(seconds)")
                #expect(upstreams[0].requests.count == count)
                #expect(try await gateway.log.record().number("waited_ms") == (count - 1) * seconds * 1_000)
            }
        }
    }

    @Test("F1: the wait before a retry is drawn from the range, by the generator that the loop was given")
    func drawn() async throws {
        let policy = AttemptPolicy(retries: 1, backoff: .seconds(1))
        var pool = Pool(policy: policy, clock: clock)
        pool.dice = { RouteDice(seed: 11) }
        pool.provider = { _, provider in provider.dialect = .chat }
        var dice = RouteDice(seed: 11)
        // The first number is the request's own, for its targets.
        _ = dice.next()
        let wait = Int64.random(in: 0...1_000_000_000, using: &dice)
        try await pool.run([[Answer.refusal(.chat, 503), Self.ok]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request())
            try await clock.waits(for: .nanoseconds(wait))
            try await clock.advance(by: .nanoseconds(wait - 1))
            #expect(try await gateway.provider(0, "in_flight") == 0)
            try await clock.advance(by: .nanoseconds(1))
            #expect(try await client.answer().status == 200)
            #expect(upstreams[0].requests.count == 2)
        }
    }

    @Test("F8: a wait that is too long is not made but passed on", arguments: Sample.allCases, ["21", "1000000000"])
    func tooLong(_ sample: Sample, _ seconds: String) async throws {
        let refusal = Answer.refusal(sample, 429, fields: [("retry-after", seconds)])
        try await Pool().run([[refusal]]) { gateway, upstreams in
            let answer = try await gateway.send(sample.request(stream: true))
            #expect(answer.status == 429 && answer.field("retry-after") == seconds)
            #expect(upstreams[0].requests.count == 1)
        }
    }

    @Test("F8: garbage and negative waits are as good as none", arguments: ["-5", "soon", "", "nan"])
    func garbage(_ value: String) async throws {
        let refusal = Answer.refusal(.chat, 429, fields: [("retry-after", value)])
        try await Pool().run([[refusal, Self.ok]]) { gateway, upstreams in
            try await ask(gateway, 1)
            #expect(upstreams[0].requests.count == 2)
        }
    }

    @Test("a stream that breaks off counts against its provider, a request that is wrong does not")
    func judged() async throws {
        let cut = [Answer.chunkedHead()] + Sample.chat.events().prefix(2).map(Answer.chunk) + [.close]
        try await Pool(policy: .quick(retries: 0)).run([[cut], [Self.ok]]) { gateway, upstreams in
            for _ in 0..<5 { _ = try await gateway.send(Sample.chat.request(stream: true)) }
            #expect(try await gateway.status()["providers"]?[0]?["breaker"]?.string == "open")
            #expect(upstreams[0].requests.count == 5)
        }
        try await Pool(policy: .quick(retries: 0)).run([[Answer.refusal(.chat, 400)], [Self.ok]]) {
            gateway,
            upstreams in
            try await ask(gateway, 12, expect: 400)
            #expect(upstreams[0].requests.count == 12)
        }
    }
}
