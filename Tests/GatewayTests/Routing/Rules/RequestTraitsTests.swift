import Dialects
import NIOCore
import Providers
import Testing

@testable import Gateway

@Suite("What rules may ask of a body")
struct RequestTraitsTests {
    private static func traits(
        _ body: String,
        _ endpoint: Endpoint = .chatCompletions,
        fields: [(String, String)] = []
    ) throws -> RequestTraits {
        let facts = try RequestFacts(Array(body.utf8), endpoint: endpoint)
        return RequestTraits(facts, in: ByteBuffer(string: body), fields: Fields(fields))
    }

    @Test(
        "tools are there when a list of them holds something",
        arguments: [
            (#"{"model":"m","messages":[],"tools":[{"type":"function"}]}"#, true),
            (#"{"model":"m","messages":[],"tools":[]}"#, false),
            (#"{"model":"m","messages":[],"tools":[ ]}"#, false),
            (#"{"model":"m","messages":[],"tools":null}"#, false),
            (#"{"model":"m","messages":[{"role":"user","content":"\"tools\":[1]"}]}"#, false),
            (#"{"model":"m","messages":[],"functions":[{"name":"f"}]}"#, true),
        ]
    )
    func tools(body: String, isThere: Bool) throws {
        #expect(try Self.traits(body).hasTools == isThere)
    }

    @Test(
        "what may be kept for an hour is told by the word for it, wherever that stands",
        arguments: [
            (#"{"cache_control":{"type":"ephemeral","ttl":"1h"}}"#, true), (#"{"ttl":"5m"}"#, false), ("", false),
            (#""1h"#, false), (#"1h""#, false), (#"{"a":"1","h":"x1h","b":"1hour"}"#, false), ("\"\"1h\"", true),
            (#""1"1h""#, true), (#"hh11"1h"h"#, true), (#"{"ttl":"\u0031h"}"#, true), (#"{"ttl":"1\u0068"}"#, true),
            (#""\n\\\u0031""#, true), (#""\u0032h""#, false), (#""u0031""#, false), (#""\u003"#, false),
        ]
    )
    func hour(body: String, isThere: Bool) {
        for padding in 0..<4 {
            let text = String(repeating: "x", count: padding) + body
            #expect(RequestTraits.mayKeepForAnHour(ByteBuffer(string: text)) == isThere, "\(text)")
        }
    }

    @Test(
        "images are found where a dialect has them, and not where they are spoken of",
        arguments: [
            (
                Endpoint.chatCompletions,
                #"{"model":"m","messages":[{"content":[{"type":"image_url","image_url":{"url":"u"}}]}]}"#, true
            ),
            (.chatCompletions, #"{"model":"m","messages":[{"content":"\"type\":\"image_url\""}]}"#, false),
            (.chatCompletions, #"{"model":"m","messages":[{"content":[{"image_url":"x","type":"text"}]}]}"#, false),
            (.chatCompletions, #"{"model":"m","messages":[],"tools":[{"type":"image_url"}]}"#, false),
            (.responses, #"{"model":"m","input":[{"content":[{ "type" : "input_image","image_url":"u"}]}]}"#, true),
            (.responses, #"{"model":"m","input":"type input_image"}"#, false),
            (
                .messages,
                #"{"model":"m","max_tokens":1,"messages":[{"content":[{"type":"tool_result","content":[{"source":{},"type":"image"}]}]}]}"#,
                true
            ),
            (
                .messages,
                #"{"model":"m","max_tokens":1,"messages":[{"content":[{"type":"tool_use","input":{"kind":"image"}}]}]}"#,
                false
            ),
            (.ollamaChat, #"{"model":"m","messages":[{"content":"x","images":["aGk="]}]}"#, true),
            (.ollamaChat, #"{"model":"m","messages":[{"content":"x","images":[]}]}"#, false),
            (.ollamaGenerate, #"{"model":"m","prompt":"x","images":["aGk="]}"#, true),
            (.ollamaGenerate, #"{"model":"m","prompt":"images","images":[]}"#, false),
        ]
    )
    func images(endpoint: Endpoint, body: String, isThere: Bool) throws {
        #expect(try Self.traits(body, endpoint).hasImages == isThere)
    }

    @Test("four bytes are a token, and an image's data is none of them")
    func tokens() throws {
        let text = String(repeating: "word ", count: 2_000)
        let plain = #"{"model":"m","messages":[{"role":"user","content":"\#(text)"}]}"#
        #expect(try Self.traits(plain).tokens == plain.utf8.count / 4)
        let data = String(repeating: "iVBORw0KGgo", count: 10_000)
        let image = #"{"type":"image_url","image_url":{"url":"data:image/png;base64,\#(data)"}}"#
        let body =
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"\#(text)"},\#(image),\#(image)]}]}"#
        let tokens = try Self.traits(body).tokens
        #expect((4_500...4_700).contains(tokens), "\(tokens)")
    }

    @Test("a session goes by its cache key, then by a field, then by what it continues")
    func session() throws {
        let rest = #""model":"m","input":"x""#
        let key = #"{\#(rest),"prompt_cache_key":"k","previous_response_id":"r"}"#
        let previous = #"{\#(rest),"previous_response_id":"r"}"#
        let fields = [("Session-Id", "s")]
        func session(_ body: String, _ fields: [(String, String)] = []) throws -> UInt64? {
            try Self.traits(body, .responses, fields: fields).session
        }
        #expect(try session(key) != nil)
        #expect(try session(key) == session(key, fields))
        #expect(try session(previous, fields) == session("{\(rest)}", fields))
        #expect(try session(previous) != session(previous, fields))
        #expect(try session(previous) == session(#"{"previous_response_id":"r",\#(rest)}"#))
        #expect(try session("{\(rest)}") == nil)
        #expect(try session("{\(rest)}", [("session-id", "")]) == nil)
        #expect(try session("{\(rest),\"prompt_cache_key\":\"\"}") == nil)
    }
}
