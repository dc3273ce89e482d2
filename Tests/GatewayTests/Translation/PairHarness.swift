import Providers
import ScriptedUpstream

@testable import Gateway

/// Runs a gateway in front of a scripted provider that speaks one dialect alone.
func withPair<Result: Sendable>(
    _ pair: Pair,
    answers: [[Step]],
    clock: any LoopClock = MachineClock(),
    _ change: (inout GatewaySettings) -> Void = { _ in },
    provider: (inout Provider) -> Void = { _ in },
    body: (GatewayUnderTest, ScriptedUpstream) async throws -> Result
) async throws -> Result {
    let upstream = try await ScriptedUpstream.start(answers: answers)
    var house = try Provider.scripted(upstream)
    house.dialect = pair.provider.dialect
    provider(&house)
    do {
        let result = try await withGateway([house], clock: clock, change) { try await body($0, upstream) }
        await upstream.shutdown()
        return result
    } catch {
        await upstream.shutdown()
        throw error
    }
}

/// Has the provider stream these pieces and then do `ending`, and gives back what the client got.
func streamed(
    _ pair: Pair,
    _ pieces: [String],
    _ ending: [Step] = [Answer.lastChunk],
    _ change: (inout GatewaySettings) -> Void = { _ in },
    then check: (RawAnswer, LoggedRequest, ScriptedUpstream) async throws -> Void
) async throws {
    let head = Answer.chunkedHead(contentType: pair.provider.streamType)
    try await withPair(pair, answers: [[head] + pieces.map(Answer.chunk) + ending], change) { gateway, upstream in
        let answer = try await gateway.send(pair.caller.request(stream: true))
        try await check(answer, gateway.log.record(), upstream)
        try await gateway.isIdle()
    }
}
