import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("What callers can make of the metrics")
struct MetricsBoundTests {
    @Test("T9: random models, paths, keys and user agents make no series, and what has names without end is capped")
    func flood() async throws {
        let aliases = (0..<60).map { ModelAlias("known-\($0)", model: "known-\($0)") }
        let change: (inout GatewaySettings) -> Void = {
            $0.aliases = aliases
            $0.metrics.maximumSeries = 40
        }
        try await withGateway(answers: [Sample.chat.answer(stream: false)], change) { gateway, _ in
            let client = try await gateway.connect()
            defer { client.close() }
            func flood(_ numbers: Range<Int>) async throws {
                for number in numbers {
                    let word = "canary-\(number)-\(UInt64.random(in: 0...UInt64.max))"
                    let fields = [("User-Agent", word), ("x-api-key", word), ("x-team", word)]
                    try await client.send(Sample.chat.request(model: word, fields: fields))
                    _ = try await client.answer()
                    try await client.send(RawRequest.get("/v1/\(word)?\(word)", fields: fields))
                    _ = try await client.answer()
                }
            }
            try await flood(0..<5)
            let few = try await gateway.metrics("torii_requests_total", ["model": "other"], are: 5)
            try await flood(5..<60)
            let many = try await gateway.metrics("torii_requests_total", ["model": "other"], are: 60)
            #expect(!many.text.contains("canary"))
            #expect(many.value("torii_series") == few.value("torii_series"))
            #expect(many.value("http_request_duration_seconds_count", ["route": "unknown"]) == 60)
            #expect(many.values(of: "tenant", "torii_requests_total").isSubset(of: ["local", ""]))

            for number in 0..<60 {
                try await client.send(Sample.chat.request(model: "known-\(number)"))
                #expect(try await client.answer().status == 200)
            }
            let full = try await gateway.metrics("torii_requests_total", are: 180)
            let series = full.samples.filter { $0.name == "torii_requests_total" }
            #expect(series.count == 40, "\(series.count)")
            let rest = series.filter { $0.labels.values.allSatisfy { $0 == "other" } }
            #expect(rest.count == 1 && rest[0].value > 0)
            let overflowed = full.value("torii_series_overflowed_total", ["name": "torii_requests"])
            #expect(overflowed ?? 0 > 0)
        }
    }

    @Test("T13: no secret stands in a line of /metrics, however exchanges ended")
    func canaries() async throws {
        let echo =
            #"{"error":{"message":"bad key canary-provider and canary-header","type":"invalid_request_error","code":"canary_code"}}"#
        let answers: [[Step]] = [
            Answer.json(echo, status: 401), Answer.json(Sample.chat.whole), [.close], Answer.json(echo, status: 500),
            [Answer.chunkedHead(), .close],
        ]
        try await withUpstreams(answers) { upstreams in
            var provider = try Provider.scripted(upstreams[0])
            provider.apiKey = Secret("canary-provider")
            provider.headers = [HeaderField(name: "x-secret", value: Secret("canary-header"))]
            let change: (inout GatewaySettings) -> Void = {
                $0.clientKeys = [Secret("canary-client-key")]
                $0.metrics.token = Secret("canary-scrape-token")
            }
            try await withGateway([provider], change) { gateway in
                let good = [("Authorization", "Bearer canary-client-key")]
                for _ in 0..<5 { _ = try await gateway.send(Sample.chat.request(fields: good)) }
                let odd: [[(String, String)]] = [
                    [("Authorization", "Bearer canary-wrong")], [("x-api-key", "canary-a"), ("api-key", "canary-b")],
                    [good[0], ("x-provider", "canary-name")], [good[0], ("User-Agent", "canary-agent")],
                ]
                for fields in odd {
                    _ = try await gateway.send(Sample.chat.request(model: "canary-model", fields: fields))
                }
                _ = try await gateway.send(RawRequest.get("/canary?canary=1", fields: good))
                for accept in ["text/plain", "application/openmetrics-text"] {
                    let fields = [("Accept", accept)]
                    let key = "canary-scrape-token"
                    let answer = try await gateway.administer("GET", "/metrics", key: key, fields: fields)
                    #expect(answer.status == 200 && answer.bodyText.contains("torii_attempts_total"))
                    #expect(!answer.bodyText.contains("canary"))
                }
            }
        }
    }

    @Test("a name has as many series as it may, over all event loops, and each stays where it was")
    func register() {
        let register = SeriesRegister(most: 3)
        let first = ["a", "t"]
        #expect(register.admitted(first, to: .disconnects) == first)
        #expect(register.admitted(["b", "t"], to: .disconnects) == ["b", "t"])
        #expect(register.admitted(["c", "t"], to: .disconnects) == ["other", "other"])
        #expect(register.admitted(first, to: .disconnects) == first)
        #expect(register.admitted(["c", "t"], to: .rejections) == ["c", "t"])
        #expect(register.count == 4)
        #expect(register.overflowed.filter { $0.count > 0 }.map(\.name.name) == ["torii_client_disconnects"])
    }
}
