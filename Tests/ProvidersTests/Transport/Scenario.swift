import ScriptedUpstream
import Testing

@testable import Providers

/// Runs a test with an upstream and a pool, and ends both whatever happens.
func withUpstream(
    _ behaviour: ScriptedUpstream.Behaviour = .init(),
    answers: [[Step]] = [Answer.json("{}")],
    settings: (inout TransportSettings) -> Void = { _ in },
    _ body: (ScriptedUpstream, PoolHarness) async throws -> Void
) async throws {
    let upstream = try await ScriptedUpstream.start(behaviour, answers: answers)
    let harness = try await PoolHarness(settings)
    do {
        try await body(upstream, harness)
    } catch {
        Issue.record(error)
    }
    try await harness.shutdown()
    await upstream.shutdown()
}
