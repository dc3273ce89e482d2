import Inference
import Testing

@testable import Dialects

/// The events of a stream of Chat chunks, fed event by event.
private func read(_ chunks: [String]) throws -> [InferenceEvent] {
    var decoder = Decoding.decoder(for: .chat, stream: true)
    var events: [InferenceEvent] = []
    for chunk in chunks { events += try decoder.decode(Array("data: \(chunk)\n\n".utf8)) }
    return events
}

/// A chunk as most servers write it.
private func chunk(_ delta: String, _ rest: String = "", finish: String = "null") -> String {
    #"{"id":"c","model":"m","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]\#(rest)}"#
}

@Suite("Reading Chat chunks quickly")
struct ChatReadTests {
    @Test("texts come out the same whether or not their chunk is like the one before")
    func alike() throws {
        let texts = ["a", "b\\n", "\\\"q\\\" \\ud83d\\ude00", "é👋🏽", "", " ", "c", "\\\\", "d\\u0041", "e"]
        let plain = ["a", "b\n", "\"q\" 😀", "é👋🏽", " ", "c", "\\", "dA", "e"]
        for member in ["content", "reasoning_content", "reasoning"] {
            let events = try read(texts.map { chunk(#"{"\#(member)":"\#($0)"}"#) })
            let expected = plain.map { member == "content" ? InferenceEvent.textDelta($0) : .reasoningDelta($0) }
            #expect(Array(events.dropFirst()) == expected)
        }
    }

    @Test("a text of /v1/completions is read like one of a delta, and not beside it")
    func completions() throws {
        func chunk(_ choice: String, finish: String = "null") -> String {
            #"{"id":"c","object":"text_completion","choices":[{"index":0,\#(choice),"finish_reason":\#(finish)}]}"#
        }
        let chunks = ["a", "b\\n", "c"].map { chunk(#""text":"\#($0)""#) }
        let last = [chunk(#""text":"d""#, finish: #""length""#), "[DONE]"]
        let events = try read(chunks + last)
        #expect(
            Array(events.dropFirst())
                == ["a", "b\n", "c", "d"].map { InferenceEvent.textDelta($0) } + [.finished(.maxOutputTokens)]
        )
        let both = try read([chunk(#""delta":{"content":"x"},"text":"y""#)])
        #expect(Array(both.dropFirst()) == [.textDelta("x")])
    }

    @Test("pieces of arguments go to their own call")
    func arguments() throws {
        func piece(_ index: Int, _ text: String) -> String {
            chunk(#"{"tool_calls":[{"index":\#(index),"function":{"arguments":"\#(text)"}}]}"#)
        }
        func start(_ index: Int) -> String {
            chunk(#"{"tool_calls":[{"index":\#(index),"id":"i\#(index)","function":{"name":"f","arguments":""}}]}"#)
        }
        let chunks = [start(0), piece(0, "1"), piece(0, "2"), start(1), piece(1, "3"), piece(0, "4"), piece(1, "5")]
        #expect(
            try read(chunks).dropFirst() == [
                .toolCallStarted(index: 0, ToolCall(id: "i0", name: "f")),
                .toolCallArgumentsDelta(index: 0, "1"), .toolCallArgumentsDelta(index: 0, "2"),
                .toolCallStarted(index: 1, ToolCall(id: "i1", name: "f")),
                .toolCallArgumentsDelta(index: 1, "3"), .toolCallArgumentsDelta(index: 0, "4"),
                .toolCallArgumentsDelta(index: 1, "5"),
            ]
        )
    }

    @Test("a chunk that says two things is never taken for one that says one")
    func two() throws {
        let both = chunk(#"{"content":"x","tool_calls":[{"index":0,"function":{"arguments":""}}]}"#)
        let events = try read([chunk(#"{"content":"a"}"#), both, both, chunk(#"{"content":"b"}"#)])
        #expect(Array(events.dropFirst()) == ["a", "x", "x", "b"].map { InferenceEvent.textDelta($0) })
        let finishes = [chunk(#"{"content":"a"}"#), chunk(#"{"content":"b"}"#, finish: #""length""#), "[DONE]"]
        #expect(try read(finishes).last == .finished(.maxOutputTokens))
    }

    @Test("a fault in a chunk like the one before is found", arguments: ["\u{1}", "\\x", "\\ud800", "a\"b"])
    func faults(_ text: String) {
        var decoder = Decoding.decoder(for: .chat, stream: true)
        let error = #expect(throws: InferenceError.self) {
            for text in ["a", "b", text] {
                _ = try decoder.decode(Array("data: \(chunk(#"{"content":"\#(text)"}"#))\n\n".utf8))
            }
        }
        #expect(error?.code == .malformed)
        #expect(error?.offset != nil)
    }

    @Test("bytes that are not UTF-8 are found in a chunk like the one before")
    func encoding() throws {
        var decoder = Decoding.decoder(for: .chat, stream: true)
        _ = try decoder.decode(Array("data: \(chunk(#"{"content":"ab"}"#))\n\n".utf8))
        let bad = Array("data: \(chunk(#"{"content":"XY"}"#))\n\n".utf8).map { $0 == UInt8(ascii: "X") ? 0xC3 : $0 }
        let error = #expect(throws: InferenceError.self) { _ = try decoder.decode(bad) }
        #expect(error?.detail == "invalid_utf8")
    }

    @Test("what changes around the text is seen")
    func around() throws {
        let usage = #","usage":{"prompt_tokens":1,"completion_tokens":\#(2)}"#
        let events = try read([
            chunk(#"{"content":"a"}"#), chunk(#"{"content":"b"}"#, usage), chunk(#"{"content":"c"}"#),
        ])
        #expect(events.contains(.usage(Usage(input: 1, output: 2))))
        #expect(throws: InferenceError.self) {
            try read([chunk(#"{"content":"a"}"#), chunk(#"{"content":"b"}"#, #","error":{"message":"no"}"#)])
        }
    }

    @Test("log probabilities, citations, the stop text and the older call are read")
    func extras() throws {
        let logprobs =
            #"{"content":[{"token":"H","logprob":-1,"bytes":[72],"top_logprobs":[{"token":"I","logprob":-2}]}]}"#
        let citation = #"{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":0,"end_index":1}}"#
        let events = try read([
            #"{"id":"c","choices":[{"delta":{"content":"H","annotations":[\#(citation)]},"logprobs":\#(logprobs)}]}"#,
            #"{"id":"c","choices":[{"delta":{"function_call":{"name":"f","arguments":"{}"}}}]}"#,
            #"{"id":"c","choices":[{"delta":{},"finish_reason":"stop","stop_reason":"END"}]}"#, "[DONE]",
        ])
        let candidate = TokenLogprob.Candidate(token: "H", logprob: -1, bytes: [72])
        #expect(
            events == [
                .started(id: "c", model: nil), .textDelta("H"),
                .citation(Citation(.url("u"), title: "t", range: 0..<1)),
                .logprobs([TokenLogprob(candidate, top: [.init(token: "I", logprob: -2)])]),
                .toolCallStarted(index: 0, ToolCall(id: "call_c_0", name: "f")),
                .toolCallArgumentsDelta(index: 0, "{}"),
                .toolCallFinished(index: 0, ToolCall(id: "call_c_0", name: "f", arguments: "{}")),
                .finished(.stopSequence("END")),
            ]
        )
    }

    @Test("a refusal in words is why an answer ended")
    func refusal() throws {
        let events = try read([chunk(#"{"refusal":"No."}"#), chunk("{}", finish: #""stop""#), "[DONE]"])
        #expect(events.suffix(2) == [.refusalDelta("No."), .finished(.refusal)])
    }
}
