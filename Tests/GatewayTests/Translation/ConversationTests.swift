import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Responses that continue one another over a provider that keeps none")
struct ConversationTests {
    private static let pair = Pair(caller: .responses, provider: .chat)

    /// Sends a request and gives back the response's id.
    private func send(
        _ gateway: GatewayUnderTest,
        _ extra: String,
        text: String,
        stream: Bool = false,
        key: String? = nil
    ) async throws
        -> (id: String, answer: RawAnswer)
    {
        let fields = key.map { [("Authorization", "Bearer \($0)")] } ?? []
        let answer = try await gateway.send(
            Side.responses.request(text: text, stream: stream, extra: extra, fields: fields)
        )
        let response =
            stream
            ? Side.responses.events(of: answer.bodyText).last?["response"]
            : try JSONDocument(answer.body).root
        return (response?["id"]?.string ?? "", answer)
    }

    @Test("a conversation goes on where its response ended, with new instructions", arguments: [true, false])
    func goesOn(_ stream: Bool) async throws {
        try await withPair(Self.pair, answers: [Side.chat.answer(stream: stream)]) { gateway, upstream in
            let first = try await send(gateway, #""instructions":"be brief","#, text: "one", stream: stream)
            let second = try await send(
                gateway,
                #""instructions":"be long","previous_response_id":"\#(first.id)","#,
                text: "two",
                stream: stream
            )
            _ = try await send(gateway, #""previous_response_id":"\#(second.id)","#, text: "three", stream: stream)
            let asked = try upstream.requests.map { try JSONDocument($0.body).root["messages"] }
            let texts = asked.map { $0?.elements.map { $0["content"]?.string ?? "" } ?? [] }
            #expect(
                texts == [
                    ["be brief", "one"], ["be long", "one", "Hello", "two"], ["one", "Hello", "two", "Hello", "three"],
                ]
            )
        }
    }

    @Test("an unknown id and one that was not to be stored are a 404 that names the member")
    func unknown() async throws {
        try await withPair(Self.pair, answers: [Side.chat.answer(stream: false)]) { gateway, upstream in
            let first = try await send(gateway, #""store":false,"#, text: "one")
            for id in ["resp_nobody", first.id] {
                let (_, answer) = try await send(gateway, #""previous_response_id":"\#(id)","#, text: "two")
                #expect(answer.status == 404)
                let error = try JSONDocument(answer.body).root["error"]
                #expect(error?["code"]?.string == "previous_response_not_found")
                #expect(error?["param"]?.string == "previous_response_id")
            }
            #expect(upstream.requests.count == 1)
        }
    }

    @Test("one client's conversation is not another's")
    func owners() async throws {
        let keys: (inout GatewaySettings) -> Void = { $0.clientKeys = [Secret("key-one"), Secret("key-two")] }
        try await withPair(Self.pair, answers: [Side.chat.answer(stream: false)], keys) { gateway, _ in
            let first = try await send(gateway, "", text: "one", key: "key-one")
            let extra = #""previous_response_id":"\#(first.id)","#
            #expect(try await send(gateway, extra, text: "two", key: "key-two").answer.status == 404)
            #expect(try await send(gateway, extra, text: "two", key: "key-one").answer.status == 200)
        }
    }

    @Test("an answer that failed is not kept")
    func failedIsNotKept() async throws {
        let steps = [Answer.chunkedHead()] + Side.chat.firstEvents.map(Answer.chunk) + [.close]
        try await withPair(Self.pair, answers: [steps, Side.chat.answer(stream: false)]) { gateway, _ in
            let first = try await send(gateway, "", text: "one", stream: true)
            #expect(!first.id.isEmpty)
            let (_, answer) = try await send(gateway, #""previous_response_id":"\#(first.id)","#, text: "two")
            #expect(answer.status == 404)
        }
    }
}
