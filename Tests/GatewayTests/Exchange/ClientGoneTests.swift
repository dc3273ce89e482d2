import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("F12: a client that leaves")
struct ClientGoneTests {
    enum Leaving: String, CaseIterable, Sendable {
        case close
        case reset
        case halfClose
    }

    private func leave(_ client: RawClient, _ how: Leaving) async throws {
        switch how {
        case .close: client.close()
        case .reset: try await client.reset()
        case .halfClose: try await client.halfClose()
        }
    }

    private func expectGone(_ gateway: GatewayUnderTest, code: Int = 499) async throws -> LoggedRequest {
        let record = try await gateway.log.record()
        #expect(record["outcome"] == "client_gone")
        #expect(record.number("status") == code)
        try await gateway.isIdle(within: .promptly)
        return record
    }

    @Test(
        "F12: before the first token the upstream is closed within a second",
        arguments: Sample.allCases,
        [true, false]
    )
    func beforeFirstToken(_ sample: Sample, _ stream: Bool) async throws {
        try await withGateway(answers: [[.stall]]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: stream))
            _ = try await upstream.request()
            client.close()
            try await upstream.connectionClosed(within: .promptly)
            _ = try await expectGone(gateway)
        }
    }

    @Test(
        "F12: in the middle of a stream the upstream is closed within a second",
        arguments: Sample.allCases,
        Leaving.allCases
    )
    func midStream(_ sample: Sample, _ how: Leaving) async throws {
        let steps = [Answer.chunkedHead(), Answer.chunk(sample.events()[0]), .stall]
        try await withGateway(answers: [steps]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await client.state.wait(for: "an event") { RawAnswer.partOfChunkedBody($0.bytes) == sample.events()[0] }
            try await leave(client, how)
            try await upstream.connectionClosed(within: .promptly)
            let record = try await expectGone(gateway)
            if sample == .messages { #expect(record.number("input_tokens") == 3) }
        }
    }

    @Test("F12: in the middle of a whole body the upstream is closed within a second", arguments: Sample.allCases)
    func midBody(_ sample: Sample) async throws {
        let head = Answer.head(200, [("content-type", "application/json"), ("content-length", "1000")])
        try await withGateway(answers: [[.write(head + "{"), .stall]]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request())
            try await upstream.written(head.utf8.count + 1)
            client.close()
            try await upstream.connectionClosed(within: .promptly)
            _ = try await expectGone(gateway)
        }
    }

    @Test("F12: whoever leaves behind the last event of a stream has had all of it", arguments: Sample.allCases)
    func behindLastEvent(_ sample: Sample) async throws {
        let events = sample.events()
        let last = try #require(events.last).trimmingPrefix { $0.isNewline }
        let steps = [Answer.chunkedHead()] + events.map(Answer.chunk) + [.stall]
        try await withGateway(answers: [steps]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await client.text(containing: String(last.prefix { !$0.isNewline }))
            client.close()
            try await upstream.connectionClosed(within: .promptly)
            let line = try #require(try await gateway.log.lines(1).first)
            #expect(line.contains(#""outcome":"ok""#) && line.contains(#""status":200"#), "\(line)")
        }
    }

    @Test("F12: during the upload nothing reaches the upstream", arguments: Sample.allCases, Leaving.allCases)
    func duringUpload(_ sample: Sample, _ how: Leaving) async throws {
        try await withGateway(answers: [[.stall]]) { gateway, upstream in
            let client = try await gateway.connect()
            let request = sample.request()
            try await client.send(String(request.dropLast(5)))
            _ = try await eventually("the exchange") {
                try await gateway.status("exchanges_in_flight") == 1 ? true : nil
            }
            try await leave(client, how)
            _ = try await expectGone(gateway)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("F12: during a chunked upload nothing reaches the upstream")
    func duringChunkedUpload() async throws {
        try await withGateway(answers: [[.stall]]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(
                "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\""
            )
            _ = try await eventually("the exchange") {
                try await gateway.status("exchanges_in_flight") == 1 ? true : nil
            }
            client.close()
            _ = try await expectGone(gateway)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("F12: a client that leaves between requests leaves no record")
    func betweenRequests() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let idle = try await gateway.connect()
            idle.close()
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request())
            _ = try await client.answer()
            client.close()
            _ = try await gateway.send(Sample.chat.request())
            let lines = try await gateway.log.lines(2)
            #expect(lines.allSatisfy { $0.contains(#""outcome":"ok""#) })
        }
    }

    @Test("F12: a head that breaks off leaves no record")
    func brokenHead() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send("POST /v1/chat/completions HTTP/1.1\r\nHo")
            client.close()
            _ = try await eventually("the connection's end") {
                try await gateway.status("connections") == 0 ? true : nil
            }
            _ = try await gateway.send(Sample.chat.request())
            let lines = try await gateway.log.lines(1)
            #expect(lines.count == 1)
            #expect(lines[0].contains(#""outcome":"ok""#))
        }
    }

    @Test("F12: while a model is looked for, a client may leave as well")
    func duringRefresh() async throws {
        let gate = Watched(false)
        let upstream = try await ScriptedUpstream.start(answers: [[.stall]])
        let lister: ModelDirectory.Lister = { provider in
            if provider.name == "two" { _ = try? await gate.wait(for: "the gate") { $0 } }
            return .init(listing: .models(["x"]))
        }
        let providers = [try Provider.scripted(upstream, name: "one"), try .scripted(upstream, name: "two")]
        try await withGateway(providers, lister: lister) { gateway in
            _ = try await eventually("the first listing") {
                try await gateway.send(RawRequest.get("/v1/models")).bodyText.contains(#""id":"x""#) ? true : nil
            }
            let before = gateway.log.lines.count
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(model: "unknown"))
            _ = try await eventually("the exchange") {
                try await gateway.status("exchanges_in_flight") == 1 ? true : nil
            }
            client.close()
            try await gateway.isIdle(within: .promptly)
            gate.change { $0 = true }
            _ = try await eventually("the record") {
                gateway.log.lines.dropFirst(before).contains { $0.contains("client_gone") } ? true : nil
            }
            #expect(upstream.requests.isEmpty)
        }
        await upstream.shutdown()
    }
}
