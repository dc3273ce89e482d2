import Dialects
import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("One line for each request")
struct AccessLogTests {
    private static let head = ["time", "level", "event", "request_id", "route"]

    @Test("an exchange that went well has exactly these members", arguments: Sample.allCases, [true, false])
    func ok(_ sample: Sample, _ stream: Bool) async throws {
        try await withGateway(answers: [sample.answer(stream: stream)]) { gateway, _ in
            let answer = try await gateway.send(sample.request(model: "house/m", stream: stream))
            let record = try await gateway.log.record()
            #expect(record["time"]?.utf8.count == 24)
            #expect(
                record.names == Self.head + [
                    "client", "dialect", "provider", "model", "upstream_model", "stream", "status", "outcome",
                    "bytes_in", "bytes_out", "input_tokens", "output_tokens", "cost_usd", "first_byte_us",
                ] + (stream ? ["first_token_us"] : []) + ["total_us"]
            )
            #expect(record["level"] == "info" && record["event"] == "request" && record["outcome"] == "ok")
            #expect(record["request_id"] == answer.field("x-request-id"))
            #expect(record["route"] == "POST \(sample.path)")
            #expect(record["dialect"] == sample.endpoint.dialect.rawValue)
            #expect(record["provider"] == "house" && record["model"] == "house/m" && record["upstream_model"] == "m")
            #expect(record.view["stream"]?.bool == stream)
            #expect(record.number("status") == 200)
            #expect(record.number("bytes_in") == sample.body(model: "house/m", stream: stream).utf8.count)
            #expect(record.number("bytes_out") == answer.body.count)
            #expect(record.number("input_tokens") == 3 && record.number("output_tokens") == 2)
            let first = try #require(record.number("first_byte_us"))
            let total = try #require(record.number("total_us"))
            #expect(first > 0 && total >= first)
            #expect(gateway.log.lines.count == 1)
        }
    }

    @Test("cached and reasoning tokens are on the record where the provider says them")
    func fineUsage() async throws {
        let usage =
            #"{"prompt_tokens":9,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":5}}"#
        try await withGateway(answers: [Answer.json(#"{"id":"c","usage":\#(usage)}"#)]) { gateway, _ in
            _ = try await gateway.send(Sample.chat.request())
            let record = try await gateway.log.record()
            #expect(record.number("cached_input_tokens") == 4)
            #expect(record.number("reasoning_tokens") == 5)
        }
    }

    @Test("a refused exchange has exactly these members", arguments: Sample.allCases)
    func refused(_ sample: Sample) async throws {
        try await withGateway(answers: []) { gateway, _ in
            _ = try await gateway.send(RawRequest.post(sample.path, "{"))
            let record = try await gateway.log.record()
            #expect(
                record.names == Self.head + [
                    "client", "dialect", "stream", "status", "outcome", "code", "bytes_in", "bytes_out",
                    "first_byte_us", "total_us",
                ]
            )
            #expect(record["outcome"] == "refused" && record.number("status") == 400 && record.number("bytes_in") == 1)
        }
    }

    @Test("a path that is none never stands in the log")
    func unknownRoute() async throws {
        try await withGateway(answers: []) { gateway, _ in
            _ = try await gateway.send(RawRequest.get("/canary?canary=1"))
            let record = try await gateway.log.record()
            #expect(record["route"] == "unknown" && record["code"] == "route_not_found")
            #expect(!record.line.contains("canary"))
        }
    }

    @Test("a failed exchange has exactly these members", arguments: Sample.allCases)
    func failed(_ sample: Sample) async throws {
        try await withGateway(answers: [Answer.json("busy", status: 503)]) { gateway, _ in
            _ = try await gateway.send(sample.request())
            let record = try await gateway.log.record()
            var names = Self.head + ["client", "dialect", "provider", "model", "stream", "status"]
            if sample == .messages { names.append("upstream_status") }
            names += ["outcome", "code", "cause", "bytes_in", "bytes_out", "first_byte_us", "total_us"]
            #expect(record.names == names)
            #expect(record["outcome"] == "failed" && record["code"] == "server_is_overloaded")
        }
    }

    @Test("an interrupted exchange has exactly these members", arguments: Sample.allCases)
    func interrupted(_ sample: Sample) async throws {
        let steps = [Answer.chunkedHead(), Answer.chunk(sample.events()[0]), .close]
        try await withGateway(answers: [steps]) { gateway, _ in
            let answer = try await gateway.send(sample.request(stream: true))
            let record = try await gateway.log.record()
            let usage = sample == .messages ? ["input_tokens", "output_tokens"] : []
            let token = sample == .completions ? ["first_token_us"] : []
            #expect(
                record.names == Self.head + [
                    "client", "dialect", "provider", "model", "stream", "status", "outcome", "code", "cause",
                    "bytes_in", "bytes_out",
                ] + usage + ["estimated", "cost_usd", "first_byte_us"] + token + ["total_us"]
            )
            #expect(record["outcome"] == "interrupted" && record["code"] == "upstream_interrupted")
            #expect(record.number("bytes_out") == answer.body.count)
        }
    }

    @Test("a client that left has exactly these members", arguments: Sample.allCases)
    func clientGone(_ sample: Sample) async throws {
        try await withGateway(answers: [[.stall]]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request())
            _ = try await upstream.request()
            client.close()
            let record = try await gateway.log.record()
            #expect(
                record.names == Self.head + [
                    "client", "dialect", "provider", "model", "stream", "status", "outcome", "bytes_in", "bytes_out",
                    "estimated", "cost_usd", "total_us",
                ]
            )
            #expect(record["outcome"] == "client_gone" && record.number("status") == 499)
        }
    }

    @Test(
        "T13: no secret stands in a line or in an error, however the exchange ended",
        arguments: LogSettings.Format.allCases
    )
    func canaries(_ format: LogSettings.Format) async throws {
        let echo =
            #"{"error":{"message":"bad key canary-provider and canary-header","type":"invalid_request_error","code":"invalid_api_key"}}"#
        let upstream = try await ScriptedUpstream.start(answers: [
            Answer.json(echo, status: 401), Answer.json(Sample.chat.whole), [.close], Answer.json(echo, status: 500),
            [Answer.chunkedHead(), .close],
        ])
        var provider = try Provider.scripted(upstream)
        provider.apiKey = Secret("canary-provider")
        provider.headers = [HeaderField(name: "x-secret", value: Secret("canary-header"))]
        let change: (inout GatewaySettings) -> Void = {
            $0.clientKeys = [Secret("canary-client")]
            $0.log.format = format
        }
        try await withGateway([provider], change) { gateway in
            var said = ""
            for number in 0..<5 {
                let answer = try await gateway.send(
                    Sample.chat.request(fields: [("Authorization", "Bearer canary-client")])
                )
                // What the provider itself says in the caller's dialect is its own.
                if number != 3 { said += answer.bodyText }
            }
            for fields in [
                [("Authorization", "Bearer canary-wrong")], [("x-api-key", "canary-a"), ("api-key", "canary-b")],
            ] {
                said += try await gateway.send(Sample.chat.request(fields: fields)).bodyText
            }
            let fields = [("Authorization", "Bearer canary-client"), ("x-provider", "canary-name")]
            said += try await gateway.send(Sample.chat.request(fields: fields)).bodyText
            let lines = try await gateway.log.lines(8)
            #expect(!said.contains("canary"), "\(said)")
            #expect(!lines.joined().contains("canary"), "\(lines)")
        }
        await upstream.shutdown()
    }

    @Test("a hostile model's name stays within its line and its value", arguments: LogSettings.Format.allCases)
    func hostileNames(_ format: LogSettings.Format) async throws {
        let names = [#"a b status=200"#, #"a\"b"#, #"a\\nb"#, #"é\u2028x"#, #"x=1"#, #"\u202Ecod"#, #"{}"#]
        try await withGateway(answers: [Sample.chat.answer(stream: false)], { $0.log.format = format }) { gateway, _ in
            for name in names { _ = try await gateway.send(Sample.chat.request(model: name)) }
            _ = try await gateway.send(Sample.chat.request(model: #"a\nb"#))
            let lines = try await gateway.log.lines(names.count + 1)
            #expect(lines.count == names.count + 1)
            for (line, name) in zip(lines, names) {
                guard format == .json else {
                    #expect(line.contains(" request request_id=req_"))
                    #expect(line.ranges(of: " status=").count == (name.contains(" ") ? 2 : 1))
                    #expect(line.contains(" model=\"") == (name != "x=1" && name != "{}"))
                    continue
                }
                let view = try JSONDocument(Array("\"\(name)\"".utf8)).root
                #expect(try LoggedRequest(line)["model"] == view.string)
            }
        }
    }

    @Test("no line is written where none is wanted")
    func switchedOff() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)], { $0.log.requests = false }) { gateway, _ in
            _ = try await gateway.send(Sample.chat.request())
            let settled = try await gateway.status("exchanges_settled")
            #expect(settled == 1)
            #expect(gateway.log.text.isEmpty)
        }
    }

    @Test("many requests at once have one line each")
    func manyAtOnce() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: true)]) { gateway, _ in
            let ids = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        let client = try await gateway.connect()
                        var ids: [String] = []
                        for _ in 0..<20 {
                            try await client.send(Sample.chat.request(stream: true))
                            ids.append(try await client.answer().field("x-request-id") ?? "")
                        }
                        client.close()
                        return ids
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let lines = try await gateway.log.lines(200)
            let logged = try lines.map { try LoggedRequest($0)["request_id"] ?? "" }
            #expect(lines.count == 200)
            #expect(Set(logged) == Set(ids))
            #expect(Set(logged).count == 200)
        }
    }
}
