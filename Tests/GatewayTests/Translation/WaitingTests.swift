import Dialects
import NIOCore
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Streams that have nothing to say")
struct WaitingTests {
    /// What each dialect's clients take for a sign of life.
    private static func sign(_ side: Side) -> String? {
        switch side {
        case .chat: "\n\n: "
        case .responses: #""type":"ping""#
        case .messages: "event: ping\n"
        case .ollama: nil
        }
    }

    @Test(
        "the head of a translated stream goes down after its delay, and the client is kept waiting",
        arguments: Pair.translated
    )
    func headAfterDelay(_ pair: Pair) async throws {
        let gate = Gate()
        let (clock, steps) = (SteppedClock(), [.wait(gate)] + pair.provider.answer(stream: true))
        try await withPair(pair, answers: [steps], clock: clock) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(pair.caller.request(stream: true))
            _ = try await upstream.request()
            try await clock.advance(by: .milliseconds(2_750))
            #expect(client.received.isEmpty)
            try await clock.advance(by: .milliseconds(250))
            try await client.text(containing: "HTTP/1.1 200")
            if let sign = Self.sign(pair.caller) {
                let text = sign.replacing("\n\n: ", with: ": ")
                try await clock.advance(by: .seconds(5), untilThereIs: text, at: client)
            }
            gate.open()
            let answer = try await client.answer()
            #expect(pair.caller.text(ofStream: answer.bodyText) == "Hello", "\(answer.bodyText)")
            #expect(pair.caller.hasEndedWell(answer.bodyText), "\(answer.bodyText)")
        }
    }

    @Test("a failure behind a head that went down early is told in the stream", arguments: Pair.translated, [503, 200])
    func lateFailure(_ pair: Pair, _ status: Int) async throws {
        let gate = Gate()
        let steps =
            status == 200
            ? Answer.stream([pair.provider.errorEvent], contentType: pair.provider.streamType)
            : Answer.json(pair.provider.errorBody(), status: status)
        let clock = SteppedClock()
        try await withPair(pair, answers: [[.wait(gate)] + steps], clock: clock) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(pair.caller.request(stream: true))
            _ = try await upstream.request()
            try await clock.advance(by: .seconds(3))
            try await client.text(containing: "HTTP/1.1 200")
            gate.open()
            let answer = try await client.answer()
            #expect(pair.caller.hasFailed(answer.bodyText), "\(answer.bodyText)")
            #expect(!pair.caller.hasEndedWell(answer.bodyText))
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "interrupted" && record.number("status") == 200)
        }
    }

    @Test("a connection that breaks behind such a head is told in the stream", arguments: Pair.translated)
    func lateBreak(_ pair: Pair) async throws {
        let gate = Gate()
        let clock = SteppedClock()
        try await withPair(pair, answers: [[.wait(gate), .reset]], clock: clock) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(pair.caller.request(stream: true))
            _ = try await upstream.request()
            try await clock.advance(by: .seconds(3))
            try await client.text(containing: "HTTP/1.1 200")
            gate.open()
            let answer = try await client.answer()
            #expect(pair.caller.hasFailed(answer.bodyText), "\(answer.bodyText)")
        }
    }

    @Test(
        "a stream of the same dialect is kept alive between whole events",
        arguments: [Side.chat, .responses, .messages]
    )
    func sameDialect(_ side: Side) async throws {
        let gate = Gate()
        let events = side.events()
        let steps = [Answer.chunkedHead(), Answer.chunk(events[0]), .wait(gate)] + events.dropFirst().map(Answer.chunk)
        let pair = Pair(caller: side, provider: side)
        let clock = SteppedClock()
        try await withPair(pair, answers: [steps + [Answer.lastChunk]], clock: clock) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(side.request(stream: true))
            try await client.text(containing: events[0])
            try await clock.advance(by: .seconds(16))
            let sign = try #require(Self.sign(side))
            try await client.text(containing: sign.replacing("\n\n: ", with: ": keep-alive"))
            gate.open()
            let answer = try await client.answer()
            #expect(side.text(ofStream: answer.bodyText) == "Hello")
            #expect(side.hasEndedWell(answer.bodyText))
        }
    }

    @Test("nothing is put into the middle of an event", arguments: [Side.chat, .responses, .messages])
    func neverInside(_ side: Side) async throws {
        let gate = Gate()
        let text = side.events().joined()
        let cut = text.index(text.startIndex, offsetBy: side.events()[0].count + 12)
        let steps = [
            Answer.chunkedHead(), Answer.chunk(String(text[..<cut])), .wait(gate), Answer.chunk(String(text[cut...])),
            Answer.lastChunk,
        ]
        let pair = Pair(caller: side, provider: side)
        let settings: (inout GatewaySettings) -> Void = {
            $0.streams = StreamSettings(headDelay: .seconds(1), keepAlive: .seconds(1))
        }
        let clock = SteppedClock()
        try await withPair(pair, answers: [steps], clock: clock, settings) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(side.request(stream: true))
            try await client.text(containing: side.events()[0])
            // The loop's regular look is what would say something.
            try await clock.advance(by: .seconds(5))
            gate.open()
            let answer = try await client.answer()
            #expect(answer.bodyText == side.passed(text))
        }
    }

    @Test("a watch needs a head once, and then a sign of life after each silence")
    func watch() {
        let start = NIODeadline.uptimeNanoseconds(0)
        let settings = StreamSettings(headDelay: .seconds(3), keepAlive: .seconds(15))
        var watch = StreamWatch(settings, now: start)
        #expect(watch.need(at: start + .seconds(2), headIsDown: false, holdsHead: true) == .nothing)
        #expect(watch.need(at: start + .seconds(3), headIsDown: false, holdsHead: false) == .nothing)
        #expect(watch.need(at: start + .seconds(3), headIsDown: false, holdsHead: true) == .head)
        #expect(watch.need(at: start + .seconds(17), headIsDown: true, holdsHead: true) == .nothing)
        #expect(watch.need(at: start + .seconds(18), headIsDown: true, holdsHead: true) == .keepAlive)
        watch.didWrite()
        #expect(watch.need(at: start + .seconds(40), headIsDown: true, holdsHead: true) == .nothing)
        #expect(watch.need(at: start + .seconds(54), headIsDown: true, holdsHead: true) == .nothing)
        #expect(watch.need(at: start + .seconds(55), headIsDown: true, holdsHead: true) == .keepAlive)
    }
}

extension Side {
    /// What the client gets of a stream of its own dialect: the usage chunk that it did not ask for is gone.
    fileprivate func passed(_ text: String) -> String {
        guard self == .chat else { return text }
        return events().filter { !$0.contains(#""choices":[]"#) }.joined()
    }
}
