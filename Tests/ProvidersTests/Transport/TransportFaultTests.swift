import NIOCore
import NIOPosix
import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct TransportFaultTests {
    @Test("F1 a refused connection fails with nothing sent")
    func refused() async throws {
        try await withUpstream { (upstream, harness) async throws in
            await upstream.shutdown()
            let failure = try await harness.failure(of: .to(upstream))
            #expect(failure.kind == .refused)
            #expect(!failure.requestMayHaveBeenSent)
        }
    }

    @Test(
        "F1 a reset or an end before the head fails with the request sent, and is not tried again",
        arguments: [
            [Step.reset], [.close], [.write("HTTP/1.1 200 OK\r\ncontent-"), .reset],
            [.write("HTTP/1.1 200 OK\r\n"), .close],
        ]
    )
    func resetBeforeHead(steps: [Step]) async throws {
        try await withUpstream(answers: [steps]) { (upstream, harness) async throws in
            let failure = try await harness.failure(of: .to(upstream))
            #expect(failure.kind == .closedBeforeHead)
            #expect(failure.requestMayHaveBeenSent)
            #expect(upstream.requests.count == 1)
        }
    }

    @Test(
        "F2 a reset in the stream fails after what had come, and is not tried again",
        arguments: [Step.reset, .close]
    )
    func resetInStream(end: Step) async throws {
        let gate = Gate()
        let steps = [Answer.chunkedHead(), Answer.chunk("one"), .wait(gate), end]
        try await withUpstream(answers: [steps]) { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream))
            try await recorder.wait { $0.bytes == Array("one".utf8) }
            gate.open()
            let failure = try await recorder.failure()
            #expect(failure.kind == .closedInBody)
            #expect(failure.requestMayHaveBeenSent)
            #expect(upstream.requests.count == 1)
        }
    }

    @Test("F3 a stall in the stream ends at the idle deadline, and the upstream sees it")
    func stallInStream() async throws {
        let steps = [Step.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n"), .stall]
        try await withUpstream(answers: [steps]) { (upstream, harness) async throws in
            let timeouts = Timeouts(idle: .milliseconds(20))
            let recorder = try await harness.start(.to(upstream, timeouts: timeouts))
            #expect(try await recorder.failure().kind == .idleTimedOut)
            #expect(recorder.snapshot.bytes == Array("one".utf8))
            try await upstream.connectionClosed(0)
        }
    }

    @Test("F3 a stream that goes on for too long ends at the total deadline")
    func totalDeadline() async throws {
        let steps = [Answer.chunkedHead(), Step.endless(Array("1\r\nx\r\n".utf8))]
        try await withUpstream(answers: [steps]) { (upstream, harness) async throws in
            let failure = try await harness.failure(of: .to(upstream, timeouts: Timeouts(total: .milliseconds(250))))
            #expect(failure.kind == .totalTimedOut)
            try await upstream.connectionClosed(0)
        }
    }

    @Test(
        "F4 a head that does not come ends at the first-byte deadline",
        arguments: [
            [Step.stall], [.write("HTTP/1.1 200 OK\r\n"), .stall], [.write("HTTP/1.1 100 Continue\r\n\r\n"), .stall],
        ]
    )
    func slowHead(steps: [Step]) async throws {
        try await withUpstream(answers: [steps]) { (upstream, harness) async throws in
            let failure = try await harness.failure(of: .to(upstream, timeouts: Timeouts(firstByte: .milliseconds(20))))
            #expect(failure.kind == .firstByteTimedOut)
            #expect(failure.requestMayHaveBeenSent)
            try await upstream.connectionClosed(0)
        }
    }

    @Test("F4 an upstream that never accepts ends at the first-byte deadline")
    func neverAccepts() async throws {
        try await withUpstream(.init(neverAccepts: true)) { (upstream, harness) async throws in
            let failure = try await harness.failure(of: .to(upstream, timeouts: Timeouts(firstByte: .milliseconds(20))))
            #expect(failure.kind == .firstByteTimedOut)
        }
    }

    @Test(
        "F6 a body shorter than it said is a failure, never an end",
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"a\":",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{\"a\":",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n0\r\n",
        ]
    )
    func truncated(answer: String) async throws {
        try await withUpstream(answers: [[.write(answer), .close]]) { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream))
            #expect(try await recorder.failure().kind == .closedInBody)
            #expect(recorder.snapshot.bytes == Array("{\"a\":".utf8))
            #expect(!recorder.snapshot.ended)
        }
    }

    @Test("F6 a chunk's size that is no number is a failure", arguments: ["0x5", "5_0", "+5", "-1", "g", ""])
    func badChunkSize(size: String) async throws {
        let answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\(size)\r\nhello\r\n0\r\n\r\n"
        try await withUpstream(answers: [[.write(answer)]]) { (upstream, harness) async throws in
            #expect(try await harness.failure(of: .to(upstream)).kind == .notHTTP)
        }
    }

    @Test("F11 a response over its limit is cut off, and memory stays bounded")
    func endless() async throws {
        let steps = [
            Answer.chunkedHead(), Step.endless(Array("400\r\n\(String(repeating: "x", count: 1024))\r\n".utf8)),
        ]
        try await withUpstream(answers: [steps], settings: { $0.maximumResponseBytes = 100_000 }) {
            (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream))
            #expect(try await recorder.failure().kind == .responseTooLarge)
            #expect(recorder.snapshot.bytes.count <= 100_000)
            try await upstream.connectionClosed(0)
        }
    }

    @Test("F11 a head over its limits is cut off", arguments: [(101, 1), (1, 33 * 1024), (33, 1024)])
    func largeHead(count: Int, size: Int) async throws {
        let fields = String(repeating: "a: \(String(repeating: "b", count: size))\r\n", count: count)
        try await withUpstream(answers: [[.write("HTTP/1.1 200 OK\r\n\(fields)\r\n")]]) {
            (upstream, harness) async throws in
            #expect(try await harness.failure(of: .to(upstream)).kind == .responseTooLarge)
            try await upstream.connectionClosed(0)
        }
    }

    @Test("F12 cancelling before the first byte closes the connection")
    func cancelBeforeHead() async throws {
        try await withUpstream(answers: [[.stall]]) { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream))
            _ = try await upstream.request(0)
            #expect(try await recorder.bytesSent())
            try await recorder.cancel()
            try await upstream.connectionClosed(0)
            #expect(recorder.snapshot.calls == 0)
            #expect(try await recorder.bytesSent())
            #expect(try await harness.onLoop { $0.activeExchanges + $0.openConnections } == 0)
        }
    }

    @Test("F12 cancelling in the stream, even from inside a call, closes the connection and silences it")
    func cancelInStream() async throws {
        let steps = [Answer.chunkedHead(), Answer.chunk("one"), Answer.chunk("two"), Step.stall]
        try await withUpstream(answers: [steps]) { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream)) { $0.onBody.value = { $0.cancel() } }
            try await upstream.connectionClosed(0)
            try await recorder.wait { $0.bytes == Array("one".utf8) }
            #expect(recorder.snapshot.calls <= 3)
            #expect(!recorder.snapshot.ended)
        }
    }

    @Test("F12 cancelling while the body is being sent closes the connection")
    func cancelInUpload() async throws {
        let behaviour = ScriptedUpstream.Behaviour(neverAccepts: true)
        try await withUpstream(behaviour) { (upstream, harness) async throws in
            var request = UpstreamRequest.to(upstream)
            request.body = Array(repeating: .init(repeating: 0x61, count: 1 << 20), count: 64)
            let recorder = try await harness.start(request)
            try await recorder.cancel()
            #expect(try await harness.onLoop { $0.activeExchanges } == 0)
        }
    }

    @Test("F12 cancelling after the end keeps the connection")
    func cancelAfterEnd() async throws {
        try await withUpstream { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream))
            _ = try await recorder.response()
            try await recorder.cancel()
            _ = try await harness.send(.to(upstream))
            #expect(upstream.acceptedConnections == 1)
        }
    }

    @Test("F13 a paused exchange holds its upstream back, others go on, and nothing is lost")
    func backPressure() async throws {
        let megabytes = 64
        let piece = Array("100000\r\n".utf8) + Array(repeating: 0x78, count: 1 << 20) + Array("\r\n".utf8)
        let body = Array(repeating: Step.write(piece), count: megabytes)
        try await withUpstream(answers: [[Answer.chunkedHead()] + body + [Answer.lastChunk]]) {
            (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream)) {
                $0.onHead.value = { $0.setReading(false) }
            }
            try await recorder.wait { $0.heads == 1 }
            // Other exchanges of the same loop come and go meanwhile.
            let other = try await ScriptedUpstream.start(answers: [Answer.json("{}")])
            for _ in 0..<200 { _ = try await harness.send(.to(other)) }
            await other.shutdown()
            #expect(recorder.snapshot.bytes.count < 4 << 20)
            #expect(upstream.bytesWritten < 32 << 20)
            try await recorder.setReading(true)
            #expect(try await recorder.response().body.utf8.count == megabytes << 20)
        }
    }

    @Test("F25 an idle connection whose end is there but not yet seen is not used")
    func staleConnection() async throws {
        let gate = Gate()
        let answers = [Answer.json("{}") + [.wait(gate), .close], Answer.json("2")]
        try await withUpstream(answers: answers) { (upstream, harness) async throws in
            _ = try await harness.send(.to(upstream))
            let request = UpstreamRequest.to(upstream)
            let recorder = try await harness.onLoop { pool in
                gate.open()
                // The loop is held up until the upstream has closed, so that it cannot know.
                let limit = NIODeadline.now() + .seconds(5)
                while upstream.openConnections > 0, NIODeadline.now() < limit {}
                let recorder = Recorder(eventLoop: harness.eventLoop)
                recorder.exchange = pool.start(request, responder: recorder)
                return recorder
            }
            #expect(try await recorder.response().body == "2")
            #expect(upstream.requests.map(\.connection) == [0, 1])
        }
    }

    @Test("F25 a reused connection that resets before anything was written is retried on a fresh one, unseen")
    func staleUnsent() async throws {
        let gate = Gate()
        let answers = [Answer.json("{}") + [.wait(gate), .reset], Answer.json("2")]
        // Without the probe, the write itself has to find out.
        try await withUpstream(answers: answers, settings: { $0.probeAfter = .seconds(60) }) {
            (upstream, harness) async throws in
            _ = try await harness.send(.to(upstream))
            var long = UpstreamRequest.to(upstream)
            long.body = [ByteBuffer(repeating: 0x61, count: 100_000)]
            let request = long
            let recorder = try await harness.onLoop { pool in
                gate.open()
                let limit = NIODeadline.now() + .seconds(5)
                while upstream.openConnections > 0, NIODeadline.now() < limit {}
                let recorder = Recorder(eventLoop: harness.eventLoop)
                recorder.exchange = pool.start(request, responder: recorder)
                return recorder
            }
            #expect(try await recorder.response().body == "2")
            #expect(upstream.requests.map(\.connection) == [0, 1])
        }
    }

    @Test("F25 a reused connection that dies after the request was sent is not retried")
    func staleSent() async throws {
        try await withUpstream(answers: [Answer.json("{}"), [.close], Answer.json("3")]) {
            (upstream, harness) async throws in
            _ = try await harness.send(.to(upstream))
            let failure = try await harness.failure(of: .to(upstream))
            #expect(failure.kind == .closedBeforeHead)
            #expect(failure.requestMayHaveBeenSent)
            #expect(upstream.requests.count == 2)
        }
    }
}
