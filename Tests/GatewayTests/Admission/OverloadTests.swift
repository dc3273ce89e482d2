import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("F21: overload")
struct OverloadTests {
    /// A gateway with one stream under way, which then is short of memory.
    private func withShortage(
        _ answers: [[Step]] = [[.stall]],
        body: (GatewayUnderTest, ScriptedUpstream, RawClient, Watched<Int>) async throws -> Void
    ) async throws {
        let memory = Watched(0)
        try await withUpstreams([[Answer.chunkedHead(), .stall]] + answers) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withGateway([house], memory: { memory.value }, { $0.overload.memory = 1_000 }) { gateway in
                let running = try await gateway.connect()
                try await running.send(Sample.chat.request(stream: true))
                _ = try await upstreams[0].request()
                memory.change { $0 = 2_000 }
                try await sheds(gateway, true)
                try await body(gateway, upstreams[0], running, memory)
                running.close()
            }
        }
    }

    /// Waits until requests are turned away, or no more.
    private func sheds(_ gateway: GatewayUnderTest, _ wanted: Bool) async throws {
        _ = try await eventually("shedding: \(wanted)") {
            let answer = try await gateway.send(RawRequest.get("/v1/models"))
            return (answer.status == 503) == wanted ? true : nil
        }
    }

    @Test(
        "F21: a new request gets a fast 503 with Retry-After in its dialect before its body is read",
        arguments: Sample.allCases
    )
    func turnedAway(_ sample: Sample) async throws {
        try await withShortage { gateway, upstream, _, _ in
            let client = try await gateway.connect()
            let head = sample.request().head
            try await client.send(head)
            let answer = try await client.answer(within: .seconds(5))
            #expect(answer.status == (sample == .messages ? 529 : 503))
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(answer.bodyText.contains("short of memory"))
            let wait = try #require(answer.field("retry-after").flatMap { Int($0) })
            #expect((1...4).contains(wait))
            #expect(upstream.requests.count == 1)
            client.close()
        }
    }

    @Test("F21: a client that waits to send its body is not asked for it")
    func expectsContinue() async throws {
        try await withShortage { gateway, _, _, _ in
            let client = try await gateway.connect()
            let fields = [
                ("Host", "localhost"), ("Content-Type", "application/json"), ("Content-Length", "1000000"),
                ("Expect", "100-continue"),
            ]
            try await client.send(RawRequest.head("POST", "/v1/chat/completions", fields))
            let answer = try await client.answer(within: .seconds(5))
            #expect(answer.status == 503)
            client.close()
        }
    }

    @Test("F21: health and the administration answer, and say what happens")
    func healthAnswers() async throws {
        try await withShortage { gateway, _, _, _ in
            #expect(try await gateway.send(RawRequest.get("/health")).status == 200)
            #expect(try await gateway.administration("/health").status == 200)
            let status = try JSONDocument(await gateway.administration("/status").body).root
            #expect(status["overload"]?["shedding"]?.string == "memory")
            #expect(status["overload"]?["shed"]?.int ?? 0 > 0)
            #expect(status["overload"]?["memory_bytes"]?.int == 2_000)
        }
    }

    @Test("F21: what runs goes on, and when there is room again, between the marks not yet, new ones are taken")
    func recovers() async throws {
        try await withShortage([Sample.chat.answer(stream: false)]) { gateway, _, running, memory in
            #expect(!running.isClosed)
            memory.change { $0 = 950 }
            let still = try await gateway.send(Sample.chat.request())
            #expect(still.status == 503)
            memory.change { $0 = 100 }
            try await sheds(gateway, false)
            #expect(try await gateway.send(Sample.chat.request()).status == 200)
            #expect(!running.isClosed)
        }
    }

    @Test("F21: a request that is alone is taken, because the number of requests is not what is wrong")
    func aloneIsTaken() async throws {
        try await withShortage([Sample.chat.answer(stream: false)]) { gateway, _, running, _ in
            running.close()
            _ = try await eventually("no other exchange") {
                try await gateway.status("exchanges_in_flight") == 0 ? true : nil
            }
            #expect(try await gateway.send(Sample.chat.request()).status == 200)
        }
    }

    @Test("F21: a message of a session is turned away like any request, and the session stays")
    func session() async throws {
        let memory = Watched(0)
        let gate = Gate()
        let stream = Sample.responses.answer(stream: true)
        try await withUpstreams([[.wait(gate)] + stream, stream]) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withGateway([house], memory: { memory.value }, { $0.overload.memory = 1_000 }) { gateway in
                let client = try await SocketClient.open(gateway)
                let running = try await gateway.connect()
                try await running.send(Sample.responses.request(stream: true))
                _ = try await upstreams[0].request()
                memory.change { $0 = 2_000 }
                try await sheds(gateway, true)
                let refused = try await client.ask(Create.message())
                #expect(refused.last?["type"]?.string == "error" && refused.last?["status"]?.int == 503)
                #expect(refused.last?["headers"]?["retry-after"]?.string != nil)
                memory.change { $0 = 0 }
                try await sheds(gateway, false)
                #expect(try await client.ask(Create.message()).text == "Hello")
                gate.open()
                #expect(try await running.answer().status == 200)
                client.close()
                running.close()
            }
        }
    }

    @Test("F21: a loop that is late turns requests away, while a reload that gives it more time ends that")
    func lateLoop() async throws {
        try await withUpstreams([[Answer.chunkedHead(), .stall], Sample.chat.answer(stream: false)]) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withReload([house]) { test in
                let running = try await test.gateway.connect()
                try await running.send(Sample.chat.request(stream: true))
                _ = try await upstreams[0].request()
                // Every loop is later than this.
                try await test.take([house]) { $0.overload.loopLag = .nanoseconds(1) }
                try await sheds(test.gateway, true)
                let status = try JSONDocument(await test.gateway.administration("/status").body).root
                #expect(status["overload"]?["shedding"]?.string == "loop_lag")
                try await test.take([house])
                try await sheds(test.gateway, false)
                #expect(!running.isClosed)
                running.close()
            }
        }
    }
}

extension String {
    /// A request's head without its body.
    fileprivate var head: String {
        guard let end = firstRange(of: "\r\n\r\n") else { return self }
        return String(self[..<end.upperBound])
    }
}
