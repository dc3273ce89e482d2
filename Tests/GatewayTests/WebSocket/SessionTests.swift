import Inference
import JSON
import Providers
import ScriptedUpstream
import Synchronization
import Testing

@testable import Gateway

@Suite("Responses over WebSocket")
struct SessionTests {
    /// Runs a session with a provider that speaks one dialect and answers as often as it is asked.
    private func withSession(
        _ side: Side,
        answers: [[Step]]? = nil,
        _ change: (inout GatewaySettings) -> Void = { _ in },
        body: (SocketClient, GatewayUnderTest, ScriptedUpstream) async throws -> Void
    ) async throws {
        let pair = Pair(caller: .responses, provider: side)
        try await withPair(pair, answers: answers ?? [side.answer(stream: true)], change) { gateway, upstream in
            let client = try await SocketClient.open(gateway)
            try await body(client, gateway, upstream)
            client.close()
        }
    }

    /// What the provider was told, as far as it is text, without the instructions.
    private func said(_ request: ReceivedRequest, _ side: Side) throws -> [String] {
        let root = try JSONDocument(request.body).root
        let messages = root[side == .responses ? "input" : "messages"]?.elements.map(\.self) ?? []
        return messages.map { message in
            message["content"]?.string ?? message["content"]?.elements.map { $0["text"]?.string ?? "" }.joined() ?? ""
        }
    }

    // MARK: Turns

    @Test("each event is one message, and the exchange is like any other", arguments: Side.allCases)
    func oneTurn(_ side: Side) async throws {
        try await withSession(side) { client, gateway, upstream in
            let messages = try await client.ask(Create.message("hi", extra: #""client_metadata":{"a":"b"},"#))
            #expect(messages.types.first { $0 != "response.metadata" } == "response.created")
            #expect(messages.types.last == "response.completed")
            #expect(messages.text == "Hello")
            let received = try await upstream.request()
            #expect(received.method == "POST")
            #expect(received.target == side.providerPath)
            let names: Set = ["upgrade", "connection", "sec-websocket-key", "sec-websocket-version", "openai-beta"]
            #expect(Set(received.fields.map(\.name)).isDisjoint(with: names.subtracting(["connection"])))
            #expect(received.field("accept")?.contains(side == .ollama ? "ndjson" : "event-stream") == true)
            let root = try JSONDocument(received.body).root
            #expect(root["type"] == nil && root["generate"] == nil)
            #expect(root["stream"]?.bool == true)
            #expect(try said(received, side) == ["hi"])
            let record = try await gateway.log.record(1)
            #expect(record["route"] == "POST /v1/responses")
            #expect(record["transport"] == "websocket")
            #expect(record["outcome"] == "ok")
            #expect(record.number("status") == 200)
            #expect(record.number("output_tokens") == 2)
            #expect(received.field("x-request-id") == record["request_id"])
            try await gateway.isIdle()
        }
    }

    @Test("what is said is only sent once: the provider gets all of it each time", arguments: Side.allCases)
    func conversation(_ side: Side) async throws {
        // A provider of Responses gives the ids itself.
        let answers = (1...5).map { number in
            Answer.stream(
                side.events().map { $0.replacing("resp_1", with: "resp_\(number)") },
                contentType: side.streamType
            )
        }
        try await withSession(side, answers: answers) { client, _, upstream in
            let first = try await client.ask(Create.message("one"))
            let second = try await client.ask(Create.message("two", previous: first.responseID))
            #expect(second.types.last == "response.completed")
            _ = try await client.ask(Create.message("three", previous: second.responseID))
            // Going back to an earlier response, and on from there.
            _ = try await client.ask(Create.message("four", previous: first.responseID))
            _ = try await client.ask(Create.message("anew"))
            let said = try upstream.requests.map { try self.said($0, side) }
            #expect(
                said == [
                    ["one"], ["one", "Hello", "two"], ["one", "Hello", "two", "Hello", "three"],
                    ["one", "Hello", "four"], ["anew"],
                ]
            )
            let roots = try upstream.requests.map { try JSONDocument($0.body).root }
            #expect(roots.allSatisfy { $0["previous_response_id"] == nil })
        }
    }

    @Test("a warm-up asks nobody, and the next request goes on from it", arguments: Side.allCases)
    func warmUp(_ side: Side) async throws {
        let tool = #"{"type":"function","name":"look","parameters":{"type":"object"}}"#
        let extra = #""generate":false,"instructions":"be brief","tools":[\#(tool)],"#
        try await withSession(side) { client, gateway, upstream in
            let warm = try await client.ask(Create.message("one", extra: extra))
            #expect(warm.types.first == "response.created")
            #expect(warm.types.last == "response.completed")
            #expect(!warm.responseID.isEmpty)
            #expect(upstream.requests.isEmpty)
            let record = try await gateway.log.record(1)
            #expect(record["outcome"] == "ok")
            #expect(record.number("status") == 200)
            let answer = try await client.ask(Create.message("two", previous: warm.responseID))
            #expect(answer.text == "Hello")
            let received = try await upstream.request()
            #expect(try said(received, side).joined().hasSuffix("onetwo"))
            #expect(received.bodyText.contains("be brief"))
            #expect(received.bodyText.contains(#""look""#))
            // What a request says itself goes before what the warm-up said.
            let other = Create.message("three", previous: warm.responseID, extra: #""instructions":"be long","#)
            _ = try await client.ask(other)
            let last = try await upstream.request(1)
            #expect(last.bodyText.contains("be long") && !last.bodyText.contains("be brief"))
        }
    }

    @Test("an id that is not known is an error message, and the session goes on")
    func unknownPrevious() async throws {
        try await withSession(.chat) { client, gateway, upstream in
            let error = try await client.ask(Create.message("two", previous: "resp_nobody")).last
            #expect(error?["type"]?.string == "error")
            #expect(error?["status"]?.int == 404)
            #expect(error?["error"]?["code"]?.string == "previous_response_not_found")
            #expect(error?["error"]?["param"]?.string == "previous_response_id")
            #expect(upstream.requests.isEmpty)
            #expect(try await client.ask(Create.message()).text == "Hello")
            #expect(try await gateway.log.record(1)["outcome"] == "refused")
        }
    }

    @Test("T3: what one session keeps for itself is not another's")
    func sessionsAreApart() async throws {
        try await withSession(.chat) { client, gateway, _ in
            let first = try await client.ask(Create.message("one"))
            let other = try await SocketClient.open(gateway)
            let error = try await other.ask(Create.message("two", previous: first.responseID)).last
            #expect(error?["error"]?["code"]?.string == "previous_response_not_found")
            other.close()
        }
    }

    @Test("a second request while a response runs is an error that disturbs nothing")
    func oneAtATime() async throws {
        let gate = Gate()
        let events = Sample.responses.events().map(Answer.chunk)
        let steps = [Answer.chunkedHead(), events[0], .wait(gate)] + events.dropFirst() + [Answer.lastChunk]
        try await withSession(.responses, answers: [steps]) { client, gateway, upstream in
            try await client.send(Create.message("one"))
            #expect(try await client.message()["type"]?.string == "response.created")
            let error = try await client.ask(Create.message("two")).last
            #expect(error?["status"]?.int == 409)
            #expect(error?["error"]?["code"]?.string == "response_in_progress")
            gate.open()
            #expect(try await client.response().text == "Hello")
            #expect(upstream.requests.count == 1)
            #expect(try await gateway.log.record(1)["code"] == "response_in_progress")
        }
    }

    // MARK: Errors

    @Test(
        "what is no request is an error message, and the session goes on",
        arguments: [
            ("{", "json_unexpected_end"), ("[1]", "json_wrong_type"),
            (#"{"type":"response.create","type":"x"}"#, "json_duplicate_key"),
            (#"{"model":"m"}"#, "unknown_message"), (#"{"type":"session.update"}"#, "unknown_message"),
            (#"{"type":"response.create","input":"hi"}"#, "missing_member"),
            (Create.message(extra: #""stream_id":"a","#), "unsupported_member"),
            (Create.message(extra: #""generate":1,"#), "wrong_type"),
            (Create.message(extra: #""api_base":"http://x","#), "invalid_request"),
        ]
    )
    func badMessage(_ text: String, _ code: String) async throws {
        try await withSession(.chat) { client, gateway, upstream in
            let error = try await client.ask(text).last
            #expect(error?["type"]?.string == "error")
            #expect(error?["status"]?.int == 400)
            #expect(error?["error"]?["code"]?.string == code)
            #expect(try await gateway.log.record(1)["outcome"] == "refused")
            #expect(upstream.requests.isEmpty)
            #expect(try await client.ask(Create.message()).text == "Hello")
        }
    }

    @Test("a message that a client sends when it is done with a response is no fault")
    func processed() async throws {
        try await withSession(.chat) { client, _, _ in
            try await client.send(#"{"type":"response.processed","response_id":"resp_1"}"#)
            #expect(try await client.ask(Create.message()).text == "Hello")
        }
    }

    @Test("F8: a provider's refusal keeps its status, and its fields come along", arguments: Side.allCases)
    func upstreamRefuses(_ side: Side) async throws {
        let refusal = Answer.json(
            side.errorBody(type: "rate_limit_error", message: "slow down"),
            status: 429,
            fields: [("retry-after", "7"), ("x-ratelimit-limit-requests", "10")]
        )
        try await withSession(side, answers: [refusal, side.answer(stream: true)]) { client, gateway, _ in
            let error = try await client.ask(Create.message()).last
            // Ollama means by this status that it has no room.
            #expect(error?["status"]?.int == (side == .ollama ? 503 : 429))
            #expect(error?["error"]?["message"]?.string?.contains("slow down") == true)
            #expect(error?["headers"]?["retry-after"]?.string == "7")
            #expect(error?["headers"]?["x-request-id"]?.string == (try await gateway.log.record(1)["request_id"]))
            #expect(try await client.ask(Create.message()).text == "Hello")
        }
    }

    @Test(
        "a client that would retry in vain gets the status that stops it",
        arguments: [("codex_exec/0.163.0", 400), ("x", 404)]
    )
    func knownClient(_ agent: String, _ status: Int) async throws {
        let pair = Pair(caller: .responses, provider: .chat)
        let refusal = Answer.json(#"{"error":{"message":"no such model","code":"model_not_found"}}"#, status: 404)
        try await withPair(pair, answers: [refusal]) { gateway, _ in
            let client = try await SocketClient.open(gateway, fields: [("User-Agent", agent)])
            let error = try await client.ask(Create.message()).last
            #expect(error?["status"]?.int == status)
            client.close()
        }
    }

    @Test(
        "F2: a stream that breaks off ends in response.failed, and what was before it can be gone on from",
        arguments: Side.allCases
    )
    func brokenStream(_ side: Side) async throws {
        let head = Answer.chunkedHead(contentType: side.streamType)
        let broken = [head] + side.firstEvents.map(Answer.chunk) + [.close]
        let whole = side.answer(stream: true)
        try await withSession(side, answers: [whole, broken, whole]) { client, gateway, upstream in
            let first = try await client.ask(Create.message("one"))
            let failed = try await client.ask(Create.message("two", previous: first.responseID))
            #expect(failed.types.last == "response.failed")
            let again = try await client.ask(Create.message("three", previous: first.responseID))
            #expect(again.types.last == "response.completed")
            #expect(try said(try await upstream.request(2), side) == ["one", "Hello", "three"])
            #expect(try await gateway.log.record(2)["outcome"] == "interrupted")
        }
    }

    @Test("a provider that answers in one body though a stream was asked for does no harm", arguments: Side.allCases)
    func wholeBody(_ side: Side) async throws {
        try await withSession(side, answers: [Answer.json(side.whole())]) { client, _, upstream in
            let first = try await client.ask(Create.message("one"))
            #expect(first.types.first == "response.created")
            #expect(first.types.contains("response.output_item.done"))
            #expect(first.types.last == "response.completed")
            _ = try await client.ask(Create.message("two", previous: first.responseID))
            #expect(try said(try await upstream.request(1), side) == ["one", "Hello", "two"])
        }
    }

    @Test("what a provider is not told is told to the client, as HTTP tells it in a field")
    func dropped() async throws {
        try await withSession(.chat) { client, _, _ in
            let messages = try await client.ask(
                Create.message(extra: #""include":["reasoning.encrypted_content"],"truncation":"auto","#)
            )
            let notes = messages.first { $0["type"]?.string == "response.metadata" }
            #expect(notes?["headers"]?["x-torii-dropped"]?.string?.isEmpty == false)
            #expect(messages.types.last == "response.completed")
        }
    }
}
