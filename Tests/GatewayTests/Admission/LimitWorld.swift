import Providers
import ScriptedUpstream
import Synchronization
import Testing

@testable import Gateway

/// A gateway with a tenant `t` on disk, whose limits are counted by a clock that stands still until it is moved.
struct LimitWorld {
    let gateway: GatewayUnderTest
    let office: Office
    let upstreams: [ScriptedUpstream]
    let time: LimitTime

    /// The fields of a request with a key that is made for it; it is known once `settled` has returned.
    func key(_ members: String = "", tenant: String = "t") throws -> [(String, String)] {
        let more = members.isEmpty ? "" : ",\(members)"
        return Self.bearer(try office.key(#"{"tenant":"\#(tenant)","label":"k"\#(more)}"#))
    }

    static func bearer(_ key: String) -> [(String, String)] { [("Authorization", "Bearer \(key)")] }

    /// Waits until what the office did is in force: then a key that is made behind it is known.
    func settled() async throws {
        let last = try office.key(#"{"label":"last","role":"operator"}"#)
        _ = try await eventually("the newest key") {
            let answer = try await gateway.send(RawRequest.get("/v1/models", fields: Self.bearer(last)))
            return answer.status == 200 ? true : nil
        }
    }

    /// Changes a thing, and waits until that counts.
    func change(_ path: String, _ body: String) async throws {
        let reply = try office.ask("PATCH", path, body)
        try #require(reply.status == 200, "\(reply.text)")
        try await settled()
    }

    func send(
        _ sample: Sample,
        _ key: [(String, String)],
        model: String = "m",
        stream: Bool = false,
        extra: String = ""
    ) async throws -> RawAnswer {
        try await gateway.send(sample.request(model: model, stream: stream, extra: extra, fields: key))
    }

    /// Runs a gateway in front of upstreams, of which each answers by its own script, as the providers `house` and `cloud`.
    static func run(
        _ answers: [[Step]]...,
        provider: (Int, inout Provider) -> Void = { _, _ in },
        lister: @escaping ModelDirectory.Lister = { _ in ModelDirectory.Answer(listing: .unknown) },
        settings change: (inout GatewaySettings) -> Void = { _ in },
        body: (LimitWorld) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try office.make(.tenants, #"{"name":"t"}"#)
        let key = try office.key(#"{"label":"status","role":"operator"}"#)
        let time = LimitTime()
        var upstreams: [ScriptedUpstream] = []
        for answers in answers { upstreams.append(try await ScriptedUpstream.start(answers: answers)) }
        var result = Result<Void, any Error>.success(())
        do {
            var providers: [Provider] = []
            for (place, upstream) in upstreams.enumerated() {
                var one = try Provider.scripted(upstream, name: ["house", "cloud"][place])
                provider(place, &one)
                providers.append(one)
            }
            try await withGateway(
                providers,
                lister: lister,
                admissionClock: time.clock,
                {
                    $0.state.place = .file(scratch.path + "/torii.sqlite")
                    change(&$0)
                }
            ) { gateway in
                gateway.operatorKey.change { $0 = key }
                try await body(LimitWorld(gateway: gateway, office: office, upstreams: upstreams, time: time))
            }
        } catch { result = .failure(error) }
        for upstream in upstreams { await upstream.shutdown() }
        try result.get()
    }
}

/// Nanoseconds that pass when a test says so; the day is a day of its own.
final class LimitTime: Sendable {
    private let nanoseconds = Atomic<Int>(1_000_000_000_000)

    var clock: AdmissionClock {
        AdmissionClock(
            now: { self.nanoseconds.load(ordering: .relaxed) },
            wall: { Office.start + self.nanoseconds.load(ordering: .relaxed) / 1_000_000 }
        )
    }

    func pass(seconds: Int) { nanoseconds.add(seconds * 1_000_000_000, ordering: .relaxed) }
}
