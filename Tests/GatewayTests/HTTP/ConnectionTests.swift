import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Connections that carry more than one request, or ask in other ways")
struct ConnectionTests {
    @Test("a connection is kept and serves one request after the other", arguments: Sample.allCases, [true, false])
    func keepAlive(_ sample: Sample, _ stream: Bool) async throws {
        try await withGateway(answers: [sample.answer(stream: stream)]) { gateway, upstream in
            let client = try await gateway.connect()
            for _ in 0..<3 {
                try await client.send(sample.request(stream: stream))
                let answer = try await client.answer()
                #expect(answer.status == 200)
                #expect(answer.field("connection") == nil)
            }
            #expect(upstream.requests.count == 3)
            #expect(upstream.acceptedConnections == 1)
        }
    }

    @Test("requests that are sent ahead are answered in their order", arguments: [2, 5])
    func pipelining(_ count: Int) async throws {
        let upstream = try await ScriptedUpstream.start { request in
            Answer.json(
                #"{"id":"\#(request.bodyText.contains("m-0") ? "first" : "later")","n":\#(request.bodyText.utf8.count)}"#
            )
        }
        try await withGateway(to: upstream) { gateway, _ in
            let client = try await gateway.connect()
            let requests = (0..<count).map { Sample.allCases[$0 % 4].request(model: "m-\($0)") }
            try await client.send(requests.joined())
            for number in 0..<count {
                let answer = try await client.answer()
                #expect(answer.bodyText.contains(number == 0 ? "first" : "later"))
                let sent = Sample.allCases[number % 4].body(model: "m-\(number)")
                #expect(answer.bodyText.contains("\"n\":\(sent.utf8.count)"))
            }
            #expect(upstream.requests.map(\.target) == (0..<count).map { Sample.allCases[$0 % 4].path })
        }
    }

    @Test("a request that is cut at every byte is read alike")
    func byteByByte() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, upstream in
            let client = try await gateway.connect()
            for byte in Sample.chat.request().utf8 { try await client.send([byte]) }
            let answer = try await client.answer()
            #expect(answer.status == 200)
            #expect(upstream.requests[0].bodyText == Sample.chat.body())
        }
    }

    @Test("a refusal keeps the connection if nothing or little of the body is left")
    func refusalKeepsConnection() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(RawRequest.post("/nowhere", "{}"))
            let unknown = try await client.answer()
            #expect(unknown.status == 404)
            try await client.send(RawRequest.get("/v1/responses"))
            let wrong = try await client.answer()
            #expect(wrong.status == 405)
            try await client.send(RawRequest.post("/v1/responses", "{"))
            let invalid = try await client.answer()
            #expect(invalid.status == 400)
            try await client.send(Sample.chat.request())
            let good = try await client.answer()
            #expect(good.status == 200)
        }
    }

    @Test("a refusal closes the connection if much of the body is left")
    func refusalClosesConnection() async throws {
        try await withGateway(answers: []) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(
                RawRequest.head("POST", "/nowhere", [("Host", "localhost"), ("Content-Length", "1000000")])
            )
            let answer = try await client.answer()
            #expect(answer.status == 404)
            #expect(answer.field("connection") == "close")
            _ = try await client.untilClosed()
        }
    }

    @Test("a refusal reaches a client that is still sending")
    func refusalReachesSender() async throws {
        try await withGateway(answers: []) { gateway, _ in
            let client = try await gateway.connect()
            client.post(RawRequest.head("POST", "/nowhere", [("Host", "localhost"), ("Content-Length", "4000000")]))
            for _ in 0..<60 { client.post(String(repeating: "x", count: 65_536)) }
            let answer = try await client.answer()
            #expect(answer.status == 404)
        }
    }

    @Test("Connection: close closes after the answer", arguments: ["close", "Close", "close, x-foo"])
    func connectionClose(_ value: String) async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(fields: [("Connection", value)]))
            let answer = try await client.answer()
            #expect(answer.status == 200)
            #expect(answer.field("connection") == "close")
            _ = try await client.untilClosed(within: .promptly)
        }
    }

    @Test("Expect: 100-continue gets its go-ahead once the head is found good")
    func expectContinue() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let client = try await gateway.connect()
            let request = Sample.chat.request(fields: [("Expect", "100-continue")])
            let body = Sample.chat.body()
            try await client.send(String(request.dropLast(body.count)))
            let informational = try await client.answer()
            #expect(informational.status == 100)
            #expect(informational.fields.isEmpty)
            try await client.send(body)
            let answer = try await client.answer()
            #expect(answer.status == 200)
        }
    }

    @Test("Expect: 100-continue gets the refusal instead where there is one")
    func expectRefused() async throws {
        try await withGateway(answers: [], { $0.limits.body = 10 }) { gateway, _ in
            let client = try await gateway.connect()
            let request = Sample.chat.request(fields: [("Expect", "100-continue")])
            try await client.send(String(request.dropLast(Sample.chat.body().count)))
            let answer = try await client.answer()
            #expect(answer.status == 413)
        }
    }

    @Test("after a refusal in place of a go-ahead nobody can tell what comes next, so the connection closes")
    func expectRefusedCloses() async throws {
        try await withGateway(answers: []) { gateway, _ in
            let client = try await gateway.connect()
            let fields = [("Host", "localhost"), ("Content-Length", "5"), ("Expect", "100-continue")]
            try await client.send(RawRequest.head("POST", "/nowhere", fields))
            let answer = try await client.answer()
            #expect(answer.status == 404)
            #expect(answer.field("connection") == "close")
            _ = try await client.untilClosed()
        }
    }

    @Test("HTTP/1.0 knows no go-ahead")
    func noContinueForOldVersion() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let fields = [("Expect", "100-continue")]
            let request = RawRequest.post("/v1/chat/completions", Sample.chat.body(), fields: fields, version: "1.0")
            let answer = try await gateway.send(request)
            #expect(answer.status == 200)
        }
    }

    @Test("a CONNECT is refused and closes")
    func connect() async throws {
        try await withGateway(answers: []) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(
                "CONNECT 127.0.0.1:\(upstream.port) HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\n\r\n"
            )
            let text = try await client.untilClosed()
            #expect(text.hasPrefix("HTTP/1.1 400"))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("HEAD gets the head of GET and no body", arguments: ["/health", "/v1/models"])
    func head(_ path: String) async throws {
        try await withGateway(answers: []) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(RawRequest.head("HEAD", path, [("Host", "localhost")]) + RawRequest.get(path))
            let head = try await client.answer(toHead: true)
            let whole = try await client.answer()
            #expect(head.status == 200)
            #expect(whole.status == 200)
            #expect(head.field("content-length") == "\(whole.body.count)")
            #expect(!whole.body.isEmpty)
        }
    }

    @Test("HEAD on a route that takes POST is a 405 without a body")
    func headOnPost() async throws {
        try await withGateway(answers: []) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(
                RawRequest.head("HEAD", "/v1/responses", [("Host", "localhost")]) + RawRequest.get("/health")
            )
            let head = try await client.answer(toHead: true)
            #expect(head.status == 405)
            let next = try await client.answer()
            #expect(next.status == 200)
        }
    }

    @Test("HTTP/1.0 gets a plain body and the end of the connection", arguments: Sample.allCases, [true, false])
    func oldVersion(_ sample: Sample, _ stream: Bool) async throws {
        try await withGateway(answers: [sample.answer(stream: stream)]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(RawRequest.post(sample.path, sample.body(stream: stream), version: "1.0"))
            let answer = try await client.answer()
            #expect(answer.status == 200)
            #expect(answer.field("transfer-encoding") == nil)
            #expect(answer.bodyText == (stream ? sample.passedEvents().joined() : sample.whole))
            _ = try await client.untilClosed(within: .promptly)
        }
    }

    @Test("HTTP/1.0 with keep-alive keeps what has a length and closes after a stream")
    func oldKeepAlive() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false), Sample.chat.answer(stream: true)]) {
            gateway,
            _ in
            let client = try await gateway.connect()
            let keep = [("Connection", "keep-alive")]
            try await client.send(
                RawRequest.post("/v1/chat/completions", Sample.chat.body(), fields: keep, version: "1.0")
            )
            let first = try await client.answer()
            #expect(first.field("connection") == "keep-alive")
            let body = Sample.chat.body(stream: true)
            try await client.send(RawRequest.post("/v1/chat/completions", body, fields: keep, version: "1.0"))
            let text = try await client.untilClosed(within: .seconds(5))
            #expect(text.hasSuffix(Sample.chat.passedEvents().joined()))
        }
    }

    @Test("an offer to upgrade to HTTP/2 is ignored, and the connection goes on", arguments: Sample.allCases)
    func upgradeIsIgnored(_ sample: Sample) async throws {
        let offer = [
            ("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"),
            ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA"),
        ]
        try await withGateway(answers: [sample.answer(stream: false)]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request(fields: offer))
            let first = try await client.answer()
            #expect(first.status == 200)
            #expect(first.bodyText == sample.whole)
            if first.field("connection") == nil {
                try await client.send(sample.request())
                let second = try await client.answer()
                #expect(second.status == 200)
            } else {
                _ = try await client.untilClosed(within: .promptly)
            }
            #expect(upstream.requests.allSatisfy { $0.field("upgrade") == nil && $0.field("http2-settings") == nil })
        }
    }

    @Test("connections over the limit are closed at once, and a free place serves again")
    func connectionLimit() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)], { $0.limits.connections = 2 }) {
            gateway,
            _ in
            let held = [try await gateway.connect(), try await gateway.connect()]
            _ = try await eventually("two connections") { try await gateway.status("connections") == 2 ? true : nil }
            let third = try await gateway.connect()
            #expect(try await third.untilClosed(within: .seconds(5)).isEmpty)
            held[0].close()
            _ = try await eventually("one connection") { try await gateway.status("connections") == 1 ? true : nil }
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 200)
        }
    }

    @Test("over TLS the same answers come", arguments: Sample.allCases)
    func overTLS(_ sample: Sample) async throws {
        let files = GatewaySettings.TLS(certificateFile: TestCertificate.valid.file, keyFile: TestCertificate.keyFile)
        try await withGateway(answers: [sample.answer(stream: true)], { $0.tls = files }) { gateway, _ in
            let client = try await gateway.connect(tls: true)
            for _ in 0..<2 {
                try await client.send(sample.request(stream: true))
                let answer = try await client.answer()
                #expect(answer.bodyText == sample.passedEvents().joined())
            }
            client.close()
        }
    }

    @Test("a plain request on the TLS port is refused without harm")
    func plainOnTLS() async throws {
        let files = GatewaySettings.TLS(certificateFile: TestCertificate.valid.file, keyFile: TestCertificate.keyFile)
        try await withGateway(answers: [], { $0.tls = files }) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request())
            _ = try await client.untilClosed()
            #expect(upstream.requests.isEmpty)
            let good = try await gateway.connect(tls: true)
            try await good.send(RawRequest.get("/health"))
            let answer = try await good.answer()
            #expect(answer.status == 200)
            good.close()
        }
    }
}
