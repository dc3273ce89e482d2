import NIOCore
import ScriptedUpstream
import Testing

@testable import Providers

/// Answers every lookup the same way.
private struct FixedResolver: NameResolver {
    var answer: Result<[SocketAddress], NameFailure>?

    func addresses(of host: String, port: Int, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        switch answer {
        case .success(let addresses): promise.succeed(addresses)
        case .failure(let failure): promise.fail(failure)
        // Long after every test's deadline, because a promise must be kept at some time.
        case nil: eventLoop.scheduleTask(in: .seconds(2)) { promise.succeed([]) }
        }
        return promise.futureResult
    }
}

@Suite struct NameAndTLSTests {
    private func secure(_ upstream: ScriptedUpstream, trusting caFile: String? = TestCertificate.rootFile) -> Origin {
        Origin(scheme: .https, host: "localhost", port: upstream.port, caFile: caFile)
    }

    @Test("F10 a name that does not exist is told from one that nobody answers for")
    func names() async throws {
        let missing = NameFailure(isTemporary: false, detail: "Name or service not known")
        try await withUpstream(
            settings: { $0.resolver = FixedResolver(answer: .failure(missing)) }
        ) { (upstream, harness) async throws in
            let origin = Origin(scheme: .http, host: "nowhere.example", port: upstream.port)
            let failure = try await harness.failure(of: .to(upstream, origin: origin))
            #expect(failure.kind == .nameNotFound)
            #expect(failure.detail == "Name or service not known")
            #expect(!failure.requestMayHaveBeenSent)
        }
        try await withUpstream(settings: { $0.resolver = FixedResolver(answer: nil) }) {
            (upstream, harness) async throws in
            let origin = Origin(scheme: .http, host: "nowhere.example", port: upstream.port)
            let timeouts = Timeouts(connect: .milliseconds(20))
            let failure = try await harness.failure(of: .to(upstream, timeouts: timeouts, origin: origin))
            #expect(failure.kind == .nameTimedOut)
            #expect(!failure.requestMayHaveBeenSent)
        }
    }

    @Test("F10 a name without an address is not found")
    func noAddress() async throws {
        try await withUpstream(settings: { $0.resolver = FixedResolver(answer: .success([])) }) {
            (upstream, harness) async throws in
            let origin = Origin(scheme: .http, host: "nowhere.example", port: upstream.port)
            #expect(try await harness.failure(of: .to(upstream, origin: origin)).kind == .nameNotFound)
        }
    }

    @Test("the second address of a name is tried when the first refuses")
    func secondAddress() async throws {
        let free = try await ScriptedUpstream.start()
        await free.shutdown()
        let upstream = try await ScriptedUpstream.start(answers: [Answer.json("{}")])
        let addresses = try [free.port, upstream.port].map { try SocketAddress(ipAddress: "127.0.0.1", port: $0) }
        let harness = try await PoolHarness { $0.resolver = FixedResolver(answer: .success(addresses)) }
        let origin = Origin(scheme: .http, host: "two.example", port: 80)
        #expect(try await harness.send(.to(upstream, origin: origin)).status == 200)
        try await harness.shutdown()
        await upstream.shutdown()
    }

    @Test("a request goes over TLS with a root of one's own, and its connection is used again")
    func overTLS() async throws {
        let body = String(repeating: "x", count: 100_000)
        try await withUpstream(.init(certificate: .valid), answers: [Answer.json(body)]) {
            (upstream, harness) async throws in
            var request = UpstreamRequest.to(upstream, origin: secure(upstream))
            request.body = [ByteBuffer(repeating: 0x61, count: 300_000)]
            for _ in 0..<3 { #expect(try await harness.send(request).body == body) }
            #expect(upstream.requests.map(\.body.count) == [300_000, 300_000, 300_000])
            #expect(upstream.acceptedConnections == 1)
            #expect(try await upstream.request().field("host") == "localhost:\(upstream.port)")
        }
    }

    @Test("a certificate for an address is checked against the address")
    func addressOverTLS() async throws {
        try await withUpstream(.init(certificate: .valid)) { (upstream, harness) async throws in
            let root = TestCertificate.rootFile
            let origin = Origin(scheme: .https, host: "127.0.0.1", port: upstream.port, caFile: root)
            #expect(try await harness.send(.to(upstream, origin: origin)).status == 200)
        }
        try await withUpstream(.init(certificate: .wrongHost)) { (upstream, harness) async throws in
            let root = TestCertificate.rootFile
            let origin = Origin(scheme: .https, host: "127.0.0.1", port: upstream.port, caFile: root)
            #expect(try await harness.failure(of: .to(upstream, origin: origin)).kind == .certificateWrongHost)
        }
    }

    @Test(
        "F10 each fault of a certificate has its kind, and nothing is ever sent",
        arguments: [
            (TestCertificate.expired, TransportFailure.Kind.certificateExpired),
            (.wrongHost, .certificateWrongHost), (.selfSigned, .certificateUntrusted),
        ]
    )
    func certificates(certificate: TestCertificate, kind: TransportFailure.Kind) async throws {
        try await withUpstream(.init(certificate: certificate)) { (upstream, harness) async throws in
            let fields = [("authorization", "Bearer sk-canary")]
            let failure = try await harness.failure(of: .to(upstream, fields: fields, origin: secure(upstream)))
            #expect(failure.kind == kind)
            #expect(!failure.requestMayHaveBeenSent)
            #expect(!failure.detail.contains("canary"))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("F10 the system's roots do not vouch for a root of one's own")
    func systemRoots() async throws {
        try await withUpstream(.init(certificate: .valid)) { (upstream, harness) async throws in
            let origin = secure(upstream, trusting: nil)
            #expect(try await harness.failure(of: .to(upstream, origin: origin)).kind == .certificateUntrusted)
        }
    }

    @Test("F10 a peer that does not speak TLS never gets the request in plain text")
    func plainPeer() async throws {
        try await withUpstream(.init(onAccept: [.write("HTTP/1.1 400 Bad Request\r\n\r\n")])) {
            (upstream, harness) async throws in
            let failure = try await harness.failure(of: .to(upstream, origin: secure(upstream)))
            #expect(failure.kind == .tls)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("F10 a handshake that stalls ends at the connect deadline, one that is cut off is a TLS failure")
    func brokenHandshakes() async throws {
        try await withUpstream(.init(neverAccepts: true)) { (upstream, harness) async throws in
            let timeouts = Timeouts(connect: .milliseconds(100))
            let root = TestCertificate.rootFile
            let origin = Origin(scheme: .https, host: "127.0.0.1", port: upstream.port, caFile: root)
            let request = UpstreamRequest.to(upstream, timeouts: timeouts, origin: origin)
            #expect(try await harness.failure(of: request).kind == .connectTimedOut)
        }
        try await withUpstream(.init(onAccept: [.close])) { (upstream, harness) async throws in
            #expect(try await harness.failure(of: .to(upstream, origin: secure(upstream))).kind == .tls)
        }
    }

    @Test("F10 a ca_file that cannot be read is named")
    func missingRoots() async throws {
        try await withUpstream(.init(certificate: .valid)) { (upstream, harness) async throws in
            let failure = try await harness.failure(
                of: .to(upstream, origin: secure(upstream, trusting: "/nowhere.pem"))
            )
            #expect(failure.kind == .tls)
            #expect(failure.detail.contains("/nowhere.pem"))
        }
    }

    @Test("F12 cancelling over TLS closes the connection at once")
    func cancelOverTLS() async throws {
        let steps = [Answer.chunkedHead(), Answer.chunk("one"), Step.stall]
        try await withUpstream(.init(certificate: .valid), answers: [steps]) { (upstream, harness) async throws in
            let recorder = try await harness.start(.to(upstream, origin: secure(upstream)))
            try await recorder.wait { $0.bytes.count == 3 }
            try await recorder.cancel()
            try await upstream.connectionClosed(0, within: .promptly)
        }
    }

    @Test("F2 a TLS stream that is cut off without a farewell is not an end")
    func cutOffOverTLS() async throws {
        let steps: [Step] = [.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nbody"), .reset]
        try await withUpstream(.init(certificate: .valid), answers: [steps]) { (upstream, harness) async throws in
            let failure = try await harness.failure(of: .to(upstream, origin: secure(upstream)))
            #expect([.closedInBody, .closedBeforeHead].contains(failure.kind))
        }
    }
}
