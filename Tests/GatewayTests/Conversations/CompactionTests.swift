import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Compaction of a conversation")
struct CompactionTests {
    private static let trigger = #"{"type":"compaction_trigger"}"#
    private static let tools = #""tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"#

    private static func pair(_ provider: Side) -> Pair { Pair(caller: .responses, provider: provider) }

    private static func body(_ items: String, stream: Bool = false, extra: String = "") -> String {
        #"{"model":"m",\#(extra)"stream":\#(stream),"input":[\#(items)]}"#
    }

    private static func user(_ text: String) -> String { #"{"role":"user","content":"\#(text)"}"# }

    private func post(
        _ gateway: GatewayUnderTest,
        _ body: String,
        to path: String = "/v1/responses",
        key: String? = nil
    ) async throws -> RawAnswer {
        let fields = key.map { [("Authorization", "Bearer \($0)")] } ?? []
        return try await gateway.send(RawRequest.post(path, body, fields: fields))
    }

    @Test(
        "a trigger brings exactly one compaction, and what comes next is asked with the summary in it",
        arguments: Side.allCases,
        [true, false]
    )
    func trigger(_ provider: Side, _ stream: Bool) async throws {
        try await withPair(Self.pair(provider), answers: [provider.answer(stream: stream)]) { gateway, upstream in
            let items = Self.user("first") + "," + Self.trigger
            let answer = try await post(gateway, Self.body(items, stream: stream, extra: Self.tools))
            #expect(answer.status == 200, "\(answer.bodyText)")
            let asked = upstream.requests[0].bodyText
            #expect(!asked.contains("compaction_trigger") && asked.contains("first") && asked.contains("hand-over"))
            #expect(provider == .messages || !asked.contains(#""tools""#))
            let response =
                stream
                ? Side.responses.events(of: answer.bodyText).last?["response"] : try JSONDocument(answer.body).root
            let output = try #require(response?["output"]).elements.map { $0 }
            #expect(output.count == 1 && output[0]["type"]?.string == "compaction")
            #expect(response?["status"]?.string == "completed" && response?["usage"]?["input_tokens"]?.int == 3)
            #expect(!answer.bodyText.contains("Hello"))
            if stream {
                let types = Side.responses.events(of: answer.bodyText).map { $0["type"]?.string ?? "" }
                #expect(types.first == "response.created" && types.last == "response.completed")
                #expect(types.filter { $0.hasPrefix("response.output_item") }.count == 2)
            }
            for type in ["compaction", "context_compaction"] {
                let item =
                    #"{"type":"\#(type)","encrypted_content":"\#(output[0]["encrypted_content"]?.string ?? "")"}"#
                let next = try await post(gateway, Self.body(item + "," + Self.user("second"), stream: stream))
                #expect(next.status == 200, "\(next.bodyText)")
                let text = try #require(upstream.requests.last).bodyText
                #expect(text.contains("Hello") && text.contains("second") && !text.contains("encrypted_content"))
            }
        }
    }

    @Test("a response that continues a compaction begins there", arguments: Side.allCases)
    func continued(_ provider: Side) async throws {
        try await withPair(Self.pair(provider), answers: [provider.answer(stream: false)]) { gateway, upstream in
            let answer = try await post(gateway, Self.body(Self.user("first") + "," + Self.trigger))
            let id = try #require(try JSONDocument(answer.body).root["id"]?.string)
            let extra = #""previous_response_id":"\#(id)","#
            let next = try await post(gateway, Self.body(Self.user("second"), extra: extra))
            #expect(next.status == 200, "\(next.bodyText)")
            let text = upstream.requests[1].bodyText
            #expect(text.contains("Hello") && text.contains("second") && !text.contains("first"))
        }
    }

    @Test("/compact gives the user's messages and a compaction", arguments: Side.allCases)
    func compact(_ provider: Side) async throws {
        try await withPair(Self.pair(provider), answers: [provider.answer(stream: false)]) { gateway, upstream in
            let items = Self.user("first") + #",{"role":"assistant","content":"answer"},"# + Self.user("second")
            let answer = try await post(gateway, Self.body(items, extra: Self.tools), to: "/v1/responses/compact")
            #expect(answer.status == 200, "\(answer.bodyText)")
            let root = try JSONDocument(answer.body).root
            #expect(root["object"]?.string == "response.compaction" && root["usage"]?["total_tokens"]?.int == 5)
            let output = try #require(root["output"]).elements.map { $0 }
            #expect(output.map { $0["type"]?.string } == ["message", "message", "compaction"])
            #expect(output[1]["content"]?[0]?["text"]?.string == "second" && output[1]["id"]?.string != nil)
            #expect(upstream.requests[0].target == provider.providerPath)
            let again = String(decoding: try #require(root["output"]).raw, as: UTF8.self)
            let next = try await post(gateway, #"{"model":"m","input":\#(again)}"#)
            #expect(next.status == 200, "\(next.bodyText)")
            #expect(upstream.requests[1].bodyText.contains("Hello"))
        }
    }

    @Test("/compact takes a text, and a response that it continues")
    func compactContinued() async throws {
        try await withPair(Self.pair(.chat), answers: [Side.chat.answer(stream: false)]) { gateway, upstream in
            let first = try await post(gateway, #"{"model":"m","input":"one"}"#)
            let id = try #require(try JSONDocument(first.body).root["id"]?.string)
            let body = #"{"model":"m","previous_response_id":"\#(id)"}"#
            let answer = try await post(gateway, body, to: "/v1/responses/compact")
            #expect(answer.status == 200, "\(answer.bodyText)")
            #expect(upstream.requests[1].bodyText.contains("one"))
            let text = try await post(gateway, #"{"model":"m","input":"two"}"#, to: "/v1/responses/compact")
            #expect(text.bodyText.contains(#""text":"two""#))
        }
    }

    @Test("a compaction opens for its owner alone, and not if a character of it was changed", arguments: Side.allCases)
    func foreign(_ provider: Side) async throws {
        let keys: (inout GatewaySettings) -> Void = { $0.clientKeys = [Secret("key-one"), Secret("key-two")] }
        let answers = [provider.answer(stream: false)]
        try await withPair(Self.pair(provider), answers: answers, keys) { gateway, upstream in
            let answer = try await post(gateway, Self.body(Self.user("a") + "," + Self.trigger), key: "key-one")
            let sealed = try JSONDocument(answer.body).root["output"]?[0]?["encrypted_content"]?.string ?? ""
            let changed = sealed.replacing(sealed.suffix(8), with: "AAAAAAA=")
            for (content, key) in [(sealed, "key-two"), (changed, "key-one"), ("gAAAforeign", "key-one")] {
                let item = #"{"type":"compaction","encrypted_content":"\#(content)"}"#
                let refused = try await post(gateway, Self.body(item), key: key)
                #expect(refused.status == 400 && refused.bodyText.contains("invalid_compaction"))
            }
            #expect(upstream.requests.count == 1)
            let item = #"{"type":"compaction","encrypted_content":"\#(sealed)"}"#
            #expect(try await post(gateway, Self.body(item), key: "key-one").status == 200)
        }
    }

    @Test("a provider that keeps responses gets its own compactions and triggers as they are, and ours opened")
    func keeper() async throws {
        let keeps: (inout Provider) -> Void = { $0.keepsResponses = true }
        let answers = [Side.responses.answer(stream: false)]
        try await withPair(Self.pair(.responses), answers: answers, provider: keeps) { gateway, upstream in
            let own = #"{"type":"compaction","encrypted_content":"gAAAtheirs"}"#
            let body = Self.body(own + "," + Self.trigger)
            _ = try await post(gateway, body)
            #expect(upstream.requests[0].bodyText == body)
            _ = try await post(gateway, Self.body(own), to: "/v1/responses/compact")
            #expect(upstream.requests[1].target == "/v1/responses/compact")
            #expect(upstream.requests[1].bodyText == Self.body(own))
        }
    }

    @Test("a trigger that is not the last item is refused, and so is a model that says nothing")
    func unusable() async throws {
        let silent =
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":" "},"finish_reason":"stop"}]}"#
        try await withPair(Self.pair(.chat), answers: [Answer.json(silent)]) { gateway, upstream in
            let misplaced = try await post(gateway, Self.body(Self.trigger + "," + Self.user("a")))
            #expect(misplaced.status == 400 && misplaced.bodyText.contains("compaction_trigger"))
            #expect(upstream.requests.isEmpty)
            let answer = try await post(gateway, Self.body(Self.user("a") + "," + Self.trigger))
            #expect(answer.bodyText.contains(#""status":"failed""#) && answer.bodyText.contains("compaction_failed"))
        }
    }

    @Test("an ordinary request that only speaks of compaction goes up byte for byte")
    func onlyTheWord() async throws {
        try await withPair(Self.pair(.responses), answers: [Side.responses.answer(stream: false)]) {
            (gateway, upstream) async throws in
            let body = Self.body(Self.user("compaction_trigger and compaction"))
            #expect(try await post(gateway, body).status == 200)
            #expect(upstream.requests[0].bodyText == body)
        }
    }
}
