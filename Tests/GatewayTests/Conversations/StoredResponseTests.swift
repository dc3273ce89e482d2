import Foundation
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Stored responses over the wire, whatever the provider speaks")
struct StoredResponseTests {
    /// Asks for a response, and gives it back as the client got it.
    private func create(
        _ gateway: GatewayUnderTest,
        _ input: String = #""hi""#,
        _ extra: String = "",
        stream: Bool = false,
        key: String? = nil
    ) async throws -> JSONView {
        let body = #"{"model":"m",\#(extra)"stream":\#(stream),"input":\#(input)}"#
        let answer = try await gateway.send(RawRequest.post("/v1/responses", body, fields: Self.fields(key)))
        #expect(answer.status == 200, "\(answer.bodyText)")
        let response =
            stream
            ? Side.responses.events(of: answer.bodyText).last?["response"] : try JSONDocument(answer.body).root
        return try #require(response)
    }

    private func ask(
        _ gateway: GatewayUnderTest,
        _ path: String,
        _ method: String = "GET",
        key: String? = nil
    ) async throws -> (status: Int, body: JSONView) {
        let fields = [("Host", "localhost"), ("Content-Length", "0")] + Self.fields(key)
        let answer = try await gateway.send(RawRequest.head(method, "/v1/responses/\(path)", fields))
        return (answer.status, try JSONDocument(answer.body).root)
    }

    private static func fields(_ key: String?) -> [(String, String)] {
        key.map { [("Authorization", "Bearer \($0)")] } ?? []
    }

    private static func pair(_ provider: Side) -> Pair { Pair(caller: .responses, provider: provider) }

    @Test("a response can be retrieved, listed, continued and deleted", arguments: Side.allCases, [true, false])
    func life(_ provider: Side, _ stream: Bool) async throws {
        try await withPair(Self.pair(provider), answers: [provider.answer(stream: stream)]) { gateway, upstream in
            let first = try await create(gateway, #""one""#, stream: stream)
            let id = try #require(first["id"]?.string)
            let (status, kept) = try await ask(gateway, id)
            #expect(status == 200)
            #expect(kept["id"]?.string == id && kept["object"]?.string == "response")
            #expect(kept["status"]?.string == "completed")
            #expect(kept["output"]?[0]?["content"]?[0]?["text"]?.string == "Hello")
            let second = try await create(
                gateway,
                #"[{"role":"user","content":"two"}]"#,
                #""previous_response_id":"\#(id)","#,
                stream: stream
            )
            let asked = try JSONDocument(upstream.requests[1].body).root
            #expect(asked["previous_response_id"] == nil)
            #expect((asked["messages"] ?? asked["input"])?.elements.count(where: { _ in true }) == 3)
            let secondID = try #require(second["id"]?.string)
            let kept2 = try await ask(gateway, secondID).body
            #expect(kept2["previous_response_id"]?.string == id)
            let (_, list) = try await ask(gateway, "\(secondID)/input_items?order=asc")
            let texts = list["data"]?.elements.map { $0["content"]?[0]?["text"]?.string ?? "" }
            #expect(texts == ["one", "Hello", "two"])
            let deleted = try await ask(gateway, secondID, "DELETE")
            #expect(deleted.status == 200)
            #expect(deleted.body.bytes == #"{"id":"\#(secondID)","object":"response","deleted":true}"#)
            #expect(try await ask(gateway, secondID).status == 404)
            #expect(try await ask(gateway, secondID, "DELETE").status == 404)
        }
    }

    @Test("input items come in pages, newest first, each with an id, a type and a status")
    func items() async throws {
        try await withPair(Self.pair(.chat), answers: [Side.chat.answer(stream: false)]) { gateway, _ in
            let input = """
                [{"role":"user","content":"a"},{"type":"message","id":"mine","role":"assistant","content":"b"},\
                {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},\
                {"type":"function_call_output","call_id":"c","output":"d"}]
                """
            let id = try #require(try await create(gateway, input)["id"]?.string)
            let (_, all) = try await ask(gateway, "\(id)/input_items")
            let data = try #require(all["data"]).elements.map { $0 }
            #expect(data.map { $0["type"]?.string } == ["function_call_output", "function_call", "message", "message"])
            #expect(data.allSatisfy { $0["id"]?.string != nil && $0["status"]?.string == "completed" })
            #expect(data[2]["id"]?.string == "mine" && data[2]["content"]?[0]?["type"]?.string == "output_text")
            #expect(data[3]["content"]?[0]?["type"]?.string == "input_text")
            #expect(all["object"]?.string == "list" && all["has_more"]?.bool == false)
            #expect(all["first_id"]?.string == data[0]["id"]?.string && all["last_id"]?.string == data[3]["id"]?.string)
            let (_, page) = try await ask(gateway, "\(id)/input_items?limit=2&after=\(data[0]["id"]?.string ?? "")")
            #expect(page["data"]?.elements.map { $0["id"]?.string } == data[1...2].map { $0["id"]?.string })
            #expect(page["has_more"]?.bool == true)
            for query in ["order=up", "limit=0", "limit=101", "limit=x", "after=%"] {
                let (status, body) = try await ask(gateway, "\(id)/input_items?\(query)")
                #expect(status == 400 && body["error"]?["code"]?.string == "invalid_query")
            }
        }
    }

    @Test("T3: a foreign id is the same 404 as an unknown one, for every route")
    func owners() async throws {
        let keys: (inout GatewaySettings) -> Void = { $0.clientKeys = [Secret("key-one"), Secret("key-two")] }
        try await withPair(Self.pair(.chat), answers: [Side.chat.answer(stream: false)], keys) { gateway, upstream in
            let id = try #require(try await create(gateway, key: "key-one")["id"]?.string)
            for (suffix, method) in [("", "GET"), ("", "DELETE"), ("/input_items", "GET"), ("/cancel", "POST")] {
                let foreign = try await ask(gateway, id + suffix, method, key: "key-two")
                let unknown = try await ask(gateway, "resp_nobody" + suffix, method, key: "key-two")
                #expect(foreign.status == 404 && unknown.status == 404)
                #expect(foreign.body.bytes.replacing(id, with: "resp_nobody") == unknown.body.bytes)
                #expect(foreign.body["error"]?["code"]?.string == "response_not_found")
            }
            #expect(try await ask(gateway, id, key: "key-one").status == 200)
            #expect(upstream.requests.count == 1)
        }
    }

    @Test("what cannot be done with a response is said by name")
    func refused() async throws {
        try await withPair(Self.pair(.chat), answers: [Side.chat.answer(stream: false)]) { gateway, upstream in
            let id = try #require(try await create(gateway)["id"]?.string)
            let cancelled = try await ask(gateway, "\(id)/cancel", "POST")
            #expect(cancelled.status == 400 && cancelled.body["error"]?["code"]?.string == "response_not_cancellable")
            let streamed = try await ask(gateway, "\(id)?stream=true")
            #expect(streamed.status == 400 && streamed.body["error"]?["param"]?.string == "stream")
            #expect(try await ask(gateway, "\(id)/cancel", "GET").status == 405)
            #expect(try await ask(gateway, "\(id)/other").status == 404)
            let answer = try await gateway.send(
                RawRequest.post("/v1/responses", #"{"model":"m","background":true,"input":"hi"}"#)
            )
            #expect(answer.status == 400 && answer.bodyText.contains("background_unsupported"))
            #expect(upstream.requests.count == 1)
        }
    }

    @Test("store: false keeps nothing", arguments: [Side.chat, .responses])
    func notStored(_ provider: Side) async throws {
        try await withPair(Self.pair(provider), answers: [provider.answer(stream: false)]) { gateway, _ in
            let id = try #require(try await create(gateway, #""hi""#, #""store":false,"#)["id"]?.string)
            #expect(try await ask(gateway, id).status == 404)
        }
    }

    @Test("a stream whose last event leaves its items out is kept with them")
    func itemsOfTheStream() async throws {
        let events = Side.responses.events().map { event in
            guard event.contains("response.completed"), let start = event.range(of: #""output":["#) else {
                return event
            }
            let end = event.range(of: #"],"usage""#, range: start.upperBound..<event.endIndex)
            return end.map { event.replacingCharacters(in: start.upperBound..<$0.lowerBound, with: "") } ?? event
        }
        try await withPair(Self.pair(.responses), answers: [Answer.stream(events)]) { gateway, upstream in
            let id = try #require(try await create(gateway, stream: true)["id"]?.string)
            let (_, kept) = try await ask(gateway, id)
            #expect(kept["output"]?[0]?["content"]?[0]?["text"]?.string == "Hello")
            _ = try await create(gateway, #""two""#, #""previous_response_id":"\#(id)","#, stream: true)
            #expect(upstream.requests[1].bodyText.contains("Hello"))
        }
    }

    // MARK: Providers that keep responses themselves

    private static let keeps: @Sendable (inout Provider) -> Void = { $0.keepsResponses = true }

    @Test("a provider that keeps its responses is told the id, and asked for what it keeps", arguments: [true, false])
    func keeper(_ stream: Bool) async throws {
        let answers = [Side.responses.answer(stream: stream), Side.responses.answer(stream: stream)]
        let later = (0..<4).map { _ in Answer.json(#"{"id":"resp_1","from":"provider"}"#) }
        try await withPair(Self.pair(.responses), answers: answers + later, provider: Self.keeps) { gateway, upstream in
            let id = try #require(try await create(gateway, stream: stream)["id"]?.string)
            _ = try await create(gateway, #""two""#, #""previous_response_id":"\#(id)","#, stream: stream)
            let sent = try JSONDocument(upstream.requests[1].body).root
            #expect(sent["previous_response_id"]?.string == id && sent["input"]?.string == "two")
            let asked = [("GET", "?include=x"), ("GET", "/input_items?limit=2"), ("POST", "/cancel"), ("DELETE", "")]
            for (place, (method, suffix)) in asked.enumerated() {
                let (status, body) = try await ask(gateway, id + suffix, method)
                #expect(status == 200 && body["from"]?.string == "provider")
                #expect(upstream.requests[2 + place].method == method)
                #expect(upstream.requests[2 + place].target == "/v1/responses/\(id)\(suffix)")
                #expect(upstream.requests[2 + place].field("authorization") == "Bearer provider-key")
            }
            try await gateway.isIdle()
            #expect(try await ask(gateway, id).status == 404)
        }
    }

    @Test("T3: a provider that keeps its responses is not asked for a foreign one, nor told its id")
    func foreignAtKeeper() async throws {
        let keys: (inout GatewaySettings) -> Void = { $0.clientKeys = [Secret("key-one"), Secret("key-two")] }
        let answers = [Side.responses.answer(stream: false)]
        try await withPair(Self.pair(.responses), answers: answers, keys, provider: Self.keeps) { gateway, upstream in
            let id = try #require(try await create(gateway, key: "key-one")["id"]?.string)
            for (suffix, method) in [("", "GET"), ("", "DELETE"), ("/input_items", "GET"), ("/cancel", "POST")] {
                #expect(try await ask(gateway, id + suffix, method, key: "key-two").status == 404)
            }
            let body = #"{"model":"m","previous_response_id":"\#(id)","input":"hi"}"#
            let answer = try await gateway.send(
                RawRequest.post("/v1/responses", body, fields: Self.fields("key-two"))
            )
            #expect(answer.status == 404 && answer.bodyText.contains("previous_response_not_found"))
            #expect(upstream.requests.count == 1)
        }
    }

    // MARK: A store that fails

    @Test("F18: a lookup in a store that hangs is a 503, and the answer of a request is delivered all the same")
    func brokenStore() async throws {
        let change: (inout GatewaySettings) -> Void = { $0.state.patience = .nanoseconds(1) }
        try await withPair(Self.pair(.chat), answers: [Side.chat.answer(stream: false)], change) { gateway, _ in
            let id = try #require(try await create(gateway)["id"]?.string)
            let (status, body) = try await ask(gateway, id)
            #expect(status == 503 && body["error"]?["code"]?.string == "store_unavailable")
            let request = #"{"model":"m","previous_response_id":"\#(id)","input":"hi"}"#
            let answer = try await gateway.send(RawRequest.post("/v1/responses", request))
            #expect(answer.status == 503 && answer.bodyText.contains("store_unavailable"))
        }
    }
}

extension JSONView {
    /// The whole value as text.
    fileprivate var bytes: String { String(decoding: raw, as: UTF8.self) }
}
