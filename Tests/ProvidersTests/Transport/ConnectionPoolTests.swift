import NIOCore
import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct ConnectionPoolTests {
    @Test("a request arrives exactly as it was given, with the transport's own fields")
    func requestOnTheWire() async throws {
        let upstream = try await ScriptedUpstream.start(answers: [Answer.json("{\"ok\":true}")])
        let harness = try await PoolHarness()
        let response = try await harness.send(.to(upstream, body: "{\"a\":1}"))
        #expect(response.status == 200)
        #expect(response.body == "{\"ok\":true}")
        #expect(response.fields.first("Content-Type") == "application/json")
        let request = try await upstream.request()
        #expect(
            request.headText
                == "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:\(upstream.port)\r\n"
                + "content-type: application/json\r\ncontent-length: 7\r\n\r\n"
        )
        #expect(request.bodyText == "{\"a\":1}")
        try await harness.shutdown()
        await upstream.shutdown()
    }

    @Test("requests one after the other share a connection")
    func reuse() async throws {
        let upstream = try await ScriptedUpstream.start(answers: [Answer.json("{}")])
        let harness = try await PoolHarness()
        for _ in 0..<5 { _ = try await harness.send(.to(upstream)) }
        #expect(upstream.acceptedConnections == 1)
        #expect(upstream.requests.count == 5)
        try await harness.shutdown()
        try await upstream.connectionClosed()
        await upstream.shutdown()
    }

    @Test("requests at the same time have a connection each")
    func parallel() async throws {
        let gate = Gate()
        let upstream = try await ScriptedUpstream.start { _ in [.wait(gate)] + Answer.json("{}") }
        let harness = try await PoolHarness()
        let first = try await harness.start(.to(upstream))
        let second = try await harness.start(.to(upstream))
        _ = try await upstream.request(1)
        gate.open()
        _ = try await (first.response(), second.response())
        #expect(upstream.acceptedConnections == 2)
        try await harness.shutdown()
        await upstream.shutdown()
    }

    @Test("a stream has the same bytes in whatever pieces it comes", arguments: [1, 7, 64 * 1024])
    func stream(size: Int) async throws {
        let events = ModelAnswers.chat(["Hello", " world"])
        let bytes = Answer.stream(events).flatMap { step -> [UInt8] in
            if case .write(let bytes) = step { bytes } else { [] }
        }
        let upstream = try await ScriptedUpstream.start(answers: [[.pieces(bytes, size: size)]])
        let harness = try await PoolHarness()
        #expect(try await harness.send(.to(upstream)).body == events.joined())
        try await harness.shutdown()
        await upstream.shutdown()
    }
}
