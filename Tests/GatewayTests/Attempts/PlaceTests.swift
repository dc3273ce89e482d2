import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Places at a provider, and the queue for them")
struct PlaceTests {
    private func pool(_ places: Int = 1, length: Int = 1, timeout: Duration = .seconds(20)) -> Pool {
        Pool(policy: .quick(retries: 0)) { _, provider in
            provider.limits.concurrency = places
            provider.limits.queue.length = length
            provider.limits.queue.timeout = timeout
        }
    }

    private func queued(_ gateway: GatewayUnderTest, _ count: Int) async throws {
        _ = try await eventually("\(count) in the queue") {
            try await gateway.provider(0, "queued") == count ? true : nil
        }
    }

    @Test(
        "F21: who finds no place waits, who finds the queue full is told when to come again",
        arguments: Sample.allCases
    )
    func full(_ sample: Sample) async throws {
        let gate = Gate()
        let first: [Step] = [.wait(gate)] + sample.answer(stream: true)
        try await pool().run([[first, sample.answer(stream: true)]]) { gateway, upstreams in
            let running = try await gateway.connect()
            try await running.send(sample.request(stream: true))
            _ = try await upstreams[0].request()
            let waiting = try await gateway.connect()
            try await waiting.send(sample.request(stream: true))
            try await queued(gateway, 1)
            let refused = try await gateway.send(sample.request(stream: true))
            #expect(refused.status == (sample == .messages ? 529 : 503))
            #expect(refused.field("retry-after") == "2")
            #expect(refused.bodyText.hasPrefix(sample.errorMark))
            let health = try await gateway.administration("/health")
            #expect(health.status == 200)
            #expect(upstreams[0].requests.count == 1)
            gate.open()
            for client in [running, waiting] {
                #expect(try await client.answer().bodyText == sample.passedEvents().joined())
            }
            try await gateway.isIdle()
            #expect(try await gateway.provider(0, "in_flight") == 0)
            let records = try await gateway.log.lines(3).map { try LoggedRequest($0) }
            #expect(records.contains { $0["outcome"] == "failed" && $0["code"] == "server_is_overloaded" })
            #expect(records.contains { $0.number("waited_ms") ?? 0 > 0 })
        }
    }

    @Test("F21: a wait in the queue has an end", arguments: Sample.allCases)
    func timeout(_ sample: Sample) async throws {
        let clock = SteppedClock()
        var pool = pool(timeout: .seconds(60))
        pool.clock = clock
        try await pool.run([[[.stall]]]) { gateway, upstreams in
            let running = try await gateway.connect()
            try await running.send(sample.request())
            _ = try await upstreams[0].request()
            let waiting = try await gateway.connect()
            try await waiting.send(sample.request())
            try await queued(gateway, 1)
            try await clock.advance(by: .milliseconds(59_750))
            try await queued(gateway, 1)
            try await clock.advance(by: .milliseconds(250))
            let late = try await waiting.answer()
            #expect(late.status == (sample == .messages ? 529 : 503))
            #expect(late.field("retry-after") != nil)
            #expect(try await gateway.provider(0, "queued") == 0)
            running.close()
            try await gateway.isIdle()
        }
    }

    @Test("F21: a full queue leads to the next target")
    func elsewhere() async throws {
        try await pool(length: 0).run([[[.stall]], [Sample.chat.answer(stream: false)]]) { gateway, upstreams in
            let running = try await gateway.connect()
            try await running.send(Sample.chat.request())
            _ = try await upstreams[0].request()
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 200 && answer.field("x-torii-attempts") == "2")
            #expect(try await gateway.status()["providers"]?[0]?["breaker"]?.string == "closed")
            running.close()
        }
    }

    @Test(
        "F12: a client that leaves the queue frees its place in it, and one that leaves a place frees that",
        arguments: Sample.allCases
    )
    func leaves(_ sample: Sample) async throws {
        try await pool(length: 2).run([[[.stall], sample.answer(stream: true)]]) { gateway, upstreams in
            let running = try await gateway.connect()
            try await running.send(sample.request(stream: true))
            _ = try await upstreams[0].request()
            let impatient = try await gateway.connect()
            try await impatient.send(sample.request(stream: true))
            try await queued(gateway, 1)
            let patient = try await gateway.connect()
            try await patient.send(sample.request(stream: true))
            try await queued(gateway, 2)
            impatient.close()
            try await queued(gateway, 1)
            #expect(upstreams[0].requests.count == 1)
            running.close()
            #expect(try await patient.answer().bodyText == sample.passedEvents().joined())
            try await gateway.isIdle()
            #expect(try await gateway.provider(0, "in_flight") == 0)
            #expect(upstreams[0].requests.count == 2)
        }
    }

    @Test("keys take turns, however many requests each of them has in the queue")
    func fair() async throws {
        let gate = Gate()
        var pool = pool(length: 8)
        pool.settings = { $0.clientKeys = [Secret("key-of-the-noisy-one"), Secret("key-of-the-quiet-one")] }
        let first: [Step] = [.wait(gate)] + Sample.chat.answer(stream: false)
        try await pool.run([[first, Sample.chat.answer(stream: false)]]) { gateway, upstreams in
            var clients: [RawClient] = []
            func send(_ key: String, _ model: String) async throws {
                let client = try await gateway.connect()
                clients.append(client)
                let fields = [("Authorization", "Bearer \(key)")]
                try await client.send(Sample.chat.request(extra: #""user":"\#(model)","#, fields: fields))
            }
            try await send("key-of-the-noisy-one", "a0")
            _ = try await upstreams[0].request()
            for number in 1...4 {
                try await send("key-of-the-noisy-one", "a\(number)")
                try await queued(gateway, number)
            }
            try await send("key-of-the-quiet-one", "b1")
            try await queued(gateway, 5)
            gate.open()
            for client in clients { #expect(try await client.answer().status == 200) }
            let order = upstreams[0].requests.map { $0.bodyText.split(separator: #""user":""#)[1].prefix(2) }
            #expect(order == ["a0", "a1", "b1", "a2", "a3", "a4"])
        }
    }

    @Test("F9: who has waited for a place asks again how its provider stands, and goes elsewhere", arguments: [1, 3])
    func restsMeanwhile(_ count: Int) async throws {
        let gate = Gate()
        var pool = pool(length: 8)
        pool.provider = { place, provider in
            provider.limits.breaker.failures = 1
            if place == 0 { (provider.limits.concurrency, provider.limits.queue.length) = (1, 8) }
        }
        let failing: [Step] = [.wait(gate)] + Answer.refusal(.chat, 503)
        try await pool.run([[failing], [Sample.chat.answer(stream: false)]]) { gateway, upstreams in
            var clients: [RawClient] = []
            for number in 0...count {
                let client = try await gateway.connect()
                clients.append(client)
                try await client.send(Sample.chat.request())
                if number == 0 { _ = try await upstreams[0].request() } else { try await queued(gateway, number) }
            }
            gate.open()
            for client in clients { #expect(try await client.answer().status == 200) }
            #expect(upstreams[0].requests.count == 1, "it is not asked by those who waited")
            #expect(upstreams[1].requests.count == count + 1)
            try await gateway.isIdle()
            #expect(try await gateway.provider(0, "in_flight") == 0)
            #expect(try await gateway.status()["providers"]?[0]?["breaker"]?.string == "open")
        }
    }

    @Test("F9: where there is no other target, who has waited is sent all the same")
    func restsAlone() async throws {
        let gate = Gate()
        var pool = pool(length: 8)
        pool.provider = { _, provider in
            provider.limits.breaker.failures = 1
            (provider.limits.concurrency, provider.limits.queue.length) = (1, 8)
        }
        let failing: [Step] = [.wait(gate)] + Answer.refusal(.chat, 503)
        try await pool.run([[failing, Sample.chat.answer(stream: false)]]) { gateway, upstreams in
            let running = try await gateway.connect()
            try await running.send(Sample.chat.request())
            _ = try await upstreams[0].request()
            let waiting = try await gateway.connect()
            try await waiting.send(Sample.chat.request())
            try await queued(gateway, 1)
            gate.open()
            #expect(try await running.answer().status == 503)
            #expect(try await waiting.answer().status == 200)
        }
    }

    @Test("F20: a stop at its deadline tells those in the queue so")
    func stops() async throws {
        var pool = pool()
        pool.settings = { $0.limits.drainTimeout = .milliseconds(200) }
        try await pool.run([[[.stall]]]) { gateway, upstreams in
            let running = try await gateway.connect()
            try await running.send(Sample.chat.request())
            _ = try await upstreams[0].request()
            let waiting = try await gateway.connect()
            try await waiting.send(Sample.chat.request())
            try await queued(gateway, 1)
            await gateway.beginStop()
            try await gateway.hasEnded(within: .seconds(20))
            #expect(try await waiting.answer().status == 503)
        }
    }
}
