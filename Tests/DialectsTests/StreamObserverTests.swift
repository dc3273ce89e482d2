import Inference
import Testing

@testable import Dialects

/// What a relay that follows the observer's word sends on.
private struct Relayed {
    var observer: StreamObserver
    var sent: [UInt8] = []
    private var held: [UInt8] = []

    init(_ endpoint: Endpoint, _ settings: StreamObserver.Settings, _ chunks: [[UInt8]]) {
        observer = StreamObserver(endpoint, settings: settings)
        for chunk in chunks {
            take(chunk, observer.observe(chunk.span.bytes))
            if observer.outcome.error != nil { return }
        }
        if case .passOn(let closing) = observer.finish() { sent += held + Array(closing.utf8) }
    }

    private mutating func take(_ chunk: [UInt8], _ portion: StreamObserver.Portion) {
        guard portion.wholeBytes > 0 else { return held += chunk }
        if !portion.removesHeld { sent += held }
        var at = 0
        for range in portion.removed {
            sent += chunk[at..<range.lowerBound]
            at = range.upperBound
        }
        sent += chunk[at..<portion.wholeBytes]
        held = Array(chunk[portion.wholeBytes...])
    }

    var text: String { String(decoding: sent, as: UTF8.self) }
}

extension Dialect {
    fileprivate var endpoint: Endpoint {
        switch self {
        case .chat, .ollama: .chatCompletions
        case .responses: .responses
        case .messages: .messages
        }
    }
}

private let watched = StreamFixture.all.filter { $0.dialect != .ollama }

@Suite("Watching a stream")
struct StreamObserverTests {
    @Test("F2, F5, F7: the outcome and the usage are the decoder's, at every chunking", arguments: watched)
    func agrees(_ fixture: StreamFixture) {
        let bytes = Array(fixture.text.utf8)
        let usage = fixture.events.reduce(Usage?.none) { if case .usage(let usage) = $1 { usage } else { $0 } }
        for checks in [false, true] {
            for chunks in Chunkings.all(of: bytes, random: 4) {
                let settings = StreamObserver.Settings(checksEveryEvent: checks)
                let relayed = Relayed(fixture.dialect.endpoint, settings, chunks)
                let outcome = relayed.observer.outcome
                guard outcome.error?.code == fixture.failure, relayed.observer.usage == usage, outcome != .running
                else {
                    #expect(outcome.error?.code == fixture.failure)
                    #expect(relayed.observer.usage == usage)
                    return
                }
                if fixture.failure == nil {
                    #expect(relayed.text == fixture.text + (fixture.text.hasSuffix("[DONE]") ? "\n\n" : ""))
                }
            }
        }
    }

    @Test("the usage chunk that only the gateway asked for is taken out, at every chunking")
    func strips() {
        let before = "data: {\"choices\":[{\"delta\":{\"content\":\"usage\"}}],\"usage\":null}\n\n"
        let chunk =
            "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\r\n\r\n"
        let after = "data: [DONE]\n\n"
        for chunks in Chunkings.all(of: Array((before + chunk + after).utf8)) {
            let stripped = Relayed(.chatCompletions, .init(stripsUsageChunk: true), chunks)
            // A feed that was split from its return goes on alone, where it means nothing.
            #expect(stripped.text == before + after || stripped.text == before + "\n" + after)
            #expect(stripped.observer.usage == Usage(input: 1, output: 2))
            #expect(stripped.observer.outcome == .completed)
            #expect(Relayed(.chatCompletions, .init(), chunks).text == before + chunk + after)
        }
        // Usage beside choices is the upstream's own way and stays.
        let beside = "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1}}\n\n" + after
        let kept = Relayed(.chatCompletions, .init(stripsUsageChunk: true), [Array(beside.utf8)])
        #expect(kept.text == beside)
    }

    @Test(
        "the first token is text, reasoning or a call, not a role",
        arguments: [
            (Endpoint.chatCompletions, #"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#, false),
            (.chatCompletions, #"{"choices":[{"delta":{"role":"assistant","content":"a"}}]}"#, true),
            (.chatCompletions, #"{"choices":[{"delta":{"reasoning_content":"a"}}]}"#, true),
            (.chatCompletions, #"{"choices":[{"delta":{"content":null,"tool_calls":[{"index":0}]}}]}"#, true),
            (.completions, #"{"choices":[{"text":"a"}]}"#, true),
            (.responses, #"{"type":"response.created","response":{"id":"r"}}"#, false),
            (.responses, #"{"type": "response.output_text.delta", "delta":"a"}"#, true),
            (.responses, #"{"sequence_number":4,"type":"response.function_call_arguments.delta","delta":"a"}"#, true),
            (.messages, #"{"type":"message_start","message":{}}"#, false),
            (.messages, #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#, true),
        ]
    )
    func firstToken(_ endpoint: Endpoint, _ data: String, _ expected: Bool) {
        var observer = StreamObserver(endpoint)
        _ = observer.observe(Array("data: \(data)\n\n".utf8).span.bytes)
        #expect(observer.sawFirstToken == expected)
        #expect(observer.outcome == .running)
    }

    @Test("F11: an event over the limit breaks the stream, and what came before it goes on")
    func limit() {
        let good = "data: {\"choices\":[]}\n\n"
        let text = good + "data: {\"choices\":[\"" + String(repeating: "x", count: 300)
        for chunks in Chunkings.all(of: Array(text.utf8)) {
            let relayed = Relayed(.chatCompletions, .init(eventLimit: 200), chunks)
            #expect(relayed.observer.outcome.error?.detail == "event_too_large")
            #expect(relayed.text == good)
        }
    }

    @Test(
        "F5: what cannot be JSON breaks the stream before it goes on",
        arguments: ["{not json}", "{\"a\":}", "{\"a\":1", "nonsense", "[1]", "{", "\"text\"", "{\"a\" 1,}"]
    )
    func badData(_ data: String) {
        for endpoint in [Endpoint.chatCompletions, .responses, .messages] {
            var observer = StreamObserver(endpoint)
            let good = "data: {\"type\":\"x\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
            let portion = observer.observe(Array("\(good)data: \(data)\n\n".utf8).span.bytes)
            #expect(portion.wholeBytes == good.utf8.count)
            #expect(observer.outcome.error?.code == .malformed)
            #expect(observer.finish() == .nothing)
        }
    }

    @Test("a Responses stream tells what its terminal event has to repeat")
    func responseFacts() {
        var observer = StreamObserver(.responses)
        let events = """
            data: {"type":"response.created","sequence_number":7,"response":{"id":"r1","model":"m","created_at":42}}

            event: response.output_text.delta
            data: {"type":"response.output_text.delta","sequence_number":8,"delta":"a"}


            """
        _ = observer.observe(Array(events.utf8).span.bytes)
        #expect(observer.response == .init(id: "r1", model: "m", createdAt: 42, nextSequenceNumber: 9))
        #expect(observer.model == "m")
    }

    @Test("bytes after the terminal event change nothing")
    func afterTheEnd() {
        let text = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\ndata: junk\n\n"
        let relayed = Relayed(.messages, .init(), [Array(text.utf8)])
        #expect(relayed.observer.outcome == .completed)
        #expect(relayed.text == text)
    }

    @Test("random damage to a stream never crashes and never leaves it running")
    func damage() {
        var numbers = SeededNumbers(seed: 11)
        for fixture in watched {
            for _ in 0..<40 {
                let bytes = fixture.text.utf8.damaged(&numbers)
                let relayed = Relayed(fixture.dialect.endpoint, .init(stripsUsageChunk: true), [bytes])
                #expect(relayed.observer.outcome != .running)
            }
        }
    }
}
