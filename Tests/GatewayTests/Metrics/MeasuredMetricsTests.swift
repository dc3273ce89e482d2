import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("What is measured when somebody asks")
struct MeasuredMetricsTests {
    @Test("the process, the build and the loops are there, each loop once")
    func process() async throws {
        try await withGateway([], { ($0.version, $0.threads) = ("1.2.3", 2) }) { gateway in
            let metrics = try await gateway.metrics()
            #expect(metrics.value("torii_build_info", ["version": "1.2.3"]) == 1)
            #expect(metrics.values(of: "loop", "torii_event_loop_lag_seconds") == ["0", "1"])
            #expect(metrics.value("torii_overload_shedding", ["reason": "memory"]) == 0)
            #expect(metrics.value("torii_certificate_expiry_timestamp_seconds") == nil)
            #if os(Linux)
            for name in ["resident_memory_bytes", "virtual_memory_bytes", "open_fds", "threads"] {
                let value = try #require(metrics.value("process_\(name)"))
                #expect(value > 0, "\(name)")
            }
            let start = try #require(metrics.value("process_start_time_seconds"))
            #expect(start > 1_700_000_000 && start <= WallClock.seconds() + 1)
            let processor = try #require(metrics.value("process_cpu_seconds_total"))
            #expect(processor > 0)
            #endif
        }
    }

    @Test("a reload that fails shows, and one that succeeds is the next generation")
    func reload() async throws {
        try await withReload([]) { test in
            let first = try await test.gateway.metrics()
            #expect(first.value("torii_config_last_reload_success") == 1)
            #expect(first.value("torii_config_generation") == 1)
            _ = try await test.take(ReloadProblem([.init("x", "wrong")]))
            let failed = try await test.gateway.metrics()
            #expect(failed.value("torii_config_last_reload_success") == 0)
            #expect(failed.value("torii_config_generation") == 1)
            _ = try await test.take([])
            let good = try await test.gateway.metrics()
            #expect(good.value("torii_config_last_reload_success") == 1)
            #expect(good.value("torii_config_generation") == 2)
            let time = try #require(good.value("torii_config_last_reload_timestamp_seconds"))
            #expect(time > 1_700_000_000)
        }
    }

    @Test("a tenant's requests, what it spends and what its budgets leave are under its id")
    func tenants() async throws {
        let price = Price(input: 1_000_000_000, output: 2_000_000_000)
        try await LimitWorld.run(
            [Sample.chat.answer(stream: false)],
            settings: { $0.prices.unknown = .standard(price) }
        ) { world in
            let key = try world.key(#""daily_budget":20"#)
            try await world.settled()
            #expect(try await world.send(.chat, key, extra: #""max_tokens":2,"#).status == 200)
            let id = try #require(try world.office.ids("tenants").first)
            let metrics = try await world.gateway.metrics("torii_requests_total", ["tenant": id], are: 1)
            #expect(metrics.value("torii_cost_usd_total", ["tenant": id, "provider": "house"]) == 0.007)
            #expect(metrics.value("torii_tenant_in_flight_requests", ["tenant": id]) == 0)
            let day = ["scope": "tenant", "name": "t", "period": "day", "tenant": id]
            #expect(metrics.value("torii_budget_limit_usd", day) == 50)
            #expect(metrics.value("torii_budget_used_usd", day) == 0.007)
            #expect(metrics.value("torii_budget_remaining_usd", day) == 49.993)
            let own = ["scope": "key", "period": "day", "tenant": id]
            #expect(metrics.value("torii_budget_limit_usd", own) == 20)
            #expect(metrics.value("torii_budget_limit_usd", ["scope": "key", "period": "month"]) == nil)
            try await world.gateway.metrics("torii_journal_pending_records", are: 0)
        }
    }
}
