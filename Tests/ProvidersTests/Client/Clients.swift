import Inference
import ScriptedUpstream
import Testing

@testable import Providers

/// Runs a test with an upstream and a client, and ends both whatever happens.
func withClient(
    answers: [[Step]],
    _ body: (ScriptedUpstream, UpstreamClient) async throws -> Void
) async throws {
    let upstream = try await ScriptedUpstream.start(answers: answers)
    await run(upstream, body)
}

func withClient(
    answering script: @escaping ScriptedUpstream.Script,
    _ body: (ScriptedUpstream, UpstreamClient) async throws -> Void
) async throws {
    let upstream = try await ScriptedUpstream.start(script: script)
    await run(upstream, body)
}

private func run(
    _ upstream: ScriptedUpstream,
    _ body: (ScriptedUpstream, UpstreamClient) async throws -> Void
) async {
    let client = UpstreamClient()
    do {
        try await body(upstream, client)
    } catch {
        Issue.record(error)
    }
    await client.shutdown()
    await upstream.shutdown()
}

extension Provider {
    static func at(_ upstream: ScriptedUpstream, dialect: Dialect? = .chat, path: String = "/v1") throws -> Provider {
        Provider(
            name: "test",
            baseURL: try BaseURL(upstream.url + path),
            apiKey: Secret("sk-canary"),
            model: "m",
            dialect: dialect
        )
    }
}
