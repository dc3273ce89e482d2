import Inference
import Testing

@testable import Dialects

@Suite("Decoding answers")
struct DecodingTests {
    @Test("F2, F5, F7: a stream means the same events at every chunking", arguments: StreamFixture.all)
    func chunkings(_ fixture: StreamFixture) {
        let bytes = Array(fixture.text.utf8)
        for chunks in Chunkings.all(of: bytes) {
            let result = decode(chunks, fixture.dialect)
            guard result.events == fixture.events, result.failure?.code == fixture.failure else {
                #expect(result.events == fixture.events)
                #expect(result.failure?.code == fixture.failure)
                return
            }
        }
    }

    @Test("bad JSON is told with its offset in the event")
    func offset() {
        let result = decode([Array("data: {\"a\":1,}\n\n".utf8)], .chat)
        #expect(result.failure?.code == .malformed)
        #expect(result.failure?.offset == 7)
    }

    @Test("F11: an event over the limit fails", arguments: Dialect.allCases)
    func limit(_ dialect: Dialect) {
        let line = dialect == .ollama ? "" : "data: "
        let text = line + "{\"error\":\"" + String(repeating: "x", count: 2000) + "\"}\n\n"
        #expect(decode([Array(text.utf8)], dialect, limit: 1000).failure?.detail == "event_too_large")
        #expect(decode([Array(text.utf8)], dialect, stream: false, limit: 1000).failure?.detail == "body_too_large")
    }

    @Test("F6, F7: a whole body means the same events at every chunking", arguments: BodyFixture.all)
    func bodies(_ fixture: BodyFixture) {
        let bytes = Array(fixture.text.utf8)
        for chunks in [[bytes], bytes.map { [$0] }, [Array(bytes.prefix(7)), Array(bytes.dropFirst(7))]] {
            let result = decode(chunks, fixture.dialect, stream: false)
            #expect(result.events == fixture.events)
            #expect(result.failure?.code == fixture.failure)
        }
    }

    @Test("an answer put together holds everything in its order")
    func answer() {
        let fixture = StreamFixture.all.first { $0.dialect == .messages }
        var answer = InferenceAnswer()
        for event in fixture?.events ?? [] { answer.apply(event) }
        #expect(
            answer.message.content == [
                .reasoning(Reasoning(text: "hm", signature: "SIG")), .reasoning(Reasoning(encrypted: "RED")),
                .text("你好"), .toolCall(ToolCall(id: "t1", name: "read", arguments: "{\"p\":1}")),
                .toolCall(ToolCall(id: "t2", name: "list", arguments: "{}")),
            ]
        )
        #expect(answer.text == "你好")
        #expect(answer.toolCalls.map(\.id) == ["t1", "t2"])
        #expect(answer.stopReason == .toolCalls)
        #expect(answer.usage?.output == 30)
    }

    @Test("random damage never crashes, and ends in one way only")
    func damage() {
        var numbers = SeededNumbers(seed: 13)
        for fixture in StreamFixture.all {
            for _ in 0..<40 {
                let bytes = fixture.text.utf8.damaged(&numbers)
                let result = decode([bytes], fixture.dialect)
                let finished = result.events.filter { if case .finished = $0 { true } else { false } }
                #expect(finished.count == (result.failure == nil ? 1 : 0))
            }
        }
    }
}
