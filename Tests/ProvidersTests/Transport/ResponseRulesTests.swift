import NIOCore
import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct ResponseRulesTests {
    @Test("interim responses are skipped")
    func interim() async throws {
        let steps: [Step] = [
            .write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"),
            Answer.whole(body: "{}"),
        ]
        try await withUpstream(answers: [steps]) { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream))
            #expect(try await recorder.response().status == 200)
            #expect(recorder.snapshot.heads == 1)
        }
    }

    @Test(
        "a response that has no body ends with its head, and the connection lives on",
        arguments: [
            ("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"),
            ("GET", "HTTP/1.1 204 No Content\r\n\r\n"),
            ("GET", "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n"),
            ("GET", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        ]
    )
    func bodiless(method: String, answer: String) async throws {
        try await withUpstream(answers: [[.write(answer)]]) { (upstream, harness) async throws in
            for _ in 0..<2 {
                #expect(try await harness.send(.to(upstream, method, "/v1/models", body: "")).body.isEmpty)
            }
            #expect(upstream.acceptedConnections == 1)
        }
    }

    @Test(
        "a response that says so or has no length ends with its connection",
        arguments: [
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nbody", "HTTP/1.0 200 OK\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\n\r\nbody", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nbody",
        ]
    )
    func untilTheEnd(answer: String) async throws {
        try await withUpstream(answers: [[.write(answer), .close]]) { (upstream, harness) async throws in
            for _ in 0..<2 { #expect(try await harness.send(.to(upstream)).body == "body") }
            #expect(upstream.acceptedConnections == 2)
        }
    }

    @Test("a connection that said close is closed though its peer leaves it open")
    func saidClose() async throws {
        let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nbody"
        try await withUpstream(answers: [[.write(answer)]]) { (upstream, harness) async throws in
            #expect(try await harness.send(.to(upstream)).body == "body")
            try await upstream.connectionClosed()
        }
    }

    @Test(
        "bytes behind a response end the connection, so that nobody takes them for an answer",
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 O",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n",
        ]
    )
    func leftover(answer: String) async throws {
        try await withUpstream(answers: [[.write(answer)]]) { (upstream, harness) async throws in
            for number in 0..<2 {
                #expect(try await harness.send(.to(upstream)).body == "{}")
                try await upstream.connectionClosed(number)
            }
        }
    }

    @Test(
        "bytes or an end on an idle connection take it out of the pool",
        arguments: [
            [Step.write("HTTP/1.1 408 Request Timeout\r\n\r\n")], [.write("x")], [.close], [.reset], [.halfClose],
        ]
    )
    func unsolicited(steps: [Step]) async throws {
        let gate = Gate()
        let answer = Answer.json("{}")
        try await withUpstream(answers: [answer + [.wait(gate)] + steps, answer]) { (upstream, harness) async throws in
            _ = try await harness.send(.to(upstream))
            gate.open()
            try await upstream.connectionClosed(0)
            _ = try await harness.send(.to(upstream))
            #expect(upstream.requests.map(\.connection) == [0, 1])
        }
    }

    @Test("an answer to half a request is delivered, and its connection not used again")
    func earlyAnswer() async throws {
        let behaviour = ScriptedUpstream.Behaviour(answersHead: true)
        try await withUpstream(behaviour, answers: [Answer.json("{}", status: 413)]) {
            (upstream, harness) async throws in
            var request = UpstreamRequest.to(upstream)
            request.body = Array(repeating: .init(repeating: 0x61, count: 1 << 20), count: 32)
            #expect(try await harness.send(request).status == 413)
            try await upstream.connectionClosed(0)
        }
    }

    @Test(
        "what is not an answer in HTTP/1 is named so",
        arguments: [
            "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/2 200\r\n\r\n", "\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{28}",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: b\r\n c: d\r\ncontent-length: 2\r\n\r\n{}",
        ]
    )
    func notHTTP(answer: String) async throws {
        try await withUpstream(answers: [[.write(answer)]]) { (upstream, harness) async throws in
            let failure = try await harness.failure(of: .to(upstream))
            #expect(failure.kind == .notHTTP)
            #expect(failure.requestMayHaveBeenSent)
            try await upstream.connectionClosed(0)
        }
    }
}
