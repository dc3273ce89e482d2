import Dialects
import Inference
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("What requests are counted in")
struct RequestMetricsTests {
    /// Runs a gateway in front of one provider whose model is `m`.
    private func withHouse(
        _ answers: [[Step]],
        dialect: Dialect? = nil,
        _ change: (inout GatewaySettings) -> Void = { _ in },
        body: (GatewayUnderTest, ScriptedUpstream) async throws -> Void
    ) async throws {
        try await withUpstreams(answers) { upstreams in
            var house = try Provider.scripted(upstreams[0], model: "m")
            house.dialect = dialect
            try await withGateway([house], change) { try await body($0, upstreams[0]) }
        }
    }

    private static func operation(_ sample: Sample) -> String { sample == .completions ? "text_completion" : "chat" }

    @Test("a good one counts once everywhere it should", arguments: Sample.allCases, [true, false])
    func good(_ sample: Sample, _ stream: Bool) async throws {
        try await withHouse([sample.answer(stream: stream)]) { gateway, _ in
            #expect(try await gateway.send(sample.request(stream: stream)).status == 200)
            let dialect = sample.endpoint.dialect.rawValue
            let metrics = try await gateway.metrics("torii_requests_total", ["dialect": dialect], are: 1)
            let whole = [
                "dialect": dialect, "provider": "house", "model": "m", "status_class": "2xx", "outcome": "ok",
                "tenant": "local",
            ]
            #expect(metrics.value("torii_requests_total", whole) == 1)
            let http = ["method": "POST", "route": sample.path, "status_code": "200", "tenant": "local"]
            #expect(metrics.value("http_request_duration_seconds_count", http) == 1)
            let model = [
                "gen_ai_operation_name": Self.operation(sample), "gen_ai_provider_name": "house",
                "gen_ai_request_model": "m", "tenant": "local",
            ]
            let good = model.merging(["error_type": ""]) { $1 }
            #expect(metrics.value("gen_ai_server_request_duration_seconds_count", good) == 1)
            #expect(metrics.value("gen_ai_client_operation_duration_seconds_count", good) == 1)
            for (kind, tokens) in [("input", 3.0), ("output", 2.0)] {
                let labels = model.merging(["gen_ai_token_type": kind]) { $1 }
                #expect(metrics.value("gen_ai_client_token_usage_sum", labels) == tokens)
                #expect(metrics.value("torii_tokens_total", ["kind": kind, "provider": "house"]) == tokens)
            }
            #expect(metrics.value("torii_tokens_total", ["kind": "reasoning"]) == nil)
            let first = metrics.value("gen_ai_server_time_to_first_token_seconds_count", model)
            let rest = metrics.value("gen_ai_server_time_per_output_token_seconds_count", model)
            #expect(first == (stream ? 1 : nil) && rest == (stream ? 1 : nil))
            #expect(metrics.value("torii_attempts_total", ["provider": "house", "outcome": "ok"]) == 1)
            #expect(metrics.value("torii_overhead_seconds_count", ["dialect": dialect]) == 1)
            for name in [
                "torii_retries_total", "torii_fallbacks_total", "torii_rejections_total", "torii_translations_total",
                "torii_client_disconnects_total", "torii_queue_wait_seconds_count",
            ] {
                #expect(metrics.value(name) == nil, "\(name)")
            }
        }
    }

    @Test("time that a provider takes is not the gateway's own")
    func overhead() async throws {
        let (gate, clock) = (Gate(), SteppedClock())
        var pool = Pool()
        pool.clock = clock
        try await pool.run([[[.wait(gate)] + Sample.chat.answer(stream: false)]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request())
            _ = try await upstreams[0].request()
            try await clock.advance(by: .seconds(5))
            gate.open()
            _ = try await client.answer()
            let metrics = try await gateway.metrics("torii_overhead_seconds_count", are: 1)
            #expect(metrics.value("http_request_duration_seconds_sum") == 5)
            #expect(metrics.value("gen_ai_client_operation_duration_seconds_sum") == 5)
            #expect(metrics.value("torii_overhead_seconds_sum") == 0)
        }
    }

    @Test("a refusal counts by its reason, and asks nobody", arguments: Sample.allCases)
    func refused(_ sample: Sample) async throws {
        try await withHouse([]) { gateway, _ in
            _ = try await gateway.send(RawRequest.post(sample.path, "{"))
            let code = try #require(try await gateway.log.record()["code"])
            let metrics = try await gateway.metrics("torii_rejections_total", are: 1)
            #expect(metrics.value("torii_rejections_total", ["reason": code, "tenant": "local"]) == 1)
            #expect(metrics.value("torii_requests_total", ["outcome": "refused", "status_class": "4xx"]) == 1)
            #expect(metrics.value("torii_attempts_total") == nil)
            #expect(metrics.value("torii_overhead_seconds_count") == nil)
            #expect(metrics.value("gen_ai_server_request_duration_seconds_count", ["error_type": code]) == 1)
        }
    }

    @Test("a failure counts by its code", arguments: Sample.allCases)
    func failed(_ sample: Sample) async throws {
        try await withHouse([Answer.json("busy", status: 503)]) { gateway, _ in
            _ = try await gateway.send(sample.request())
            let error = "server_is_overloaded"
            let metrics = try await gateway.metrics("torii_requests_total", ["outcome": "failed"], are: 1)
            #expect(metrics.value("torii_requests_total", ["status_class": "5xx"]) == 1)
            #expect(metrics.value("torii_attempts_total", ["provider": "house", "outcome": error]) == 1)
            for name in ["gen_ai_server_request_duration", "gen_ai_client_operation_duration"] {
                #expect(metrics.value("\(name)_seconds_count", ["error_type": error]) == 1, "\(name)")
            }
            #expect(metrics.value("torii_rejections_total") == nil)
        }
    }

    @Test("a stream that breaks off tells nothing of how soon and how fast tokens come")
    func broken() async throws {
        let events = Sample.chat.events(["Hel", "lo", "!"])
        let steps: [Step] = [Answer.chunkedHead()] + events.prefix(2).map { Answer.chunk($0) } + [.close]
        try await withHouse([steps]) { gateway, _ in
            _ = try await gateway.send(Sample.chat.request(stream: true))
            let metrics = try await gateway.metrics("torii_requests_total", ["outcome": "interrupted"], are: 1)
            #expect(metrics.value("gen_ai_server_request_duration_seconds_count") == 1)
            #expect(metrics.value("gen_ai_server_time_to_first_token_seconds_count") == nil)
            #expect(metrics.value("gen_ai_server_time_per_output_token_seconds_count") == nil)
        }
    }

    @Test("a client that leaves counts by its route", arguments: Sample.allCases)
    func left(_ sample: Sample) async throws {
        try await withHouse([[.stall]]) { gateway, upstream in
            let client = try await gateway.connect()
            try await client.send(sample.request())
            _ = try await upstream.request()
            let running = try await gateway.metrics("torii_in_flight_requests", are: 1)
            #expect(running.value("torii_provider_in_flight_requests", ["provider": "house"]) == 1)
            #expect(running.value("torii_connections") == 1)
            client.close()
            let gone = ["route": sample.path, "tenant": "local"]
            let metrics = try await gateway.metrics("torii_client_disconnects_total", gone, are: 1)
            #expect(metrics.value("torii_requests_total", ["outcome": "client_gone", "status_class": "4xx"]) == 1)
            #expect(metrics.value("torii_in_flight_requests") == 0)
        }
    }

    @Test("an answer in another dialect counts as translated, from one to the other")
    func translated() async throws {
        try await withHouse([Sample.messages.answer(stream: false)], dialect: .messages) { gateway, _ in
            #expect(try await gateway.send(Sample.chat.request()).status == 200)
            let pair = ["from": "chat", "to": "messages", "tenant": "local"]
            try await gateway.metrics("torii_translations_total", pair, are: 1)
        }
    }

    @Test("retries count at the provider, a fallback by what led to it and who ended it")
    func attempts() async throws {
        let busy = Answer.json("busy", status: 503)
        let good = Sample.chat.answer(stream: false)
        try await Pool(policy: .quick(retries: 1)).run([[busy, busy], [good]]) { gateway, _ in
            #expect(try await gateway.send(Sample.chat.request()).status == 200)
            let metrics = try await gateway.metrics("torii_fallbacks_total", are: 1)
            let error = "server_is_overloaded"
            let over = ["cause": error, "provider": "two", "tenant": "local"]
            #expect(metrics.value("torii_fallbacks_total", over) == 1)
            #expect(metrics.value("torii_retries_total", ["provider": "one"]) == 1)
            #expect(metrics.value("torii_retries_total", ["provider": "two"]) == nil)
            #expect(metrics.value("torii_attempts_total", ["provider": "one", "outcome": error]) == 2)
            #expect(metrics.value("torii_attempts_total", ["provider": "two", "outcome": "ok"]) == 1)
            let one = ["gen_ai_provider_name": "one", "gen_ai_request_model": "m", "error_type": error]
            #expect(metrics.value("gen_ai_client_operation_duration_seconds_count", one) == 2)
            let two = ["gen_ai_provider_name": "two", "error_type": ""]
            #expect(metrics.value("gen_ai_client_operation_duration_seconds_count", two) == 1)
            #expect(metrics.value("gen_ai_server_request_duration_seconds_count") == 1)
        }
    }

    @Test("a wait for a place counts when it is over, and shows while it lasts")
    func queue() async throws {
        let gate = Gate()
        let good = Sample.chat.answer(stream: false)
        let pool = Pool(
            policy: .quick(retries: 0),
            provider: { _, provider in provider.limits.concurrency = 1 }
        )
        try await pool.run([[[.wait(gate)] + good, good]]) { gateway, upstreams in
            let running = try await gateway.connect()
            try await running.send(Sample.chat.request())
            _ = try await upstreams[0].request()
            let waiting = try await gateway.connect()
            try await waiting.send(Sample.chat.request())
            let metrics = try await gateway.metrics("torii_queue_length", ["provider": "one"], are: 1)
            #expect(metrics.value("torii_queue_wait_seconds_count") == nil)
            #expect(metrics.value("torii_breaker_state", ["provider": "one", "credential": "0"]) == 0)
            gate.open()
            for client in [running, waiting] { _ = try await client.answer() }
            let name = "torii_queue_wait_seconds_count"
            let after = try await gateway.metrics(name, ["provider": "one", "tenant": "local"], are: 1)
            #expect(after.value("torii_queue_length", ["provider": "one"]) == 0)
        }
    }

    @Test("what asks no model is counted as a request and in nothing of models")
    func lists() async throws {
        try await withHouse([]) { gateway, _ in
            _ = try await gateway.send(RawRequest.get("/v1/models"))
            _ = try await gateway.send(RawRequest.get("/nowhere/at/all"))
            let listed = ["method": "GET", "route": "/v1/models", "status_code": "200", "tenant": "local"]
            let metrics = try await gateway.metrics("http_request_duration_seconds_count", listed, are: 1)
            let unknown = ["method": "", "route": "unknown", "status_code": "404", "tenant": ""]
            #expect(metrics.value("http_request_duration_seconds_count", unknown) == 1)
            #expect(metrics.value("gen_ai_server_request_duration_seconds_count") == nil)
        }
    }
}
