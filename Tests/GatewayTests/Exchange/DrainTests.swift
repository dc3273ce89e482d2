import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("F20: a graceful stop")
struct DrainTests {
    @Test("F20: a running stream goes on to its end, and then the gateway ends", arguments: Sample.allCases)
    func runningStreamEnds(_ sample: Sample) async throws {
        let gate = Gate()
        let events = sample.events()
        let steps =
            [Answer.chunkedHead(), Answer.chunk(events[0]), .wait(gate)] + events.dropFirst().map(Answer.chunk) + [
                Answer.lastChunk
            ]
        try await withGateway(answers: [steps]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await client.state.wait(for: "an event") { RawAnswer.partOfChunkedBody($0.bytes) == events[0] }
            await gateway.beginStop()
            try await refusesConnections(gateway)
            gate.open()
            #expect(try await client.answer().bodyText == sample.passedEvents().joined())
            _ = try await client.untilClosed()
            try await gateway.hasEnded()
            #expect(try await gateway.log.record()["outcome"] == "ok")
        }
    }

    @Test("F20: a request that is being sent is still answered")
    func runningUploadEnds() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let client = try await gateway.connect()
            let request = Sample.chat.request()
            try await client.send(String(request.dropLast(5)))
            _ = try await eventually("the exchange") {
                try await gateway.status("exchanges_in_flight") == 1 ? true : nil
            }
            await gateway.beginStop()
            try await refusesConnections(gateway)
            try await client.send(String(request.suffix(5)))
            let answer = try await client.answer()
            #expect(answer.status == 200)
            _ = try await client.untilClosed()
            try await gateway.hasEnded()
        }
    }

    @Test("F20: connections without a request are closed at once")
    func idleConnectionsClose() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let fresh = try await gateway.connect()
            let kept = try await gateway.connect()
            try await kept.send(Sample.chat.request())
            _ = try await kept.answer()
            _ = try await eventually("both connections") { try await gateway.status("connections") == 2 ? true : nil }
            await gateway.beginStop()
            _ = try await kept.untilClosed(within: .promptly)
            _ = try await fresh.untilClosed(within: .promptly)
            try await gateway.hasEnded(within: .seconds(3))
        }
    }

    @Test("F20: an answer that a slow reader has not read yet is not cut by the stop", arguments: [true, false])
    func unreadAnswerIsWhole(_ closes: Bool) async throws {
        let long = #"{"data":""# + String(repeating: "x", count: 12 << 20) + #""}"#
        let change: (inout GatewaySettings) -> Void = {
            $0.limits.heldResponse = 16 << 20
            // The reader is slow, and on a busy machine very slow.
            $0.limits.drainTimeout = .seconds(120)
        }
        try await withGateway(answers: [Answer.json(long)], change) { gateway, _ in
            let client = try await gateway.connect(receiveBuffer: 16 << 10, reads: false)
            try await client.send(Sample.chat.request(fields: closes ? [("Connection", "close")] : []))
            _ = try await gateway.log.record()
            await gateway.beginStop()
            try await refusesConnections(gateway)
            try await client.setReading(true)
            #expect(try await client.answer(within: .seconds(120)).body.count == long.utf8.count)
            _ = try await client.untilClosed()
            try await gateway.hasEnded()
        }
    }

    @Test("F20: a stream that has not ended at the deadline ends in its terminal event", arguments: Sample.allCases)
    func streamAtDeadline(_ sample: Sample) async throws {
        let steps = [Answer.chunkedHead(), Answer.chunk(sample.events()[0]), .stall]
        let clock = SteppedClock()
        try await withGateway(answers: [steps], clock: clock) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await client.text(containing: "data:")
            try await stopsAtDeadline(gateway, clock) { upstream.openConnections == 1 && !client.isClosed }
            let answer = try await client.answer()
            #expect(answer.bodyText.hasPrefix(sample.events()[0] + sample.terminalMark))
            try await upstream.connectionClosed()
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "interrupted")
        }
    }

    @Test(
        "F20: what was not answered at the deadline gets a 503, in its upload and in its waiting",
        arguments: Sample.allCases
    )
    func unansweredAtDeadline(_ sample: Sample) async throws {
        let clock = SteppedClock()
        try await withGateway(answers: [[.stall]], clock: clock) { gateway, upstream in
            let sending = try await gateway.connect()
            try await sending.send(String(sample.request().dropLast(3)))
            let waiting = try await gateway.connect()
            try await waiting.send(sample.request())
            _ = try await upstream.request()
            _ = try await eventually("both exchanges") {
                try await gateway.status("exchanges_in_flight") == 2 ? true : nil
            }
            try await stopsAtDeadline(gateway, clock) { !sending.isClosed && !waiting.isClosed }
            for client in [sending, waiting] {
                let answer = try await client.answer()
                #expect(answer.status == (sample == .messages ? 529 : 503))
                #expect(answer.bodyText.hasPrefix(sample.errorMark))
            }
            let lines = try await gateway.log.lines(2)
            #expect(lines.allSatisfy { $0.contains(#""code":"shutting_down""#) })
        }
    }

    @Test("F20: a client that never reads its answer does not hold up the stop beyond the deadline")
    func neverReads() async throws {
        let long = #"{"data":""# + String(repeating: "x", count: 12 << 20) + #""}"#
        let change: (inout GatewaySettings) -> Void = { $0.limits.heldResponse = 16 << 20 }
        let clock = SteppedClock()
        try await withGateway(answers: [Answer.json(long)], clock: clock, change) { gateway, _ in
            let client = try await gateway.connect(receiveBuffer: 16 << 10, reads: false)
            try await client.send(Sample.chat.request())
            _ = try await gateway.log.record()
            try await stopsAtDeadline(gateway, clock) { true }
            client.close()
        }
    }

    /// Has a gateway stop whose drain deadline is ten seconds, while `isRunning` until then.
    private func stopsAtDeadline(
        _ gateway: GatewayUnderTest,
        _ clock: SteppedClock,
        while isRunning: () -> Bool
    ) async throws {
        let connections = try await gateway.status("connections") ?? 0
        let idle = try await gateway.connect()
        _ = try await eventually("the idle connection") {
            try await gateway.status("connections") == connections + 1 ? true : nil
        }
        await gateway.beginStop()
        // From then on the time to the deadline counts.
        _ = try await idle.untilClosed()
        try await clock.advance(by: .milliseconds(9_500))
        #expect(isRunning())
        if case .ended = gateway.phase.value { Issue.record("the gateway has ended before the deadline") }
        try await clock.advance(by: .seconds(1))
        try await gateway.hasEnded(within: .seconds(5))
    }

    private func refusesConnections(_ gateway: GatewayUnderTest) async throws {
        _ = try await eventually("a refused connection") { () -> Bool? in
            do {
                try await gateway.connect().close()
                return nil
            } catch {
                return true
            }
        }
    }
}
