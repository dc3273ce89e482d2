@testable import Gateway

/// Families with everything that the formats have to say: `Tests/Fixtures/Metrics` has them as they are written.
enum ScrapeSamples {
    static let families = [requests, connections, budgets, processor, overhead, tokens, waits]

    private static let requests = numbers(
        MetricName(
            .counter,
            "torii_requests",
            "Requests by \"dialect\" and tenant\\team,\nin all.",
            labels: ["dialect", "tenant"]
        ),
        [(["chat", "local"], 3), (["", "a\\b\"c\nd ü"], 1.5)]
    )

    private static let connections = numbers(
        MetricName(.gauge, "torii_connections", "Open connections."),
        [([], 12)]
    )

    private static let budgets = numbers(
        MetricName(.gauge, "torii_budget_remaining_usd", "What is left.", labels: ["name"]),
        [(["a"], .infinity), (["b"], -0.25), (["c"], 1e-7), (["d"], .nan), (["e"], 1e21)]
    )

    private static let processor = numbers(
        MetricName(.counter, "process_cpu_seconds", "Time of the processor."),
        [([], 12.5)]
    )

    private static let overhead: MetricFamily = {
        var table = SeriesTable(
            MetricName(
                .histogram,
                "torii_overhead_seconds",
                "Time inside the gateway.",
                labels: ["tenant"],
                bounds: [0.00005, 0.5, 1]
            ),
            most: 10
        )
        let index = table.index(of: ["local"])
        let short = 0.000030517578125
        let first = Exemplar(requestID: "req_1", value: short, at: 1_700_000_000.5)
        let second = Exemplar(requestID: "req_2", value: 0.5, at: 1_700_000_001)
        // OpenMetrics allows 128 characters, the label's name among them.
        let long = Exemplar(requestID: String(repeating: "r", count: 119), value: 8, at: 1_700_000_002)
        table.note(short, at: index, exemplar: first)
        table.note(0.25, at: index)
        table.note(0.5, at: index, exemplar: second)
        table.note(8, at: index, exemplar: long)
        return table.snapshot()
    }()

    private static let tokens: MetricFamily = {
        var table = SeriesTable(
            MetricName(
                .histogram,
                "gen_ai_client_token_usage",
                "Tokens of a request.",
                bounds: [1, 1_024, 1_048_576, 10_000_000]
            ),
            most: 10
        )
        let index = table.index(of: [])
        for value in [1, 1_000, 2_000_000] as [Double] { table.note(value, at: index) }
        return table.snapshot()
    }()

    private static let waits = MetricFamily(
        name: MetricName(
            .histogram,
            "torii_queue_wait_seconds",
            "Waits nobody had yet.",
            labels: ["provider"],
            bounds: [1]
        )
    )

    private static func numbers(_ name: MetricName, _ values: [([String], Double)]) -> MetricFamily {
        let series = values.map { labels, value in MetricFamily.Series(labels: labels, value: .number(value)) }
        return MetricFamily(name: name, series: series)
    }
}
