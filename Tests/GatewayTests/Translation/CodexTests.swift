import Dialects
import Inference
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Statuses at which Codex stops")
struct CodexTests {
    private static let codex = [("User-Agent", "codex_exec/0.163.0 (Linux)")]

    @Test(
        "an error that no retry cures is a 400 for Codex and keeps its status for others",
        arguments: [Pair(caller: .responses, provider: .responses), Pair(caller: .responses, provider: .chat)],
        [
            (401, "authentication_error", "no", 502, 400), (404, "not_found_error", "model 'm' not found", 404, 400),
            (429, "insufficient_quota", "no money", 429, 429), (503, "server_error", "server busy", 503, 503),
            (500, "server_error", "oops", 0, 0),
        ]
    )
    func incurable(_ pair: Pair, _ refusal: (Int, String, String, Int, Int)) async throws {
        let (status, type, message, usual, special) = refusal
        let steps = Answer.json(pair.provider.errorBody(type: type, message: message), status: status)
        try await withPair(pair, answers: [steps]) { gateway, _ in
            let answer = try await gateway.send(pair.caller.request(stream: true))
            let told = try await gateway.send(pair.caller.request(stream: true, fields: Self.codex))
            if usual > 0 { #expect(answer.status == usual && told.status == special) }
            #expect(answer.status == 500 || answer.status == 502 || told.bodyText.contains("error"))
            #expect(pair.caller.isError(told.bodyText))
        }
    }

    @Test(
        "a prompt that is too long is a failed response for Codex, which shortens it then",
        arguments: [Pair(caller: .responses, provider: .responses), Pair(caller: .responses, provider: .chat)]
    )
    func tooLong(_ pair: Pair) async throws {
        let body = pair.provider.errorBody(type: "invalid_request_error", message: "exceeds the context length")
        try await withPair(pair, answers: [Answer.json(body, status: 400)]) { gateway, _ in
            let usual = try await gateway.send(pair.caller.request(stream: true))
            #expect(usual.status == 400)
            let told = try await gateway.send(pair.caller.request(stream: true, fields: Self.codex))
            #expect(told.status == 200)
            #expect(told.field("content-type") == "text/event-stream")
            #expect(told.bodyText.contains("event: response.failed\n"))
            #expect(told.bodyText.contains("context_length_exceeded"))
            let record = try await gateway.log.record(1)
            #expect(record["outcome"] == "failed" && record["code"] == "context_length_exceeded")
            let whole = try await gateway.send(pair.caller.request(stream: false, fields: Self.codex))
            #expect(whole.status == 400)
        }
    }

    @Test("the gateway's own refusals are such too")
    func own() async throws {
        let keyed: (inout GatewaySettings) -> Void = { $0.clientKeys = [Secret("key-one")] }
        try await withGateway(answers: [[.stall]], keyed) { gateway, _ in
            let request = Side.responses.request(stream: true)
            let answer = try await gateway.send(request)
            #expect(answer.status == 401)
            #expect(try await gateway.send(Side.responses.request(stream: true, fields: Self.codex)).status == 400)
            #expect(try await gateway.send(RawRequest.get("/nowhere", fields: Self.codex)).status == 400)
        }
    }

    @Test("every row of the table is one that Codex would try again or misunderstand")
    func table() {
        let retried = [401, 402, 403, 404, 408, 413, 422, 500, 502, 503]
        for (code, answer) in ClientAnswer.codexCodes {
            guard case .status(let status) = answer else { continue }
            #expect(!retried.contains(status), "\(code)")
        }
        for (fault, answer) in ClientAnswer.codexFaults {
            #expect(retried.contains(fault.status) && answer == .status(400), "\(fault)")
        }
        #expect(KnownClient(userAgent: "codex_cli_rs/0.1") == .codex && KnownClient(userAgent: "curl/8") == nil)
    }
}
