import NIOCore
import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct ConnectionPoolTests {
    @Test("a request arrives exactly as it was given, with the transport's own fields")
    func requestOnTheWire() async throws {
        try await withUpstream(answers: [Answer.json("{\"ok\":true}")]) { (upstream, harness) async throws in
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
        }
    }

    @Test("a long body arrives whole, in however many slices it was given")
    func longBody() async throws {
        try await withUpstream { (upstream, harness) async throws in
            var request = UpstreamRequest.to(upstream)
            let slices = (0..<40).map { ByteBuffer(repeating: UInt8($0), count: $0 * 1000) }
            request.body = slices
            for _ in 0..<2 { _ = try await harness.send(request) }
            let expected = slices.flatMap { Array($0.readableBytesView) }
            #expect(upstream.requests.map(\.body) == [expected, expected])
            #expect(upstream.acceptedConnections == 1)
        }
    }

    @Test("requests one after the other share a connection")
    func reuse() async throws {
        try await withUpstream { (upstream, harness) async throws in
            for _ in 0..<5 { _ = try await harness.send(.to(upstream)) }
            #expect(upstream.acceptedConnections == 1)
            #expect(upstream.requests.count == 5)
            try await harness.onLoop { $0.shutdown() }
            try await upstream.connectionClosed()
        }
    }

    @Test("a responder that starts the next request from inside the end gets an answer to it")
    func startInsideEnd() async throws {
        try await withUpstream(answers: [Answer.json("1"), Answer.json("2")]) { (upstream, harness) async throws in
            let request = UpstreamRequest.to(upstream)
            let bodies = try await harness.onLoop { pool in
                let second = Recorder(eventLoop: harness.eventLoop)
                let first = Recorder(eventLoop: harness.eventLoop)
                first.onEnd.value = { second.exchange = pool.start(request, responder: second) }
                first.exchange = pool.start(request, responder: first)
                return (first, second)
            }
            #expect(try await bodies.0.response().body == "1")
            #expect(try await bodies.1.response().body == "2")
        }
    }

    @Test("requests at the same time have a connection each, and the last one used is used first")
    func parallel() async throws {
        let gate = Gate()
        try await withUpstream(answers: [[.wait(gate)] + Answer.json("{}")]) { (upstream, harness) async throws in
            let first = try await harness.start(.to(upstream))
            _ = try await upstream.request(0)
            let second = try await harness.start(.to(upstream))
            _ = try await upstream.request(1)
            gate.open()
            _ = try await (first.response(), second.response())
            #expect(upstream.acceptedConnections == 2)
            let before = try await harness.send(.to(upstream))
            #expect(before.status == 200)
            let last = try #require(upstream.requests.last).connection
            _ = try await harness.send(.to(upstream))
            #expect(upstream.requests.last?.connection == last)
        }
    }

    @Test("connections with different partitions or roots are never shared")
    func partitions() async throws {
        try await withUpstream { (upstream, harness) async throws in
            for partition in ["a", "b", "a"] {
                let origin = Origin(scheme: .http, host: "127.0.0.1", port: upstream.port, partition: partition)
                _ = try await harness.send(.to(upstream, origin: origin))
            }
            #expect(upstream.requests.map(\.connection) == [0, 1, 0])
        }
    }

    @Test("a stream has the same bytes in whatever pieces it comes", arguments: [1, 7, 64 * 1024])
    func stream(size: Int) async throws {
        let events = ModelAnswers.chat(["Hello", " world"])
        let bytes = Answer.stream(events).flatMap { step -> [UInt8] in
            if case .write(let bytes) = step { bytes } else { [] }
        }
        try await withUpstream(answers: [[.pieces(bytes, size: size)]]) { (upstream, harness) async throws in
            #expect(try await harness.send(.to(upstream)).body == events.joined())
        }
    }

    @Test("a piece is delivered as it comes, and its read is told of")
    func pieceByPiece() async throws {
        let gate = Gate()
        let steps = [Answer.chunkedHead(), Answer.chunk("one"), .wait(gate), Answer.chunk("two"), Answer.lastChunk]
        try await withUpstream(answers: [steps]) { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream))
            try await recorder.wait { $0.bytes == Array("one".utf8) && $0.reads >= 1 }
            gate.open()
            #expect(try await recorder.response().body == "onetwo")
        }
    }

    @Test("with all connections busy an exchange waits for one, and a full queue refuses at once")
    func bounded() async throws {
        let gate = Gate()
        let limits: (inout TransportSettings) -> Void = { ($0.maximumConnections, $0.maximumWaiting) = (1, 1) }
        try await withUpstream(answers: [[.wait(gate)] + Answer.json("{}")], settings: limits) {
            (upstream, harness) async throws in
            let first = try await harness.start(.to(upstream))
            _ = try await upstream.request(0)
            let second = try await harness.start(.to(upstream))
            let third = try await harness.failure(of: .to(upstream))
            #expect(third.kind == .noCapacity)
            #expect(!third.requestMayHaveBeenSent)
            gate.open()
            _ = try await (first.response(), second.response())
            #expect(upstream.acceptedConnections == 1)
        }
    }

    @Test("an exchange in the queue fails at its connect deadline, and the others go on")
    func waitingTimesOut() async throws {
        let gate = Gate()
        try await withUpstream(
            answers: [[.wait(gate)] + Answer.json("{}")],
            settings: { $0.maximumConnections = 1 }
        ) { (upstream, harness) async throws in
            let first = try await harness.start(.to(upstream))
            _ = try await upstream.request(0)
            let failure = try await harness.failure(
                of: .to(upstream, timeouts: Timeouts(connect: .milliseconds(10)))
            )
            #expect(failure.kind == .connectTimedOut)
            gate.open()
            _ = try await first.response()
            #expect(upstream.requests.count == 1)
        }
    }

    @Test("while an exchange runs a connection is opened ahead, and the next exchange takes it")
    func spare() async throws {
        let (early, late) = (Gate(), Gate())
        let head = Step.write("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{")
        let slow: [Step] = [head, .wait(early), .write(" "), .wait(late), .write("}")]
        try await withUpstream(answers: [slow], settings: { $0.spareConnections = 1 }) {
            (upstream, harness) async throws in
            let first = try await harness.start(.to(upstream))
            try await first.wait { $0.reads == 1 }
            #expect(upstream.acceptedConnections == 1)
            early.open()
            try await upstream.connectionsAccepted(2)
            let second = try await harness.start(.to(upstream))
            #expect(try await upstream.request(1).connection == 1)
            late.open()
            _ = try await (first.response(), second.response())
        }
    }

    @Test("no more idle connections are kept than allowed, and none for longer")
    func idleLimits() async throws {
        let gate = Gate()
        try await withUpstream(
            answers: [[.wait(gate)] + Answer.json("{}")],
            settings: { ($0.maximumIdle, $0.idleLifetime) = (1, .milliseconds(20)) }
        ) { (upstream, harness) async throws in
            let first = try await harness.start(.to(upstream))
            let second = try await harness.start(.to(upstream))
            _ = try await upstream.request(1)
            gate.open()
            _ = try await (first.response(), second.response())
            try await upstream.connectionClosed(0)
            try await upstream.connectionClosed(1)
            #expect(try await harness.onLoop { $0.openConnections } == 0)
        }
    }

    @Test("a pool that is shut down fails what is under way and what is started later")
    func shutdown() async throws {
        try await withUpstream(answers: [[.stall]]) { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream))
            _ = try await upstream.request(0)
            try await harness.onLoop { $0.shutdown() }
            let failure = try await recorder.failure()
            #expect(failure.kind == .shutDown)
            #expect(failure.requestMayHaveBeenSent)
            try await upstream.connectionClosed(0)
            let later = try await harness.failure(of: .to(upstream))
            #expect(later.kind == .shutDown)
            #expect(!later.requestMayHaveBeenSent)
        }
    }

    @Test(
        "B8 a line break or a control in what goes out is refused before anything is sent",
        arguments: [
            ("POST", "/v1/a b", "x", "y"), ("POST", "/v1\r\nx: y", "x", "y"), ("PO ST", "/v1", "x", "y"),
            ("POST", "/v1", "x\r\ny", "z"), ("POST", "/v1", "x", "y\r\nz: 1"), ("POST", "/v1", "x", "y\nz"),
            ("POST", "/v1", "x", "y\0"), ("POST", "/v1", "", "y"), ("POST", "v1", "x", "y"), ("", "/v1", "x", "y"),
            ("POST", "/v1", "x:", "y"),
        ]
    )
    func refusals(method: String, target: String, name: String, value: String) async throws {
        try await withUpstream { (upstream, harness) async throws in
            let request = UpstreamRequest.to(upstream, method, target, fields: [(name, value)])
            let failure = try await harness.failure(of: request)
            #expect(failure.kind == .invalidRequest)
            #expect(!failure.requestMayHaveBeenSent)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("fields that frame the message or the connection are the transport's alone")
    func framingFields() async throws {
        try await withUpstream { (upstream, harness) async throws in
            let fields = [
                ("Host", "elsewhere"), ("Content-Length", "99"), ("Transfer-Encoding", "chunked"),
                ("Connection", "close"), ("Keep-Alive", "x"), ("Upgrade", "h2c"), ("Trailer", "x"),
                ("Proxy-Connection", "x"), ("X-Mine", "kept"),
            ]
            _ = try await harness.send(.to(upstream, fields: fields))
            #expect(
                try await upstream.request().headText
                    == "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:\(upstream.port)\r\n"
                    + "X-Mine: kept\r\ncontent-length: 2\r\n\r\n"
            )
        }
    }
}
