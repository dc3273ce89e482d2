import Inference
import JSON
import Testing

@testable import Dialects

/// Random requests within what Ollama can say.
private struct Requests {
    var numbers: SeededNumbers

    private mutating func chance(_ part: Int = 2) -> Bool { Int.random(in: 0..<part, using: &numbers) == 0 }

    private mutating func pick<Value>(_ values: [Value], _ otherwise: Value) -> Value {
        values.randomElement(using: &numbers) ?? otherwise
    }

    private mutating func text() -> String {
        let pieces = ["a", "\n", "\"", "\\", "é", "👋🏽", "\u{2028}", "\u{0}", "</s>", "{", " "]
        return "t" + (0..<Int.random(in: 0...6, using: &numbers)).map { _ in pick(pieces, "") }.joined()
    }

    private mutating func images() -> [ContentPart] {
        guard chance(4) else { return [] }
        return [.image(Image(.base64(mediaType: "image/png", data: OllamaSamples.png)))]
    }

    mutating func next() -> InferenceRequest {
        var request = InferenceRequest(model: "m", messages: [])
        if chance() { request.messages.append(Message(.system, text())) }
        for turn in 0..<Int.random(in: 0...4, using: &numbers) {
            request.messages.append(Message(.user, [.text(text())] + images()))
            request.messages += answer(turn)
        }
        if chance() {
            request.tools = [
                .function(FunctionTool(name: "f", description: text(), parameters: ["type": "object"])),
                .function(FunctionTool(name: "g", parameters: ["type": "object", "properties": ["a": [:]]])),
            ]
        }
        request.sampling = sampling()
        let efforts: [ReasoningOptions.Effort] = [.none, .low, .medium, .high, .max]
        if chance() { request.reasoning = ReasoningOptions(effort: pick(efforts, .low)) }
        request.outputFormat = pick(
            [nil, .json, .schema(OutputSchema(name: Ollama.schemaName, schema: ["type": "object"]))],
            nil
        )
        request.topLogprobs = pick([nil, 0, 5], nil)
        request.serving.contextLength = pick([nil, 4096], nil)
        request.serving.keepAlive = pick([nil, "5m", "-1", "0", "1.5"], nil)
        request.stream = chance()
        request.rest = pick([JSONObject(), ["truncate": true, "shift": true], ["options.min_p": 0.1]], JSONObject())
        return request
    }

    private mutating func answer(_ turn: Int) -> [Message] {
        var content: [ContentPart] = []
        if chance() { content.append(.reasoning(Reasoning(text: text()))) }
        if chance() { content.append(.text(text())) }
        guard chance() else { return [Message(.assistant, content)] }
        let ids = (0...Int.random(in: 0...2, using: &numbers)).map { "id_\(turn)_\($0)" }
        for id in ids {
            let arguments = pick(["{}", #"{"a": [1, {"b":null}]}"#, #"{"x":"\u2028"}"#], "{}")
            content.append(.toolCall(ToolCall(id: id, name: pick(["f", "g"], "f"), arguments: arguments)))
        }
        let results = ids.map { id in
            Message(.tool, [.toolResult(ToolResult(callID: id, content: [.text(text())] + images()))])
        }
        return [Message(.assistant, content)] + results
    }

    private mutating func sampling() -> Sampling {
        Sampling(
            temperature: pick([nil, 0, 0.7], nil),
            topP: pick([nil, 0.9], nil),
            maxOutputTokens: pick([nil, 100], nil),
            stop: pick([[], ["END", "\n"]], []),
            seed: pick([nil, 0, 42], nil),
            topK: pick([nil, 40], nil),
            frequencyPenalty: pick([nil, 0.5], nil),
            presencePenalty: pick([nil, -0.5], nil)
        )
    }
}

@Suite("There and back in Ollama's dialect")
struct OllamaRoundTripTests {
    @Test("a request that was written reads as the same request")
    func requests() throws {
        var requests = Requests(numbers: SeededNumbers(seed: 23))
        for _ in 0..<500 {
            let request = requests.next()
            let body = try WireRequest(request, dialect: .ollama).body
            let read = try CallerRequest(body, endpoint: .ollamaChat)
            guard read.request == request, read.dropped.isEmpty else {
                #expect(read.request == request, "\(String(decoding: body, as: UTF8.self))")
                #expect(read.dropped.isEmpty)
                return
            }
        }
    }

    @Test("events that were written read as the same events, at every chunking", arguments: [true, false])
    func events(_ isGenerate: Bool) {
        let context = OllamaSamples.context(isGenerate ? .ollamaGenerate : .ollamaChat)
        let bytes = Array(OllamaSamples.encoded(OllamaSamples.events, context).utf8)
        for chunks in Chunkings.all(of: bytes) {
            let (events, failure) = OllamaSamples.decoded(chunks)
            guard events == OllamaSamples.events, failure == nil else {
                #expect(events == OllamaSamples.events)
                #expect(failure == nil)
                return
            }
        }
    }

    @Test("a whole answer that was written means the same answer", arguments: [true, false])
    func body(_ isGenerate: Bool) {
        let context = OllamaSamples.context(isGenerate ? .ollamaGenerate : .ollamaChat, stream: false)
        let bytes = Array(OllamaSamples.encoded(OllamaSamples.events, context).utf8)
        let (events, failure) = OllamaSamples.decoded([bytes], stream: false)
        #expect(failure == nil)
        var expected = InferenceAnswer()
        var read = InferenceAnswer()
        for event in OllamaSamples.events { expected.apply(event) }
        for event in events { read.apply(event) }
        #expect(read.message == expected.message)
        #expect(read.usage == expected.usage)
        #expect(read.stopReason == expected.stopReason)
    }

    @Test(
        "why an answer ended comes back as it was, as far as Ollama tells it apart",
        arguments: [
            (StopReason.endTurn, StopReason.endTurn), (.stopSequence("x"), .endTurn), (.toolCalls, .endTurn),
            (.maxOutputTokens, .maxOutputTokens), (.contentFilter, .contentFilter), (.refusal, .refusal),
            (.other("load"), .other("load")),
        ]
    )
    func reasons(_ written: StopReason, _ read: StopReason) {
        let bytes = Array(OllamaSamples.encoded([.finished(written)], OllamaSamples.context()).utf8)
        #expect(OllamaSamples.decoded([bytes]).0.last == .finished(read))
    }
}
