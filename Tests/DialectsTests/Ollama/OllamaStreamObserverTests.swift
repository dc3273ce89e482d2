import Inference
import Testing

@testable import Dialects

/// What a relay that follows the observer's word sends on.
private struct Relayed {
    var observer: StreamObserver
    var sent: [UInt8] = []
    private var held: [UInt8] = []

    init(_ chunks: [[UInt8]], _ settings: StreamObserver.Settings = .init(), _ endpoint: Endpoint = .ollamaChat) {
        observer = StreamObserver(endpoint, settings: settings)
        for chunk in chunks {
            let portion = observer.observe(chunk.span.bytes)
            if portion.wholeBytes > 0 {
                sent += held + chunk[..<portion.wholeBytes]
                held = Array(chunk[portion.wholeBytes...])
            } else {
                held += chunk
            }
            if observer.outcome.error != nil { return }
        }
        if case .passOn(let closing) = observer.finish() { sent += held + Array(closing.utf8) }
    }

    init(_ text: String, _ settings: StreamObserver.Settings = .init()) {
        self.init([Array(text.utf8)], settings)
    }

    var text: String { String(decoding: sent, as: UTF8.self) }
}

private let fixtures = StreamFixture.all.filter { $0.dialect == .ollama }

@Suite("Watching a stream of lines")
struct OllamaStreamObserverTests {
    @Test("F2, F5, F7: the outcome and the usage are the decoder's, at every chunking", arguments: fixtures)
    func agrees(_ fixture: StreamFixture) {
        let usage = fixture.events.reduce(Usage?.none) { if case .usage(let usage) = $1 { usage } else { $0 } }
        for checks in [false, true] {
            for chunks in Chunkings.all(of: Array(fixture.text.utf8), random: 4) {
                let relayed = Relayed(chunks, .init(checksEveryEvent: checks))
                let outcome = relayed.observer.outcome
                guard outcome.error?.code == fixture.failure, relayed.observer.usage == usage, outcome != .running
                else {
                    #expect(outcome.error?.code == fixture.failure)
                    #expect(relayed.observer.usage == usage)
                    return
                }
                if fixture.failure == nil {
                    #expect(relayed.text == fixture.text + (fixture.text.hasSuffix("\n") ? "" : "\n"))
                }
            }
        }
    }

    @Test("an error line goes on and nothing behind it, at every chunking")
    func errorLine() {
        let good = #"{"model":"m","message":{"role":"assistant","content":"a \"error\""},"done":false}"# + "\n"
        let bad = #"{"error":"CUDA out of memory"}"# + "\n"
        for chunks in Chunkings.all(of: Array((good + good + bad + good).utf8)) {
            let relayed = Relayed(chunks)
            #expect(relayed.observer.outcome.error?.code == .outOfMemory)
            #expect(relayed.text == good + good + bad)
            guard case .failed = relayed.observer.outcome else {
                Issue.record("not failed")
                return
            }
        }
    }

    @Test(
        "the first token is text, thinking or a call, not a role",
        arguments: [
            (#"{"message":{"role":"assistant","content":""},"done":false}"#, false),
            (#"{"message":{"role":"assistant","content":"a"},"done":false}"#, true),
            (#"{"message":{"role":"assistant","content":"","thinking":"a"},"done":false}"#, true),
            (#"{"message":{"role":"assistant","content":"","tool_calls":[{}]},"done":false}"#, true),
            (#"{"response":"","done":false}"#, false), (#"{"response":"a","done":false}"#, true),
            (#"{"response":"","thinking":"a","done":false}"#, true),
        ]
    )
    func firstToken(_ line: String, _ expected: Bool) {
        var observer = StreamObserver(.ollamaGenerate)
        _ = observer.observe(Array("\(line)\n".utf8).span.bytes)
        #expect(observer.sawFirstToken == expected)
        #expect(observer.outcome == .running)
    }

    @Test("a text that looks like the end of a stream is none")
    func lookalikes() {
        let text = #"{"message":{"content":"\"done\":true,\"error\":\"x\""},"done":false}"# + "\n"
        let relayed = Relayed(text + text)
        #expect(relayed.observer.outcome.error?.code == .interrupted)
        #expect(relayed.text == text + text)
        // The order of the members means nothing.
        let ends = #"{"done":true,"eval_count":2,"message":{"content":"x"},"model":"m"}"#
        #expect(Relayed(ends).observer.outcome == .completed)
        #expect(Relayed(ends).observer.usage == Usage(output: 2))
        #expect(Relayed(ends).observer.model == "m")
        let error = #"{"message":{"content":"x"},"error":"boom","done":false}"#
        #expect(Relayed(text + error).observer.outcome.error?.message == "boom")
    }

    @Test("F11: a line over the limit breaks the stream, and what came before it goes on")
    func limit() {
        let good = #"{"response":"a","done":false}"# + "\n"
        let text = good + #"{"response":""# + String(repeating: "x", count: 300)
        for chunks in Chunkings.all(of: Array(text.utf8)) {
            let relayed = Relayed(chunks, .init(eventLimit: 200))
            #expect(relayed.observer.outcome.error?.detail == "event_too_large")
            #expect(relayed.text == good)
        }
    }

    @Test(
        "F5: what cannot be JSON breaks the stream before it goes on",
        arguments: ["{not json}", "data: {}", "[1]", "{"]
    )
    func badLine(_ line: String) {
        let good = #"{"response":"a","done":false}"# + "\n"
        var observer = StreamObserver(.ollamaGenerate)
        let portion = observer.observe(Array("\(good)\(line)\n".utf8).span.bytes)
        #expect(portion.wholeBytes == good.utf8.count)
        #expect(observer.outcome.error?.code == .malformed)
        #expect(observer.finish() == .nothing)
        #expect(observer.observe(Array(good.utf8).span.bytes).wholeBytes == 0)
    }

    @Test("lines after the last one change nothing")
    func afterTheEnd() {
        let text = #"{"response":"","done":true}"# + "\njunk\n"
        #expect(Relayed(text).observer.outcome == .completed)
        #expect(Relayed(text).text == text)
    }

    @Test("random damage to a stream never crashes and never leaves it running")
    func damage() {
        var numbers = SeededNumbers(seed: 31)
        for fixture in fixtures {
            for _ in 0..<100 {
                let relayed = Relayed([fixture.text.utf8.damaged(&numbers)])
                #expect(relayed.observer.outcome != .running)
            }
        }
    }

    @Test(
        "a whole body tells of its usage, its model and its failure",
        arguments: [
            (
                Endpoint.ollamaChat, #"{"model":"m","done":true,"prompt_eval_count":9,"eval_count":4}"#,
                Usage(input: 9, output: 4)
            ),
            (.ollamaGenerate, #"{"model":"m","done":true,"eval_count":4}"#, Usage(output: 4)),
            (.ollamaEmbed, #"{"model":"m","embeddings":[[1]],"prompt_eval_count":9}"#, Usage(input: 9)),
            (.ollamaEmbeddings, #"{"model":"m","embedding":[1]}"#, nil),
        ] as [(Endpoint, String, Usage?)]
    )
    func bodies(_ endpoint: Endpoint, _ body: String, _ expected: Usage?) throws {
        let observer = try BodyObserver(Array(body.utf8).span.bytes, endpoint: endpoint)
        #expect(observer.usage == expected)
        #expect(observer.model == "m")
        #expect(observer.failure == nil)
        let failed = try BodyObserver(Array(#"{"error":"server busy"}"#.utf8).span.bytes, endpoint: endpoint)
        #expect(failed.failure?.code == .overloaded)
    }
}
