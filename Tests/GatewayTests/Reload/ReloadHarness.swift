import JSON
import Providers
import ScriptedUpstream

@testable import Gateway

/// A gateway whose next configuration is what a test puts on the desk.
struct ReloadUnderTest: Sendable {
    let gateway: GatewayUnderTest
    fileprivate let desk: Watched<Result<Reloader.Loaded, ReloadProblem>>

    /// Has the gateway read other settings, through the administration as an operator does.
    @discardableResult
    func take(
        _ providers: [Provider],
        warnings: [String] = [],
        _ change: (inout GatewaySettings) -> Void = { _ in }
    ) async throws -> RawAnswer {
        var settings = GatewaySettings.underTest(providers)
        change(&settings)
        let loaded = Reloader.Loaded(settings, warnings: warnings)
        desk.change { $0 = .success(loaded) }
        return try await gateway.reload()
    }

    /// Puts other settings on the desk, for whoever has them read.
    func put(_ providers: [Provider] = [], _ change: (inout GatewaySettings) -> Void) {
        var settings = GatewaySettings.underTest(providers)
        change(&settings)
        let loaded = Reloader.Loaded(settings)
        desk.change { $0 = .success(loaded) }
    }

    /// Has the gateway read what is wrong.
    func take(_ problem: ReloadProblem) async throws -> RawAnswer {
        desk.change { $0 = .failure(problem) }
        return try await gateway.reload()
    }
}

/// Runs a gateway that reads its settings again when it is told to.
func withReload<Result: Sendable>(
    _ providers: [Provider],
    lister: @escaping ModelDirectory.Lister = { _ in ModelDirectory.Answer(listing: .unknown) },
    _ change: (inout GatewaySettings) -> Void = { _ in },
    body: (ReloadUnderTest) async throws -> Result
) async throws -> Result {
    let empty = ReloadProblem([.init("not_found", "nothing is on the desk")])
    let desk = Watched<Swift.Result<Reloader.Loaded, ReloadProblem>>(.failure(empty))
    let reloader = Reloader(load: { (_) async throws(ReloadProblem) in try desk.value.get() })
    return try await withGateway(providers, lister: lister, reloader: reloader, change) { gateway in
        try await body(ReloadUnderTest(gateway: gateway, desk: desk))
    }
}

/// Runs scripted upstreams, and ends them whatever happens.
func withUpstreams<Result: Sendable>(
    _ answers: [[Step]]...,
    body: ([ScriptedUpstream]) async throws -> Result
) async throws -> Result {
    var upstreams: [ScriptedUpstream] = []
    for list in answers { upstreams.append(try await ScriptedUpstream.start(answers: list)) }
    do {
        let result = try await body(upstreams)
        for upstream in upstreams { await upstream.shutdown() }
        return result
    } catch {
        for upstream in upstreams { await upstream.shutdown() }
        throw error
    }
}
