import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Which header fields cross the gate")
struct HeaderPolicyTests {
    private static let answer = Sample.chat.answer(stream: false)

    /// Sends one request with these fields and gives back what the upstream got.
    private func received(
        _ fields: [(String, String)],
        _ change: (inout Provider) -> Void = { _ in }
    ) async throws -> ReceivedRequest {
        let upstream = try await ScriptedUpstream.start(answers: [Self.answer])
        var provider = try Provider.scripted(upstream)
        change(&provider)
        return try await withGateway([provider]) { gateway in
            _ = try await gateway.send(Sample.chat.request(fields: fields))
            let request = try await upstream.request()
            await upstream.shutdown()
            return request
        }
    }

    @Test("T8: the caller's credentials, cookies and addresses never go up")
    func callersSecretsStay() async throws {
        let hidden = [
            ("Authorization", "Bearer canary-1"), ("X-Api-Key", "canary-1"), ("Api-Key", "canary-1"),
            ("Cookie", "c=canary-2"),
            ("X-Goog-Api-Key", "canary-3"), ("Proxy-Authorization", "Basic canary-4"), ("Referer", "http://canary-6/"),
            ("OpenAI-Organization", "canary-9"), ("OpenAI-Project", "canary-10"), ("X-Torii-Anything", "canary-11"),
            ("Sec-Fetch-Mode", "canary-12"), ("Keep-Alive", "canary-14"), ("TE", "canary-15"),
        ]
        let request = try await received(hidden) { $0.apiKey = Secret("theirs") }
        #expect(!request.headText.contains("canary"))
        #expect(request.field("authorization") == "Bearer theirs")
        #expect(request.fields.count { $0.name == "authorization" } == 1)
    }

    @Test("fields that Connection names stay behind, and the rest goes up")
    func connectionNames() async throws {
        let request = try await received([
            ("Connection", "x-foo, X-Bar"), ("X-Foo", "1"), ("x-bar", "2"), ("X-Kept", "3"),
            ("anthropic-version", "2023-06-01"), ("anthropic-beta", "a"), ("User-Agent", "codex/1"),
        ])
        #expect(request.field("x-foo") == nil)
        #expect(request.field("x-bar") == nil)
        #expect(request.field("x-kept") == "3")
        #expect(request.field("anthropic-version") == "2023-06-01")
        #expect(request.field("anthropic-beta") == "a")
        #expect(request.field("user-agent") == "codex/1")
    }

    @Test(
        "the provider's key is shown as it wants it",
        arguments: [
            (Provider.Authentication.bearer, "authorization", "Bearer theirs"), (.xAPIKey, "x-api-key", "theirs"),
            (.apiKey, "api-key", "theirs"),
        ]
    )
    func providerKey(_ kind: Provider.Authentication, _ name: String, _ value: String) async throws {
        let request = try await received([("Authorization", "Bearer mine")]) {
            $0.apiKey = Secret("theirs")
            $0.authentication = kind
        }
        let credentials = request.fields.filter { ["authorization", "x-api-key", "api-key"].contains($0.name) }
        #expect(credentials.map(\.name) == [name])
        #expect(credentials.map(\.value) == [value])
    }

    @Test("no key goes up where none is wanted or there is none", arguments: [Secret("theirs"), Secret(""), nil])
    func noKey(_ key: Secret?) async throws {
        let request = try await received([("Authorization", "Bearer mine")]) {
            $0.apiKey = key
            $0.authentication = key == Secret("theirs") ? .none : .bearer
        }
        #expect(!request.headText.contains("mine") && !request.headText.contains("theirs"))
        #expect(request.field("authorization") == nil)
    }

    @Test("a provider's fixed fields take the place of the caller's")
    func fixedFields() async throws {
        let request = try await received([("X-Tier", "caller"), ("User-Agent", "caller")]) {
            $0.headers = [
                HeaderField(name: "x-tier", value: Secret("fixed")),
                HeaderField(name: "User-Agent", value: Secret("torii")),
            ]
        }
        #expect(request.fields.filter { $0.name == "x-tier" }.map(\.value) == ["fixed"])
        #expect(request.fields.filter { $0.name == "user-agent" }.map(\.value) == ["torii"])
    }

    @Test("a fixed credential field takes the place of the provider's key")
    func fixedCredential() async throws {
        let request = try await received([]) {
            $0.headers = [HeaderField(name: "Authorization", value: Secret("Token special"))]
        }
        #expect(request.fields.filter { $0.name == "authorization" }.map(\.value) == ["Token special"])
    }

    @Test("each request goes up with one id, a hop mark and a plain encoding")
    func ownFields() async throws {
        let request = try await received([("X-Request-Id", "callers"), ("Accept-Encoding", "gzip, br")])
        #expect(request.fields.filter { $0.name == "accept-encoding" }.map(\.value) == ["identity"])
        #expect(request.fields.filter { $0.name == "x-request-id" }.count == 1)
        #expect(request.field("x-request-id")?.hasPrefix("req_") == true)
        #expect(request.field("x-torii-hop")?.isEmpty == false)
        #expect(request.fields.filter { $0.name == "content-type" }.map(\.value) == ["application/json"])
        #expect(request.fields.filter { $0.name == "host" }.count == 1)
    }

    @Test("T8: cookies, accounts, CORS and hop-by-hop fields never come down", arguments: [true, false])
    func upstreamsFieldsStay(_ stream: Bool) async throws {
        let hidden = [
            ("Set-Cookie", "a=canary"), ("set-cookie", "b=canary"), ("OpenAI-Organization", "canary"),
            ("anthropic-organization-id", "canary"), ("openai-project", "canary"), ("Access-Control-Allow-Origin", "*"),
            ("access-control-expose-headers", "canary"), ("Connection", "x-foo"), ("X-Foo", "canary"),
            ("Alt-Svc", "canary"),
            ("Strict-Transport-Security", "canary"), ("Server", "canary"), ("Keep-Alive", "canary"),
            ("Proxy-Authenticate", "canary"),
            ("Trailer", "canary"), ("X-Torii-Hop", "canary"), ("Proxy-Connection", "canary"), ("Via", "canary"),
        ]
        let kept = [
            ("x-request-id", "theirs"), ("openai-processing-ms", "5"), ("x-ratelimit-remaining-tokens", "9"),
            ("retry-after", "1"),
        ]
        let steps =
            stream
            ? Answer.stream(Sample.chat.events(), fields: hidden + kept)
            : Answer.json(Sample.chat.whole, fields: hidden + kept)
        try await withGateway(answers: [steps]) { gateway, _ in
            let answer = try await gateway.send(Sample.chat.request(stream: stream))
            #expect(answer.fields.allSatisfy { !$0.value.contains("canary") && !$0.name.hasPrefix("access-control") })
            #expect(answer.field("x-foo") == nil)
            #expect(answer.field("x-upstream-request-id") == "theirs")
            #expect(answer.fields.filter { $0.name == "x-request-id" }.map(\.value.count) == [28])
            #expect(answer.field("openai-processing-ms") == "5")
            #expect(answer.field("x-ratelimit-remaining-tokens") == "9")
        }
    }

    @Test(
        "every answer has its own request id, refusals too",
        arguments: ["/v1/models", "/health", "/nowhere", "/a//b"]
    )
    func requestIDAlways(_ path: String) async throws {
        try await withGateway(answers: []) { gateway, _ in
            let first = try await gateway.send(RawRequest.get(path)).field("x-request-id")
            let second = try await gateway.send(RawRequest.get(path)).field("x-request-id")
            #expect(first?.hasPrefix("req_") == true)
            #expect(first != second)
        }
    }

    @Test("T14: every whole answer says that it must not be stored")
    func noStore() async throws {
        try await withGateway(answers: [Self.answer]) { gateway, _ in
            let models = try await gateway.send(RawRequest.get("/v1/models"))
            #expect(models.field("cache-control") == "no-store")
            let unknown = try await gateway.send(RawRequest.get("/nowhere"))
            #expect(unknown.field("cache-control") == "no-store")
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.field("cache-control") == "no-store")
        }
    }
}
