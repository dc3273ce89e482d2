import NIOCore
import ScriptedUpstream
import Testing

@testable import Providers

@Suite("F24: a pool whose origins change")
struct PoolAdoptionTests {
    private static func origin(_ upstream: ScriptedUpstream) -> Origin {
        Origin(scheme: .http, host: "127.0.0.1", port: upstream.port)
    }

    /// Has the pool keep connections to these origins alone.
    private static func keep(_ harness: PoolHarness, _ origins: Set<Origin>) async throws {
        try await harness.onLoop { pool in pool.adopt(pool.settings, keeping: origins) }
    }

    @Test("F24: an idle connection to an origin that has gone closes, and one to an origin that stays is used again")
    func idle() async throws {
        try await withUpstream { (upstream, harness) async throws in
            _ = try await harness.send(.to(upstream))
            try await Self.keep(harness, [Self.origin(upstream)])
            _ = try await harness.send(.to(upstream))
            #expect(upstream.acceptedConnections == 1)
            try await Self.keep(harness, [])
            try await upstream.connectionClosed()
            #expect(try await harness.onLoop { $0.openConnections } == 0)
        }
    }

    @Test("F24: an answer under way comes whole, and its connection closes behind it", arguments: [true, false])
    func busy(_ chunked: Bool) async throws {
        let gate = Gate()
        let rest: [Step] =
            chunked
            ? [Answer.chunkedHead(), Answer.chunk("a"), .wait(gate), Answer.chunk("b"), Answer.lastChunk]
            : [.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na"), .wait(gate), .write("b")]
        try await withUpstream(answers: [rest]) { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream))
            try await recorder.wait { !$0.bytes.isEmpty }
            try await Self.keep(harness, [])
            #expect(upstream.openConnections == 1)
            gate.open()
            #expect(try await recorder.response().body == "ab")
            try await upstream.connectionClosed()
            #expect(try await harness.onLoop { $0.openConnections } == 0)
        }
    }

    @Test("F24: a retry at an origin that has gone still finds a connection, which is not kept")
    func late() async throws {
        let gate = Gate()
        try await withUpstream(answers: [[.wait(gate)] + Answer.json("{}"), Answer.json("{}")]) {
            (upstream, harness) async throws in
            let first = try await harness.start(.to(upstream))
            _ = try await upstream.request(0)
            try await Self.keep(harness, [])
            let second = try await harness.send(.to(upstream))
            #expect(second.status == 200)
            try await upstream.connectionClosed(1)
            gate.open()
            #expect(try await first.response().status == 200)
            try await upstream.connectionClosed(0)
        }
    }

    @Test("an origin that comes back keeps its connections again")
    func back() async throws {
        let gate = Gate()
        try await withUpstream(answers: [[.wait(gate)] + Answer.json("{}")]) { (upstream, harness) async throws in
            let first = try await harness.start(.to(upstream))
            _ = try await upstream.request(0)
            try await Self.keep(harness, [])
            try await Self.keep(harness, [Self.origin(upstream)])
            gate.open()
            _ = try await first.response()
            _ = try await harness.send(.to(upstream))
            #expect(upstream.acceptedConnections == 1)
        }
    }

    @Test("another bound on answers counts for the next one on a connection that was kept")
    func bounds() async throws {
        try await withUpstream(answers: [Answer.json("{\"a\":1}")]) { (upstream, harness) async throws in
            _ = try await harness.send(.to(upstream))
            let origin = Self.origin(upstream)
            try await harness.onLoop { pool in
                var settings = pool.settings
                settings.maximumResponseBytes = 3
                pool.adopt(settings, keeping: [origin])
            }
            #expect(try await harness.failure(of: .to(upstream)).kind == .responseTooLarge)
            #expect(upstream.acceptedConnections == 1)
        }
    }
}
