import ScriptedUpstream
import Testing

@testable import Gateway

/// The streams of two tenants, of whom one is suspended in their midst (T11).
struct SuspendedStream {
    private let sample: Sample
    private let gate = Gate()

    init(_ sample: Sample) { self.sample = sample }

    /// A provider's answer that stands still before its last event.
    var steps: [Step] {
        let events = sample.events()
        return [Answer.chunkedHead()] + events.dropLast().map(Answer.chunk)
            + [.wait(gate), Answer.chunk(events.last ?? ""), Answer.lastChunk]
    }

    /// Has the stream of `bad` end in its dialect's words because of `suspend`, and the one of `good` as it should.
    func run(
        _ gateway: GatewayUnderTest,
        bad: [(String, String)],
        good: [(String, String)],
        suspend: () throws -> Void
    ) async throws {
        let (first, second) = (try await gateway.connect(), try await gateway.connect())
        try await first.send(sample.request(stream: true, fields: bad))
        try await second.send(sample.request(stream: true, fields: good))
        try await first.text(containing: "Hel")
        try await second.text(containing: "Hel")
        try suspend()
        try await first.text(containing: sample.terminalMark)
        let refused = try await gateway.send(sample.request(fields: bad))
        #expect(refused.status == 403 && refused.bodyText.contains("suspended"))
        gate.open()
        let whole = try await second.answer()
        #expect(!whole.bodyText.contains(sample.terminalMark))
        first.close()
        second.close()
    }
}
