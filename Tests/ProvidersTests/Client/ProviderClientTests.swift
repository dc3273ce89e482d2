import Inference
import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct ProviderClientTests {
    private let question = InferenceRequest(model: "", messages: [Message(.user, "Hi")])

    private func events(
        _ client: UpstreamClient,
        _ provider: Provider,
        _ request: InferenceRequest? = nil
    ) async throws(InferenceError) -> [InferenceEvent] {
        let asking = ProviderClient(provider: provider, client: client, detection: DialectDetection(), now: { 0 })
        var events: [InferenceEvent] = []
        for try await event in try await asking.stream(request ?? question) { events.append(event) }
        return events
    }

    private func text(_ events: [InferenceEvent]) -> String {
        events.map { if case .textDelta(let text) = $0 { text } else { "" } }.joined()
    }

    private static let streams: [(Dialect, [String], String, String)] = [
        (.chat, ModelAnswers.chat(["Hello", " you"]), "/v1/chat/completions", "text/event-stream"),
        (.responses, ModelAnswers.responses(["Hello", " you"]), "/v1/responses", "text/event-stream"),
        (.messages, ModelAnswers.messages(["Hello", " you"]), "/v1/messages", "text/event-stream"),
        (.ollama, ModelAnswers.ollama(["Hello", " you"]), "/api/chat", "application/x-ndjson"),
    ]

    @Test("a stream is asked for and read in each dialect", arguments: streams)
    func stream(dialect: Dialect, pieces: [String], target: String, type: String) async throws {
        try await withClient(answers: [Answer.stream(pieces, contentType: type)]) { (upstream, client) async throws in
            let events = try await events(client, try .at(upstream, dialect: dialect))
            #expect(text(events) == "Hello you")
            #expect(events.last == .finished(.endTurn))
            #expect(events.contains(.usage(Usage(input: 3, output: 2))) || dialect == .messages)
            let request = try await upstream.request()
            #expect(request.target == target)
            #expect(request.field("accept") == type)
            #expect(request.field("authorization") == "Bearer sk-canary")
            #expect(request.field("anthropic-version") == (dialect == .messages ? "2023-06-01" : nil))
            #expect(request.bodyText.contains("\"model\":\"m\""))
        }
    }

    @Test("a server that does not stream is read all the same, and one that streams unasked")
    func otherwise() async throws {
        let whole =
            #"{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}"#
        try await withClient(answers: [Answer.json(whole)]) { (upstream, client) async throws in
            #expect(text(try await events(client, try .at(upstream))) == "Hi")
        }
        try await withClient(answers: [Answer.stream(ModelAnswers.chat(["Hi"]))]) { (upstream, client) async throws in
            var request = question
            request.stream = false
            #expect(text(try await events(client, try .at(upstream), request)) == "Hi")
        }
    }

    @Test("the key goes where the provider wants it, and fixed fields win")
    func keys() async throws {
        let answer = Answer.stream(ModelAnswers.chat(["Hi"]))
        for (authentication, name) in [(Provider.Authentication.xAPIKey, "x-api-key"), (.apiKey, "api-key")] {
            try await withClient(answers: [answer]) { (upstream, client) async throws in
                var provider = try Provider.at(upstream)
                provider.authentication = authentication
                provider.headers = [HeaderField(name: "User-Agent", value: Secret("mine"))]
                _ = try await events(client, provider)
                let request = try await upstream.request()
                #expect(request.field(name) == "sk-canary")
                #expect(request.field("authorization") == nil)
                #expect(request.field("user-agent") == "mine")
            }
        }
        try await withClient(answers: [answer]) { (upstream, client) async throws in
            var provider = try Provider.at(upstream)
            provider.apiKey = Secret("")
            _ = try await events(client, provider)
            #expect(try await upstream.request().field("authorization") == nil)
        }
    }

    @Test("F8 a refusal is classified once, with the wait that the provider asked for")
    func rateLimited() async throws {
        let body = #"{"error":{"message":"Slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}}"#
        let answer = Answer.json(body, status: 429, fields: [("retry-after", "7")])
        try await withClient(answers: [answer]) { (upstream, client) async throws in
            let error = await #expect(throws: InferenceError.self) { try await events(client, try .at(upstream)) }
            #expect(error?.code == .rateLimited)
            #expect(error?.retryAfter == 7)
            #expect(error?.upstreamStatus == 429)
            #expect(error?.message == "Slow down")
        }
    }

    @Test("a redirection is not followed but named")
    func redirection() async throws {
        let answer = Answer.json("", status: 307, fields: [("location", "https://elsewhere.example/v1")])
        try await withClient(answers: [answer]) { (upstream, client) async throws in
            let error = await #expect(throws: InferenceError.self) { try await events(client, try .at(upstream)) }
            #expect(error?.code == .upstreamFailed)
            #expect(error?.message.contains("https://elsewhere.example/v1") == true)
            #expect(upstream.requests.count == 1)
        }
    }

    @Test("F1 a provider that does not listen is unreachable, and its key is not in the words")
    func refused() async throws {
        try await withClient(answers: [[.stall]]) { (upstream, client) async throws in
            await upstream.shutdown()
            let error = await #expect(throws: InferenceError.self) { try await events(client, try .at(upstream)) }
            #expect(error?.code == .unreachable)
            #expect(error?.detail == "refused")
            #expect(error.map { "\($0)".contains("canary") } == false)
        }
    }

    @Test("F2 an answer that breaks off is interrupted after what had come")
    func interrupted() async throws {
        let pieces = ModelAnswers.chat(["Hello"]).prefix(2).map { Answer.chunk($0) }
        try await withClient(answers: [[Answer.chunkedHead()] + pieces + [.close]]) { (upstream, client) async throws in
            let asking = ProviderClient(provider: try .at(upstream), client: client)
            var seen: [InferenceEvent] = []
            let error = await #expect(throws: InferenceError.self) {
                for try await event in try await asking.stream(question) { seen.append(event) }
            }
            #expect(error?.code == .interrupted)
            #expect(text(seen) == "Hello")
        }
    }

    @Test("F4 a provider that does not begin in time has timed out")
    func timedOut() async throws {
        try await withClient(answers: [[.stall]]) { (upstream, client) async throws in
            var provider = try Provider.at(upstream)
            provider.timeouts.firstByte = .milliseconds(20)
            let error = await #expect(throws: InferenceError.self) { try await events(client, provider) }
            #expect(error?.code == .timedOut)
        }
    }

    @Test("F7 a stream without an event is a failure")
    func empty() async throws {
        try await withClient(answers: [Answer.stream([])]) { (upstream, client) async throws in
            let error = await #expect(throws: InferenceError.self) { try await events(client, try .at(upstream)) }
            #expect(error?.code == .interrupted)
        }
    }

    @Test("F11 a compressed answer is refused, because nobody asked for one")
    func compressed() async throws {
        try await withClient(answers: [Answer.json("x", fields: [("content-encoding", "gzip")])]) {
            (upstream, client) async throws in
            let error = await #expect(throws: InferenceError.self) { try await events(client, try .at(upstream)) }
            #expect(error?.code == .malformed)
            #expect(try await upstream.request().field("accept-encoding") == "identity")
        }
    }

    @Test("F12 leaving the stream stops the model")
    func leaving() async throws {
        let pieces = ModelAnswers.chat(["Hello"]).prefix(2).map { Answer.chunk($0) }
        try await withClient(answers: [[Answer.chunkedHead()] + pieces + [.stall]]) { (upstream, client) async throws in
            let asking = ProviderClient(provider: try .at(upstream), client: client)
            for try await event in try await asking.stream(question) {
                if case .textDelta = event { break }
            }
            try await upstream.connectionClosed(0)
        }
    }

    @Test("a request without a model and a provider without one is refused before it is sent")
    func noModel() async throws {
        try await withClient(answers: [[.stall]]) { (upstream, client) async throws in
            var provider = try Provider.at(upstream)
            provider.model = nil
            let error = await #expect(throws: InferenceError.self) { try await events(client, provider) }
            #expect(error?.code == .invalidRequest)
            #expect(error?.field == "model")
            #expect(upstream.requests.isEmpty)
        }
    }
}
