import Inference
import JSON
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Counting tokens")
struct CountingTests {
    private static let long = String(repeating: "word ", count: 400)

    /// A request for a count, and the member that tells what it is.
    private static func request(_ side: Side) -> String {
        switch side {
        case .responses: RawRequest.post("/v1/responses/input_tokens", #"{"model":"m","input":"\#(long)"}"#)
        default:
            RawRequest.post(
                "/v1/messages/count_tokens",
                #"{"model":"m","messages":[{"role":"user","content":"\#(long)"}]}"#
            )
        }
    }

    private func expectEstimate(_ answer: RawAnswer, _ side: Side) throws {
        #expect(answer.status == 200, "\(answer.bodyText)")
        #expect(answer.field("x-torii-estimate") == "true")
        let root = try JSONDocument(answer.body).root
        #expect((200...1_000).contains(root["input_tokens"]?.int ?? 0), "\(answer.bodyText)")
        #expect(root["object"]?.string == (side == .responses ? "response.input_tokens" : nil))
    }

    @Test(
        "a provider without a counter is not asked, and the estimate says that it is one",
        arguments: [Side.responses, .messages]
    )
    func estimate(_ side: Side) async throws {
        for provider in Side.allCases where provider != side {
            try await withPair(Pair(caller: side, provider: provider), answers: [[.stall]]) { gateway, upstream in
                try expectEstimate(try await gateway.send(Self.request(side)), side)
                #expect(upstream.requests.isEmpty)
                #expect(try await gateway.log.record()["outcome"] == "ok")
            }
        }
    }

    @Test("a provider's own count passes as it came", arguments: [Side.responses, .messages])
    func passes(_ side: Side) async throws {
        try await withPair(Pair(caller: side, provider: side), answers: [Answer.json(#"{"input_tokens":7}"#)]) {
            gateway,
            _ in
            let answer = try await gateway.send(Self.request(side))
            #expect(answer.bodyText == #"{"input_tokens":7}"#)
            #expect(answer.field("x-torii-estimate") == nil)
        }
    }

    @Test(
        "a provider of the dialect that lacks the route is helped out",
        arguments: [Side.responses, .messages],
        [404, 405, 501]
    )
    func missingRoute(_ side: Side, _ status: Int) async throws {
        let steps = Answer.json(side.errorBody(type: "not_found_error", message: "Not Found"), status: status)
        try await withPair(Pair(caller: side, provider: side), answers: [steps]) { gateway, _ in
            try expectEstimate(try await gateway.send(Self.request(side)), side)
        }
    }

    @Test("another failure is the provider's own", arguments: [Side.responses, .messages])
    func otherFailures(_ side: Side) async throws {
        let missing = side.errorBody(type: "not_found_error", message: "model 'm' not found")
        let answers = [Answer.json(missing, status: 404), Answer.json(side.errorBody(), status: 500)]
        try await withPair(Pair(caller: side, provider: side), answers: answers) { gateway, _ in
            for status in [404, 500] {
                let answer = try await gateway.send(Self.request(side))
                #expect(answer.status == status && answer.field("x-torii-estimate") == nil)
            }
        }
    }
}
