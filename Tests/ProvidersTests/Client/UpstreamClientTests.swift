import NIOCore
import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct UpstreamClientTests {
    @Test("a response comes with its head first and its body as it arrives")
    func streaming() async throws {
        let gate = Gate()
        let steps = [Answer.chunkedHead(fields: [("x-a", "b")]), Answer.chunk("one"), .wait(gate), Answer.chunk("two")]
        try await withClient(answers: [steps + [Answer.lastChunk]]) { (upstream, client) async throws in
            let response = try await client.execute(.to(upstream))
            #expect(response.status == 200)
            #expect(response.fields.first("x-a") == "b")
            var body = response.body.makeAsyncIterator()
            let first = try await body.next()
            #expect(first.map { String(buffer: $0) } == "one")
            gate.open()
            let second = try await body.next()
            #expect(second.map { String(buffer: $0) } == "two")
            let end = try await body.next()
            #expect(end == nil)
            #expect(try await client.execute(.to(upstream)).status == 200)
        }
    }

    @Test("F13 a body that nobody reads holds the upstream back, and nothing of it is lost")
    func backPressure() async throws {
        let megabytes = 64
        let piece = Array("100000\r\n".utf8) + Array(repeating: 0x78, count: 1 << 20) + Array("\r\n".utf8)
        let body = Array(repeating: Step.write(piece), count: megabytes)
        try await withClient(answers: [[Answer.chunkedHead()] + body + [Answer.lastChunk]]) {
            (upstream, client) async throws in
            let response = try await client.execute(.to(upstream))
            let other = try await ScriptedUpstream.start(answers: [Answer.json("{}")])
            for _ in 0..<100 { _ = try await client.execute(.to(other)).body.collect(upTo: 2) }
            await other.shutdown()
            #expect(upstream.bytesWritten < 32 << 20)
            var count = 0
            for try await bytes in response.body { count += bytes.readableBytes }
            #expect(count == megabytes << 20)
        }
    }

    @Test("F12 dropping the body before its end closes the connection")
    func dropping() async throws {
        try await withClient(answers: [[Answer.chunkedHead(), Answer.chunk("one"), .stall]]) {
            (upstream, client) async throws in
            do {
                let response = try await client.execute(.to(upstream))
                #expect(response.status == 200)
            }
            try await upstream.connectionClosed(0)
        }
    }

    @Test(
        "F12 cancelling a task that waits for the head or in the body closes the connection",
        arguments: [
            [Step.stall], [Answer.chunkedHead(), .stall],
        ]
    )
    func cancelling(steps: [Step]) async throws {
        try await withClient(answers: [steps]) { (upstream, client) async throws in
            let request = UpstreamRequest.to(upstream)
            let task = Task {
                do throws(TransportFailure) {
                    _ = try await client.execute(request).body.collect(upTo: 10)
                    return TransportFailure.Kind?.none
                } catch {
                    return error.kind
                }
            }
            _ = try await upstream.request(0)
            task.cancel()
            try await upstream.connectionClosed(0)
            let kind = await task.value
            #expect(kind == .cancelled)
        }
    }

    @Test("a task that was cancelled before it asked sends nothing")
    func cancelledBefore() async throws {
        try await withClient(answers: [[.stall]]) { (upstream, client) async throws in
            let request = UpstreamRequest.to(upstream)
            let gate = Gate()
            let task = Task {
                await withCheckedContinuation { waiting in gate.whenOpen { waiting.resume() } }
                do throws(TransportFailure) {
                    _ = try await client.execute(request)
                    return TransportFailure.Kind?.none
                } catch {
                    return error.kind
                }
            }
            task.cancel()
            gate.open()
            let kind = await task.value
            #expect(kind == .cancelled)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("failures keep their kind before the head and in the body")
    func failures() async throws {
        try await withClient(answers: [[.close]]) { (upstream, client) async throws in
            let failure = await #expect(throws: TransportFailure.self) { try await client.execute(.to(upstream)) }
            #expect(failure?.kind == .closedBeforeHead)
        }
        try await withClient(answers: [[Answer.chunkedHead(), Answer.chunk("one"), .close]]) {
            (upstream, client) async throws in
            let response = try await client.execute(.to(upstream))
            let failure = await #expect(throws: TransportFailure.self) { try await response.body.collect(upTo: 10) }
            #expect(failure?.kind == .closedInBody)
        }
    }

    @Test("F11 a body longer than it may be is not collected")
    func tooLong() async throws {
        try await withClient(answers: [[Answer.chunkedHead(), .endless(Array("1\r\nx\r\n".utf8))]]) {
            (upstream, client) async throws in
            let response = try await client.execute(.to(upstream))
            let failure = await #expect(throws: TransportFailure.self) { try await response.body.collect(upTo: 10) }
            #expect(failure?.kind == .responseTooLarge)
        }
    }
}
