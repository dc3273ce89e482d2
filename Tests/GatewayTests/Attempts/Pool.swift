import Inference
import JSON
import Providers
import ScriptedUpstream

@testable import Gateway

extension AttemptPolicy {
    /// Three attempts at each target, with waits that no test notices.
    static func quick(
        retries: Int = 2,
        backoff: Duration = .milliseconds(2),
        repeatsSent: Bool = false,
        holdsHead: Duration = .seconds(3),
        _ deadlines: AttemptDeadlines = AttemptDeadlines()
    ) -> AttemptPolicy {
        AttemptPolicy(
            retries: retries,
            backoff: backoff,
            repeatsSent: repeatsSent,
            holdsHead: holdsHead,
            deadlines: deadlines
        )
    }
}

/// Scripted providers that are the targets of every request, in this order.
struct Pool {
    static let names = ["one", "two", "three"]

    var policy = AttemptPolicy.quick()
    /// Changes the provider with this place.
    var provider: @Sendable (Int, inout Provider) -> Void = { _, _ in }
    /// Changes the target with this place; causes count for all but the first one.
    var target: @Sendable (Int, inout RouteRule.Fallback) -> Void = { _, _ in }
    var settings: (inout GatewaySettings) -> Void = { _ in }
    /// By which everything waits.
    var clock: any LoopClock = MachineClock()
    var dice: @Sendable () -> RouteDice = RouteDice.random

    /// Runs a gateway in front of the providers, of which each answers by its own script.
    func run<Result: Sendable>(
        _ answers: [[[Step]]],
        body: (GatewayUnderTest, [ScriptedUpstream]) async throws -> Result
    ) async throws -> Result {
        var upstreams: [ScriptedUpstream] = []
        for answers in answers { upstreams.append(try await ScriptedUpstream.start(answers: answers)) }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await run(upstreams, body: body)) } catch { result = .failure(error) }
        for upstream in upstreams { await upstream.shutdown() }
        return try result.get()
    }

    /// The same for upstreams that run already.
    func run<Result: Sendable>(
        _ upstreams: [ScriptedUpstream],
        body: (GatewayUnderTest, [ScriptedUpstream]) async throws -> Result
    ) async throws -> Result {
        var providers: [Provider] = []
        for (place, upstream) in upstreams.enumerated() {
            var one = try Provider.scripted(upstream, name: Self.names[place])
            provider(place, &one)
            providers.append(one)
        }
        let targets = providers.enumerated().map { place, provider in
            var one = RouteRule.Fallback(provider.name, model: "m")
            target(place, &one)
            return one
        }
        let rule = RouteRule(
            "pool",
            targets: targets.prefix(1).map { RouteRule.Target($0.provider, model: $0.model) },
            strategy: .ordered,
            fallbacks: Array(targets.dropFirst()),
            policy: policy
        )
        return try await withGateway(
            providers,
            clock: clock,
            dice: dice,
            { settings in
                settings.routes = [rule]
                self.settings(&settings)
            },
            body: { try await body($0, upstreams) }
        )
    }
}

extension Answer {
    /// A refusal in the dialect's own words.
    static func refusal(_ sample: Sample, _ status: Int, fields: [(String, String)] = []) -> [Step] {
        json(sample.errorMark + #""type":"odd_error","message":"no"}}"#, status: status, fields: fields)
    }
}

extension Sample {
    /// An event by which the provider says that it failed.
    var errorEvent: String {
        switch self {
        case .chat, .completions: "data: {\"error\":{\"message\":\"out of luck\",\"type\":\"server_error\"}}\n\n"
        case .responses:
            "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"out of luck\"}\n\n"
        case .messages:
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"out of luck\"}}\n\n"
        }
    }

    /// What comes before the first word: nothing of the answer itself.
    var beginning: [String] { self == .completions ? [] : [events()[0]] }
}

extension GatewayUnderTest {
    /// A number that `/status` tells of a provider.
    func provider(_ place: Int, _ name: String) async throws -> Int? {
        try await status()["providers"]?[place]?[name]?.int
    }

    func status() async throws -> JSONView { try JSONDocument(await administration("/status").body).root }
}
