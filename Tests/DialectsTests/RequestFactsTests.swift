import Inference
import JSON
import Testing

@testable import Dialects

private func facts(_ body: String, _ endpoint: Endpoint = .chatCompletions) throws(InferenceError) -> RequestFacts {
    try RequestFacts(Array(body.utf8), endpoint: endpoint)
}

private func edited(_ body: String, _ edits: [JSONEdit]) -> String {
    var bytes = Array(body.utf8)
    for edit in edits.reversed() { bytes.replaceSubrange(edit.range, with: edit.replacement) }
    return String(decoding: bytes, as: UTF8.self)
}

/// A body that is refused and the field or the detail that is named.
private struct Refusal: Sendable, CustomTestStringConvertible {
    var title: String
    var endpoint: Endpoint
    var body: String
    var field: String?
    var detail: String?

    init(_ title: String, _ endpoint: Endpoint, _ body: String, field: String? = nil, detail: String? = nil) {
        (self.title, self.endpoint, self.body, self.field, self.detail) = (title, endpoint, body, field, detail)
    }

    var testDescription: String { "\(title): \(body.prefix(80))" }

    static let all: [Refusal] = json + integers + names + shapes

    private static let json: [Refusal] = [
        Refusal("B1", .chatCompletions, #"{"model":"m","messages":[}"#, detail: "json_syntax"),
        Refusal("B1", .responses, "", detail: "json_unexpected_end"),
        Refusal(
            "B2",
            .messages,
            #"{"model":"a","\u006dodel":"b","messages":[],"max_tokens":1}"#,
            detail: "json_duplicate_key"
        ),
        Refusal("B2", .chatCompletions, #"{"model":"m","messages":[{"a":1,"a":2}]}"#, detail: "json_duplicate_key"),
        Refusal("B2", .chatCompletions, "\u{FEFF}{}", detail: "json_byte_order_mark"),
        Refusal("B2", .chatCompletions, #"{"model":"m","messages":[],}"#, detail: "json_syntax"),
        Refusal(
            "B2",
            .responses,
            #"{"model":"m","input":\#(String(repeating: "[", count: 70))"#,
            detail: "json_too_deep"
        ),
    ]

    private static let integers: [Refusal] = {
        let bad = ["1e400", "1.5", "-1", "9223372036854775808", "\"5\"", "1.0", "1e2", "true", "[1]"]
        let fields: [(Endpoint, String)] = [
            (.chatCompletions, "max_tokens"), (.chatCompletions, "max_completion_tokens"), (.chatCompletions, "n"),
            (.completions, "best_of"), (.responses, "max_output_tokens"), (.messages, "max_tokens"),
            (.messages, "top_k"), (.embeddings, "dimensions"),
        ]
        return fields.flatMap { endpoint, field in
            bad.map { Refusal("B5", endpoint, #"{"model":"m","messages":[],"\#(field)":\#($0)}"#, field: field) }
        }
            + ["1e400", "1.5", "9223372036854775808", "\"5\""].flatMap { bad in
                [(.chatCompletions, "seed"), (.chatCompletions, "n_predict"), (.completions, "n_predict")].map {
                    (endpoint: Endpoint, field: String) in
                    Refusal("B5", endpoint, #"{"model":"m","messages":[],"\#(field)":\#(bad)}"#, field: field)
                }
            }
    }()

    private static let names: [Refusal] = [
        Refusal("B4", .chatCompletions, #"{"model":"m\u0000","messages":[]}"#, field: "model"),
        Refusal("B4", .chatCompletions, #"{"model":"m\n","messages":[]}"#, field: "model"),
        Refusal("B4", .chatCompletions, "{\"model\":\"m\u{85}\",\"messages\":[]}", field: "model"),
        Refusal("B4", .chatCompletions, "{\"model\":\"m\u{7F}\",\"messages\":[]}", field: "model"),
        Refusal("B4", .responses, #"{"model":"\#(String(repeating: "m", count: 513))","input":"x"}"#, field: "model"),
        Refusal("B4", .responses, #"{"model":"m","input":"x","user":"a\u001fb"}"#, field: "user"),
        Refusal(
            "B4",
            .messages,
            #"{"model":"m","messages":[],"max_tokens":1,"metadata":{"user_id":"a\u009Fb"}}"#,
            field: "metadata"
        ),
        Refusal("B4", .responses, #"{"model":"m","input":"x","metadata":{"k\u0007":"v"}}"#, field: "metadata"),
        Refusal("B13", .chatCompletions, #"{"model":"m","messages":[],"api_base":"http://evil"}"#, field: "api_base"),
        Refusal("B13", .chatCompletions, #"{"model":"m","messages":[],"api_key":null}"#, field: "api_key"),
        Refusal("B13", .responses, #"{"model":"m","input":"x","b\u0061se_url":"http://evil"}"#, field: "base_url"),
        Refusal(
            "B13",
            .messages,
            #"{"model":"m","messages":[],"max_tokens":1,"extra_headers":{}}"#,
            field: "extra_headers"
        ),
    ]

    private static let shapes: [Refusal] = [
        Refusal("model", .chatCompletions, #"{"messages":[]}"#, field: "model", detail: "missing_member"),
        Refusal("model", .chatCompletions, #"{"model":null,"messages":[]}"#, field: "model"),
        Refusal("model", .chatCompletions, #"{"model":"","messages":[]}"#, field: "model"),
        Refusal("model", .responses, #"{"model":7,"input":"x"}"#, field: "model"),
        Refusal("messages", .chatCompletions, #"{"model":"m","messages":"nonsense"}"#, field: "messages"),
        Refusal("messages", .chatCompletions, #"{"model":"m"}"#, field: "messages"),
        Refusal("messages", .messages, #"{"model":"m","max_tokens":1,"messages":{}}"#, field: "messages"),
        Refusal(
            "max_tokens",
            .messages,
            #"{"model":"m","messages":[]}"#,
            field: "max_tokens",
            detail: "missing_member"
        ),
        Refusal("input", .responses, #"{"model":"m","input":17}"#, field: "input"),
        Refusal("input", .embeddings, #"{"model":"m","input":{}}"#, field: "input"),
        Refusal("prompt", .completions, #"{"model":"m","prompt":1}"#, field: "prompt"),
        Refusal("stream", .responses, #"{"model":"m","input":"x","stream":"yes"}"#, field: "stream"),
        Refusal(
            "options",
            .chatCompletions,
            #"{"model":"m","messages":[],"stream_options":[]}"#,
            field: "stream_options"
        ),
        Refusal(
            "options",
            .chatCompletions,
            #"{"model":"m","messages":[],"stream_options":{"include_usage":1}}"#,
            field: "stream_options.include_usage"
        ),
    ]
}

@Suite("Facts of a request")
struct RequestFactsTests {
    @Test("B1, B2, B4, B5, B13: what is wrong is refused by name", arguments: Refusal.all)
    fileprivate func refusals(_ refusal: Refusal) {
        #expect {
            try facts(refusal.body, refusal.endpoint)
        } throws: { error in
            guard let error = error as? InferenceError, error.code == .invalidRequest else { return false }
            if let field = refusal.field, error.field != field { return false }
            if let detail = refusal.detail, error.detail != detail { return false }
            return refusal.field == nil ? error.offset != nil : error.message.contains(refusal.field ?? "")
        }
    }

    @Test("B4: a model's name may be long, but not endless")
    func longName() throws {
        let longest = String(repeating: "m", count: 512)
        #expect(try facts(#"{"model":"\#(longest)","messages":[]}"#).model == longest)
    }

    @Test("B1: an error names the byte")
    func offset() {
        let error = #expect(throws: InferenceError.self) { try facts(#"{"model":"m",x}"#) }
        #expect(error?.offset == 13)
        #expect(error?.message.contains("byte 13") == true)
    }

    @Test("what a gateway has to know is read, whatever else is there")
    func reading() throws {
        let body = #"""
            {"messages":[{"role":"user","content":"a\nb\u0000"}],"m\u006fdel":"hf.co\/x\u00e9","stream":true,"user":"é",
             "metadata":{"a":"b"},"seed":-1,"top_k":-1,"n":null,"max_tokens":5,"max_completion_tokens":9,
             "unknown":{"api_key":"inner names are the upstream's"},"temperature":1e400}
            """#
        let facts = try facts(body)
        #expect(facts.model == "hf.co/xé")
        #expect(facts.stream)
        #expect(facts.lacksUsage)
        #expect(facts.maxOutputTokens == 9)
        #expect(facts.maxOutputTokensMembers.count == 2)
    }

    @Test(
        "the edits change only what they name",
        arguments: [
            (
                #"{"model":"a", "messages" : [ ],"stream":true}"#,
                #"{"model":"b", "messages" : [ ],"stream":true,"stream_options":{"include_usage":true}}"#
            ),
            (
                #"{"stream_options": {"x":1 },"messages":[],"stream":true,"model":"a"}"#,
                #"{"stream_options": {"x":1 ,"include_usage":true},"messages":[],"stream":true,"model":"b"}"#
            ),
            (
                #"{"stream":true,"stream_options":{},"model":"a","messages":[]}"#,
                #"{"stream":true,"stream_options":{"include_usage":true},"model":"b","messages":[]}"#
            ),
            (
                #"{"stream":true,"model":"a","messages":[],"stream_options":{"include_usage":false}}"#,
                #"{"stream":true,"model":"b","messages":[],"stream_options":{"include_usage":true}}"#
            ),
            (
                #"{"stream":true,"model":"a","messages":[],"stream_options":null}"#,
                #"{"stream":true,"model":"b","messages":[],"stream_options":{"include_usage":true}}"#
            ),
            (
                #"{"stream":true,"model":"a","messages":[],"stream_options":{"include_usage":true}}"#,
                #"{"stream":true,"model":"b","messages":[],"stream_options":{"include_usage":true}}"#
            ),
            (#"{"stream":false,"model":"a","messages":[]}"#, #"{"stream":false,"model":"b","messages":[]}"#),
        ]
    )
    func edits(_ body: String, _ expected: String) throws {
        let facts = try facts(body)
        let result = edited(body, facts.edits(model: "b", asksForUsage: true))
        #expect(result == expected)
        #expect(try Dialects.RequestFacts(Array(result.utf8), endpoint: .chatCompletions).model == "b")
        #expect(facts.edits(model: "a").isEmpty)
        #expect(facts.edits().isEmpty)
    }

    @Test("only Chat and Completions are asked for usage")
    func asking() throws {
        for endpoint in [Endpoint.responses, .messages, .embeddings] {
            let body = #"{"model":"a","messages":[],"max_tokens":1,"stream":true}"#
            #expect(try !facts(body, endpoint).lacksUsage)
            #expect(try facts(body, endpoint).edits(asksForUsage: true).isEmpty)
        }
    }

    @Test("random damage to a request never crashes, and what passes is JSON")
    func damage() {
        var numbers = SeededNumbers(seed: 5)
        let body =
            #"{"model":"a","messages":[{"role":"user"}],"stream":true,"stream_options":{"include_usage":false},"n":1}"#
        for _ in 0..<2000 {
            let bytes = body.utf8.damaged(&numbers)
            guard let facts = try? RequestFacts(bytes, endpoint: .chatCompletions) else { continue }
            let edited = edited(String(decoding: bytes, as: UTF8.self), facts.edits(model: "z", asksForUsage: true))
            #expect(throws: Never.self) { try JSONIndex(scanning: Array(edited.utf8)) }
        }
    }
}
