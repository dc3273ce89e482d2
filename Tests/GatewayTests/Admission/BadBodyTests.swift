import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Bodies that no upstream gets to see")
struct BadBodyTests {
    /// Sends each body, and expects a refusal in the caller's dialect with its request id, and a connection that goes on.
    private func refused(
        _ sample: Sample,
        _ bodies: [String],
        status: Int = 400,
        then check: (RawAnswer, String) -> Void = { _, _ in }
    ) async throws {
        try await withGateway(answers: [sample.answer(stream: false)]) { gateway, upstream in
            let client = try await gateway.connect()
            for body in bodies {
                try await client.send(RawRequest.post(sample.path, body))
                let answer = try await client.answer()
                #expect(answer.status == status, "\(body)")
                #expect(answer.bodyText.hasPrefix(sample.errorMark), "\(body)")
                let id = try #require(answer.field("x-request-id"))
                if sample == .messages { #expect(answer.bodyText.contains(id)) }
                check(answer, body)
            }
            #expect(upstream.requests.isEmpty)
            let lines = try await gateway.log.lines(bodies.count)
            #expect(lines.allSatisfy { $0.contains(#""outcome":"refused""#) })
            try await gateway.isIdle()
        }
    }

    @Test("B1: invalid JSON is a 400 with the byte offset", arguments: Sample.allCases)
    func invalidJSON(_ sample: Sample) async throws {
        let whole = sample.body()
        let bodies = [
            whole + "x", String(whole.dropLast()), "{'model':1}", "", "  ", "[]", "null", "{\"model\":\"m\",\"a\":nul}",
        ]
        try await refused(sample, bodies) { answer, body in
            #expect(answer.bodyText.contains("byte") || body.isEmpty, "\(body): \(answer.bodyText)")
        }
    }

    @Test(
        "B2: too deep, doubled, trailing, marked and badly coded texts have codes of their own",
        arguments: Sample.allCases
    )
    func strictness(_ sample: Sample) async throws {
        let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        let bodies = [
            sample.body(extra: #""a":\#(deep),"#), sample.body(extra: #""\u006dodel":"n","#),
            sample.body(extra: #""a":{"b":1,"\u0062":2},"#),
            "\u{FEFF}" + sample.body(), String(sample.body().dropLast()) + ",}",
        ]
        try await withGateway(answers: [sample.answer(stream: false)]) { gateway, upstream in
            var codes: [String] = []
            for body in bodies {
                let answer = try await gateway.send(RawRequest.post(sample.path, body))
                #expect(answer.status == 400)
                let error = try JSONDocument(answer.body).root["error"]
                codes.append(error?["code"]?.string ?? error?["message"]?.string ?? "")
            }
            #expect(Set(codes).count >= 4, "\(codes)")
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test(
        "B2: invalid UTF-8 and UTF-16 are a 400",
        arguments: [
            Array("{\"model\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8),
            Array("{\"a\":\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"}".utf8),
            [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0x7B, 0x00, 0x7D, 0x00],
        ]
    )
    func badText(_ body: [UInt8]) async throws {
        try await withGateway(answers: []) { gateway, upstream in
            let client = try await gateway.connect()
            let head = [("Host", "localhost"), ("Content-Length", "\(body.count)")]
            try await client.send(Array(RawRequest.head("POST", "/v1/responses", head).utf8) + body)
            #expect(try await client.answer().status == 400)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B3: a length over the limit is a 413 before a byte of the body is sent")
    func announcedLength() async throws {
        try await withGateway(answers: [], { $0.limits.body = 1000 }) { gateway, upstream in
            for length in ["1001", "99999999999", "9223372036854775807"] {
                let client = try await gateway.connect()
                try await client.send(
                    RawRequest.head("POST", "/v1/responses", [("Host", "localhost"), ("Content-Length", length)])
                )
                #expect(try await client.answer().status == 413)
                _ = try await client.untilClosed()
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B3: a chunked body is cut at the limit", arguments: Sample.allCases)
    func chunkedLength(_ sample: Sample) async throws {
        try await withGateway(answers: [], { $0.limits.body = 100_000 }) { gateway, upstream in
            let client = try await gateway.connect()
            let chunk = "1000\r\n\(String(repeating: " ", count: 4096))\r\n"
            let head = RawRequest.head("POST", sample.path, [("Host", "localhost"), ("Transfer-Encoding", "chunked")])
            client.post(head + String(repeating: chunk, count: 100))
            let answer = try await client.answer()
            #expect(answer.status == 413)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            _ = try await client.untilClosed()
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B3: exactly the limit passes")
    func exactlyTheLimit() async throws {
        let body = Sample.chat.body()
        try await withGateway(answers: [Sample.chat.answer(stream: false)], { $0.limits.body = body.utf8.count }) {
            gateway,
            _ in
            let exact = try await gateway.send(RawRequest.post("/v1/chat/completions", body))
            #expect(exact.status == 200)
            let longer = try await gateway.send(RawRequest.post("/v1/chat/completions", body + " "))
            #expect(longer.status == 413)
        }
    }

    @Test(
        "B3: a body in a coding that is not known, or in several, is a 415 that names those that are",
        arguments: ["br", "compress", "identity, gzip", "gzip, zstd", "gzip;q=1"]
    )
    func compressed(_ coding: String) async throws {
        try await withGateway(answers: []) { gateway, upstream in
            let answer = try await gateway.send(Sample.chat.request(fields: [("Content-Encoding", coding)]))
            #expect(answer.status == 415)
            #expect(answer.bodyText.contains("unsupported_content_encoding"))
            #expect(answer.field("accept-encoding") == "gzip, deflate, zstd")
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B3: all bodies together are bounded, and the memory comes back")
    func bodiesTogether() async throws {
        let body = Sample.chat.body()
        try await withGateway(answers: [Sample.chat.answer(stream: false)], { $0.limits.bodiesInMemory = 100 }) {
            gateway,
            _ in
            let client = try await gateway.connect()
            let head = [("Host", "localhost"), ("Content-Length", "90")]
            try await client.send(RawRequest.head("POST", "/v1/chat/completions", head))
            _ = try await eventually("the exchange") {
                try await gateway.status("exchanges_in_flight") == 1 ? true : nil
            }
            let answer = try await gateway.send(RawRequest.post("/v1/chat/completions", body))
            #expect(answer.status == 503)
            #expect(answer.field("retry-after") == "1")
            client.close()
            try await gateway.isIdle()
            #expect(try await gateway.send(RawRequest.post("/v1/chat/completions", body)).status == 200)
            #expect(try await gateway.send(RawRequest.post("/v1/chat/completions", body)).status == 200)
        }
    }

    @Test("B4: control characters in model, user and metadata are a 400", arguments: Sample.allCases)
    func controls(_ sample: Sample) async throws {
        let bodies = [#"a\u0000b"#, #"a\nb"#, #"a\u007f"#, #"a\u0085b"#].flatMap { text in
            [
                sample.body(model: text), sample.body(extra: #""user":"\#(text)","#),
                sample.body(extra: #""metadata":{"k":"\#(text)"},"#),
                sample.body(extra: #""metadata":{"\#(text)":1},"#),
            ]
        }
        try await refused(sample, bodies)
    }

    @Test("B4: an endless name for a model is a 400 that says how long one may be", arguments: Sample.allCases)
    func endlessName(_ sample: Sample) async throws {
        try await refused(sample, [sample.body(model: String(repeating: "m", count: 513))]) { answer, _ in
            #expect(answer.bodyText.contains("513") && answer.bodyText.contains("512"))
        }
    }

    @Test("B5: what is no integer is a 400 that names the field", arguments: Sample.allCases)
    func integers(_ sample: Sample) async throws {
        let field =
            switch sample {
            case .chat, .completions: "max_tokens"
            case .responses: "max_output_tokens"
            case .messages: "top_k"
            }
        let bodies = ["1e400", "1.5", "-1", "9223372036854775808", #""5""#, "true"].map { value in
            sample.body(extra: "\"\(field)\":\(value),")
        }
        try await refused(sample, bodies) { answer, _ in #expect(answer.bodyText.contains(field)) }
    }

    @Test("B13: members that aim the gateway elsewhere are a 400", arguments: Sample.allCases)
    func aims(_ sample: Sample) async throws {
        let names = [
            "api_base", "api_key", "extra_headers", "base_url", "api_version", "extra_body", #"api\u005fbase"#,
        ]
        try await refused(sample, names.map { sample.body(extra: "\"\($0)\":\"http://127.0.0.1/\",") })
    }

    @Test("B13: the same names deeper in the body are the caller's own business")
    func deeperNames() async throws {
        let body = Sample.chat.body(extra: #""metadata":{"api_base":"x"},"#)
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post("/v1/chat/completions", body))
            #expect(answer.status == 200)
            let request = try await upstream.request()
            #expect(request.bodyText == body)
        }
    }

    @Test(
        "B6: another type of content is a 415",
        arguments: [
            "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
            "application/json; charset=utf-16", "",
            "application/jsonx", "text/json, application/json",
        ]
    )
    func contentType(_ type: String) async throws {
        try await withGateway(answers: []) { gateway, upstream in
            for sample in Sample.allCases {
                let answer = try await gateway.send(RawRequest.post(sample.path, sample.body(), contentType: type))
                #expect(answer.status == 415)
                #expect(answer.bodyText.hasPrefix(sample.errorMark))
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test(
        "B6: JSON is taken under its usual names",
        arguments: [
            "application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8",
            "application/vnd.x+json", nil,
        ]
    )
    func goodContentType(_ type: String?) async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, _ in
            let answer = try await gateway.send(
                RawRequest.post("/v1/chat/completions", Sample.chat.body(), contentType: type)
            )
            #expect(answer.status == 200)
        }
    }
}
