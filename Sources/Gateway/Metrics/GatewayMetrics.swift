/// The names of all metrics of the gateway's own; `docs/metrics.md` says what each one means.
enum GatewayMetrics {
    /// Every one, in the order of the document.
    static let names: [MetricName] =
        Counted.allCases.map(\.name) + Measured.allCases.map(\.name) + ProcessMetrics.names

    /// What event loops count, a table each.
    enum Counted: Int, Sendable, Hashable, CaseIterable {
        case http, requests
        case serverDuration, firstToken, outputToken, tokenUsage, clientDuration
        case tokens, cost
        case attempts, retries, fallbacks, queueWait
        case translations, overhead, rejections, disconnects

        var name: MetricName { Self.names[rawValue] }

        private static let names = allCases.map(\.made)
    }

    /// What is looked up when somebody asks.
    enum Measured: Int, Sendable, Hashable, CaseIterable {
        case inFlight, tenantInFlight, connections, queueLength, providerInFlight, breaker
        case budgetLimit, budgetUsed, budgetRemaining
        case journalRecords, journalBytes, journalAge
        case reloadSuccess, reloadTime, generation
        case loopLag, certificateExpiry, build, shedding, series, overflowed

        var name: MetricName { Self.names[rawValue] }

        private static let names = allCases.map(\.made)
    }

    /// Everything that a request of a model is told apart by.
    fileprivate static let model = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"]

    // Those of the semantic conventions.
    fileprivate static let modelSeconds = [
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ]
    fileprivate static let firstTokenSeconds = [
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]
    fileprivate static let outputTokenSeconds = [
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5,
    ]
    fileprivate static let tokenCounts: [Double] = [
        1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
    ]
    fileprivate static let requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    fileprivate static let overheadSeconds = [
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
    ]
    fileprivate static let waitSeconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
}

extension GatewayMetrics.Counted {
    fileprivate var made: MetricName {
        switch self {
        case .http, .requests, .rejections, .disconnects, .translations, .overhead: ofRequests
        case .serverDuration, .firstToken, .outputToken, .tokenUsage, .clientDuration: ofModels
        case .tokens, .cost, .attempts, .retries, .fallbacks, .queueWait: ofProviders
        }
    }

    private var ofRequests: MetricName {
        switch self {
        case .http:
            MetricName(
                .histogram,
                "http_request_duration_seconds",
                "Time from a request's head to the end of its answer.",
                labels: ["method", "route", "status_code", "tenant"],
                bounds: GatewayMetrics.requestSeconds
            )
        case .requests:
            MetricName(
                .counter,
                "torii_requests",
                "Requests that are over, by how they ended.",
                labels: ["dialect", "provider", "model", "status_class", "outcome", "tenant"]
            )
        case .rejections:
            MetricName(
                .counter,
                "torii_rejections",
                "Requests that the gateway refused by itself.",
                labels: ["reason", "tenant"]
            )
        case .disconnects:
            MetricName(
                .counter,
                "torii_client_disconnects",
                "Requests whose client left before the end of the answer.",
                labels: ["route", "tenant"]
            )
        case .translations:
            MetricName(
                .counter,
                "torii_translations",
                "Requests that went to their provider in another dialect.",
                labels: ["from", "to", "tenant"]
            )
        default:
            MetricName(
                .histogram,
                "torii_overhead_seconds",
                "Time of a good answer that was spent inside the gateway.",
                labels: ["dialect", "tenant"],
                bounds: GatewayMetrics.overheadSeconds
            )
        }
    }

    private var ofModels: MetricName {
        switch self {
        case .serverDuration:
            MetricName(
                .histogram,
                "gen_ai_server_request_duration_seconds",
                "Time from the request of a model to the end of its answer.",
                labels: GatewayMetrics.model + ["error_type", "tenant"],
                bounds: GatewayMetrics.modelSeconds
            )
        case .firstToken:
            MetricName(
                .histogram,
                "gen_ai_server_time_to_first_token_seconds",
                "Time from a streamed request to the first token of its answer.",
                labels: GatewayMetrics.model + ["tenant"],
                bounds: GatewayMetrics.firstTokenSeconds
            )
        case .outputToken:
            MetricName(
                .histogram,
                "gen_ai_server_time_per_output_token_seconds",
                "Time for each token behind the first one of a streamed answer.",
                labels: GatewayMetrics.model + ["tenant"],
                bounds: GatewayMetrics.outputTokenSeconds
            )
        case .tokenUsage:
            MetricName(
                .histogram,
                "gen_ai_client_token_usage",
                "Tokens of one request, as its provider counted them.",
                labels: GatewayMetrics.model + ["gen_ai_token_type", "tenant"],
                bounds: GatewayMetrics.tokenCounts
            )
        default:
            MetricName(
                .histogram,
                "gen_ai_client_operation_duration_seconds",
                "Time of one attempt at a provider.",
                labels: GatewayMetrics.model + ["error_type", "tenant"],
                bounds: GatewayMetrics.modelSeconds
            )
        }
    }

    private var ofProviders: MetricName {
        switch self {
        case .tokens:
            MetricName(
                .counter,
                "torii_tokens",
                "Tokens as the providers counted them.",
                labels: ["kind", "provider", "model", "tenant"]
            )
        case .cost:
            MetricName(
                .counter,
                "torii_cost_usd",
                "What requests cost, in USD.",
                labels: ["provider", "model", "tenant"]
            )
        case .attempts:
            MetricName(
                .counter,
                "torii_attempts",
                "Attempts at providers, by what they came to.",
                labels: ["provider", "outcome", "tenant"]
            )
        case .retries:
            MetricName(
                .counter,
                "torii_retries",
                "Attempts that went to the same place as the one before.",
                labels: ["provider", "tenant"]
            )
        case .fallbacks:
            MetricName(
                .counter,
                "torii_fallbacks",
                "Requests that another target took over, by the first failure that led to it.",
                labels: ["cause", "provider", "tenant"]
            )
        default:
            MetricName(
                .histogram,
                "torii_queue_wait_seconds",
                "Time that a request waited for a place at its provider.",
                labels: ["provider", "tenant"],
                bounds: GatewayMetrics.waitSeconds
            )
        }
    }
}

extension GatewayMetrics.Measured {
    fileprivate var made: MetricName {
        switch self {
        case .inFlight: gauge("torii_in_flight_requests", "Requests that run.")
        case .tenantInFlight: gauge("torii_tenant_in_flight_requests", "Requests that run, by tenant.", ["tenant"])
        case .connections: gauge("torii_connections", "Open client connections.")
        case .queueLength: gauge("torii_queue_length", "Requests that wait for a place.", ["provider"])
        case .providerInFlight: gauge("torii_provider_in_flight_requests", "Requests that run with it.", ["provider"])
        case .breaker:
            gauge("torii_breaker_state", "0 for closed, 1 for half open, 2 for open.", ["provider", "credential"])
        case .budgetLimit: gauge("torii_budget_limit_usd", "What may be spent in the period.", Self.budget)
        case .budgetUsed: gauge("torii_budget_used_usd", "What was spent in the period.", Self.budget)
        case .budgetRemaining: gauge("torii_budget_remaining_usd", "What may still be spent in it.", Self.budget)
        case .journalRecords: gauge("torii_journal_pending_records", "Records of usage that are not filed yet.")
        case .journalBytes: gauge("torii_journal_pending_bytes", "Bytes of the journal that are not filed yet.")
        case .journalAge: gauge("torii_journal_oldest_seconds", "About how long the oldest of them has waited.")
        case .reloadSuccess: gauge("torii_config_last_reload_success", "1 if the latest try succeeded, else 0.")
        case .reloadTime:
            gauge("torii_config_last_reload_timestamp_seconds", "When the configuration in use was read.")
        case .generation: gauge("torii_config_generation", "Counts the configurations that came into use.")
        case .loopLag: gauge("torii_event_loop_lag_seconds", "How late an event loop is, smoothed.", ["loop"])
        case .certificateExpiry:
            gauge("torii_certificate_expiry_timestamp_seconds", "When a certificate ends.", ["listener"])
        case .build: gauge("torii_build_info", "Always 1.", ["version", "swift"])
        case .shedding: gauge("torii_overload_shedding", "1 while new requests are turned away for it.", ["reason"])
        case .series: gauge("torii_series", "Series that event loops count in.")
        case .overflowed:
            MetricName(.counter, "torii_series_overflowed", "Label sets without room for a series.", labels: ["name"])
        }
    }

    private static let budget = ["scope", "name", "period", "tenant"]

    private func gauge(_ name: String, _ help: String, _ labels: [String] = []) -> MetricName {
        MetricName(.gauge, name, help, labels: labels)
    }
}
