import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Faults of an upstream before its response")
struct UpstreamFaultTests {
    @Test("F1: an upstream that refuses is a 502, streamed or not", arguments: Sample.allCases, [true, false])
    func refused(_ sample: Sample, _ stream: Bool) async throws {
        let closed = try ClosedPort()
        let provider = try Provider(name: "house", baseURL: BaseURL("http://127.0.0.1:\(closed.port)"))
        try await withGateway([provider]) { gateway in
            let answer = try await gateway.send(sample.request(stream: stream))
            #expect(answer.status == 502)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "failed")
            #expect(record["code"] == "upstream_unreachable")
            try await gateway.isIdle()
        }
        withExtendedLifetime(closed) {}
    }

    @Test("F1: a reset before the head is a 502 and is sent only once", arguments: Sample.allCases)
    func resetBeforeHead(_ sample: Sample) async throws {
        try await withGateway(answers: [[.reset]]) { gateway, upstream in
            let answer = try await gateway.send(sample.request(stream: true))
            #expect(answer.status == 502)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(upstream.requests.count == 1)
        }
    }

    @Test(
        "F4: a head that does not come is a 504 and the upstream is closed",
        arguments: Sample.allCases,
        [true, false]
    )
    func slowHead(_ sample: Sample, _ stream: Bool) async throws {
        let upstream = try await ScriptedUpstream.start(answers: [[.stall]])
        var provider = try Provider.scripted(upstream)
        provider.timeouts.firstByte = .seconds(60)
        let clock = SteppedClock()
        try await withGateway([provider], clock: clock) { gateway in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: stream))
            _ = try await upstream.request()
            try await clock.advance(by: .seconds(60))
            #expect(upstream.openConnections == 1, "no deadline passes early")
            try await clock.advance(by: .seconds(1))
            let answer = try await client.answer()
            #expect(answer.status == 504)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            try await upstream.connectionClosed()
            #expect(try await gateway.log.record()["code"] == "upstream_timeout")
        }
        await upstream.shutdown()
    }

    @Test("F4: half a head that goes no further is a 504")
    func halfAHead() async throws {
        let upstream = try await ScriptedUpstream.start(answers: [[.write("HTTP/1.1 200 OK\r\nContent-"), .stall]])
        var provider = try Provider.scripted(upstream)
        provider.timeouts.firstByte = .seconds(60)
        let clock = SteppedClock()
        try await withGateway([provider], clock: clock) { gateway in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request())
            _ = try await upstream.request()
            try await clock.advance(by: .seconds(61))
            #expect(try await client.answer().status == 504)
        }
        await upstream.shutdown()
    }

    @Test("F6: a body shorter than its length is a 502, never a 200", arguments: Sample.allCases)
    func shortBody(_ sample: Sample) async throws {
        let head = Answer.head(
            200,
            [("content-type", "application/json"), ("content-length", "\(sample.whole.utf8.count + 1)")]
        )
        try await withGateway(answers: [[.write(head + sample.whole), .close]]) { gateway, _ in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == 502)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "failed")
            #expect(record.number("upstream_status") == 200)
        }
    }

    @Test("F6: truncated JSON is a 502, never a 200", arguments: Sample.allCases)
    func truncatedJSON(_ sample: Sample) async throws {
        try await withGateway(answers: [Answer.json(String(sample.whole.dropLast()))]) { gateway, _ in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == 502)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(try await gateway.log.record()["code"] == "upstream_malformed")
        }
    }

    @Test("F6: a body that ends with the connection passes if it is whole")
    func bodyUntilClose() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
        try await withGateway(answers: [[.write(head + Sample.chat.whole), .close]]) { gateway, _ in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 200)
            #expect(answer.bodyText == Sample.chat.whole)
        }
    }

    @Test("F6: a long body that is cut breaks the connection, so that nobody takes it for whole")
    func longCutBody() async throws {
        let head = Answer.head(200, [("content-type", "application/json"), ("content-length", "200000")])
        let steps: [Step] = [.write(head + "{\"a\":\"" + String(repeating: "x", count: 100_000)), .close]
        try await withGateway(answers: [steps], { $0.limits.heldResponse = 10_000 }) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request())
            let text = try await client.untilClosed()
            #expect(text.contains("200 OK"))
            #expect(text.contains("content-length: 200000"))
            #expect(text.utf8.count < 150_000)
            #expect(try await gateway.log.record()["outcome"] == "interrupted")
        }
    }

    @Test("F7: a 200 whose body is an error is a failure", arguments: Sample.allCases)
    func errorInBody(_ sample: Sample) async throws {
        let body = #"{"error":{"message":"out of luck","type":"server_error"}}"#
        try await withGateway(answers: [Answer.json(body)]) { gateway, _ in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == 502)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(answer.bodyText.contains("out of luck"))
            #expect(try await gateway.log.record()["outcome"] == "failed")
        }
    }

    @Test(
        "F10: each fault of a certificate has its own word, and no answer comes in plain text",
        arguments: [
            (TestCertificate.expired, "upstream_certificate_expired"), (.wrongHost, "upstream_certificate_wrong_host"),
            (.selfSigned, "upstream_certificate_untrusted"),
        ]
    )
    func badCertificate(_ certificate: TestCertificate, _ code: String) async throws {
        let upstream = try await ScriptedUpstream.start(
            .init(certificate: certificate),
            answers: [Sample.chat.answer(stream: false)]
        )
        let provider = try Provider(
            name: "house",
            baseURL: BaseURL(upstream.secureURL),
            apiKey: Secret("canary-key"),
            caFile: TestCertificate.rootFile
        )
        try await withGateway([provider]) { gateway in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 502)
            #expect(!answer.bodyText.contains("canary-key"))
            #expect(answer.bodyText.contains(code))
            let record = try await gateway.log.record()
            #expect(!record.line.contains("canary-key"))
            #expect(record["code"] == "upstream_unreachable")
        }
        #expect(upstream.requests.isEmpty)
        await upstream.shutdown()
    }

    @Test("F10: a valid certificate of the provider's own root serves")
    func goodCertificate() async throws {
        let upstream = try await ScriptedUpstream.start(
            .init(certificate: .valid),
            answers: [Sample.chat.answer(stream: true)]
        )
        let provider = try Provider(
            name: "house",
            baseURL: BaseURL(upstream.secureURL),
            caFile: TestCertificate.rootFile
        )
        try await withGateway([provider]) { gateway in
            let answer = try await gateway.send(Sample.chat.request(stream: true))
            #expect(answer.bodyText == Sample.chat.passedEvents().joined())
        }
        await upstream.shutdown()
    }

    @Test("F10: a plain server behind https is an error, not a plain answer")
    func noPlainFallback() async throws {
        let upstream = try await ScriptedUpstream.start(.init(onAccept: Sample.chat.answer(stream: false)))
        let provider = try Provider(
            name: "house",
            baseURL: BaseURL("https://127.0.0.1:\(upstream.port)"),
            apiKey: Secret("canary-key")
        )
        try await withGateway([provider]) { gateway in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 502)
            #expect(!answer.bodyText.contains("canary-key"))
        }
        #expect(upstream.requests.isEmpty)
        await upstream.shutdown()
    }

    @Test("F11: a response in a coding that was not asked for is a 502 and is never unpacked")
    func compressedAnswer() async throws {
        let answer = Answer.json("{}", fields: [("content-encoding", "gzip")])
        try await withGateway(answers: [answer]) { gateway, _ in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 502)
            let record = try await gateway.log.record()
            #expect(record["code"] == "upstream_malformed")
        }
    }

    @Test("F11: an endless error body is cut at its bound", arguments: Sample.allCases)
    func endlessError(_ sample: Sample) async throws {
        let piece = Array("1000\r\n".utf8) + [UInt8](repeating: 0x78, count: 4096) + Array("\r\n".utf8)
        let steps = [Answer.chunkedHead(500, contentType: "text/html"), .endless(piece)]
        try await withGateway(answers: [steps]) { gateway, upstream in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == 500)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            try await upstream.connectionClosed(within: .promptly)
        }
    }

    @Test("F25: a kept connection that the upstream closed meanwhile is replaced", arguments: Sample.allCases)
    func staleConnection(_ sample: Sample) async throws {
        let served = Counter()
        let upstream = try await ScriptedUpstream.start { _ in
            let number = served.next()
            return sample.answer(stream: false) + (number == 1 ? [.close] : [])
        }
        try await withGateway(to: upstream) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request())
            #expect(try await client.answer().status == 200)
            try await upstream.connectionClosed()
            try await client.send(sample.request())
            #expect(try await client.answer().status == 200)
            #expect(upstream.requests.count == 2)
        }
    }

    @Test("F25: a request that went out on a kept connection is not sent twice")
    func sentOnceOnly() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false), [.close]]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request())
            #expect(try await client.answer().status == 200)
            try await client.send(Sample.chat.request())
            #expect(try await client.answer().status == 502)
            #expect(upstream.requests.count == 2)
        }
    }

    @Test("bytes that are no HTTP are a 502", arguments: ["SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n", "{}"])
    func notHTTP(_ bytes: String) async throws {
        try await withGateway(answers: [[.write(bytes), .close]]) { gateway, _ in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 502)
        }
    }

    @Test(
        "B8: a field of the upstream with a control character never comes down",
        arguments: ["\u{0}", "\u{1}", "\r", "\u{7F}"]
    )
    func controlInResponse(_ control: String) async throws {
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-odd: a\(control)b: c\r\ncontent-length: 2\r\n\r\n{}"
        try await withGateway(answers: [[.write(head)]]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(fields: [("Connection", "close")]))
            let text = try await client.untilClosed()
            #expect(!text.contains("x-odd"))
            #expect(text.hasPrefix("HTTP/1.1 502"))
        }
    }

    @Test("a redirect is not followed and not passed on")
    func redirect() async throws {
        try await withGateway(answers: [Answer.json("", status: 307, fields: [("location", "http://169.254.169.254/")])]
        ) { gateway, _ in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 502)
            #expect(answer.field("location") == nil)
        }
    }

    @Test(
        "an upstream's error in the caller's dialect passes as it came",
        arguments: Sample.allCases,
        [400, 404, 429, 500, 503]
    )
    func errorPasses(_ sample: Sample, _ status: Int) async throws {
        let body = sample.errorMark + #""type":"odd_error","message":"no"}}"#
        let steps = Answer.json(body, status: status, fields: [("retry-after", "7")])
        try await withGateway(answers: [steps]) { gateway, _ in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == status)
            #expect(answer.bodyText == body)
            #expect(answer.field("retry-after") == "7")
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "failed")
            #expect(record.number("status") == status)
        }
    }

    @Test("an upstream's error in other words is said in the caller's dialect", arguments: Sample.allCases)
    func foreignError(_ sample: Sample) async throws {
        try await withGateway(answers: [Answer.json("<html>busy</html>", status: 503)]) { gateway, _ in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == (sample == .messages ? 529 : 503))
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(answer.field("content-type") == "application/json")
        }
    }

    @Test("a long refusal of the provider's key is a 502 as well", arguments: Sample.allCases)
    func longRefusedKey(_ sample: Sample) async throws {
        let body = sample.errorMark + #""message":"\#(String(repeating: "no ", count: 40_000))"}}"#
        try await withGateway(answers: [Answer.json(body, status: 401)]) { gateway, _ in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == 502)
            #expect(answer.body.count < 1_000)
        }
    }

    @Test("a provider that refuses its key is a 502 that does not quote it", arguments: Sample.allCases, [401, 403])
    func refusedKey(_ sample: Sample, _ status: Int) async throws {
        let body =
            sample.errorMark + #""type":"authentication_error","message":"Incorrect API key provided: provider-key"}}"#
        try await withGateway(answers: [Answer.json(body, status: status)]) { gateway, _ in
            let answer = try await gateway.send(sample.request())
            #expect(answer.status == 502)
            #expect(!answer.bodyText.contains("provider-key"))
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            let record = try await gateway.log.record()
            #expect(!record.line.contains("provider-key"))
            #expect(record["code"] == "invalid_api_key")
        }
    }
}
