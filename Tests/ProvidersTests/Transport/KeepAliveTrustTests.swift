import NIOCore
import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct KeepAliveTrustTests {
    private final class Thing {}
    private typealias Trust = KeepAliveTrust<Thing>

    private let start = NIODeadline.uptimeNanoseconds(1_000)

    private func trust(_ trusting: Bool = false) -> Trust {
        Trust(trusting: trusting, trial: .milliseconds(100), pause: .seconds(10))
    }

    @Test("F25 of an untried origin's connections one is watched, and the others are closed until it has stayed open")
    func trial() {
        var trust = trust()
        let first = Thing()
        #expect(trust.didRelease(first, now: start) == .watch)
        #expect(trust.didRelease(Thing(), now: start) == .close)
        #expect(trust.proven(at: start + .milliseconds(99)) == nil)
        #expect(trust.proven(at: start + .milliseconds(100)) === first)
        #expect(trust.proven(at: start + .milliseconds(100)) == nil)
        #expect(trust.didRelease(Thing(), now: start + .milliseconds(101)) == .keep)
    }

    @Test("F25 an origin that closes the watched connection is not trusted for a while, and then tried again")
    func distrust() {
        var trust = trust()
        let first = Thing()
        _ = trust.didRelease(first, now: start)
        trust.didClose(first, openSince: start, now: start + .milliseconds(5))
        #expect(trust.isDistrusted && trust.watched == nil)
        #expect(trust.didRelease(Thing(), now: start + .seconds(10)) == .close)
        #expect(trust.didRelease(Thing(), now: start + .seconds(11)) == .watch)
    }

    @Test(
        "F25 a trusted origin loses its trust by closing early, and not by closing what was idle for long",
        arguments: [(5, true), (99, true), (100, false), (5_000, false)]
    )
    func early(milliseconds: Int64, loses: Bool) {
        var trust = trust(true)
        trust.didClose(Thing(), openSince: start, now: start + .milliseconds(milliseconds))
        #expect(trust.isDistrusted == loses)
    }

    @Test("a watched connection that has to go leaves the origin untried")
    func abandoned() {
        var trust = trust()
        let first = Thing()
        _ = trust.didRelease(first, now: start + .seconds(1))
        #expect(trust.abandon(watchedSince: start) == nil)
        #expect(trust.abandon(watchedSince: start + .seconds(1)) === first)
        #expect(trust.didRelease(Thing(), now: start + .seconds(2)) == .watch)
    }

    @Test("F25 a server that promises to keep its connections and closes them behind a stream loses no request")
    func streams() async throws {
        let closing = Gate()
        let stream = Answer.stream(["data: [DONE]\n\n"]) + [.wait(closing), .close]
        let settings = { (settings: inout TransportSettings) in settings.keepAliveTrial = .seconds(60) }
        try await withUpstream(answers: [stream], settings: settings) { (upstream, harness) async throws in
            for _ in 0..<3 {
                let response = try await harness.send(.to(upstream))
                #expect(response.status == 200)
            }
            #expect(upstream.acceptedConnections == 3)
            closing.open()
            try await upstream.connectionClosed()
            #expect(try await harness.send(.to(upstream)).body == "data: [DONE]\n\n")
            #expect(upstream.acceptedConnections == 4)
        }
    }

    @Test("streams share a connection once it has stayed open behind one of them")
    func proven() async throws {
        try await withUpstream(answers: [Answer.stream(["data: 1\n\n"])]) { (upstream, harness) async throws in
            for _ in 0..<3 { _ = try await harness.send(.to(upstream)) }
            #expect(upstream.acceptedConnections == 1)
        }
    }
}
