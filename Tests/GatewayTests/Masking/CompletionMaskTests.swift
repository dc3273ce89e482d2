import Dialects
import JSON
import NIOCore
import Testing

@testable import Gateway

@Suite("Completions that providers see masked")
struct CompletionMaskTests {
    private static func mask(_ body: String) throws -> CompletionMask {
        let facts = try RequestFacts(Array(body.utf8), endpoint: .completions)
        return try CompletionMask(ByteBuffer(string: body), facts, MaskRules())
    }

    private static func masked(_ body: String) throws -> String {
        String(buffer: try mask(body).edits.applied(to: ByteBuffer(string: body)).contiguous)
    }

    @Test("every text is masked where it stands, and all else goes on as it came")
    func texts() throws {
        let body =
            #"{"model":"a@b.example", "prompt" : ["to ada@example.com","or to bob@example.com"],"suffix":"ada@example.com","logit_bias":{"50256":-100},"stream_options":{"x":"ada@example.com"},"us\u0065r":"bob@example.com","n":2}"#
        let expected =
            #"{"model":"a@b.example", "prompt" : ["to [EMAIL_1]","or to [EMAIL_2]"],"suffix":"[EMAIL_1]","logit_bias":{"50256":-100},"stream_options":{"x":"ada@example.com"},"us\u0065r":"[EMAIL_2]","n":2}"#
        #expect(try Self.masked(body) == expected)
        let plain = #"{"model":"m","prompt":"nothing"}"#
        #expect(try Self.masked(plain) == plain)
        #expect(try Self.mask(plain).map.isEmpty)
    }

    @Test("token ids are refused, as nothing can be found in them", arguments: ["[1,2]", "[[1],[2]]", #"["a",1]"#])
    func tokens(_ prompt: String) throws {
        let refusal = try #require(throws: Refusal.self) {
            _ = try Self.mask(#"{"model":"m","prompt":\#(prompt)}"#)
        }
        #expect(refusal.body.code == "dialect_unsupported" && refusal.body.status == 400)
    }

    private static func unmasking() throws -> CompletionUnmasking {
        CompletionUnmasking(try mask(#"{"model":"m","prompt":"ada@example.com and bob@example.com"}"#).map)
    }

    private static func event(_ text: String, _ choice: Int = 0, finish: String = "null") -> String {
        #"data: {"id":"c","choices":[{"index":\#(choice),"text":"\#(text)","finish_reason":\#(finish)}]}"# + "\n\n"
    }

    @Test("a stream has the originals, each choice its own, however it is cut", arguments: [1, 7, 4_096])
    func stream(_ size: Int) throws {
        let events = [
            Self.event("to [EMA"), Self.event("[EMAIL_2", 1), Self.event("IL_1] [EM"), Self.event("]", 1),
            Self.event("", finish: #""stop""#), "data: [DONE]\n\n",
        ]
        let bytes = Array(events.joined().utf8)
        var unmasking = try Self.unmasking()
        var passed = ByteBuffer()
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = bytes[start..<min(start + size, bytes.count)]
            passed.writeImmutableBuffer(unmasking.take(ByteBuffer(bytes: piece)))
        }
        passed.writeImmutableBuffer(unmasking.finish())
        let expected = [
            Self.event("to "), Self.event("", 1), Self.event("ada@example.com "), Self.event("bob@example.com", 1),
            Self.event("[EM", finish: #""stop""#), "data: [DONE]\n\n",
        ]
        #expect(String(buffer: passed) == expected.joined())
    }

    @Test(
        "what is held back of a text comes with its end, be that without a text, or never told",
        arguments: [
            (
                #"data: {"choices":[{"index":0,"finish_reason":"stop"}]}"#,
                #"{"choices":[{"index":0,"finish_reason":"stop","text":"[EM"}]}"#
            ),
            (
                #"data: {"choices":[{"index":0,"text":null,"finish_reason":"stop"}]}"#,
                #"{"choices":[{"index":0,"text":"[EM","finish_reason":"stop"}]}"#
            ),
            ("data: [DONE]", #"{"object":"text_completion","choices":[{"index":0,"text":"[EM"}]}"#),
            ("", #"{"object":"text_completion","choices":[{"index":0,"text":"[EM"}]}"#),
        ]
    )
    func heldEnd(_ end: String, _ expected: String) throws {
        var unmasking = try Self.unmasking()
        var passed = unmasking.take(ByteBuffer(string: Self.event("to [EM") + (end.isEmpty ? "" : end + "\n\n")))
        passed.writeImmutableBuffer(unmasking.finish())
        let text = String(buffer: passed)
        #expect(text.hasPrefix(Self.event("to ") + "data: " + expected + "\n\n"), "\(text)")
        #expect(text.contains("[DONE]") == end.contains("[DONE]"))
        #expect(unmasking.finish().readableBytes == 0)
    }

    @Test("a whole answer has the originals, and what is none stays as it is")
    func whole() throws {
        let unmasking = try Self.unmasking()
        let body = #"{"choices":[{"index":0,"text":"[EMAIL_1]\""},{"text":"[EMAIL_2] [EMAIL_3]"},{"logprobs":null}]}"#
        let expected =
            #"{"choices":[{"index":0,"text":"ada@example.com\""},{"text":"bob@example.com [EMAIL_3]"},{"logprobs":null}]}"#
        #expect(String(buffer: unmasking.whole(ByteBuffer(string: body))) == expected)
        for other in ["", "[", #"{"choices":"[EMAIL_1]"}"#, #"["[EMAIL_1]"]"#] {
            #expect(String(buffer: unmasking.whole(ByteBuffer(string: other))) == other)
        }
    }
}
